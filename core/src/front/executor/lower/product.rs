//! Products of one row and a constant matrix.

use crate::front::executor::shape::{Fit, fit, sizes};
use crate::front::graph::{Graph, Node, ValueId};
use crate::front::operator::Operator;

/// Whether a node is the product of one computed row and constants, which is a convolution.
pub(super) fn is_covered(graph: &Graph, node: &Node) -> bool {
    let constant = |id: &ValueId| graph.values[id.0].constant.is_some();
    if !matches!(node.operator, Operator::Gemm { .. } | Operator::MatrixProduct) {
        return false;
    }
    let output = graph.shape(node.output);
    let columns = output.last().copied().unwrap_or(1);
    // Whatever is added must be one number, or one a column.
    let fits = |id: &ValueId| {
        graph.values[id.0].shape.iter().all(|&size| size == 1)
            || matches!(fit(graph.shape(*id), output), Some(Fit::Same | Fit::Pixel))
    };
    !constant(&node.inputs[0])
        && node.inputs[1..].iter().all(constant)
        && node.inputs.get(2).is_none_or(fits)
        && sizes(output) == [columns, 1, 1]
}

/// Weights `[output][input]` and biases of a node that [`is_covered`].
pub(super) fn weights(graph: &Graph, node: &Node) -> (Vec<f32>, Vec<f32>) {
    let constant =
        |index: usize| node.inputs.get(index).and_then(|id| graph.values[id.0].constant.as_deref());
    let matrix = constant(1).unwrap_or_default();
    let outputs = graph.shape(node.output).last().copied().unwrap_or(1);
    let inputs = matrix.len() / outputs;
    let (alpha, beta, transposed) = match node.operator {
        Operator::Gemm { alpha, beta, transpose_b, .. } => (alpha, beta, transpose_b),
        _ => (1.0, 1.0, false),
    };
    let weight = |output: usize, input: usize| {
        let at = if transposed { output * inputs + input } else { input * outputs + output };
        alpha * matrix[at]
    };
    let weights = (0..outputs)
        .flat_map(|output| (0..inputs).map(move |input| (output, input)))
        .map(|(output, input)| weight(output, input))
        .collect();
    let added = constant(2).unwrap_or(&[0.0]);
    let biases = (0..outputs).map(|output| beta * added[output % added.len()]).collect();
    (weights, biases)
}
