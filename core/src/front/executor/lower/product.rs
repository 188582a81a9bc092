//! Products of one row and a constant matrix.

use crate::front::executor::shape::{Fit, fit, sizes};
use crate::front::graph::{Graph, Node, ValueId};
use crate::front::numbers::Numbers;
use crate::front::operator::Operator;

/// Whether a node is the product of one computed row and constants, which is a convolution.
pub(super) fn is_covered(graph: &Graph, node: &Node) -> bool {
    let constant = |id: &ValueId| graph.numbers(*id).is_some();
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

/// What a node that [`is_covered`] is as a convolution.
pub(super) struct Product {
    /// `[output][input]`, times a scale of each output.
    pub(super) weights: Numbers,
    pub(super) scale: Vec<f32>,
    pub(super) biases: Vec<f32>,
}

impl Product {
    pub(super) fn of(graph: &Graph, node: &Node) -> Option<Self> {
        let matrix = graph.numbers(node.inputs[1])?;
        let outputs = graph.shape(node.output).last().copied().unwrap_or(1);
        let (alpha, beta, transposed) = match node.operator {
            Operator::Gemm { alpha, beta, transpose_b, .. } => (alpha, beta, transpose_b),
            _ => (1.0, 1.0, false),
        };
        let weights =
            if transposed { matrix.clone() } else { by_output(&matrix.floats(), outputs) };
        let added = node.inputs.get(2).and_then(|id| graph.floats(*id));
        let added = added.as_deref().unwrap_or(&[0.0]);
        let biases = (0..outputs).map(|output| beta * added[output % added.len()]).collect();
        Some(Self { weights, scale: vec![alpha; outputs], biases })
    }
}

/// A matrix `[input][output]` as `[output][input]`.
fn by_output(matrix: &[f32], outputs: usize) -> Numbers {
    let column = |output: usize| matrix.iter().skip(output).step_by(outputs);
    Numbers::Floats((0..outputs).flat_map(column).copied().collect())
}
