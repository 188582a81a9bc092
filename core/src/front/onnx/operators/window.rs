//! Operators that slide a window over rows and columns.

use crate::error::Result;
use crate::front::graph::ValueId;
use crate::front::limits::{MAX_EXTENT, MAX_PATCHES, elements};
use crate::front::onnx::builder::Builder;
use crate::front::onnx::node::NodeReader;
use crate::front::operator::{Operator, PadMode, Window};
use crate::front::shape::check_pool;

pub(super) fn convolution(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    let (input, weights) = (node.input(0)?, node.input(1)?);
    let [_, _, rows, columns] = node.planes(builder, input)?;
    let [_, _, kernel @ ..] = four(builder, node, weights)?;
    let groups = groups(node)?;
    let window = read_window(node, kernel, [rows, columns], Rounding::Down)?;
    let inputs = [Some(input), Some(weights), node.optional(2)].into_iter().flatten().collect();
    node.derive(builder, Operator::Convolution { window, groups }, inputs)
}

pub(super) fn transposed_convolution(
    builder: &mut Builder,
    node: &NodeReader<'_>,
) -> Result<ValueId> {
    let input = node.input(0)?;
    let [batch, channels, rows, columns] = node.planes(builder, input)?;
    let weights = node.input(1)?;
    let [depth, filters, kernel @ ..] = four(builder, node, weights)?;
    let groups = groups(node)?;
    if depth != channels || !channels.is_multiple_of(groups) {
        return Err(node.wrong(format!(
            "weights {:?} in {groups} groups do not fit {channels} input channels",
            builder.shape(weights)
        )));
    }
    let output_padding = pair(node, "output_padding", 0, 0)?;
    if node.attributes.ints("output_shape")?.is_some() {
        return Err(node.wrong("output_shape is not supported, pads and output_padding are"));
    }
    if automatic(node)? != Automatic::None {
        return Err(node.wrong("automatic padding is not supported, pads is"));
    }
    let window = given_window(node, kernel)?;
    let filters = filters.checked_mul(groups).ok_or_else(|| node.wrong("has too many filters"))?;
    let mut shape = vec![batch, filters, 0, 0];
    let mut whole = vec![filters];
    for axis in 0..2 {
        let steps = window.strides[axis] * ([rows, columns][axis] - 1);
        let full = steps + window.span(axis) + output_padding[axis];
        whole.push(full);
        shape[2 + axis] = full
            .checked_sub(window.before[axis] + window.after[axis])
            .filter(|&size| size > 0)
            .ok_or_else(|| node.wrong("its pads leave nothing of the output"))?;
    }
    let patch = [filters, kernel[0], kernel[1], rows, columns];
    let patches = patch.iter().try_fold(1usize, |product, &size| product.checked_mul(size));
    if elements(&whole).is_none() || patches.is_none_or(|patches| patches > MAX_PATCHES) {
        return Err(node.wrong("its output before padding is too large"));
    }
    let inputs = with_bias(builder, node, vec![input, weights], filters)?;
    let operator = Operator::TransposedConvolution { window, groups, output_padding };
    node.compute(builder, operator, inputs, shape)
}

pub(super) fn max_pool(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    if node.attributes.int("storage_order")?.unwrap_or(0) != 0 {
        return Err(node.wrong("storage_order is not supported"));
    }
    let input = node.input(0)?;
    let [_, _, rows, columns] = node.planes(builder, input)?;
    let (window, _) = pool_window(node, [rows, columns])?;
    node.derive(builder, Operator::MaxPool(window), vec![input])
}

pub(super) fn average_pool(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    let count_padding = node.attributes.flag("count_include_pad")?.unwrap_or(false);
    let mut input = node.input(0)?;
    let [_, _, rows, columns] = node.planes(builder, input)?;
    let (mut window, asked_after) = pool_window(node, [rows, columns])?;
    if count_padding && (window.before, asked_after) != ([0, 0], [0, 0]) {
        // Padding that counts is padding like any other; what rounding up added never counts.
        let before = vec![0, 0, window.before[0], window.before[1]];
        let after = vec![0, 0, asked_after[0], asked_after[1]];
        let operator = Operator::Pad { mode: PadMode::Constant(0.0), before, after };
        input = node.derive(builder, operator, vec![input])?;
        window.before = [0, 0];
        window.after = [0, 1].map(|axis| window.after[axis] - asked_after[axis]);
    }
    node.derive(builder, Operator::AveragePool(window), vec![input])
}

/// A pool's window, padded so that rounding down gives the output asked for; and the padding at the
/// far end as the model gives it.
fn pool_window(node: &NodeReader<'_>, input: [usize; 2]) -> Result<(Window, [usize; 2])> {
    let kernel = pair(node, "kernel_shape", 0, 1)?;
    let up = node.attributes.flag("ceil_mode")?.unwrap_or(false);
    let rounding = if up { Rounding::Up } else { Rounding::Down };
    let mut window = read_window(node, kernel, input, rounding)?;
    let asked_after = window.after;
    for (axis, &size) in input.iter().enumerate() {
        if rounding == Rounding::Up {
            let span = window.span(axis);
            let padded = size + window.before[axis] + window.after[axis];
            let stride = window.strides[axis];
            let steps = padded.checked_sub(span).ok_or_else(|| too_small(node))?.div_ceil(stride);
            // A window that would start beyond the input and its leading padding does not count.
            let steps = steps.min((size + window.before[axis] - 1) / stride);
            window.after[axis] += (steps * stride + span).saturating_sub(padded);
        }
    }
    check_pool(&window, input).map_err(|what| node.wrong(what))?;
    Ok((window, asked_after))
}

