//! What depends on constants alone, worked out while reading.

use std::sync::Arc;

use super::builder::Builder;
use super::refusal;
use super::tensor::Content;
use crate::error::Result;
use crate::front::graph::ValueId;
use crate::front::numbers::Numbers;
use crate::front::operator::{Arithmetic, Operator};

/// The operator's output for constant inputs, of the shape its caller worked out.
pub(super) fn fold(
    builder: &mut Builder,
    operator: &Operator,
    inputs: &[ValueId],
    shape: Vec<usize>,
) -> Result<ValueId> {
    if matches!(operator, Operator::Reshape { .. }) {
        return builder.reshaped(inputs[0], shape);
    }
    let floats = |id: ValueId| match builder.constant(id) {
        Some(Content::Floats(numbers)) => Ok((numbers.floats(), builder.shape(id).to_vec())),
        _ => Err(refusal("computes on constants of integers, which is not supported")),
    };
    let folded: Arc<[f32]> = match operator {
        Operator::Arithmetic(arithmetic) => {
            let (left, right) = (floats(inputs[0])?, floats(inputs[1])?);
            elementwise(*arithmetic, &left, &right, &shape)
        }
        Operator::Transpose { order } => {
            let (values, from) = floats(inputs[0])?;
            let strides = strides(&from, &from);
            let strides: Vec<usize> = order.iter().map(|&axis| strides[axis]).collect();
            positions(&shape, &strides).map(|index| values[index]).collect()
        }
        _ => {
            return Err(refusal(
                "computes on constants alone; export the network with constants folded",
            ));
        }
    };
    if !folded.iter().all(|value| value.is_finite()) {
        return Err(refusal("constants fold to a value that is not a finite number"));
    }
    builder.known(shape, Content::Floats(Numbers::Floats(folded)))
}

fn elementwise(
    arithmetic: Arithmetic,
    (left, left_shape): &(Arc<[f32]>, Vec<usize>),
    (right, right_shape): &(Arc<[f32]>, Vec<usize>),
    shape: &[usize],
) -> Arc<[f32]> {
    let apply = |a: f32, b: f32| match arithmetic {
        Arithmetic::Add => a + b,
        Arithmetic::Subtract => a - b,
        Arithmetic::Multiply => a * b,
        Arithmetic::Divide => a / b,
        Arithmetic::Maximum => a.max(b),
        Arithmetic::Minimum => a.min(b),
    };
    let (left_strides, right_strides) = (strides(left_shape, shape), strides(right_shape, shape));
    let places = positions(shape, &left_strides).zip(positions(shape, &right_strides));
    places.map(|(a, b)| apply(left[a], right[b])).collect()
}

/// How far apart neighbours along each axis of `to` lie in a tensor of shape `from`, which is
/// stretched to `to` from its last axis on.
fn strides(from: &[usize], to: &[usize]) -> Vec<usize> {
    let mut strides = vec![0; to.len()];
    let mut step = 1;
    for (stride, &size) in strides.iter_mut().rev().zip(from.iter().rev()) {
        *stride = if size == 1 { 0 } else { step };
        step *= size;
    }
    strides
}

/// Where each element of `shape`, in order, lies in a tensor with these strides.
fn positions<'a>(shape: &'a [usize], strides: &'a [usize]) -> impl Iterator<Item = usize> + 'a {
    let total = shape.iter().product::<usize>();
    let mut counter = vec![0; shape.len()];
    let mut position = 0;
    (0..total).map(move |_| {
        let here = position;
        for axis in (0..shape.len()).rev() {
            counter[axis] += 1;
            position += strides[axis];
            if counter[axis] < shape[axis] {
                break;
            }
            position -= strides[axis] * shape[axis];
            counter[axis] = 0;
        }
        here
    })
}
