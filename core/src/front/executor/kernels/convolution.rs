//! Direct convolution of a band of rows.

use super::simd::Simd;
use super::store::Fused;
use super::tile::{Tile, accumulate};
use super::weights::Weights;
use crate::front::executor::block::{Block, LANES};

/// Output blocks that are computed together, at most.
pub(super) const TOGETHER: usize = 2;

/// A convolution's constants, packed for the tile kernel.
#[derive(Clone, Debug)]
pub(crate) struct Convolution {
    /// `[output block][input block][row][column][channel][16 outputs]`, group after group.
    pub(crate) weights: Weights,
    /// One block an output block: biases, then as many slopes where the store has them.
    pub(crate) biases: Vec<Block>,
    pub(crate) slopes: Vec<Block>,
    pub(crate) kernel: [usize; 2],
    pub(crate) stride: usize,
    pub(crate) dilation: usize,
    pub(crate) groups: usize,
    /// Of one group.
    pub(crate) input_blocks: usize,
    pub(crate) last_channels: usize,
    pub(crate) output_blocks: usize,
    pub(crate) fused: Fused,
}

impl Convolution {
    /// Blocks of weights that one output block takes.
    pub(crate) fn weights_per_output(&self) -> usize {
        let channels = (self.input_blocks - 1) * LANES + self.last_channels;
        self.kernel[0] * self.kernel[1] * channels
    }

    /// Blocks of scratch: for the weights of the outputs that are computed together, where they are of
    /// 8 bits.
    pub(crate) fn scratch(&self) -> usize {
        match self.weights {
            Weights::Floats(_) => 0,
            Weights::Levels { .. } => TOGETHER.min(self.output_blocks) * self.weights_per_output(),
        }
    }
}

/// A band of output rows; places and distances are in blocks of the arena.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConvolutionJob<'a> {
    pub(crate) convolution: &'a Convolution,
    /// For each output row, `kernel[0]` places: where the input row under it begins, at the pixel
    /// under the first output's first tap.
    pub(crate) inputs: &'a [usize],
    /// From one block of input channels to the next.
    pub(crate) input_plane: usize,
    /// Where each output row begins.
    pub(crate) outputs: &'a [usize],
    pub(crate) output_plane: usize,
    /// Where each row that is added begins, and its plane; none where nothing is added.
    pub(crate) skips: &'a [usize],
    pub(crate) skip_plane: usize,
    /// Pixels of an output row.
    pub(crate) columns: usize,
    /// Room for [`Convolution::scratch`] blocks.
    pub(crate) scratch: usize,
}

impl ConvolutionJob<'_> {
    /// One past the furthest block that a run touches.
    pub(crate) fn end(&self) -> usize {
        let c = self.convolution;
        let far = |places: &[usize], planes: usize, plane: usize, pixels: usize| {
            let last = places.iter().copied().max().unwrap_or(0);
            last + planes.saturating_sub(1) * plane + pixels
        };
        let under = (self.columns - 1) * c.stride + (c.kernel[1] - 1) * c.dilation + 1;
        let inputs = far(self.inputs, c.groups * c.input_blocks, self.input_plane, under);
        let planes = c.groups * c.output_blocks;
        let outputs = far(self.outputs, planes, self.output_plane, self.columns);
        let skips = far(self.skips, planes, self.skip_plane, self.columns);
        inputs.max(outputs).max(skips).max(self.scratch + c.scratch())
    }
}

/// Computes the band.
///
/// # Safety
/// `arena` is good for every block up to [`ConvolutionJob::end`], the convolution's constants are
/// as long as its fields say, outputs overlap no input, and the processor has `S`'s instructions.
#[inline(always)]
pub(super) unsafe fn convolve<S: Simd, const BLOCKS: usize, const PIXELS: usize>(
    arena: *mut f32,
    job: &ConvolutionJob<'_>,
) {
    let c = job.convolution;
    for group in 0..c.groups {
        let mut output = 0;
        while output < c.output_blocks {
            // SAFETY: the caller's promise; blocks and pixels stay below the job's counts.
            unsafe {
                // Where blocks are computed one by one there are no fewer left: one copy of the code.
                if BLOCKS == 1 || output + BLOCKS <= c.output_blocks {
                    rows::<S, BLOCKS, PIXELS>(arena, job, group, output);
                    output += BLOCKS;
                } else {
                    rows::<S, 1, PIXELS>(arena, job, group, output);
                    output += 1;
                }
            }
        }
    }
}

