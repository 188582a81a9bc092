//! The convolution kernel: some pixels of a row times some blocks of output channels, all in
//! registers.
//!
//! Sixteen output channels stand in a register. For each input channel under each tap, one weight
//! vector a block of outputs is multiplied with one input number a pixel. It needs no rearranged
//! input, works for any width, and serves 1 x 1 convolutions, strided stems and the products inside
//! Winograd's algorithm alike.

use super::simd::Simd;
use crate::front::executor::block::LANES;

/// Where one tile reads and writes. Distances are in floats.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tile<'a> {
    /// Each kernel row's first pixel under the tile's first output, in the first block of inputs.
    pub(super) rows: &'a [*const f32],
    /// From one block of input channels to the next.
    pub(super) input_block: usize,
    /// From the pixel under one output to that under the next, where [`accumulate`]'s constant does
    /// not say so.
    pub(super) pixel: usize,
    /// Kernel columns, and from one to the next.
    pub(super) taps: usize,
    pub(super) tap: usize,
    /// Blocks of input channels, and channels in the last of them.
    pub(super) input_blocks: usize,
    pub(super) last_channels: usize,
    /// Weights `[input block][kernel row][kernel column][channel][16 outputs]`, and from one block of
    /// outputs to the next.
    pub(super) weights: *const f32,
    pub(super) weight_block: usize,
}

/// `sums[block][pixel] += weights * inputs`, where `STRIDE` pixels lie between the inputs of two
/// outputs; 0 where only the tile knows.
///
/// A constant stride makes every input's address one register and a number; otherwise there are more
/// addresses than registers.
///
/// # Safety
/// Every address that `tile` describes is in bounds for `PIXELS` pixels and `BLOCKS` blocks, and
/// the processor has `S`'s instructions.
#[inline(always)]
pub(super) unsafe fn accumulate<
    S: Simd,
    const BLOCKS: usize,
    const PIXELS: usize,
    const STRIDE: usize,
>(
    tile: &Tile<'_>,
    mut sums: [[S; PIXELS]; BLOCKS],
) -> [[S; PIXELS]; BLOCKS] {
    // SAFETY: the caller's promise covers every address below.
    unsafe {
        let pixel = if STRIDE == 0 { tile.pixel } else { STRIDE * LANES };
        let mut weights = tile.weights;
        for block in 0..tile.input_blocks {
            let last = block + 1 == tile.input_blocks;
            let channels = if last { tile.last_channels } else { 16 };
            // A block that is not full has fewer weights too: `channels * 16` a tap.
            for row in tile.rows {
                let mut input = row.add(block * tile.input_block);
                for _ in 0..tile.taps {
                    // By value: through a reference the compiler wrote every sum back to memory for
                    // every channel, and VGG's first layer took twice its time.
                    sums =
                        S::add_channels(sums, input, pixel, channels, weights, tile.weight_block);
                    weights = weights.add(channels * LANES);
                    input = input.add(tile.tap);
                }
            }
        }
    }
    sums
}
