//! What shape an operator puts out, and what its inputs must be for that: the same for every file
//! that a graph is read from.
//!
//! An error says what is wrong, for the reader to say where.

use super::limits::{MAX_EXTENT, MAX_JOINED, MAX_PATCHES, MAX_RANK, elements};
use super::numbers::Numbers;
use super::operator::{Activation, Operator, PadMode, Window};

/// One input of a node.
#[derive(Clone, Copy)]
pub(crate) struct Operand<'a> {
    pub(crate) shape: &'a [usize],
    /// Where it is constant.
    pub(crate) numbers: Option<&'a Numbers>,
}

/// The shape of `[batch, channels, rows, columns]`.
type Planes = [usize; 4];

/// The output's shape; nothing where the operator leaves it to whoever reads it.
pub(crate) fn output(
    operator: &Operator,
    inputs: &[Operand<'_>],
) -> Option<Result<Vec<usize>, String>> {
    Some(match operator {
        Operator::Activation(activation) => activated(activation, inputs),
        Operator::Arithmetic(_) => {
            two(inputs).and_then(|[left, right]| stretched(left.shape, right.shape))
        }
        Operator::PRelu => sloped(inputs),
        Operator::BatchNormalization { epsilon } => normalised_by(inputs, 4, *epsilon),
        Operator::InstanceNormalization { epsilon } => normalised_by(inputs, 2, *epsilon),
        Operator::LocalResponseNormalization { size, alpha, beta, bias } => {
            response(inputs, *size, &[*alpha, *beta, *bias])
        }
        Operator::Convolution { window, groups } => convolved(inputs, window, *groups),
        Operator::MaxPool(window) | Operator::AveragePool(window) => pooled(inputs, window),
        Operator::Pad { mode, before, after } => padded(inputs, *mode, before, after),
        Operator::Concatenate { axis } => joined(inputs, *axis),
        Operator::Softmax { axis, .. } => along(inputs, *axis),
        Operator::Reduce { axes, keep, .. } => reduced(inputs, axes, *keep),
        Operator::Reshape { shape } => reshaped(inputs, shape),
        Operator::Transpose { order } => transposed(inputs, order),
        Operator::Slice { starts, ends, steps } => sliced(inputs, starts, ends, steps),
        Operator::MatrixProduct => multiplied(inputs),
        Operator::Gemm { alpha, beta, transpose_a, transpose_b } => {
            added_to_product(inputs, [*alpha, *beta], [*transpose_a, *transpose_b])
        }
        Operator::Tap(_) => one(inputs).map(|input| input.shape.to_vec()),
        Operator::TransposedConvolution { .. } | Operator::Resize { .. } => return None,
    })
}

/// The shape two tensors stretch to, as in NumPy.
pub(crate) fn stretched(left: &[usize], right: &[usize]) -> Result<Vec<usize>, String> {
    let rank = left.len().max(right.len()).min(MAX_RANK);
    let size = |shape: &[usize], axis: usize| {
        (axis + shape.len()).checked_sub(rank).map_or(1, |axis| shape[axis])
    };
    (0..rank)
        .map(|axis| match (size(left, axis), size(right, axis)) {
            (a, b) if a == b || b == 1 => Ok(a),
            (1, b) => Ok(b),
            _ => Err(format!("its inputs {left:?} and {right:?} do not fit together")),
        })
        .collect()
}

fn one<'a>(inputs: &[Operand<'a>]) -> Result<Operand<'a>, String> {
    match *inputs {
        [input] => Ok(input),
        _ => Err(format!("has {} inputs, 1 belongs there", inputs.len())),
    }
}

fn two<'a>(inputs: &[Operand<'a>]) -> Result<[Operand<'a>; 2], String> {
    inputs.try_into().map_err(|_| format!("has {} inputs, 2 belong there", inputs.len()))
}

fn planes(input: Operand<'_>) -> Result<Planes, String> {
    input.shape.try_into().map_err(|_| {
        format!("its input is {:?}, [batch, channels, rows, columns] belongs there", input.shape)
    })
}

