//! A front of one 3 x 3 convolution over colours, from the caller's planes to the caller's planes.
//!
//! Such a front is as much copying as arithmetic, so nothing is rearranged: sixteen pixels of a row
//! stand in a register, and Winograd's algorithm runs along columns only, F(4, 3), which halves the
//! products and rounds over tiles of four rows.

use std::ops::Range;

use super::simd::Simd;
use super::store::Fused;
use super::vector::Vector;
use super::winograd::tile_of;
use super::winograd::transform::{Line, number};
use crate::front::executor::block::LANES;

const TAPS: usize = 3;

/// Inputs under a tile.
const UNDER: usize = 6;

/// Rows of a tile.
pub(crate) const STEM_TILE: usize = tile_of(UNDER, TAPS);

/// A stem's constants.
#[derive(Clone, Debug)]
pub(crate) struct Stem {
    /// Transformed along columns, so many outputs together: `[group][product][channel][tap][output]`.
    /// The last group is filled up with zeros.
    weights: Vec<f32>,
    together: usize,
    /// Filled up as weights are.
    biases: Vec<f32>,
    outputs: usize,
    /// Slopes of negative sums, where the store has them.
    slopes: Vec<f32>,
    fused: Fused,
    channels: usize,
    /// Padding before the first row and column.
    before: [usize; 2],
}

/// Some output rows, whole tiles but for the last.
#[derive(Clone, Debug)]
pub(crate) struct StemJob<'a> {
    pub(crate) stem: &'a Stem,
    /// Planes of this many rows and columns.
    pub(crate) planes: &'a [f32],
    pub(crate) input: [usize; 2],
    pub(crate) rows: Range<usize>,
    /// Rows and columns of the output.
    pub(crate) output: [usize; 2],
    /// Room for [`Stem::scratch`] blocks.
    pub(crate) scratch: usize,
}

impl Stem {
    /// From weights `[output][channel][row][column]`, for kernels that make this many planes together.
    pub(super) fn new(
        weights: &[f32],
        biases: &[f32],
        slopes: &[f32],
        fused: Fused,
        before: [usize; 2],
        together: usize,
    ) -> Self {
        let outputs = biases.len();
        let padded = outputs.next_multiple_of(together);
        let channels = weights.len() / (outputs * TAPS * TAPS);
        let filter = UNDER * channels * TAPS;
        let mut transformed = vec![0.0; padded * filter];
        for (output, taps) in weights.chunks_exact(channels * TAPS * TAPS).enumerate() {
            let group = &mut transformed[output / together * together * filter..];
            for product in 0..UNDER {
                for (channel, tap) in (0..channels).flat_map(|c| (0..TAPS).map(move |t| (c, t))) {
                    let taps = [0, 1, 2].map(|row| taps[(channel * TAPS + row) * TAPS + tap]);
                    let at = (product * channels + channel) * TAPS + tap;
                    group[at * together + output % together] = number(taps, product);
                }
            }
        }
        let padded = |values: &[f32]| {
            let mut values = values.to_vec();
            values.resize(values.len().next_multiple_of(together), 0.0);
            values
        };
        let (biases, slopes) = (padded(biases), padded(slopes));
        Self { weights: transformed, together, biases, outputs, slopes, fused, channels, before }
    }

    /// Numbers of one output's weights.
    fn filter(&self) -> usize {
        UNDER * self.channels * TAPS
    }

    pub(crate) fn outputs(&self) -> usize {
        self.outputs
    }

    pub(crate) fn fused(&self) -> Fused {
        self.fused
    }

    /// Bytes of its weights.
    pub(crate) fn weight_bytes(&self) -> usize {
        size_of_val(self.weights.as_slice())
    }

    /// Blocks of scratch for rows of so many outputs.
    pub(crate) fn scratch(&self, columns: usize) -> usize {
        self.channels * UNDER * blocks_of_row(columns)
    }