/// Every row of the band, for some blocks of outputs, so that their weights stay in the cache.
#[inline(always)]
unsafe fn rows<S: Simd, const BLOCKS: usize, const PIXELS: usize>(
    arena: *mut f32,
    job: &ConvolutionJob<'_>,
    group: usize,
    output: usize,
) {
    let c = job.convolution;
    let first_input = group * c.input_blocks * job.input_plane;
    let output = group * c.output_blocks + output;
    let tiles = job.columns.div_ceil(PIXELS);
    // SAFETY: the caller's promise: scratch has room for as many, and nothing else is there.
    let weights = unsafe {
        let room = std::ptr::slice_from_raw_parts_mut(
            arena.add(job.scratch * LANES).cast::<Block>(),
            if c.weights.are_levels() { BLOCKS * c.weights_per_output() } else { 0 },
        );
        c.weights.floats::<S, BLOCKS>(output, c.weights_per_output(), &mut *room)
    };
    let mut taps = [std::ptr::null(); super::LARGEST_KERNEL];
    for (row, &place) in job.outputs.iter().enumerate() {
        for tile in 0..tiles {
            // Tiles of nearly equal width: a last one of a single pixel would waste the most.
            let start = tile * job.columns / tiles;
            let pixels = (tile + 1) * job.columns / tiles - start;
            // SAFETY: the caller's promise.
            unsafe {
                for (tap, input) in
                    taps.iter_mut().zip(&job.inputs[row * c.kernel[0]..][..c.kernel[0]])
                {
                    *tap = arena.add((input + first_input + start * c.stride) * LANES).cast_const();
                }
                let shape = Tile {
                    rows: &taps[..c.kernel[0]],
                    input_block: job.input_plane * LANES,
                    pixel: c.stride * LANES,
                    taps: c.kernel[1],
                    tap: c.dilation * LANES,
                    input_blocks: c.input_blocks,
                    last_channels: c.last_channels,
                    weights: weights.as_ptr().cast(),
                    weight_block: c.weights_per_output() * LANES,
                };
                let skip = job.skips.get(row).map(|skip| {
                    arena.add((skip + output * job.skip_plane + start) * LANES).cast_const()
                });
                let target = Target {
                    output: arena.add((place + output * job.output_plane + start) * LANES),
                    output_block: job.output_plane * LANES,
                    skip,
                    skip_block: job.skip_plane * LANES,
                    biases: c.biases.as_ptr().add(output).cast(),
                    slopes: c.slopes.as_ptr().wrapping_add(output).cast(),
                    fused: c.fused,
                };
                // Each constant is a copy of the kernel; phones' library has room for one.
                match c.stride {
                    1 => super::for_pixels!(pixels, finish, S, BLOCKS, 1, (&shape, &target)),
                    #[cfg(target_arch = "x86_64")]
                    2 => super::for_pixels!(pixels, finish, S, BLOCKS, 2, (&shape, &target)),
                    #[cfg(target_arch = "x86_64")]
                    4 => super::for_pixels!(pixels, finish, S, BLOCKS, 4, (&shape, &target)),
                    _ => super::for_pixels!(pixels, finish, S, BLOCKS, 0, (&shape, &target)),
                }
            }
        }
    }
}

/// Where a tile's sums go and what is done to them. Distances are in floats.
pub(super) struct Target {
    output: *mut f32,
    output_block: usize,
    skip: Option<*const f32>,
    skip_block: usize,
    biases: *const f32,
    slopes: *const f32,
    fused: Fused,
}

#[inline(always)]
unsafe fn finish<S: Simd, const BLOCKS: usize, const PIXELS: usize, const STRIDE: usize>(
    tile: &Tile<'_>,
    target: &Target,
) {
    // SAFETY: the caller's promise.
    unsafe {
        let mut sums = [[S::zero(); PIXELS]; BLOCKS];
        for (b, sums) in sums.iter_mut().enumerate() {
            *sums = [S::load(target.biases.add(b * LANES)); PIXELS];
        }
        let sums = accumulate::<S, BLOCKS, PIXELS, STRIDE>(tile, sums);
        for (b, sums) in sums.iter().enumerate() {
            for (p, sum) in sums.iter().enumerate() {
                let mut sum = *sum;
                if let Some(skip) = target.skip {
                    sum = sum.add(S::load(skip.add(b * target.skip_block + p * LANES)));
                }
                let sum = target.fused.apply(sum, target.slopes.wrapping_add(b * LANES));
                sum.store(target.output.add(b * target.output_block + p * LANES));
            }
        }
    }
}
