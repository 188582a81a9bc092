//! What slides over one channel at a time: depthwise convolution and pooling.

use super::simd::Simd;
use super::store::Fused;
use crate::front::executor::block::{Block, LANES};
use crate::front::operator::Reduction;

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
    pub(crate) dilation: usize,
    pub(crate) before: usize,
    /// Pixels of an input row.
    pub(crate) input: usize,
}

impl PoolColumns {
    /// The columns under this output column, padding left out: the first, and how many.
    #[inline(always)]
    fn under(&self, column: usize) -> (usize, usize) {
        let start = column * self.stride;
        if self.dilation == 1 {
            let first = start.saturating_sub(self.before);
            let past = (start + self.kernel).saturating_sub(self.before).min(self.input);
            return (first, past.saturating_sub(first));
        }
        let skipped = self.before.saturating_sub(start).div_ceil(self.dilation);
        let first = (start + skipped * self.dilation).saturating_sub(self.before);
        let inside = self.input.saturating_sub(first).div_ceil(self.dilation);
        (first, inside.min(self.kernel.saturating_sub(skipped)))
    }
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

/// One row of a pool. A mean is of the pixels that are there; where none is, it is not a number.
///
/// # Safety
/// As for [`depthwise`].
#[inline(always)]
pub(super) unsafe fn pool<S: Simd>(
    arena: *mut f32,
    reduction: Reduction,
    window: &PoolColumns,
    job: &WindowJob<'_>,
) {
    // SAFETY: the caller's promise; the functions use registers alone.
    unsafe {
        match reduction {
            Reduction::Maximum => {
                let least = S::constant(f32::NEG_INFINITY);
                slide(arena, window, job, least, |a, b: S| a.maximum(b), |value, _| value);
            }
            Reduction::Minimum => {
                let most = S::constant(f32::INFINITY);
                slide(arena, window, job, most, |a, b: S| a.minimum(b), |value, _| value);
            }
            Reduction::Sum => {
                slide(arena, window, job, S::zero(), |a, b: S| a.add(b), |value, _| value);
            }
            Reduction::Mean => {
                let mean = |sum: S, count| sum.multiply(S::constant(1.0 / count as f32));
                slide(arena, window, job, S::zero(), |a, b: S| a.add(b), mean);
            }
        }
    }
}

/// Joins the pixels under each window, and finishes with how many they were.
#[inline(always)]
unsafe fn slide<S: Simd>(
    arena: *mut f32,
    window: &PoolColumns,
    job: &WindowJob<'_>,
    start: S,
    join: impl Fn(S, S) -> S,
    finish: impl Fn(S, usize) -> S,
) {
    for block in 0..job.blocks {
        for x in 0..job.columns {
            let (first, count) = window.under(x);
            let mut result = start;
            // SAFETY: the caller's promise; the columns lie on the row.
            unsafe {
                for place in job.inputs {
                    let row = arena.add((place + block * job.input_plane + first) * LANES);
                    for tap in 0..count {
                        result = join(result, S::load(row.add(tap * window.dilation * LANES)));
                    }
                }
                let result = finish(result, job.inputs.len() * count);
                result.store(arena.add((job.output + block * job.output_plane + x) * LANES));
            }
        }
    }
}