    /// Whether its constants are as long as its fields say.
    fn is_whole(&self) -> bool {
        let padded = self.outputs.next_multiple_of(self.together);
        let slopes = if self.fused == Fused::Slope { padded } else { 0 };
        self.weights.len() == padded * self.filter()
            && self.biases.len() == padded
            && self.slopes.len() == slopes
    }
}

/// Blocks that the inputs under a row of so many outputs take, and what a last load reads beyond.
fn blocks_of_row(columns: usize) -> usize {
    (columns + TAPS - 1).div_ceil(LANES)
}

impl StemJob<'_> {
    /// Whether all extents fit, in an arena of so many blocks, for kernels that make this many planes
    /// together.
    pub(super) fn is_whole(&self, arena: usize, together: usize) -> bool {
        let [rows, columns] = self.output;
        self.stem.is_whole()
            && self.stem.together == together
            && columns >= LANES
            && self.rows.end <= rows
            && self.planes.len() == self.stem.channels * self.input[0] * self.input[1]
            && self.scratch + self.stem.scratch(columns) <= arena
    }
}

/// Computes the rows.
///
/// # Safety
/// The job is whole, `arena` and `out` are good for what it says, and the processor has `S`'s
/// instructions.
#[inline(always)]
pub(super) unsafe fn stem<S: Simd, const TOGETHER: usize>(
    arena: *mut f32,
    job: &StemJob<'_>,
    out: *mut f32,
) {
    let outputs = job.stem.outputs();
    for first in job.rows.clone().step_by(STEM_TILE) {
        // SAFETY: the caller's promise.
        unsafe {
            let inputs = arena.add(job.scratch * LANES);
            transform_rows::<S>(job, first, inputs);
            for output in (0..outputs).step_by(TOGETHER) {
                let all = output + TOGETHER <= outputs;
                match (job.stem.channels, all) {
                    (1, true) => planes::<S, TOGETHER, 1, true>(job, first, inputs, output, out),
                    (3, true) => planes::<S, TOGETHER, 3, true>(job, first, inputs, output, out),
                    (_, true) => planes::<S, TOGETHER, 0, true>(job, first, inputs, output, out),
                    _ => planes::<S, TOGETHER, 0, false>(job, first, inputs, output, out),
                }
            }
        }
    }
}

/// The six input rows under a tile, padded and transformed: `[channel][product][column]`.
#[inline(always)]
unsafe fn transform_rows<S: Simd>(job: &StemJob<'_>, first: usize, to: *mut f32) {
    let row_len = blocks_of_row(job.output[1]) * LANES;
    let [rows, columns] = job.input;
    let [above, left] = job.stem.before;
    for channel in 0..job.stem.channels {
        // SAFETY: the caller's promise; a row that is copied lies in the planes and, cut off at the
        // end of the scratch's row, in the scratch.
        unsafe {
            let to = to.add(channel * UNDER * row_len);
            for under in 0..UNDER {
                let to = to.add(under * row_len);
                let row = (first + under).wrapping_sub(above);
                if row >= rows || left >= row_len {
                    std::ptr::write_bytes(to, 0, row_len);
                    continue;
                }
                let from = &job.planes[(channel * rows + row) * columns..][..columns];
                let inside = columns.min(row_len - left);
                let after = left + inside;
                std::ptr::write_bytes(to, 0, left);
                std::ptr::copy_nonoverlapping(from.as_ptr(), to.add(left), inside);
                std::ptr::write_bytes(to.add(after), 0, row_len - after);
            }
            for column in (0..row_len).step_by(LANES) {
                let mut d = [S::zero(); UNDER];
                for (under, d) in d.iter_mut().enumerate() {
                    *d = S::load(to.add(under * row_len + column));
                }
                for (product, value) in d.input().into_iter().enumerate() {
                    value.store(to.add(product * row_len + column));
                }
            }
        }
    }
}

