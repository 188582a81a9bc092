//! Whether activations can be below zero, and which layer makes them so.

use super::graph::{Graph, Node, ValueId};
use super::operator::{Activation, Arithmetic, Operator, PadMode};

/// Where a value below zero comes from.
#[derive(Clone, Copy, Debug)]
enum Origin {
    Input,
    Constant,
    /// The node of this place in the list.
    Node(usize),
}

/// The layer that lets the graph's first output fall below zero, by its operator and tensor; none where no
/// number of it can.
///
/// Layers are followed in the order in which they run. One that cannot make a negative number of others is
/// as its inputs are; one that can is the origin, whatever its weights.
pub(super) fn negative(graph: &Graph) -> Option<String> {
    let mut origins: Vec<Option<Origin>> = graph
        .values
        .iter()
        .map(|value| {
            let numbers = value.constant.as_ref()?.floats();
            numbers.iter().any(|number| *number < 0.0).then_some(Origin::Constant)
        })
        .collect();
    origins[graph.input.0] = Some(Origin::Input);
    for (index, node) in graph.nodes.iter().enumerate() {
        origins[node.output.0] = origin(node, index, &origins);
    }
    origins[graph.outputs[0].0].map(|origin| match origin {
        Origin::Input => "the input itself, which no layer brings to zero or above".into(),
        Origin::Constant => "a constant of the model's".into(),
        Origin::Node(index) => graph.named(&graph.nodes[index]),
    })
}

fn origin(node: &Node, index: usize, origins: &[Option<Origin>]) -> Option<Origin> {
    let of = |id: &ValueId| origins[id.0];
    let first = node.inputs.first().and_then(of);
    let any = || node.inputs.iter().find_map(of);
    let itself = Some(Origin::Node(index));
    match &node.operator {
        Operator::Activation(activation) => match *activation {
            Activation::Relu
            | Activation::Sigmoid
            | Activation::Abs
            | Activation::Exp
            | Activation::Sqrt
            | Activation::Softplus
            | Activation::HardSigmoid { .. } => None,
            Activation::Clip { high: Some(high), .. } if high < 0.0 => itself,
            Activation::Clip { low: Some(low), .. } if low >= 0.0 => None,
            Activation::LeakyRelu { alpha } if alpha <= 0.0 => None,
            // Each keeps the sign of what it is given.
            Activation::Clip { .. }
            | Activation::LeakyRelu { .. }
            | Activation::Tanh
            | Activation::HardSwish
            | Activation::Elu { .. } => first,
            Activation::Neg => itself,
        },
        Operator::Arithmetic(arithmetic) => match arithmetic {
            Arithmetic::Subtract => itself,
            Arithmetic::Multiply if node.inputs[0] == node.inputs[1] => None,
            Arithmetic::Maximum if node.inputs.iter().any(|id| of(id).is_none()) => None,
            _ => any(),
        },
        Operator::Softmax { logarithm: false, .. } => None,
        Operator::Pad { mode: PadMode::Constant(value), .. } if *value < 0.0 => itself,
        Operator::Resize { interpolation, .. } if &*interpolation.mode == "cubic" => {
            first.or(itself)
        }
        Operator::PRelu
        | Operator::LocalResponseNormalization { .. }
        | Operator::MaxPool(_)
        | Operator::AveragePool(_)
        | Operator::Reduce { .. }
        | Operator::Pad { .. }
        | Operator::Reshape { .. }
        | Operator::Transpose { .. }
        | Operator::Slice { .. }
        | Operator::Resize { .. }
        | Operator::Tap(_) => first,
        Operator::Concatenate { .. } => any(),
        Operator::BatchNormalization { .. }
        | Operator::InstanceNormalization { .. }
        | Operator::Convolution { .. }
        | Operator::TransposedConvolution { .. }
        | Operator::MatrixProduct
        | Operator::Gemm { .. }
        | Operator::Softmax { logarithm: true, .. } => itself,
    }
}
