//! Softmax across the channels of each pixel.

use super::function::exp;
use super::response_norm::PixelsJob;
use crate::front::executor::block::{Block, LANES};

/// One row; its logarithm where `logarithm` is set. Written without vector types, as
/// [`super::function`].
#[inline(always)]
pub(super) fn softmax(arena: &mut [Block], logarithm: bool, job: &PixelsJob) {
    let blocks = job.channels.div_ceil(LANES);
    // Lanes of the last block beyond the channels stay out of every sum.
    let inside = |block: usize| LANES.min(job.channels - block * LANES);
    for column in 0..job.columns {
        let from = |block: usize| job.input + block * job.input_plane + column;
        let to = |block: usize| job.output + block * job.output_plane + column;
        // The largest is taken off first, so that nothing overflows.
        let mut largest = [f32::NEG_INFINITY; LANES];
        for block in 0..blocks {
            let values = &arena[from(block)].0[..inside(block)];
            largest
                .iter_mut()
                .zip(values)
                .for_each(|(largest, value)| *largest = largest.max(*value));
        }
        let largest = largest.into_iter().fold(f32::NEG_INFINITY, f32::max);
        let mut sums = [0f32; LANES];
        for block in 0..blocks {
            let shifted = arena[from(block)].0.map(|value| value - largest);
            let grown = shifted.map(exp);
            sums.iter_mut().zip(&grown[..inside(block)]).for_each(|(sum, grown)| *sum += grown);
            arena[to(block)].0 = if logarithm { shifted } else { grown };
        }
        let sum: f32 = sums.iter().sum();
        let (scale, offset) = if logarithm { (1.0, -sum.ln()) } else { (1.0 / sum, 0.0) };
        for block in 0..blocks {
            arena[to(block)].0.iter_mut().for_each(|value| *value = *value * scale + offset);
        }
    }
}
