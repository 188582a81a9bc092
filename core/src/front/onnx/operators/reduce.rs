//! Operators that run over whole axes.

use crate::error::Result;
use crate::front::graph::ValueId;
use crate::front::onnx::builder::Builder;
use crate::front::onnx::node::NodeReader;
use crate::front::operator::{Operator, Reduction};

pub(super) fn global_pool(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    let input = node.input(0)?;
    node.planes(builder, input)?;
    let reduction = match node.operator() {
        "GlobalMaxPool" => Reduction::Maximum,
        _ => Reduction::Mean,
    };
    let operator = Operator::Reduce { reduction, axes: vec![2, 3], keep: true };
    node.derive(builder, operator, vec![input])
}

/// Axes are an attribute at first and a constant input later: from operator set 13 on for sums and
/// from 18 on for the others.
pub(super) fn reduce(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    let (reduction, since) = match node.operator() {
        "ReduceMax" => (Reduction::Maximum, 18),
        "ReduceMin" => (Reduction::Minimum, 18),
        "ReduceSum" => (Reduction::Sum, 13),
        _ => (Reduction::Mean, 18),
    };
    let input = node.input(0)?;
    let keep = node.attributes.flag("keepdims")?.unwrap_or(true);
    let mut axes = Vec::new();
    if node.opset < since {
        axes.extend_from_slice(node.attributes.ints("axes")?.unwrap_or_default());
    } else {
        axes.extend_from_slice(&node.integers(builder, 1)?.unwrap_or_default());
        if axes.is_empty() && node.attributes.flag("noop_with_empty_axes")?.unwrap_or(false) {
            return Ok(input);
        }
    }
    let rank = builder.shape(input).len();
    if axes.is_empty() {
        axes.extend(0..rank as i64);
    }
    let axes = node.axes(&axes, rank)?;
    node.derive(builder, Operator::Reduce { reduction, axes, keep }, vec![input])
}

pub(super) fn softmax(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    let input = node.input(0)?;
    let shape = builder.shape(input).to_vec();
    let default = if node.opset < 13 { 1 } else { -1 };
    let axis = node.axis(node.attributes.int("axis")?.unwrap_or(default), shape.len())?;
    // Before operator set 13 the axis began a block of axes that shared one sum.
    if node.opset < 13 && shape[axis + 1..].iter().any(|&size| size != 1) {
        return Err(node.wrong("over several axes is not supported, over one is"));
    }
    let logarithm = node.operator() == "LogSoftmax";
    node.derive(builder, Operator::Softmax { axis, logarithm }, vec![input])
}
