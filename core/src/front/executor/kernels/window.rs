//! What slides over one channel at a time: depthwise convolution and pooling.

use super::simd::Simd;
use super::store::Fused;
use crate::front::executor::block::{Block, LANES};

/// A depthwise convolution's constants.
#[derive(Clone, Debug)]
pub(crate) struct Depthwise {
    /// `[block][row][column]`.
    pub(crate) weights: Vec<Block>,
    pub(crate) biases: Vec<Block>,
    pub(crate) slopes: Vec<Block>,
    pub(crate) kernel: [usize; 2],
    pub(crate) stride: usize,
    pub(crate) dilation: usize,
    pub(crate) fused: Fused,
}

/// How a pool makes one number of many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pooling {
    Maximum,
    /// Padding is not counted.
    Mean,
}

/// One output row; places and distances are in blocks of the arena.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WindowJob<'a> {
    /// Where each input row under the output row begins, at its first pixel (pooling: rows on the
    /// map only) or at the pixel under the first tap (depthwise).
    pub(crate) inputs: &'a [usize],
    pub(crate) input_plane: usize,
    pub(crate) output: usize,
    pub(crate) output_plane: usize,
    pub(crate) blocks: usize,
    pub(crate) columns: usize,
}

/// A pool's window along columns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PoolColumns {
    pub(crate) kernel: usize,
    pub(crate) stride: usize,
    pub(crate) before: usize,
    /// Pixels of an input row.
    pub(crate) input: usize,
}

impl WindowJob<'_> {
    /// One past the furthest block, where an output row reaches over so many input pixels.
    pub(crate) fn end(&self, under: usize) -> usize {
        let planes = self.blocks - 1;
        let input = self.inputs.iter().copied().max().unwrap_or(0);
        let input = input + planes * self.input_plane + under;
        input.max(self.output + planes * self.output_plane + self.columns)
    }
}

/// One row of a depthwise convolution.
///
/// # Safety
/// `arena` is good up to the job's end, constants are as long as their fields say, the output
/// overlaps no input, and the processor has `S`'s instructions.
#[inline(always)]
pub(super) unsafe fn depthwise<S: Simd>(arena: *mut f32, d: &Depthwise, job: &WindowJob<'_>) {
    const PIXELS: usize = 4;
    let taps = d.kernel[0] * d.kernel[1];
    for block in 0..job.blocks {
        let mut start = 0;
        while start < job.columns {
            // The last run steps back over pixels that are done rather than be narrower.
            let pixels = PIXELS.min(job.columns);
            start = start.min(job.columns - pixels);
            // SAFETY: the caller's promise.
            unsafe {
                let slopes = d.slopes.as_ptr().wrapping_add(block).cast();
                let mut sums = [S::load(d.biases.as_ptr().add(block).cast()); PIXELS];
                for (row, place) in job.inputs.iter().enumerate() {
                    for tap in 0..d.kernel[1] {
                        let weight = block * taps + row * d.kernel[1] + tap;
                        let w = S::load(d.weights.as_ptr().add(weight).cast());
                        let at =
                            place + block * job.input_plane + start * d.stride + tap * d.dilation;
                        for (p, sum) in sums.iter_mut().enumerate().take(pixels) {
                            let x = S::load(arena.add((at + p * d.stride) * LANES));
                            *sum = sum.multiply_add(w, x);
                        }
                    }
                }
                let to = arena.add((job.output + block * job.output_plane + start) * LANES);
                for (p, sum) in sums.into_iter().enumerate().take(pixels) {
                    d.fused.apply(sum, slopes).store(to.add(p * LANES));
                }
            }
            start += pixels;
        }
    }
}

/// One row of a pool.
///
/// # Safety
/// As for [`depthwise`].
#[inline(always)]
pub(super) unsafe fn pool<S: Simd>(
    arena: *mut f32,
    pooling: Pooling,
    window: &PoolColumns,
    job: &WindowJob<'_>,
) {
    for block in 0..job.blocks {
        for x in 0..job.columns {
            let first = (x * window.stride).saturating_sub(window.before);
            let past = (x * window.stride + window.kernel - window.before).min(window.input);
            // SAFETY: the caller's promise; `first..past` lies on the row.
            unsafe {
                let at = |place: usize, column: usize| {
                    S::load(arena.add((place + block * job.input_plane + column) * LANES))
                };
                let mut result = at(job.inputs[0], first);
                for (row, place) in job.inputs.iter().enumerate() {
                    for column in first + usize::from(row == 0)..past {
                        let value = at(*place, column);
                        result = match pooling {
                            Pooling::Maximum => result.maximum(value),
                            Pooling::Mean => result.add(value),
                        };
                    }
                }
                if pooling == Pooling::Mean {
                    let count = (job.inputs.len() * (past - first)) as f32;
                    result = result.multiply(S::constant(1.0 / count));
                }
                result.store(arena.add((job.output + block * job.output_plane + x) * LANES));
            }
        }
    }
}
