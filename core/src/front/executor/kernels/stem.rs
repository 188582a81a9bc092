//! A front of one 3 x 3 convolution over colours, from the caller's planes to the caller's planes.
//!
//! Such a front is as much copying as arithmetic, so nothing is rearranged: sixteen pixels of a row
//! stand in a register, and Winograd's algorithm runs along columns only, F(4, 3), which halves the
//! products and rounds over tiles of four rows.

use std::ops::Range;

use super::simd::Simd;
use super::store::Fused;
use super::winograd::{UNDER, tile_of, transform};
use crate::front::executor::block::LANES;

const TAPS: usize = 3;

/// Rows of a tile.
pub(crate) const STEM_TILE: usize = tile_of(TAPS);

/// A stem's constants.
#[derive(Clone, Debug)]
pub(crate) struct Stem {
    /// Transformed along columns: `[output][product][channel][tap]`.
    weights: Vec<f32>,
    biases: Vec<f32>,
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
    /// From weights `[output][channel][row][column]`.
    pub(crate) fn new(
        weights: &[f32],
        biases: &[f32],
        slopes: &[f32],
        fused: Fused,
        before: [usize; 2],
    ) -> Self {
        let channels = weights.len() / (biases.len() * TAPS * TAPS);
        let mut transformed = Vec::with_capacity(biases.len() * channels * UNDER * TAPS);
        for filter in weights.chunks_exact(channels * TAPS * TAPS) {
            for product in 0..UNDER {
                for (channel, tap) in (0..channels).flat_map(|c| (0..TAPS).map(move |t| (c, t))) {
                    let taps = [0, 1, 2].map(|row| filter[(channel * TAPS + row) * TAPS + tap]);
                    transformed.push(transform::number(taps, product));
                }
            }
        }
        let (biases, slopes) = (biases.to_vec(), slopes.to_vec());
        Self { weights: transformed, biases, slopes, fused, channels, before }
    }

    /// Numbers of one output's weights.
    fn filter(&self) -> usize {
        UNDER * self.channels * TAPS
    }

    pub(crate) fn outputs(&self) -> usize {
        self.biases.len()
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
    pub(super) fn is_whole(&self) -> bool {
        let slopes = if self.fused == Fused::Slope { self.outputs() } else { 0 };
        self.weights.len() == self.outputs() * self.filter() && self.slopes.len() >= slopes
    }
}

/// Blocks that the inputs under a row of so many outputs take, and what a last load reads beyond.
fn blocks_of_row(columns: usize) -> usize {
    (columns + TAPS - 1).div_ceil(LANES)
}

impl StemJob<'_> {
    /// Whether all extents fit, in an arena of so many blocks.
    pub(super) fn is_whole(&self, arena: usize) -> bool {
        let [rows, columns] = self.output;
        self.stem.is_whole()
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
            let mut output = 0;
            while output < outputs {
                if output + TOGETHER <= outputs {
                    planes::<S, TOGETHER>(job, first, inputs, output, out);
                    output += TOGETHER;
                } else {
                    planes::<S, 1>(job, first, inputs, output, out);
                    output += 1;
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
                std::ptr::write_bytes(to, 0, row_len);
                let row = (first + under).wrapping_sub(above);
                if row < rows && left < row_len {
                    let from = &job.planes[(channel * rows + row) * columns..][..columns];
                    let inside = columns.min(row_len - left);
                    std::ptr::copy_nonoverlapping(from.as_ptr(), to.add(left), inside);
                }
            }
            for column in (0..row_len).step_by(LANES) {
                let mut d = [S::zero(); UNDER];
                for (under, d) in d.iter_mut().enumerate() {
                    *d = S::load(to.add(under * row_len + column));
                }
                for (product, value) in transform::input(d).into_iter().enumerate() {
                    value.store(to.add(product * row_len + column));
                }
            }
        }
    }
}

/// A tile of some outputs, pixels from first to last.
#[inline(always)]
unsafe fn planes<S: Simd, const TOGETHER: usize>(
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
    let mut column = 0;
    while column < columns {
        // The last sixteen pixels step back over some that are done.
        column = column.min(columns - LANES);
        // SAFETY: the caller's promise.
        unsafe {
            let mut products = [[S::zero(); UNDER]; TOGETHER];
            let mut weights = stem.weights.as_ptr().add(output * stem.filter());
            for product in 0..UNDER {
                let mut sums = [S::zero(); TOGETHER];
                for channel in 0..stem.channels {
                    let input = inputs.add((channel * UNDER + product) * row_len + column);
                    for tap in 0..TAPS {
                        let x = S::load_anywhere(input.add(tap));
                        for (index, sum) in sums.iter_mut().enumerate() {
                            let weight = S::splat(weights.add(index * stem.filter()));
                            *sum = sum.multiply_add(weight, x);
                        }
                        weights = weights.add(1);
                    }
                }
                for (products, sum) in products.iter_mut().zip(sums) {
                    products[product] = sum;
                }
            }
            for (index, products) in products.into_iter().enumerate() {
                let plane = output + index;
                let bias = S::constant(stem.biases[plane]);
                let to = out.add((plane * rows + first) * columns + column);
                let tile = transform::output::<S, STEM_TILE>(products);
                for (row, sum) in tile.into_iter().enumerate() {
                    if row < inside {
                        let sum = sum.add(bias);
                        let value = match stem.fused {
                            Fused::None => sum,
                            Fused::Clip { low, high } => {
                                sum.maximum(S::constant(low)).minimum(S::constant(high))
                            }
                            Fused::Slope => {
                                let slope = S::constant(stem.slopes[plane]);
                                sum.maximum(S::zero()).add(sum.minimum(S::zero()).multiply(slope))
                            }
                        };
                        value.store_anywhere(to.add(row * columns));
                    }
                }
            }
        }
        column += LANES;
    }
}
