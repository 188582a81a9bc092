//! Operators that move elements and compute nothing.

use std::sync::Arc;

use crate::error::Result;
use crate::front::graph::ValueId;
use crate::front::limits::MAX_RANK;
use crate::front::onnx::builder::Builder;
use crate::front::onnx::node::NodeReader;
use crate::front::onnx::tensor::Content;
use crate::front::operator::{Operator, PadMode};

pub(super) fn concatenate(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    let inputs = (0..node.inputs()).map(|index| node.input(index)).collect::<Result<Vec<_>>>()?;
    let first = inputs.first().ok_or_else(|| node.wrong("has no input"))?;
    let axis = node.attributes.int("axis")?.ok_or_else(|| node.wrong("has no axis"))?;
    let axis = node.axis(axis, builder.shape(*first).len())?;
    if let Some(list) = list_of_sizes(builder, &inputs) {
        let known = builder.known(vec![list.len()], Content::Integers(list));
        return known.map_err(|error| node.wrong(error));
    }
    node.derive(builder, Operator::Concatenate { axis }, inputs)
}

/// Short lists of integers joined, where that is what the inputs are.
fn list_of_sizes(builder: &Builder, inputs: &[ValueId]) -> Option<Arc<[i64]>> {
    let mut joined = Vec::new();
    for &input in inputs {
        match builder.constant(input)? {
            Content::Integers(values)
                if builder.shape(input).len() == 1 && joined.len() + values.len() <= 64 =>
            {
                joined.extend_from_slice(values);
            }
            _ => return None,
        }
    }
    Some(joined.into())
}

pub(super) fn flatten(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    let input = node.input(0)?;
    let shape = builder.shape(input);
    let rank = shape.len() as i64;
    let axis = node.attributes.int("axis")?.unwrap_or(1);
    if !(-rank..=rank).contains(&axis) {
        return Err(node.wrong(format!("axis must be from {} to {rank}", -rank)));
    }
    let at = (if axis < 0 { axis + rank } else { axis }) as usize;
    let flat = vec![shape[..at].iter().product(), shape[at..].iter().product()];
    node.derive(builder, Operator::Reshape { shape: flat }, vec![input])
}

pub(super) fn reshape(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    let input = node.input(0)?;
    let from = builder.shape(input).to_vec();
    let to = node.integers(builder, 1)?.ok_or_else(|| node.wrong("has no shape"))?;
    let keep_zero = node.attributes.flag("allowzero")?.unwrap_or(false);
    let wrong = || node.wrong(format!("a tensor of shape {from:?} does not fit {to:?}"));
    if to.len() > MAX_RANK {
        return Err(node.wrong(format!("would have over {MAX_RANK} dimensions")));
    }
    let total: usize = from.iter().product();
    let mut shape = Vec::with_capacity(to.len());
    let mut open = None;
    for (axis, &size) in to.iter().enumerate() {
        shape.push(match size {
            -1 if open.is_none() => {
                open = Some(axis);
                1
            }
            0 if !keep_zero => *from.get(axis).ok_or_else(wrong)?,
            size => usize::try_from(size).ok().filter(|&size| size > 0).ok_or_else(wrong)?,
        });
    }
    let given = shape.iter().try_fold(1usize, |product, &size| product.checked_mul(size));
    let given = given.filter(|&given| given > 0).ok_or_else(wrong)?;
    if let Some(axis) = open {
        shape[axis] = total / given;
    }
    node.derive(builder, Operator::Reshape { shape }, vec![input])
}

pub(super) fn squeeze(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    let input = node.input(0)?;
    let shape = builder.shape(input).to_vec();
    let axes = match axes(builder, node)? {
        Some(axes) => node.axes(&axes, shape.len())?,
        None => (0..shape.len()).filter(|&axis| shape[axis] == 1).collect(),
    };
    if axes.iter().any(|&axis| shape[axis] != 1) {
        return Err(node.wrong(format!("an axis of {shape:?} to be removed is not of size 1")));
    }
    let left = (0..shape.len()).filter(|axis| !axes.contains(axis));
    let left = left.map(|axis| shape[axis]).collect();
    node.derive(builder, Operator::Reshape { shape: left }, vec![input])
}

pub(super) fn unsqueeze(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    let input = node.input(0)?;
    let mut shape = builder.shape(input).to_vec();
    let axes = axes(builder, node)?.ok_or_else(|| node.wrong("has no axes"))?;
    let rank = shape.len() + axes.len();
    if rank > MAX_RANK {
        return Err(node.wrong(format!("would have over {MAX_RANK} dimensions")));
    }
    for axis in node.axes(&axes, rank)? {
        shape.insert(axis, 1);
    }
    node.derive(builder, Operator::Reshape { shape }, vec![input])
}

/// An attribute before operator set 13, a constant input since.
fn axes(builder: &Builder, node: &NodeReader<'_>) -> Result<Option<Vec<i64>>> {
    if node.opset < 13 {
        return Ok(node.attributes.ints("axes")?.map(<[i64]>::to_vec));
    }
    Ok(node.integers(builder, 1)?.map(|axes| axes.to_vec()))
}

pub(super) fn transpose(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    let input = node.input(0)?;
    let rank = builder.shape(input).len();
    let order = match node.attributes.ints("perm")? {
        None => (0..rank).rev().collect(),
        Some(order) => order.iter().map(|&axis| node.axis(axis, rank)).collect::<Result<_>>()?,
    };
    node.derive(builder, Operator::Transpose { order }, vec![input])
}

