//! Strided stems as convolutions of stride 1.
//!
//! Row `s i + p` and column `s j + q` of a picture are phase `(p, q)` of pixel `(i, j)`. With every
//! phase of the input as channels of their own, a convolution of stride s that reads it becomes one
//! of stride 1 with s times fewer taps along each axis, which Winograd's kernel takes: the stems
//! 7 x 7 / 2 and 11 x 11 / 4 become 4 x 4 and 3 x 3.

use super::choice;
use super::draft::{Drafts, Kind};
use crate::front::numbers::Numbers;
use crate::front::operator::Window;

/// The phases along each axis that the input is taken in: more than one where a strided convolution
/// alone reads it, and where this makes it cheaper.
pub(super) fn of(drafts: &Drafts) -> usize {
    let input = drafts.input;
    let mut readers = drafts.drafts.iter().filter(|draft| draft.inputs.contains(&input));
    let (Some(reader), None) = (readers.next(), readers.next()) else { return 1 };
    let Kind::Convolution { window, groups: 1, .. } = &reader.kind else { return 1 };
    let [stride, same] = window.strides;
    let ([channels, ..], [outputs, rows, columns]) =
        (drafts.sizes[input.0], drafts.sizes[reader.output.0]);
    // It may read the input once more, as what it adds, which no phases fit.
    let suits = reader.inputs == [input]
        && stride == same
        && stride > 1
        && window.dilations == [1, 1]
        && choice::phases_pay(window, stride, [channels, outputs], [rows, columns]);
    if suits { stride } else { 1 }
}

/// The shape of an input taken in so many phases: channel `(p * channels + c) * phases + q` is phase
/// `(p, q)` of channel c.
pub(super) fn shape([channels, rows, columns]: [usize; 3], phases: usize) -> [usize; 3] {
    [channels * phases * phases, rows.div_ceil(phases), columns.div_ceil(phases)]
}

/// Filters `[output][input][row][column]` and window of a convolution of this stride, for an input
/// in as many phases.
pub(super) fn filters(
    weights: &Numbers,
    outputs: usize,
    window: &Window,
    phases: usize,
) -> (Numbers, Window) {
    let to = unfolded(window, phases);
    let [rows, columns] = window.kernel;
    let inputs = weights.len() / (outputs * rows * columns);
    let mut filters = vec![0.0; outputs * inputs * phases * phases * to.kernel[0] * to.kernel[1]];
    // Where a tap lies, counted from the pixel under the first, and so its phase.
    let place = |axis: usize, tap: usize| {
        let at = tap + to.before[axis] * phases - window.before[axis];
        (at / phases, at % phases)
    };
    for (index, weight) in weights.floats().iter().enumerate() {
        let (output, input) =
            (index / (inputs * rows * columns), index / (rows * columns) % inputs);
        let (row, row_phase) = place(0, index / columns % rows);
        let (column, column_phase) = place(1, index % columns);
        let channel = (row_phase * inputs + input) * phases + column_phase;
        let filter = output * inputs * phases * phases + channel;
        filters[(filter * to.kernel[0] + row) * to.kernel[1] + column] = *weight;
    }
    (Numbers::Floats(filters.into()), to)
}

/// A window of this stride for an input in as many phases. It may look at padding after the last
/// pixel that it does not count.
pub(super) fn unfolded(window: &Window, phases: usize) -> Window {
    let before = window.before.map(|before| before.div_ceil(phases));
    let taps = |axis: usize| {
        let last = window.kernel[axis] - 1 + before[axis] * phases - window.before[axis];
        last / phases + 1
    };
    Window { kernel: [taps(0), taps(1)], strides: [1, 1], dilations: [1, 1], before, after: [0, 0] }
}
