//! The graph of a decoded file, node by node.

use std::collections::HashMap;

use prost::Message;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::tensor_shape_proto::dimension;
use tract_onnx::pb::{GraphProto, ModelProto, ValueInfoProto, type_proto};

use super::attributes::label;
use super::builder::Builder;
use super::limits::OPERATOR_SETS;
use super::node::NodeReader;
use super::{operators, refusal, tensor, wire};
use crate::error::{Error, ErrorKind, Result};
use crate::front::graph::{Graph, ValueId};
use crate::front::limits::elements;

/// Reads a whole model.
///
/// A symbolic batch is 1. Other symbolic sizes of the input take theirs from `input_shape`,
/// without the batch; where it is absent they are refused, and a size that differs always is.
///
/// # Errors
/// Kind [`ErrorKind::Model`]: what the file holds that cannot be used, in one line.
pub(crate) fn read(bytes: &[u8], input_shape: Option<[usize; 3]>) -> Result<Graph> {
    wire::check(bytes)?;
    let model = ModelProto::decode(bytes)
        .map_err(|_| refusal("the file is not an ONNX model, or it is cut short or damaged"))?;
    let opset = operator_set(&model)?;
    let graph = model.graph.ok_or_else(|| refusal("the file holds no graph"))?;
    Reader { builder: Builder::new(), opset }.graph(graph, input_shape)
}

fn operator_set(model: &ModelProto) -> Result<i64> {
    let standard = |domain: &str| domain.is_empty() || domain == "ai.onnx";
    // Exporters list domains they did not use: what counts is the domain of each node.
    let mut versions =
        model.opset_import.iter().filter(|set| standard(&set.domain)).map(|set| set.version);
    match (versions.next(), versions.next()) {
        (Some(version), None) if OPERATOR_SETS.contains(&version) => Ok(version),
        (Some(version), None) => Err(refusal(format!(
            "operator set {version} is not supported, {} to {} are",
            OPERATOR_SETS.start(),
            OPERATOR_SETS.end()
        ))),
        (None, _) => Err(refusal("the model does not say which ONNX operator set it uses")),
        (Some(_), Some(_)) => Err(refusal("the model names two ONNX operator sets")),
    }
}

struct Reader {
    builder: Builder,
    opset: i64,
}

impl Reader {
    fn graph(mut self, graph: GraphProto, input_shape: Option<[usize; 3]>) -> Result<Graph> {
        self.initializers(&graph)?;
        let input = self.input(&graph, input_shape)?;
        for node in &graph.node {
            if !matches!(node.domain.as_str(), "" | "ai.onnx") {
                return Err(refusal(format!(
                    "{}: operators of the domain {:?} are not supported",
                    label(node),
                    node.domain
                )));
            }
            let reader = NodeReader::new(node, self.opset, &self.builder)?;
            let output = operators::read(&mut self.builder, &reader, node)?;
            let given = reader.given();
            reader.attributes.finish()?;
            let [first, others @ ..] = node.output.as_slice() else {
                return Err(reader.wrong("has no output"));
            };
            check_name(first)?;
            self.builder.name(first, output[0])?;
            self.builder.layer(&node.name, first, given);
            // Outputs beyond those we compute (a dropout's mask) stay undefined: using one is an
            // error, ignoring one is not.
            for (name, &id) in others.iter().zip(&output[1..]) {
                check_name(name)?;
                self.builder.name(name, id)?;
            }
        }
        let mut outputs = Vec::new();
        for output in &graph.output {
            let known = self.builder.named(&output.name);
            let known = known.filter(|&id| self.builder.constant(id).is_none());
            outputs.push(known.ok_or_else(|| {
                refusal(format!("the output {:?} is not computed by any node", output.name))
            })?);
        }
        if outputs.is_empty() {
            return Err(refusal("the graph has no output"));
        }
        Ok(self.builder.finish(input, outputs))
    }

    fn initializers(&mut self, graph: &GraphProto) -> Result<()> {
        for initializer in &graph.initializer {
            check_name(&initializer.name)?;
            let (shape, content) = tensor::read(initializer, &initializer.name)?;
            let id = self.builder.known(shape, content)?;
            self.builder.name(&initializer.name, id)?;
        }
        Ok(())
    }

    /// The one input that is no initialiser.
    fn input(&mut self, graph: &GraphProto, input_shape: Option<[usize; 3]>) -> Result<ValueId> {
        let mut seen = HashMap::new();
        let mut inputs = Vec::new();
        for info in &graph.input {
            check_name(&info.name)?;
            if seen.insert(info.name.as_str(), ()).is_some() {
                return Err(refusal(format!("the input {:?} stands twice", info.name)));
            }
            if self.builder.named(&info.name).is_none() {
                inputs.push(info);
            }
        }
        let [info] = inputs.as_slice() else {
            return Err(refusal(format!(
                "the graph has {} inputs, one belongs there",
                inputs.len()
            )));
        };
        let shape = declared_shape(info, input_shape)?;
        let id = self.builder.input(shape)?;
        self.builder.name(&info.name, id)?;
        Ok(id)
    }
}

fn declared_shape(info: &ValueInfoProto, input_shape: Option<[usize; 3]>) -> Result<Vec<usize>> {
    let wrong = |what: String| refusal(format!("the input {:?} {what}", info.name));
    let kind = info.r#type.as_ref().and_then(|kind| kind.value.as_ref());
    let Some(type_proto::Value::TensorType(kind)) = kind else {
        return Err(wrong("has no type, a tensor of 32-bit floats belongs there".into()));
    };
    if kind.elem_type != DataType::Float as i32 {
        return Err(wrong("is not a tensor of 32-bit floats".into()));
    }
    let dims = kind.shape.as_ref().map_or(&[][..], |shape| shape.dim.as_slice());
    if !(dims.len() == 4 || dims.len() == 2) {
        return Err(wrong(format!(
            "has {} dimensions, [1, channels, rows, columns] belongs there",
            dims.len()
        )));
    }
    let given = input_shape.filter(|_| dims.len() == 4);
    let mut shape = Vec::with_capacity(dims.len());
    for (axis, dim) in dims.iter().enumerate() {
        let given = if axis == 0 { Some(1) } else { given.map(|given| given[axis - 1]) };
        let size = match &dim.value {
            Some(dimension::Value::DimValue(size)) => usize::try_from(*size).ok(),
            // Some exporters write an unknown size as a symbol, some leave it out.
            Some(dimension::Value::DimParam(_)) | None => given,
        };
        match (size, given) {
            (Some(size), Some(given)) if size != given => {
                return Err(wrong(format!("has size {size} on axis {axis}, {given} was expected")));
            }
            (Some(size), _) if size > 0 => shape.push(size),
            _ => {
                return Err(wrong(format!(
                    "has no fixed size on axis {axis}, only the batch may be left open"
                )));
            }
        }
    }
    elements(&shape).ok_or_else(|| wrong(format!("of shape {shape:?} is too large")))?;
    Ok(shape)
}

fn check_name(name: &str) -> Result<()> {
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err(Error::new(
            ErrorKind::Model,
            format!("a tensor is named {name:?}, a name of printable characters belongs there"),
        ));
    }
    Ok(())
}
