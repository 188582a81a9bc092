//! Steps that compute nothing: numbers and rows of blocks, from one place to another.

use super::block::{Block, LANES};
use super::layout::Placed;
use super::schedule::Turn;
use super::step::Pad;
use crate::front::operator::PadMode;

/// Planes of this shape as rows of blocks. What of each plane's row belongs to one pixel, a number a
/// phase, becomes channels next to one another; beyond the planes they are zeros.
pub(super) fn take(
    [channels, rows, columns]: [usize; 3],
    phases: usize,
    to: &Placed,
    turn: &Turn,
    arena: &mut [Block],
    planes: &[f32],
) {
    for row in turn.rows.clone() {
        for source in 0..phases * channels {
            let (phase, plane) = (source / channels, source % channels);
            let from_row = row * phases + phase;
            let numbers = match from_row < rows {
                true => &planes[(plane * rows + from_row) * columns..][..columns],
                false => &[],
            };
            let first = source * phases;
            let pixels = |channel: usize| to.row(row) + channel / LANES * to.plane();
            let lane = first % LANES;
            match phases {
                1 => take_row::<1>(numbers, &mut arena[pixels(first)..][..to.columns], lane),
                2 => take_row::<2>(numbers, &mut arena[pixels(first)..][..to.columns], lane),
                4 => take_row::<4>(numbers, &mut arena[pixels(first)..][..to.columns], lane),
                _ => {
                    for column in 0..to.columns {
                        for (phase, channel) in (first..first + phases).enumerate() {
                            let number = numbers.get(column * phases + phase);
                            arena[pixels(channel) + column].0[channel % LANES] =
                                number.copied().unwrap_or(0.0);
                        }
                    }
                }
            }
        }
    }
}

/// A row of a plane, `PHASES` numbers a pixel, into as many lanes of these pixels.
fn take_row<const PHASES: usize>(numbers: &[f32], pixels: &mut [Block], lane: usize) {
    let (whole, rest) = numbers.as_chunks::<PHASES>();
    let (inside, beyond) = pixels.split_at_mut(whole.len().min(pixels.len()));
    for (pixel, numbers) in inside.iter_mut().zip(whole) {
        pixel.0[lane..lane + PHASES].copy_from_slice(numbers);
    }
    for (index, pixel) in beyond.iter_mut().enumerate() {
        let lanes = &mut pixel.0[lane..lane + PHASES];
        lanes.fill(0.0);
        if index == 0 {
            lanes[..rest.len()].copy_from_slice(rest);
        }
    }
}

/// One row of a map with something around it.
pub(super) fn surround(pad: &Pad, from: &Placed, to: &Placed, row: usize, arena: &mut [Block]) {
    let [channels, rows, columns] = pad.before;
    let source = pad.source(row, rows, from.rows);
    if let PadMode::Constant(value) = pad.mode {
        for block in 0..to.blocks() {
            let at = to.row(row) + block * to.plane();
            arena[at..at + to.columns].fill(Block([value; LANES]));
        }
    }
    let Some(source) = source else { return };
    copy_channels(from, from.row(source), to, to.row(row) + columns, channels, arena);
    if !matches!(pad.mode, PadMode::Constant(_)) {
        for column in (0..columns).chain(columns + from.columns..to.columns) {
            let inside = pad.source(column, columns, from.columns).unwrap_or(0);
            for block in 0..to.blocks() {
                let at = from.row(source) + block * from.plane() + inside;
                arena[to.row(row) + block * to.plane() + column] = arena[at];
            }
        }
    }
}

/// Rows of blocks from planes, which are read with these strides from this number on.
pub(super) fn spread(
    from: &Placed,
    first: usize,
    [channel_stride, row_stride, column_stride]: [usize; 3],
    to: &Placed,
    turn: &Turn,
    arena: &mut [Block],
) {
    for row in turn.rows.clone() {
        for channel in 0..to.channels {
            let start = first + channel * channel_stride + row * row_stride;
            let target = to.row(row) + channel / LANES * to.plane();
            for column in 0..to.columns {
                let at = start + column * column_stride;
                let number = arena[from.offset() + at / LANES].0[at % LANES];
                arena[target + column].0[channel % LANES] = number;
            }
        }
    }
}

/// Copies all channels of a row to another map's, from this channel on.
pub(super) fn copy_channels(
    from: &Placed,
    source: usize,
    to: &Placed,
    target: usize,
    first: usize,
    arena: &mut [Block],
) {
    if first.is_multiple_of(LANES) {
        for block in 0..from.blocks() {
            let at = source + block * from.plane();
            let to = target + (first / LANES + block) * to.plane();
            let inside = LANES.min(from.channels - block * LANES);
            if inside == LANES {
                arena.copy_within(at..at + from.columns, to);
                continue;
            }
            // Other channels of the last block are not this map's to write.
            for column in 0..from.columns {
                let value = arena[at + column].0;
                arena[to + column].0[..inside].copy_from_slice(&value[..inside]);
            }
        }
        return;
    }
    for channel in 0..from.channels {
        let (at, lane) = (source + channel / LANES * from.plane(), channel % LANES);
        let channel = first + channel;
        let (to, to_lane) = (target + channel / LANES * to.plane(), channel % LANES);
        for column in 0..from.columns {
            arena[to + column].0[to_lane] = arena[at + column].0[lane];
        }
    }
}
