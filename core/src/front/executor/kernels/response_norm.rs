//! Local response normalisation across the channels of each pixel.

use crate::front::executor::block::{Block, LANES};

/// The most channels that the kernel takes: it keeps a pixel's on the stack.
pub(crate) const MOST_CHANNELS: usize = 4096;

/// The widest window, in channels to each side.
pub(crate) const WIDEST_REACH: usize = 16;

/// ONNX's constants, alpha already divided by size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResponseNorm {
    pub(crate) reach: usize,
    pub(crate) alpha: f32,
    pub(crate) beta: f32,
    pub(crate) bias: f32,
}

/// A row; places and distances are in blocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PixelsJob {
    pub(crate) input: usize,
    pub(crate) input_plane: usize,
    pub(crate) output: usize,
    pub(crate) output_plane: usize,
    pub(crate) channels: usize,
    pub(crate) columns: usize,
}

/// Normalises one row. Written without vector types: compiled for each instruction set, its loops
/// over sixteen floats become that set's.
#[inline(always)]
pub(super) fn normalise(arena: &mut [Block], norm: &ResponseNorm, job: &PixelsJob) {
    const ROOM: usize = MOST_CHANNELS + 2 * WIDEST_REACH;
    let mut squares = [0f32; ROOM];
    let blocks = job.channels.div_ceil(LANES);
    for column in 0..job.columns {
        for block in 0..blocks {
            let value = &arena[job.input + block * job.input_plane + column].0;
            let inside = LANES.min(job.channels - block * LANES);
            let squares = &mut squares[WIDEST_REACH + block * LANES..][..LANES];
            for lane in 0..inside {
                squares[lane] = value[lane] * value[lane];
            }
        }
        for block in 0..blocks {
            let mut sums = [0f32; LANES];
            for shift in 0..=2 * norm.reach {
                let first = WIDEST_REACH + block * LANES + shift - norm.reach;
                for (sum, square) in sums.iter_mut().zip(&squares[first..][..LANES]) {
                    *sum += square;
                }
            }
            let value = arena[job.input + block * job.input_plane + column].0;
            let target = &mut arena[job.output + block * job.output_plane + column].0;
            if norm.beta == 0.75 {
                for lane in 0..LANES {
                    let root = (norm.bias + norm.alpha * sums[lane]).sqrt();
                    target[lane] = value[lane] / (root * root.sqrt());
                }
            } else {
                for lane in 0..LANES {
                    let base = norm.bias + norm.alpha * sums[lane];
                    target[lane] = value[lane] / base.powf(norm.beta);
                }
            }
        }
    }
}
