//! The one abstraction that every kernel is written over: sixteen floats, a block's channels.

use super::factors::{self, Factors};
use super::vector::Vector;
use crate::front::executor::block::LANES;

/// Sixteen floats in registers. Each instruction set brings its own; a kernel is written once.
///
/// # Safety
/// As for [`Vector`].
pub(super) trait Simd: Vector {
    /// What one register holds of the sixteen, for a computation that needs so many numbers at once
    /// that only one register of each has room.
    type Part: Vector;

    /// Tiles of a group in Winograd's kernel: whole runs of those whose sums there are registers for.
    const TILES: usize;
    /// Blocks of input channels whose filters Winograd's kernel transforms together: few enough to
    /// stay in the second cache until they are used.
    const CHUNK: usize;

    /// Lane i of result j is lane j of argument i.
    unsafe fn transpose(rows: [Self; 16]) -> [Self; 16];
    /// One float from memory in every lane.
    unsafe fn splat(from: *const f32) -> Self;

    /// `sums[block][pixel] += weights * input` over the first channels of a block of inputs.
    ///
    /// `input` is the block of the first pixel, the next pixel's lies `pixel` floats further. A
    /// channel's weights lie sixteen floats before the next channel's, and one block's
    /// `weight_block` floats before the next block's.
    #[inline(always)]
    unsafe fn add_channels<const BLOCKS: usize, const PIXELS: usize>(
        mut sums: [[Self; PIXELS]; BLOCKS],
        input: *const f32,
        pixel: usize,
        channels: usize,
        weights: *const f32,
        weight_block: usize,
    ) -> [[Self; PIXELS]; BLOCKS] {
        for channel in 0..channels {
            // SAFETY: the caller's promise.
            unsafe {
                let weights = weights.add(channel * LANES);
                let mut w = [Self::zero(); BLOCKS];
                for (b, w) in w.iter_mut().enumerate() {
                    *w = Self::load(weights.add(b * weight_block));
                }
                for p in 0..PIXELS {
                    let x = Self::splat(input.add(p * pixel + channel));
                    for b in 0..BLOCKS {
                        sums[b][p] = sums[b][p].multiply_add(w[b], x);
                    }
                }
            }
        }
        sums
    }

    /// Winograd's sums of so many tiles and output blocks, see [`factors::sum`].
    #[inline(always)]
    unsafe fn sum<const BLOCKS: usize, const TILES: usize>(
        factors: &Factors,
        to: *mut f32,
        block: usize,
    ) {
        // SAFETY: the caller's promise.
        unsafe { factors::sum::<Self, BLOCKS, TILES>(factors, to, block) }
    }

    /// Transforms filters for Winograd's kernel, where the set has a better way than the one that is
    /// written for all: whether it has.
    ///
    /// `from` is `[filter][row][column]`, `to` gets `[product][filter]`, `apart` floats from product to
    /// product.
    #[inline(always)]
    unsafe fn filters<const UNDER: usize>(
        _taps: usize,
        _from: *const f32,
        _count: usize,
        _to: *mut f32,
        _apart: usize,
    ) -> bool {
        false
    }

    /// `input * weights[output]`, for sixteen pixels at any address.
    #[inline(always)]
    unsafe fn outputs<const OUTPUTS: usize>(
        input: *const f32,
        weights: *const f32,
    ) -> [Self; OUTPUTS] {
        // SAFETY: the caller's promise.
        unsafe {
            let x = Self::load_anywhere(input);
            let mut products = [x; OUTPUTS];
            for (output, product) in products.iter_mut().enumerate() {
                *product = x.multiply(Self::splat(weights.add(output)));
            }
            products
        }
    }

    /// `sums[output] += input * weights[output]`, for sixteen pixels at any address.
    #[inline(always)]
    unsafe fn add_outputs<const OUTPUTS: usize>(
        mut sums: [Self; OUTPUTS],
        input: *const f32,
        weights: *const f32,
    ) -> [Self; OUTPUTS] {
        // SAFETY: the caller's promise.
        unsafe {
            let x = Self::load_anywhere(input);
            for (output, sum) in sums.iter_mut().enumerate() {
                *sum = sum.multiply_add(Self::splat(weights.add(output)), x);
            }
        }
        sums
    }
}
