//! What each number needs only the same number of other maps for: scale and offset, and two maps
//! combined.
//!
//! Written without vector types: compiled for each instruction set, the loops over sixteen floats
//! become that set's.

use super::response_norm::PixelsJob;
use super::store::Fused;
use crate::front::executor::block::{Block, LANES};
use crate::front::operator::Arithmetic;

/// `x * scale + offset` of each channel, then an activation.
#[derive(Clone, Debug)]
pub(crate) struct Affine {
    pub(crate) scale: Vec<Block>,
    pub(crate) offset: Vec<Block>,
    pub(crate) slopes: Vec<Block>,
    pub(crate) fused: Fused,
}

/// Two maps, number by number, then an activation.
#[derive(Clone, Debug)]
pub(crate) struct Combine {
    pub(crate) arithmetic: Arithmetic,
    pub(crate) slopes: Vec<Block>,
    pub(crate) fused: Fused,
}

/// One row; places and distances are in blocks of the arena.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CombineJob {
    pub(crate) inputs: [usize; 2],
    pub(crate) input_planes: [usize; 2],
    /// From one pixel to the next: 0 where one stands for all.
    pub(crate) input_steps: [usize; 2],
    pub(crate) output: usize,
    pub(crate) output_plane: usize,
    pub(crate) blocks: usize,
    pub(crate) columns: usize,
}

/// One row of scale and offset.
#[inline(always)]
pub(super) fn affine(arena: &mut [Block], affine: &Affine, job: &PixelsJob) {
    for block in 0..job.channels.div_ceil(LANES) {
        let (scale, offset) = (&affine.scale[block].0, &affine.offset[block].0);
        let slopes = affine.slopes.get(block);
        let (from, to) =
            (job.input + block * job.input_plane, job.output + block * job.output_plane);
        for column in 0..job.columns {
            let x = arena[from + column].0;
            let made = std::array::from_fn(|i| x[i] * scale[i] + offset[i]);
            arena[to + column] = Block(finish(affine.fused, slopes, made));
        }
    }
}

/// One row of two maps.
#[inline(always)]
pub(super) fn combine(arena: &mut [Block], combine: &Combine, job: &CombineJob) {
    match combine.arithmetic {
        Arithmetic::Add => each_pair(arena, combine, job, |a, b| a + b),
        Arithmetic::Subtract => each_pair(arena, combine, job, |a, b| a - b),
        Arithmetic::Multiply => each_pair(arena, combine, job, |a, b| a * b),
        Arithmetic::Divide => each_pair(arena, combine, job, |a, b| a / b),
        Arithmetic::Maximum => each_pair(arena, combine, job, f32::max),
        Arithmetic::Minimum => each_pair(arena, combine, job, f32::min),
    }
}

#[inline(always)]
fn each_pair(
    arena: &mut [Block],
    combine: &Combine,
    job: &CombineJob,
    join: impl Fn(f32, f32) -> f32,
) {
    for block in 0..job.blocks {
        let slopes = combine.slopes.get(block);
        let [a, b] = [0, 1].map(|i| job.inputs[i] + block * job.input_planes[i]);
        let to = job.output + block * job.output_plane;
        for column in 0..job.columns {
            let x = arena[a + column * job.input_steps[0]].0;
            let y = arena[b + column * job.input_steps[1]].0;
            let made = std::array::from_fn(|i| join(x[i], y[i]));
            arena[to + column] = Block(finish(combine.fused, slopes, made));
        }
    }
}

/// The activation of sixteen channels.
#[inline(always)]
fn finish(fused: Fused, slopes: Option<&Block>, made: [f32; LANES]) -> [f32; LANES] {
    match (fused, slopes) {
        (Fused::AtLeast(low), _) => made.map(|value| value.max(low)),
        (Fused::Clip { low, high }, _) => made.map(|value| value.max(low).min(high)),
        (Fused::Slope, Some(Block(slopes))) => {
            std::array::from_fn(|i| made[i].max(0.0) + made[i].min(0.0) * slopes[i])
        }
        (Fused::None | Fused::Slope, _) => made,
    }
}
