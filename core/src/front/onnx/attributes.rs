//! A node's attributes, each read once and none overlooked.

use std::cell::RefCell;

use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::{AttributeProto, NodeProto, TensorProto};

use crate::error::{Error, Result};

/// Reads attributes by name and type, and knows which were never asked for: an attribute whose
/// meaning is not known here could change the result, so a node that has one is refused.
pub(super) struct Attributes<'a> {
    node: &'a NodeProto,
    asked: RefCell<Vec<&'static str>>,
}

impl<'a> Attributes<'a> {
    pub(super) fn new(node: &'a NodeProto) -> Result<Self> {
        let attributes = Self { node, asked: RefCell::default() };
        for (index, attribute) in node.attribute.iter().enumerate() {
            if !attribute.ref_attr_name.is_empty() {
                return Err(
                    attributes.wrong(format!("attribute {:?} is a reference", attribute.name))
                );
            }
            if node.attribute[..index].iter().any(|earlier| earlier.name == attribute.name) {
                return Err(
                    attributes.wrong(format!("attribute {:?} stands twice", attribute.name))
                );
            }
        }
        Ok(attributes)
    }

    pub(super) fn int(&self, name: &'static str) -> Result<Option<i64>> {
        Ok(self.find(name, AttributeType::Int)?.map(|attribute| attribute.i))
    }

    pub(super) fn ints(&self, name: &'static str) -> Result<Option<&'a [i64]>> {
        Ok(self.find(name, AttributeType::Ints)?.map(|attribute| attribute.ints.as_slice()))
    }

    /// Finite: an infinite or undefined constant would spread through the map.
    pub(super) fn float(&self, name: &'static str) -> Result<Option<f32>> {
        let value = self.find(name, AttributeType::Float)?.map(|attribute| attribute.f);
        match value {
            Some(value) if !value.is_finite() => {
                Err(self.wrong(format!("attribute {name:?} is not a finite number")))
            }
            value => Ok(value),
        }
    }

    pub(super) fn floats(&self, name: &'static str) -> Result<Option<&'a [f32]>> {
        Ok(self.find(name, AttributeType::Floats)?.map(|attribute| attribute.floats.as_slice()))
    }

    pub(super) fn text(&self, name: &'static str) -> Result<Option<&'a str>> {
        let Some(attribute) = self.find(name, AttributeType::String)? else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&attribute.s);
        text.map(Some).map_err(|_| self.wrong(format!("attribute {name:?} is not text")))
    }

    pub(super) fn tensor(&self, name: &'static str) -> Result<Option<&'a TensorProto>> {
        Ok(self.find(name, AttributeType::Tensor)?.and_then(|attribute| attribute.t.as_ref()))
    }

    /// An attribute that is either 0 or 1.
    pub(super) fn flag(&self, name: &'static str) -> Result<Option<bool>> {
        match self.int(name)? {
            None => Ok(None),
            Some(0) => Ok(Some(false)),
            Some(1) => Ok(Some(true)),
            Some(_) => Err(self.wrong(format!("attribute {name:?} must be 0 or 1"))),
        }
    }

    /// Refuses a node that has an attribute nobody asked for.
    pub(super) fn finish(&self) -> Result<()> {
        let asked = self.asked.borrow();
        match self.node.attribute.iter().find(|attribute| !asked.contains(&&*attribute.name)) {
            None => Ok(()),
            Some(unknown) => {
                Err(self.wrong(format!("attribute {:?} is not supported", unknown.name)))
            }
        }
    }

    fn find(&self, name: &'static str, kind: AttributeType) -> Result<Option<&'a AttributeProto>> {
        self.asked.borrow_mut().push(name);
        let Some(found) = self.node.attribute.iter().find(|attribute| attribute.name == name)
        else {
            return Ok(None);
        };
        if found.r#type != kind as i32 {
            return Err(self.wrong(format!("attribute {name:?} has the wrong type")));
        }
        Ok(Some(found))
    }

    pub(super) fn wrong(&self, what: impl std::fmt::Display) -> Error {
        super::refusal(format!("{}: {what}", label(self.node)))
    }
}

/// How messages call a node: by its operator and its name, or its first output's.
pub(super) fn label(node: &NodeProto) -> String {
    let name = if node.name.is_empty() { node.output.first() } else { Some(&node.name) };
    format!("{} {:?}", node.op_type.escape_debug(), name.map_or("", String::as_str))
}