#[derive(Clone, Copy, PartialEq)]
enum Rounding {
    Down,
    Up,
}

#[derive(Clone, Copy, PartialEq)]
enum Automatic {
    None,
    Valid,
    SameUpper,
    SameLower,
}

fn automatic(node: &NodeReader<'_>) -> Result<Automatic> {
    match node.attributes.text("auto_pad")? {
        None | Some("NOTSET") => Ok(Automatic::None),
        Some("VALID") => Ok(Automatic::Valid),
        Some("SAME_UPPER") => Ok(Automatic::SameUpper),
        Some("SAME_LOWER") => Ok(Automatic::SameLower),
        Some(other) => Err(node.wrong(format!("auto_pad {other:?} is not known"))),
    }
}

/// The window with its automatic padding made explicit.
fn read_window(
    node: &NodeReader<'_>,
    kernel: [usize; 2],
    input: [usize; 2],
    rounding: Rounding,
) -> Result<Window> {
    let mut window = given_window(node, kernel)?;
    let automatic = automatic(node)?;
    if automatic == Automatic::None {
        return Ok(window);
    }
    if (window.before, window.after) != ([0, 0], [0, 0]) {
        return Err(node.wrong("has both pads and automatic padding"));
    }
    if rounding == Rounding::Up {
        return Err(node.wrong("has both ceil_mode and automatic padding"));
    }
    if automatic == Automatic::Valid {
        return Ok(window);
    }
    for (axis, &size) in input.iter().enumerate() {
        let stride = window.strides[axis];
        let steps = size.div_ceil(stride) - 1;
        let padding = (steps * stride + window.span(axis)).saturating_sub(size);
        let (less, more) = (padding / 2, padding - padding / 2);
        (window.before[axis], window.after[axis]) = match automatic {
            Automatic::SameLower => (more, less),
            _ => (less, more),
        };
    }
    Ok(window)
}

fn given_window(node: &NodeReader<'_>, kernel: [usize; 2]) -> Result<Window> {
    let stated = pair(node, "kernel_shape", kernel[0] as i64, 1)?;
    if node.attributes.ints("kernel_shape")?.is_some() && stated != kernel {
        return Err(node.wrong(format!("kernel_shape {stated:?} is not its weights' {kernel:?}")));
    }
    if kernel.iter().any(|&size| size == 0 || size > MAX_EXTENT) {
        return Err(node.wrong(format!("kernel {kernel:?} must be 1 to {MAX_EXTENT} on each axis")));
    }
    let pads = match node.attributes.ints("pads")? {
        None => [0; 4],
        Some(pads) => extents(node, "pads", pads, 0)?,
    };
    Ok(Window {
        kernel,
        strides: pair(node, "strides", 1, 1)?,
        dilations: pair(node, "dilations", 1, 1)?,
        before: [pads[0], pads[1]],
        after: [pads[2], pads[3]],
    })
}

fn too_small(node: &NodeReader<'_>) -> crate::error::Error {
    node.wrong("its kernel is larger than its padded input")
}

/// Two integers from `least` on; a default for both where the attribute is absent.
fn pair(node: &NodeReader<'_>, name: &'static str, default: i64, least: i64) -> Result<[usize; 2]> {
    match node.attributes.ints(name)? {
        Some(values) => extents(node, name, values, least),
        None => extents(node, name, &[default; 2], least),
    }
}

fn extents<const MANY: usize>(
    node: &NodeReader<'_>,
    name: &str,
    values: &[i64],
    least: i64,
) -> Result<[usize; MANY]> {
    let inside =
        |&value: &i64| (least..=MAX_EXTENT as i64).contains(&value).then_some(value as usize);
    let values: Option<Vec<usize>> = values.iter().map(inside).collect();
    values.and_then(|values| values.try_into().ok()).ok_or_else(|| {
        node.wrong(format!("{name} must be {MANY} integers from {least} to {MAX_EXTENT}"))
    })
}

fn groups(node: &NodeReader<'_>) -> Result<usize> {
    let groups = node.attributes.int("group")?.unwrap_or(1);
    let groups = usize::try_from(groups).ok().filter(|&groups| groups > 0);
    groups.ok_or_else(|| node.wrong("group must be at least 1"))
}

/// The shape of weights, which must be constant: no front computes its weights.
fn four(builder: &Builder, node: &NodeReader<'_>, weights: ValueId) -> Result<[usize; 4]> {
    if builder.constant(weights).is_none() {
        return Err(node.wrong("its weights are not constant"));
    }
    builder.shape(weights).try_into().map_err(|_| {
        node.wrong(format!("weights {:?} must have 4 dimensions", builder.shape(weights)))
    })
}

fn with_bias(
    builder: &Builder,
    node: &NodeReader<'_>,
    mut inputs: Vec<ValueId>,
    filters: usize,
) -> Result<Vec<ValueId>> {
    if let Some(bias) = node.optional(2) {
        if builder.constant(bias).is_none() || builder.shape(bias) != [filters] {
            return Err(node.wrong(format!(
                "its bias {:?} must be constant, one number for each of {filters} filters",
                builder.shape(bias)
            )));
        }
        inputs.push(bias);
    }
    Ok(inputs)
}
