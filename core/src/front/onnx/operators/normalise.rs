//! Normalisations.

use crate::error::Result;
use crate::front::graph::ValueId;
use crate::front::onnx::builder::Builder;
use crate::front::onnx::node::NodeReader;
use crate::front::operator::Operator;

pub(super) fn batch(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    node.attributes.float("momentum")?;
    if node.attributes.int("training_mode")?.unwrap_or(0) != 0 {
        return Err(node.wrong("is in training mode; export the network for inference"));
    }
    let epsilon = epsilon(node)?;
    let inputs = (0..5).map(|index| node.input(index)).collect::<Result<_>>()?;
    node.derive(builder, Operator::BatchNormalization { epsilon }, inputs)
}

pub(super) fn instance(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    let epsilon = epsilon(node)?;
    let inputs = (0..3).map(|index| node.input(index)).collect::<Result<_>>()?;
    node.derive(builder, Operator::InstanceNormalization { epsilon }, inputs)
}

pub(super) fn local_response(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    // A size below 0 is no size; neither is 0.
    let size = usize::try_from(node.attributes.int("size")?.unwrap_or(0)).unwrap_or(0);
    let operator = Operator::LocalResponseNormalization {
        size,
        alpha: node.attributes.float("alpha")?.unwrap_or(1e-4),
        beta: node.attributes.float("beta")?.unwrap_or(0.75),
        bias: node.attributes.float("bias")?.unwrap_or(1.0),
    };
    node.derive(builder, operator, vec![node.input(0)?])
}

fn epsilon(node: &NodeReader<'_>) -> Result<f32> {
    Ok(node.attributes.float("epsilon")?.unwrap_or(1e-5))
}
