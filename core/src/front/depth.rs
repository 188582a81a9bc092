//! How deep a front is.

use super::graph::Graph;
use super::operator::Operator;

impl Graph {
    /// How many layers lie one after the other between the input and the first output, on the way where
    /// they are most: convolutions, poolings and dense layers (*PrivyNet*, section 2.1, counts the first
    /// two, and its fronts have no other).
    pub(super) fn depth(&self) -> usize {
        let mut depths = vec![0; self.values.len()];
        for node in &self.nodes {
            let before = node.inputs.iter().map(|input| depths[input.0]).max().unwrap_or(0);
            depths[node.output.0] = before + usize::from(is_layer(&node.operator));
        }
        depths[self.outputs[0].0]
    }
}

fn is_layer(operator: &Operator) -> bool {
    matches!(
        operator,
        Operator::Convolution { .. }
            | Operator::TransposedConvolution { .. }
            | Operator::MaxPool(_)
            | Operator::AveragePool(_)
            | Operator::Reduce { .. }
            | Operator::MatrixProduct
            | Operator::Gemm { .. }
    )
}
