//! One node while it is read: its inputs, its attributes, and how messages call it.

use std::sync::Arc;

use tract_onnx::pb::NodeProto;

use super::attributes::{Attributes, label};
use super::builder::Builder;
use super::refusal;
use super::tensor::Content;
use crate::error::{Error, Result};
use crate::front::graph::ValueId;
use crate::front::operator::Operator;

/// A node, its inputs looked up.
pub(super) struct NodeReader<'a> {
    pub(super) attributes: Attributes<'a>,
    /// The operator set the model was written for.
    pub(super) opset: i64,
    node: &'a NodeProto,
    inputs: Vec<Option<ValueId>>,
}

impl<'a> NodeReader<'a> {
    /// Looks up the inputs: each must have been defined before, which also rules out cycles.
    pub(super) fn new(node: &'a NodeProto, opset: i64, builder: &Builder) -> Result<Self> {
        let look_up = |name: &String| {
            if name.is_empty() {
                return Ok(None);
            }
            builder.named(name).map(Some).ok_or_else(|| {
                refusal(format!("{}: its input {name:?} is not defined before it", label(node)))
            })
        };
        Ok(Self {
            attributes: Attributes::new(node)?,
            opset,
            node,
            inputs: node.input.iter().map(look_up).collect::<Result<_>>()?,
        })
    }

    pub(super) fn operator(&self) -> &'a str {
        &self.node.op_type
    }

    pub(super) fn wrong(&self, what: impl std::fmt::Display) -> Error {
        self.attributes.wrong(what)
    }

    /// All inputs that are given.
    pub(super) fn given(&self) -> Vec<ValueId> {
        self.inputs.iter().copied().flatten().collect()
    }

    /// How many inputs are given, absent ones in between included.
    pub(super) fn inputs(&self) -> usize {
        self.inputs.len()
    }

    pub(super) fn optional(&self, index: usize) -> Option<ValueId> {
        self.inputs.get(index).copied().flatten()
    }

    pub(super) fn input(&self, index: usize) -> Result<ValueId> {
        self.optional(index).ok_or_else(|| self.wrong(format!("input {index} is missing")))
    }

    /// The integers of an input that is a parameter, such as a shape; it must be constant.
    pub(super) fn integers(&self, builder: &Builder, index: usize) -> Result<Option<Arc<[i64]>>> {
        match self.optional(index).map(|id| builder.constant(id)) {
            None => Ok(None),
            Some(Some(Content::Integers(values))) => Ok(Some(Arc::clone(values))),
            Some(_) => Err(self.wrong(format!("input {index} must be constant integers"))),
        }
    }

    /// The floats of an input that is a parameter; it must be constant.
    pub(super) fn floats(&self, builder: &Builder, index: usize) -> Result<Option<Arc<[f32]>>> {
        match self.optional(index).map(|id| builder.constant(id)) {
            None => Ok(None),
            Some(Some(Content::Floats(numbers))) => Ok(Some(numbers.floats())),
            Some(_) => Err(self.wrong(format!("input {index} must be constant floats"))),
        }
    }

    /// An axis counted from either end, of a tensor of this rank.
    pub(super) fn axis(&self, axis: i64, rank: usize) -> Result<usize> {
        let from_front = if axis < 0 { axis.checked_add(rank as i64) } else { Some(axis) };
        from_front
            .and_then(|axis| usize::try_from(axis).ok())
            .filter(|&axis| axis < rank)
            .ok_or_else(|| {
                self.wrong(format!("axis {axis} is not one of a tensor of {rank} dimensions"))
            })
    }

    /// Axes counted from either end, ascending, none twice.
    pub(super) fn axes(&self, axes: &[i64], rank: usize) -> Result<Vec<usize>> {
        let mut sorted =
            axes.iter().map(|&axis| self.axis(axis, rank)).collect::<Result<Vec<_>>>()?;
        sorted.sort_unstable();
        if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(self.wrong("an axis stands twice"));
        }
        Ok(sorted)
    }

    /// The output of an operator on these inputs, which say its shape.
    pub(super) fn derive(
        &self,
        builder: &mut Builder,
        operator: Operator,
        inputs: Vec<ValueId>,
    ) -> Result<ValueId> {
        builder.derive(operator, inputs).map_err(|error| self.wrong(error))
    }

    /// The output of an operator on these inputs, of a shape worked out before.
    pub(super) fn compute(
        &self,
        builder: &mut Builder,
        operator: Operator,
        inputs: Vec<ValueId>,
        shape: Vec<usize>,
    ) -> Result<ValueId> {
        builder.compute(operator, inputs, shape).map_err(|error| self.wrong(error))
    }

    /// A channel, row and column count of an input that must be `[batch, channels, rows, columns]`.
    pub(super) fn planes(&self, builder: &Builder, id: ValueId) -> Result<[usize; 4]> {
        builder.shape(id).try_into().map_err(|_| {
            self.wrong(format!(
                "its input is {:?}, [batch, channels, rows, columns] belongs there",
                builder.shape(id)
            ))
        })
    }
}