/// A tile of some outputs, pixels from first to last, of so many channels; 0 where only the stem knows.
///
/// `ALL` where no output is one that fills up a group: products that are picked by what a run knows do
/// not stay in registers.
#[inline(always)]
unsafe fn planes<S: Simd, const TOGETHER: usize, const CHANNELS: usize, const ALL: bool>(
    job: &StemJob<'_>,
    first: usize,
    inputs: *const f32,
    output: usize,
    out: *mut f32,
) {
    let stem = job.stem;
    let [rows, columns] = job.output;
    let row_len = blocks_of_row(columns) * LANES;
    let inside = STEM_TILE.min(job.rows.end - first);
    let channels = if CHANNELS == 0 { stem.channels } else { CHANNELS };
    let mut column = 0;
    while column < columns {
        // The last sixteen pixels step back over some that are done.
        column = column.min(columns - LANES);
        // SAFETY: the caller's promise.
        unsafe {
            let weights = stem.weights.as_ptr().add(output * stem.filter());
            let from = inputs.add(column);
            let sum = |product: usize| From {
                inputs: from.add(product * row_len),
                channel: UNDER * row_len,
                weights: weights.add(product * channels * TAPS * TOGETHER),
                channels,
            };
            let fused = stem.fused;
            let to = out.add((output * rows + first) * columns + column);
            let mut biases = [S::zero(); TOGETHER];
            for (index, bias) in biases.iter_mut().enumerate() {
                *bias = S::constant(stem.biases[output + index]);
            }
            // The product at the point 1 goes into every row once, and its bias with it.
            let products = [
                add::<S, TOGETHER>(None, &sum(0)),
                add::<S, TOGETHER>(Some(biases), &sum(1)),
                add::<S, TOGETHER>(None, &sum(2)),
                add::<S, TOGETHER>(None, &sum(3)),
                add::<S, TOGETHER>(None, &sum(4)),
                add::<S, TOGETHER>(None, &sum(5)),
            ];
            for index in 0..if ALL { TOGETHER } else { stem.outputs - output } {
                let to = to.add(index * rows * columns);
                let [m0, m1, m2, m3, m4, m5] = &products;
                let m = [m0[index], m1[index], m2[index], m3[index], m4[index], m5[index]];
                let tile = m.output::<STEM_TILE>();
                let tile = match fused {
                    Fused::Slope => {
                        let slope = S::constant(stem.slopes[output + index]);
                        sloped(tile, slope)
                    }
                    fused => fused.apply_all([tile], std::ptr::null())[0],
                };
                if inside == STEM_TILE {
                    for (row, value) in tile.into_iter().enumerate() {
                        value.store_anywhere(to.add(row * columns));
                    }
                } else {
                    for (row, value) in tile.into_iter().enumerate() {
                        if row < inside {
                            value.store_anywhere(to.add(row * columns));
                        }
                    }
                }
            }
        }
        column += LANES;
    }
}

/// What one product is the sum of, for some outputs.
struct From {
    inputs: *const f32,
    /// From one channel of the inputs to the next.
    channel: usize,
    /// `[channel][tap][output]`
    weights: *const f32,
    channels: usize,
}

/// One product for some outputs, added to what there is.
#[inline(always)]
unsafe fn add<S: Simd, const TOGETHER: usize>(
    there: Option<[S; TOGETHER]>,
    from: &From,
) -> [S; TOGETHER] {
    // SAFETY: the caller's promise.
    unsafe {
        let mut sums = match there {
            None => S::outputs(from.inputs, from.weights),
            Some(sums) => S::add_outputs(sums, from.inputs, from.weights),
        };
        for term in 1..from.channels * TAPS {
            let input = from.inputs.add(term / TAPS * from.channel + term % TAPS);
            sums = S::add_outputs(sums, input, from.weights.add(term * TOGETHER));
        }
        sums
    }
}

/// Negative numbers times a slope.
#[inline(always)]
unsafe fn sloped<V: Vector, const ROWS: usize>(mut tile: [V; ROWS], slope: V) -> [V; ROWS] {
    for value in &mut tile {
        // SAFETY: registers only.
        *value = unsafe { value.maximum(V::zero()).add(value.minimum(V::zero()).multiply(slope)) };
    }
    tile
}
