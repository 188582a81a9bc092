//! A front that is one convolution over the picture.

use super::builder::Built;
use super::draft::{Draft, Drafts, Kind};
use super::kernels::{Kernels, STEM_TILE};
use super::layout::Placed;
use super::pack::Loose;
use super::step::{Operation, Step};

/// The most channels of a picture: with more, products cost more than rearranging.
const MOST_CHANNELS: usize = 4;

/// Numbers of a register: a row is not shorter.
const SHORTEST_ROW: usize = 16;

/// The plan of a front that is one 3 x 3 convolution of stride 1 over a picture, with its kernel of
/// its own; none of any other.
pub(super) fn build(drafts: &Drafts, kernels: &Kernels) -> Option<Built> {
    let [Draft { kind, inputs, output, function: None }] = drafts.drafts.as_slice() else {
        return None;
    };
    let Kind::Convolution { weights, scale, biases, window, groups: 1, after } = kind else {
        return None;
    };
    let shape = drafts.sizes[output.0];
    let [channels, ..] = drafts.sizes[drafts.input.0];
    let suits = *inputs == [drafts.input]
        && *output == drafts.output
        && channels <= MOST_CHANNELS
        && window.kernel == [3, 3]
        && window.strides == [1, 1]
        && window.dilations == [1, 1]
        && shape[2] >= SHORTEST_ROW;
    if !suits {
        return None;
    }
    let loose = Loose { weights, scale, biases, window, inputs: channels, groups: 1, after };
    let mut filters = vec![0.0; weights.len()];
    loose.filters(0, &(0..channels), &mut filters);
    let stem = kernels.pack_stem(&filters, biases, after.slopes(), after.fused(), window.before);
    let step = Step {
        operation: Operation::Stem(stem),
        inputs: Vec::new(),
        output: 0,
        function: None,
        band: STEM_TILE.min(shape[1]),
        operations: 2 * (weights.len() * shape[1] * shape[2]) as u64,
    };
    Some(Built { steps: vec![step], values: vec![Placed::new(shape, false)], output: 0 })
}
