//! The one small vector abstraction that every kernel is written over: sixteen floats.

use crate::front::executor::block::LANES;

/// Sixteen floats in registers. Each instruction set brings its own; a kernel is written once.
///
/// # Safety
/// Every function may only be called where the instruction set is there. Kernels are entered
/// through functions compiled for it, which [`super::Kernels`] hands out after looking at the
/// processor. Pointers must be valid for sixteen floats, aligned to 64 bytes, or for one float
/// ([`Simd::splat`]).
pub(super) trait Simd: Copy {
    unsafe fn zero() -> Self;
    unsafe fn load(from: *const f32) -> Self;
    /// As [`Simd::load`], from any address.
    unsafe fn load_anywhere(from: *const f32) -> Self;
    unsafe fn store(self, to: *mut f32);
    /// As [`Simd::store`], to any address.
    unsafe fn store_anywhere(self, to: *mut f32);
    /// Lane i of result j is lane j of argument i.
    unsafe fn transpose(rows: [Self; 16]) -> [Self; 16];
    /// One float from memory in every lane.
    unsafe fn splat(from: *const f32) -> Self;
    unsafe fn constant(value: f32) -> Self;
    /// `self + a * b`, rounded once where the hardware can.
    unsafe fn multiply_add(self, a: Self, b: Self) -> Self;
    unsafe fn add(self, other: Self) -> Self;
    unsafe fn subtract(self, other: Self) -> Self;
    unsafe fn multiply(self, other: Self) -> Self;
    unsafe fn maximum(self, other: Self) -> Self;
    unsafe fn minimum(self, other: Self) -> Self;

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
}