/// Attributes before operator set 11, constant inputs since.
pub(super) fn pad(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    let input = node.input(0)?;
    let rank = builder.shape(input).len();
    let (pads, value) = if node.opset < 11 {
        let pads = node.attributes.ints("pads")?.map(Arc::from);
        (pads, node.attributes.float("value")?.unwrap_or(0.0))
    } else {
        let value = match node.floats(builder, 2)?.as_deref() {
            None => 0.0,
            Some(&[value]) => value,
            Some(_) => return Err(node.wrong("its value must be one number")),
        };
        (node.integers(builder, 1)?, value)
    };
    let pads = pads.ok_or_else(|| node.wrong("has no pads"))?;
    // The order of the axes matters here: they pair with the pads.
    let axes = match node.integers(builder, 3)? {
        None => (0..rank).collect::<Vec<_>>(),
        Some(axes) => {
            node.axes(&axes, rank)?;
            axes.iter().map(|&axis| node.axis(axis, rank)).collect::<Result<_>>()?
        }
    };
    if pads.len() != 2 * axes.len() {
        return Err(node.wrong(format!(
            "has {} pads, {} belong there",
            pads.len(),
            2 * axes.len()
        )));
    }
    let mode = match node.attributes.text("mode")?.unwrap_or("constant") {
        "constant" => PadMode::Constant(value),
        "reflect" => PadMode::Reflect,
        "edge" => PadMode::Edge,
        mode => {
            return Err(node
                .wrong(format!("mode {mode:?} is not supported; constant, reflect and edge are")));
        }
    };
    let (mut before, mut after) = (vec![0; rank], vec![0; rank]);
    for (index, &axis) in axes.iter().enumerate() {
        let extent = |pad: i64| {
            usize::try_from(pad)
                .map_err(|_| node.wrong(format!("a pad of {pad} on axis {axis} is below 0")))
        };
        before[axis] = extent(pads[index])?;
        after[axis] = extent(pads[axes.len() + index])?;
    }
    node.derive(builder, Operator::Pad { mode, before, after }, vec![input])
}

pub(super) fn slice(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    let input = node.input(0)?;
    let shape = builder.shape(input).to_vec();
    let rank = shape.len();
    let (from, to, axes, by) = if node.opset < 10 {
        let list = |name| node.attributes.ints(name).map(|ints| ints.map(Arc::from));
        (list("starts")?, list("ends")?, list("axes")?, None)
    } else {
        let list = |index| node.integers(builder, index);
        (list(1)?, list(2)?, list(3)?, list(4)?)
    };
    let (Some(from), Some(to)) = (from, to) else {
        return Err(node.wrong("has no starts or no ends"));
    };
    let axes = axes.unwrap_or_else(|| (0..from.len() as i64).collect());
    let by = by.unwrap_or_else(|| vec![1; from.len()].into());
    if [to.len(), axes.len(), by.len()] != [from.len(); 3] {
        return Err(node.wrong("its starts, ends, axes and steps differ in number"));
    }
    node.axes(&axes, rank)?;
    let (mut starts, mut ends, mut steps) = (vec![0; rank], shape.clone(), vec![1; rank]);
    for index in 0..from.len() {
        let axis = node.axis(axes[index], rank)?;
        let size = shape[axis] as i64;
        let clamp = |at: i64| (if at < 0 { at.saturating_add(size) } else { at }).clamp(0, size);
        if by[index] < 1 {
            return Err(node.wrong("its steps must be at least 1"));
        }
        starts[axis] = clamp(from[index]) as usize;
        ends[axis] = clamp(to[index]) as usize;
        steps[axis] = by[index].min(size.max(1)) as usize;
    }
    if let (Some(Content::Integers(values)), [_]) = (builder.constant(input), shape.as_slice()) {
        let range = starts[0]..ends[0].max(starts[0]);
        let picked: Arc<[i64]> = values[range].iter().step_by(steps[0]).copied().collect();
        let many = picked.len();
        let content = Content::Integers(picked);
        return builder.known(vec![many], content).map_err(|error| node.wrong(error));
    }
    node.derive(builder, Operator::Slice { starts, ends, steps }, vec![input])
}

/// Split is slices side by side.
pub(super) fn split(
    builder: &mut Builder,
    node: &NodeReader<'_>,
    outputs: usize,
) -> Result<Vec<ValueId>> {
    let input = node.input(0)?;
    let shape = builder.shape(input).to_vec();
    let axis = node.axis(node.attributes.int("axis")?.unwrap_or(0), shape.len())?;
    let sizes = if node.opset < 13 {
        node.attributes.ints("split")?.map(Arc::from)
    } else {
        node.attributes.int("num_outputs")?;
        node.integers(builder, 1)?
    };
    let sizes = match sizes {
        Some(sizes) => sizes,
        None if outputs > 0 && shape[axis].is_multiple_of(outputs) => {
            vec![(shape[axis] / outputs) as i64; outputs].into()
        }
        None => return Err(node.wrong("does not divide its axis evenly")),
    };
    let total = sizes.iter().try_fold(0i64, |sum, &size| {
        (size > 0).then_some(())?;
        sum.checked_add(size)
    });
    if sizes.len() != outputs || total != Some(shape[axis] as i64) {
        return Err(node.wrong("its parts do not add up to its axis"));
    }
    let mut parts = Vec::with_capacity(outputs);
    let mut start = 0;
    for &size in sizes.iter() {
        let end = start + size as usize;
        let (mut starts, mut ends) = (vec![0; shape.len()], shape.clone());
        (starts[axis], ends[axis]) = (start, end);
        let operator = Operator::Slice { starts, ends, steps: vec![1; shape.len()] };
        parts.push(node.derive(builder, operator, vec![input])?);
        start = end;
    }
    Ok(parts)
}
