//! Constants, and the small arithmetic on shapes that exporters leave in a graph.

use std::sync::Arc;

use tract_onnx::pb::tensor_proto::DataType;

use crate::error::Result;
use crate::front::graph::ValueId;
use crate::front::numbers::{Levels, Numbers};
use crate::front::onnx::builder::Builder;
use crate::front::onnx::node::NodeReader;
use crate::front::onnx::tensor::{self, Content};

pub(super) fn constant(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    let attributes = &node.attributes;
    let (shape, content) = if let Some(tensor) = attributes.tensor("value")? {
        tensor::read(tensor, &tensor.name).map_err(|error| node.wrong(error))?
    } else if let Some(value) = attributes.float("value_float")? {
        (vec![], floats([value].into()))
    } else if let Some(values) = attributes.floats("value_floats")? {
        if !values.iter().all(|value| value.is_finite()) {
            return Err(node.wrong("holds a value that is not a finite number"));
        }
        (vec![values.len()], floats(values.into()))
    } else if let Some(value) = attributes.int("value_int")? {
        (vec![], Content::Integers([value].into()))
    } else if let Some(values) = attributes.ints("value_ints")? {
        (vec![values.len()], Content::Integers(values.into()))
    } else {
        return Err(node.wrong("has no value"));
    };
    builder.known(shape, content).map_err(|error| node.wrong(error))
}

/// 8-bit weights, which stay so: `(value - zero point) * scale`, per tensor or along one axis.
pub(super) fn dequantize(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    let input = node.input(0)?;
    let Some(Content::Bytes(bytes)) = builder.constant(input) else {
        return Err(node.wrong("its input must be constant 8-bit weights"));
    };
    let bytes = bytes.clone();
    let shape = builder.shape(input).to_vec();
    let axis = node.attributes.int("axis")?.unwrap_or(1);
    if node.attributes.int("block_size")?.unwrap_or(0) != 0 {
        return Err(node.wrong("block_size is not supported"));
    }
    let scales = node.floats(builder, 1)?.ok_or_else(|| node.wrong("has no scale"))?;
    let zero_points = match node.optional(2).map(|id| builder.constant(id)) {
        None => vec![bytes.zero(); scales.len()],
        Some(Some(Content::Bytes(points))) if points.signed == bytes.signed => {
            points.levels.to_vec()
        }
        Some(_) => {
            return Err(node.wrong("its zero point must be of 8 bits, signed as its input is"));
        }
    };
    if zero_points.len() != scales.len() {
        return Err(node.wrong("has not as many zero points as scales"));
    }
    let inner = if scales.len() == 1 {
        bytes.levels.len().max(1)
    } else {
        let axis = node.axis(axis, shape.len())?;
        if shape[axis] != scales.len() {
            return Err(node.wrong(format!(
                "has {} scales for an axis of size {}",
                scales.len(),
                shape[axis]
            )));
        }
        shape[axis + 1..].iter().product()
    };
    let levels = Levels::new(bytes.levels, zero_points, scales.to_vec(), inner)
        .ok_or_else(|| node.wrong("its scale gives a value that is not a finite number"))?;
    let numbers = Numbers::Levels(Arc::new(levels));
    builder.known(shape, Content::Floats(numbers)).map_err(|error| node.wrong(error))
}

fn floats(values: Arc<[f32]>) -> Content {
    Content::Floats(Numbers::Floats(values))
}

/// Floats stay floats, integers stay integers: other casts are refused.
pub(super) fn cast(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    let to = node.attributes.int("to")?.and_then(|to| DataType::try_from(to as i32).ok());
    node.attributes.int("saturate")?;
    let input = node.input(0)?;
    match (builder.constant(input), to) {
        (None | Some(Content::Floats(_)), Some(DataType::Float))
        | (Some(Content::Integers(_)), Some(DataType::Int64 | DataType::Int32)) => Ok(input),
        (Some(Content::Integers(values)), Some(DataType::Float)) if values.len() <= 64 => {
            let values = values.iter().map(|&value| value as f32).collect();
            let shape = builder.shape(input).to_vec();
            builder.known(shape, floats(values)).map_err(|error| node.wrong(error))
        }
        _ => Err(node.wrong("casts between types that are not supported")),
    }
}

/// Shapes are known, so a shape is a constant.
pub(super) fn shape(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    let shape = builder.shape(node.input(0)?);
    let rank = shape.len() as i64;
    let bound =
        |bound: i64| (if bound < 0 { bound.saturating_add(rank) } else { bound }).clamp(0, rank);
    let start = bound(node.attributes.int("start")?.unwrap_or(0)) as usize;
    let end = bound(node.attributes.int("end")?.unwrap_or(rank)) as usize;
    let sizes: Arc<[i64]> =
        shape.get(start..end).unwrap_or_default().iter().map(|&size| size as i64).collect();
    builder.known(vec![sizes.len()], Content::Integers(sizes)).map_err(|error| node.wrong(error))
}

/// Entries of a list of integers, which is how exporters pick sizes out of a shape.
pub(super) fn gather(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    let constants = (node.integers(builder, 0), node.integers(builder, 1)?);
    let (Ok(Some(values)), Some(indices)) = constants else {
        return Err(node.wrong("is supported on constant integers alone"));
    };
    if builder.shape(node.input(0)?).len() != 1 || node.attributes.int("axis")?.unwrap_or(0) != 0 {
        return Err(node.wrong("is supported on lists alone"));
    }
    let pick = |&index: &i64| node.axis(index, values.len()).map(|index| values[index]);
    let picked: Arc<[i64]> = indices.iter().map(pick).collect::<Result<_>>()?;
    let shape = builder.shape(node.input(1)?).to_vec();
    builder.known(shape, Content::Integers(picked)).map_err(|error| node.wrong(error))
}
