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
    let variance = node.floats(builder, 4)?.ok_or_else(|| node.wrong("has no variance"))?;
    if !variance.iter().all(|&variance| variance >= 0.0 && variance + epsilon > 0.0) {
        return Err(node.wrong("its variance must not be negative, nor 0 without an epsilon"));
    }
    per_channel(builder, node, Operator::BatchNormalization { epsilon }, 4)
}

pub(super) fn instance(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    let epsilon = epsilon(node)?;
    per_channel(builder, node, Operator::InstanceNormalization { epsilon }, 2)
}

pub(super) fn local_response(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    let input = node.input(0)?;
    let [_, channels, ..] = node.planes(builder, input)?;
    let size = node.attributes.int("size")?.unwrap_or(0);
    // An even window has no middle: runtimes differ on where it lies.
    if size < 1 || size % 2 == 0 || size > 2 * channels as i64 + 1 {
        return Err(node.wrong(format!(
            "size must be odd, from 1 to {} for {channels} channels",
            2 * channels + 1
        )));
    }
    let operator = Operator::LocalResponseNormalization {
        size: size as usize,
        alpha: node.attributes.float("alpha")?.unwrap_or(1e-4),
        beta: node.attributes.float("beta")?.unwrap_or(0.75),
        bias: node.attributes.float("bias")?.unwrap_or(1.0),
    };
    let shape = builder.shape(input).to_vec();
    node.compute(builder, operator, vec![input], shape)
}

fn epsilon(node: &NodeReader<'_>) -> Result<f32> {
    let epsilon = node.attributes.float("epsilon")?.unwrap_or(1e-5);
    if epsilon < 0.0 {
        return Err(node.wrong("epsilon must not be negative"));
    }
    Ok(epsilon)
}

/// An operator with constant parameters after its input, one number a channel each.
fn per_channel(
    builder: &mut Builder,
    node: &NodeReader<'_>,
    operator: Operator,
    parameters: usize,
) -> Result<ValueId> {
    let input = node.input(0)?;
    let shape = builder.shape(input).to_vec();
    let &[_, channels, ..] = shape.as_slice() else {
        return Err(node.wrong(format!("its input {shape:?} has no channels")));
    };
    let mut inputs = vec![input];
    for index in 1..=parameters {
        let parameter = node.input(index)?;
        if builder.constant(parameter).is_none() || builder.shape(parameter) != [channels] {
            return Err(node.wrong(format!(
                "its input {index} must be constant, one number for each of {channels} channels"
            )));
        }
        inputs.push(parameter);
    }
    node.compute(builder, operator, inputs, shape)
}