fn activated(activation: &Activation, inputs: &[Operand<'_>]) -> Result<Vec<usize>, String> {
    let finite = |values: &[f32]| values.iter().all(|value| value.is_finite());
    let sound = match *activation {
        Activation::Clip { low, high } => {
            if low.zip(high).is_some_and(|(low, high)| low > high) {
                return Err("its min is above its max".into());
            }
            finite(&[low.unwrap_or(0.0), high.unwrap_or(0.0)])
        }
        Activation::LeakyRelu { alpha } | Activation::Elu { alpha } => finite(&[alpha]),
        Activation::HardSigmoid { alpha, beta } => finite(&[alpha, beta]),
        Activation::Relu
        | Activation::Sigmoid
        | Activation::Tanh
        | Activation::Abs
        | Activation::Neg
        | Activation::Exp
        | Activation::Sqrt
        | Activation::Softplus
        | Activation::HardSwish => true,
    };
    if !sound {
        return Err("has a parameter that is not a finite number".into());
    }
    Ok(one(inputs)?.shape.to_vec())
}

fn along(inputs: &[Operand<'_>], axis: usize) -> Result<Vec<usize>, String> {
    let shape = one(inputs)?.shape;
    if axis >= shape.len() {
        return Err(no_axis(axis, shape));
    }
    Ok(shape.to_vec())
}

fn no_axis(axis: usize, shape: &[usize]) -> String {
    format!("axis {axis} is not one of a tensor of {} dimensions", shape.len())
}

fn sloped(inputs: &[Operand<'_>]) -> Result<Vec<usize>, String> {
    let [input, slope] = two(inputs)?;
    let shape = input.shape;
    if stretched(shape, slope.shape)? != shape {
        return Err(format!("its slope {:?} does not stretch to its input {shape:?}", slope.shape));
    }
    Ok(shape.to_vec())
}

/// Scale and bias, and where there are four parameters mean and variance: constant, one number a
/// channel each.
fn normalised_by(
    inputs: &[Operand<'_>],
    parameters: usize,
    epsilon: f32,
) -> Result<Vec<usize>, String> {
    if inputs.len() != 1 + parameters {
        return Err(format!("has {} inputs, {} belong there", inputs.len(), 1 + parameters));
    }
    if !(epsilon >= 0.0 && epsilon.is_finite()) {
        return Err("epsilon must not be negative".into());
    }
    let input = inputs[0];
    let &[_, channels, ..] = input.shape else {
        return Err(format!("its input {:?} has no channels", input.shape));
    };
    for (index, parameter) in inputs.iter().enumerate().skip(1) {
        if parameter.numbers.is_none() || parameter.shape != [channels] {
            return Err(format!(
                "its input {index} must be constant, one number for each of {channels} channels"
            ));
        }
    }
    let variance = inputs.get(4).and_then(|variance| variance.numbers).map(Numbers::floats);
    let positive = |&variance: &f32| variance >= 0.0 && variance + epsilon > 0.0;
    if !variance.unwrap_or_default().iter().all(positive) {
        return Err("its variance must not be negative, nor 0 without an epsilon".into());
    }
    Ok(input.shape.to_vec())
}

fn response(inputs: &[Operand<'_>], size: usize, parameters: &[f32]) -> Result<Vec<usize>, String> {
    let input = one(inputs)?;
    let [_, channels, ..] = planes(input)?;
    // An even window has no middle: runtimes differ on where it lies.
    if size.is_multiple_of(2) || size > 2 * channels + 1 {
        return Err(format!(
            "size must be odd, from 1 to {} for {channels} channels",
            2 * channels + 1
        ));
    }
    if !parameters.iter().all(|parameter| parameter.is_finite()) {
        return Err("has a parameter that is not a finite number".into());
    }
    Ok(input.shape.to_vec())
}

fn convolved(inputs: &[Operand<'_>], window: &Window, groups: usize) -> Result<Vec<usize>, String> {
    let (input, weights, bias) = match *inputs {
        [input, weights] => (input, weights, None),
        [input, weights, bias] => (input, weights, Some(bias)),
        _ => return Err(format!("has {} inputs, 2 or 3 belong there", inputs.len())),
    };
    let [batch, channels, rows, columns] = planes(input)?;
    if weights.numbers.is_none() {
        return Err("its weights are not constant".into());
    }
    let &[filters, depth, ref kernel @ ..] = weights.shape else {
        return Err(format!("weights {:?} must have 4 dimensions", weights.shape));
    };
    if groups == 0
        || depth.checked_mul(groups) != Some(channels)
        || !filters.is_multiple_of(groups)
        || kernel != window.kernel
    {
        return Err(format!(
            "weights {:?} in {groups} groups do not fit {channels} input channels",
            weights.shape
        ));
    }
    if let Some(bias) = bias
        && (bias.numbers.is_none() || bias.shape != [filters])
    {
        return Err(format!(
            "its bias {:?} must be constant, one number for each of {filters} filters",
            bias.shape
        ));
    }
    let [out_rows, out_columns] = positions(window, [channels, rows, columns])?;
    // Runtimes may copy the window of every position before they multiply.
    let patch = [channels, kernel[0], kernel[1], out_rows, out_columns];
    let patches = patch.iter().try_fold(1usize, |product, &size| product.checked_mul(size));
    if patches.is_none_or(|patches| patches > MAX_PATCHES) {
        return Err(format!(
            "kernel {kernel:?} over {out_rows} x {out_columns} positions is too large"
        ));
    }
    Ok(vec![batch, filters, out_rows, out_columns])
}

fn pooled(inputs: &[Operand<'_>], window: &Window) -> Result<Vec<usize>, String> {
    let [batch, channels, rows, columns] = planes(one(inputs)?)?;
    let [out_rows, out_columns] = positions(window, [channels, rows, columns])?;
    check_pool(window, [rows, columns])?;
    Ok(vec![batch, channels, out_rows, out_columns])
}

/// Every window of a pool must see some of these rows and columns.
pub(crate) fn check_pool(window: &Window, input: [usize; 2]) -> Result<(), String> {
    for (axis, size) in input.into_iter().enumerate() {
        if window.before[axis].max(window.after[axis]) >= window.span(axis) {
            return Err("its pads are not smaller than its kernel".into());
        }
        if !every_window_sees_input(window, axis, size) {
            return Err("one of its windows would see nothing but padding".into());
        }
    }
    Ok(())
}

/// How many positions the window has over these channels, rows and columns.
fn positions(window: &Window, input: [usize; 3]) -> Result<[usize; 2], String> {
    let Window { kernel, strides, dilations, before, after } = window;
    let steps = [kernel, strides, dilations].into_iter().flatten();
    if !steps.clone().chain(before).chain(after).all(|&extent| extent <= MAX_EXTENT)
        || steps.into_iter().any(|&extent| extent == 0)
    {
        return Err(format!(
            "kernel, strides and dilations must be from 1 to {MAX_EXTENT}, pads at most that"
        ));
    }
    let mut padded = input;
    let mut positions = [0; 2];
    for axis in 0..2 {
        padded[1 + axis] += before[axis] + after[axis];
        let room = padded[1 + axis].checked_sub(window.span(axis));
        let room = room.ok_or("its kernel is larger than its padded input")?;
        positions[axis] = room / strides[axis] + 1;
    }
    if elements(&padded).is_none() {
        return Err("its pads make its input too large".into());
    }
    Ok(positions)
}

/// Whether each window along an axis has a tap on the input, as a wide dilation may step over it.
fn every_window_sees_input(window: &Window, axis: usize, size: usize) -> bool {
    let padded = size + window.before[axis] + window.after[axis];
    let room = padded.saturating_sub(window.span(axis));
    let (before, dilation) = (window.before[axis], window.dilations[axis]);
    (0..=room).step_by(window.strides[axis]).all(|start| {
        let tap = before.saturating_sub(start).div_ceil(dilation);
        tap < window.kernel[axis] && start + tap * dilation < before + size
    })
}

fn padded(
    inputs: &[Operand<'_>],
    mode: PadMode,
    before: &[usize],
    after: &[usize],
) -> Result<Vec<usize>, String> {
    let shape = one(inputs)?.shape;
    if [before.len(), after.len()] != [shape.len(); 2] {
        return Err(format!("has pads for {} axes of {}", before.len(), shape.len()));
    }
    if matches!(mode, PadMode::Constant(value) if !value.is_finite()) {
        return Err("its value is not a finite number".into());
    }
    let mut padded = shape.to_vec();
    for (axis, size) in padded.iter_mut().enumerate() {
        let most = match mode {
            PadMode::Reflect => shape[axis].saturating_sub(1),
            PadMode::Constant(_) | PadMode::Edge => MAX_EXTENT,
        };
        for pad in [before[axis], after[axis]] {
            if pad > most {
                return Err(format!("a pad of {pad} on axis {axis} is not from 0 to {most}"));
            }
            *size += pad;
        }
    }
    Ok(padded)
}

fn joined(inputs: &[Operand<'_>], axis: usize) -> Result<Vec<usize>, String> {
    if inputs.len() > MAX_JOINED {
        return Err(format!("joins {} tensors, {MAX_JOINED} is the most", inputs.len()));
    }
    let first = inputs.first().ok_or("has no input")?;
    let mut shape = first.shape.to_vec();
    if axis >= shape.len() {
        return Err(no_axis(axis, &shape));
    }
    shape[axis] = 0;
    for other in inputs.iter().map(|input| input.shape) {
        let same = other.len() == shape.len()
            && (0..shape.len()).all(|at| at == axis || other[at] == shape[at]);
        if !same {
            return Err("its inputs differ in more than the axis they are joined on".into());
        }
        shape[axis] = shape[axis].saturating_add(other[axis]);
    }
    Ok(shape)
}

fn reduced(inputs: &[Operand<'_>], axes: &[usize], keep: bool) -> Result<Vec<usize>, String> {
    let shape = one(inputs)?.shape;
    if let Some(&axis) = axes.iter().find(|&&axis| axis >= shape.len()) {
        return Err(no_axis(axis, shape));
    }
    if !axes.is_sorted_by(|a, b| a < b) {
        return Err("its axes must ascend".into());
    }
    let kept = shape.iter().enumerate().filter_map(|(axis, &size)| {
        let goes = axes.contains(&axis);
        (keep || !goes).then_some(if goes { 1 } else { size })
    });
    Ok(kept.collect())
}

fn reshaped(inputs: &[Operand<'_>], to: &[usize]) -> Result<Vec<usize>, String> {
    let from = one(inputs)?.shape;
    if elements(from).is_none() || elements(from) != elements(to) {
        return Err(format!("a tensor of shape {from:?} does not fit {to:?}"));
    }
    Ok(to.to_vec())
}

fn transposed(inputs: &[Operand<'_>], order: &[usize]) -> Result<Vec<usize>, String> {
    let shape = one(inputs)?.shape;
    if order.len() != shape.len() || !(0..shape.len()).all(|axis| order.contains(&axis)) {
        return Err(format!("its order must name each of {} axes once", shape.len()));
    }
    Ok(order.iter().map(|&axis| shape[axis]).collect())
}

fn sliced(
    inputs: &[Operand<'_>],
    starts: &[usize],
    ends: &[usize],
    steps: &[usize],
) -> Result<Vec<usize>, String> {
    let shape = one(inputs)?.shape;
    if [starts.len(), ends.len(), steps.len()] != [shape.len(); 3] {
        return Err(format!("its starts, ends and steps must be for {} axes", shape.len()));
    }
    let size = |axis: usize| {
        let (start, end, step) = (starts[axis], ends[axis], steps[axis]);
        if end > shape[axis] || step == 0 {
            return Err(format!("{start} to {end} by {step} is no part of {}", shape[axis]));
        }
        Ok(end.saturating_sub(start).div_ceil(step))
    };
    (0..shape.len()).map(size).collect()
}

fn multiplied(inputs: &[Operand<'_>]) -> Result<Vec<usize>, String> {
    let [a, b] = two(inputs)?.map(|input| input.shape);
    let ([batch_a @ .., rows, inner], [batch_b @ .., inner_b, columns]) = (a, b) else {
        return Err("its inputs must be matrices".into());
    };
    if inner != inner_b {
        return Err(format!("its inputs {a:?} and {b:?} do not fit together"));
    }
    let mut shape = stretched(batch_a, batch_b)?;
    shape.extend([*rows, *columns]);
    Ok(shape)
}

fn added_to_product(
    inputs: &[Operand<'_>],
    factors: [f32; 2],
    transpose: [bool; 2],
) -> Result<Vec<usize>, String> {
    let (a, b, added) = match *inputs {
        [a, b] => (a.shape, b.shape, None),
        [a, b, added] => (a.shape, b.shape, Some(added.shape)),
        _ => return Err(format!("has {} inputs, 2 or 3 belong there", inputs.len())),
    };
    let matrix = |shape: &[usize], transposed| match *shape {
        [rows, columns] if transposed => Ok([columns, rows]),
        [rows, columns] => Ok([rows, columns]),
        _ => Err(format!("input {shape:?} is not a matrix")),
    };
    let ([rows, inner], [inner_b, columns]) = (matrix(a, transpose[0])?, matrix(b, transpose[1])?);
    if inner != inner_b {
        return Err(format!("its inputs {a:?} and {b:?} do not fit together"));
    }
    let shape = vec![rows, columns];
    if let Some(added) = added
        && stretched(&shape, added)? != shape
    {
        return Err(format!("its third input {added:?} does not stretch to {shape:?}"));
    }
    if !factors.iter().all(|factor| factor.is_finite()) {
        return Err("has a parameter that is not a finite number".into());
    }
    Ok(shape)
}
