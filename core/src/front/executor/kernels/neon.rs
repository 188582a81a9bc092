//! Sixteen floats in four NEON registers.

use std::arch::aarch64::*;

use super::factors::{self, Factors};
use super::simd::Simd;
use super::vector::{Several, Vector};
use super::{neon_filter, neon_sum};
use crate::front::executor::block::LANES;

/// Four floats.
#[derive(Clone, Copy)]
pub(super) struct Quarter(float32x4_t);

pub(super) type Neon = Several<Quarter, 4>;

impl Vector for Quarter {
    const WIDTH: usize = 4;

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: as above, and the pointer is good for what the trait says.
        Self(unsafe { vld1q_f32(from) })
    }

    #[inline(always)]
    unsafe fn load_anywhere(from: *const f32) -> Self {
        // SAFETY: as above, and the pointer is good for what the trait says.
        Self(unsafe { vld1q_f32(from) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: as above, and the pointer is good for what the trait says.
        unsafe { vst1q_f32(to, self.0) }
    }

    #[inline(always)]
    unsafe fn store_anywhere(self, to: *mut f32) {
        // SAFETY: as above, and the pointer is good for what the trait says.
        unsafe { vst1q_f32(to, self.0) }
    }

    #[inline(always)]
    unsafe fn levels(from: *const u8) -> Self {
        // SAFETY: the pointer is good for four numbers, and the instruction set is there.
        unsafe {
            let bytes = from.cast::<u32>().read_unaligned();
            let words = vmovl_u8(vcreate_u8(u64::from(bytes)));
            Self(vcvtq_f32_u32(vmovl_u16(vget_low_u16(words))))
        }
    }

    #[inline(always)]
    unsafe fn constant(value: f32) -> Self {
        // SAFETY: the caller runs where this instruction set is there.
        Self(unsafe { vdupq_n_f32(value) })
    }

    #[inline(always)]
    unsafe fn multiply_add(self, a: Self, b: Self) -> Self {
        // SAFETY: the caller runs where this instruction set is there.
        Self(unsafe { vfmaq_f32(self.0, a.0, b.0) })
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        // SAFETY: the caller runs where this instruction set is there.
        Self(unsafe { vaddq_f32(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn subtract(self, other: Self) -> Self {
        // SAFETY: the caller runs where this instruction set is there.
        Self(unsafe { vsubq_f32(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn multiply(self, other: Self) -> Self {
        // SAFETY: the caller runs where this instruction set is there.
        Self(unsafe { vmulq_f32(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn maximum(self, other: Self) -> Self {
        // SAFETY: the caller runs where this instruction set is there.
        Self(unsafe { vmaxq_f32(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn minimum(self, other: Self) -> Self {
        // SAFETY: the caller runs where this instruction set is there.
        Self(unsafe { vminq_f32(self.0, other.0) })
    }
}

impl Simd for Neon {
    type Part = Quarter;

    const TILES: usize = 10;
    const CHUNK: usize = 4;

    /// By squares of four times four, each of which changes its place with its mirror image.
    #[inline(always)]
    unsafe fn transpose(rows: [Self; 16]) -> [Self; 16] {
        let mut columns = rows;
        for down in 0..4 {
            for across in 0..4 {
                let row = |i: usize| rows[4 * down + i].0[across].0;
                // SAFETY: registers only.
                let square = unsafe { transpose_square([row(0), row(1), row(2), row(3)]) };
                for (i, column) in square.into_iter().enumerate() {
                    columns[4 * across + i].0[down] = Quarter(column);
                }
            }
        }
        columns
    }

    #[inline(always)]
    unsafe fn splat(from: *const f32) -> Self {
        // SAFETY: as above, and the pointer is good for what the trait says.
        Self([Quarter(unsafe { vld1q_dup_f32(from) }); 4])
    }

    /// The multiply-add takes a number from a lane of a register: one load brings four channels of
    /// a pixel, and nothing is copied into every lane first.
    #[inline(always)]
    unsafe fn add_channels<const BLOCKS: usize, const PIXELS: usize>(
        mut sums: [[Self; PIXELS]; BLOCKS],
        input: *const f32,
        pixel: usize,
        channels: usize,
        weights: *const f32,
        weight_block: usize,
    ) -> [[Self; PIXELS]; BLOCKS] {
        // SAFETY: the caller's promise; a block has room for four channels where it has fewer.
        unsafe {
            let mut channel = 0;
            while channel + 4 <= channels {
                let x = four_channels(input.add(channel), pixel);
                let w = weights.add(channel * LANES);
                sums = add_lane::<0, BLOCKS, PIXELS>(sums, x, w, weight_block);
                sums = add_lane::<1, BLOCKS, PIXELS>(sums, x, w.add(LANES), weight_block);
                sums = add_lane::<2, BLOCKS, PIXELS>(sums, x, w.add(2 * LANES), weight_block);
                sums = add_lane::<3, BLOCKS, PIXELS>(sums, x, w.add(3 * LANES), weight_block);
                channel += 4;
            }
            if channel == channels {
                return sums;
            }
            let x = four_channels(input.add(channel), pixel);
            let w = weights.add(channel * LANES);
            sums = add_lane::<0, BLOCKS, PIXELS>(sums, x, w, weight_block);
            if channel + 1 < channels {
                sums = add_lane::<1, BLOCKS, PIXELS>(sums, x, w.add(LANES), weight_block);
            }
            if channel + 2 < channels {
                sums = add_lane::<2, BLOCKS, PIXELS>(sums, x, w.add(2 * LANES), weight_block);
            }
            sums
        }
    }

    /// By loads of four registers, see [`neon_sum`].
    #[inline(always)]
    unsafe fn sum<const BLOCKS: usize, const TILES: usize>(
        factors: &Factors,
        to: *mut f32,
        block: usize,
    ) {
        // SAFETY: the caller's promise.
        unsafe {
            match (BLOCKS, TILES) {
                (1, 1) => neon_sum::of_one(factors, to),
                (1, 2) => neon_sum::of_two(factors, to),
                (1, 3) => neon_sum::of_three(factors, to),
                (1, 4) => neon_sum::of_four(factors, to),
                (1, 5) => neon_sum::of_five(factors, to),
                _ => factors::sum::<Self, BLOCKS, TILES>(factors, to, block),
            }
        }
    }

    /// Three taps', see [`neon_filter`].
    #[inline(always)]
    unsafe fn filters<const UNDER: usize>(
        taps: usize,
        from: *const f32,
        count: usize,
        to: *mut f32,
        apart: usize,
    ) -> bool {
        // SAFETY: the caller's promise.
        unsafe {
            match (UNDER, taps) {
                (6, 3) => neon_filter::of_six(from, count, to, apart),
                (8, 3) => neon_filter::of_eight(from, count, to, apart),
                _ => return false,
            }
        }
        true
    }

    /// Weights are taken from lanes, four outputs' at a time.
    #[inline(always)]
    unsafe fn outputs<const OUTPUTS: usize>(
        input: *const f32,
        weights: *const f32,
    ) -> [Self; OUTPUTS] {
        const { assert!(OUTPUTS == 4, "a register of weights") };
        // SAFETY: the caller's promise.
        unsafe {
            let w = vld1q_f32(weights);
            let mut products = [Self::zero(); OUTPUTS];
            for quarter in 0..4 {
                let x = vld1q_f32(input.add(4 * quarter));
                products[0].0[quarter] = Quarter(vmulq_laneq_f32::<0>(x, w));
                products[1].0[quarter] = Quarter(vmulq_laneq_f32::<1>(x, w));
                products[2].0[quarter] = Quarter(vmulq_laneq_f32::<2>(x, w));
                products[3].0[quarter] = Quarter(vmulq_laneq_f32::<3>(x, w));
            }
            products
        }
    }

    /// As [`Simd::outputs`].
    #[inline(always)]
    unsafe fn add_outputs<const OUTPUTS: usize>(
        mut sums: [Self; OUTPUTS],
        input: *const f32,
        weights: *const f32,
    ) -> [Self; OUTPUTS] {
        const { assert!(OUTPUTS == 4, "a register of weights") };
        // SAFETY: the caller's promise.
        unsafe {
            let w = vld1q_f32(weights);
            for quarter in 0..4 {
                let x = vld1q_f32(input.add(4 * quarter));
                let sum = |output: usize| sums[output].0[quarter].0;
                let [one, two, three, four] = [sum(0), sum(1), sum(2), sum(3)];
                sums[0].0[quarter].0 = vfmaq_laneq_f32::<0>(one, x, w);
                sums[1].0[quarter].0 = vfmaq_laneq_f32::<1>(two, x, w);
                sums[2].0[quarter].0 = vfmaq_laneq_f32::<2>(three, x, w);
                sums[3].0[quarter].0 = vfmaq_laneq_f32::<3>(four, x, w);
            }
        }
        sums
    }
}

/// Four channels of every pixel.
#[inline(always)]
unsafe fn four_channels<const PIXELS: usize>(
    input: *const f32,
    pixel: usize,
) -> [float32x4_t; PIXELS] {
    // SAFETY: the caller's promise.
    unsafe {
        let mut x = [vdupq_n_f32(0.0); PIXELS];
        for (p, x) in x.iter_mut().enumerate() {
            *x = vld1q_f32(input.add(p * pixel));
        }
        x
    }
}

/// By pairs, then whole halves of registers.
#[inline(always)]
unsafe fn transpose_square(rows: [float32x4_t; 4]) -> [float32x4_t; 4] {
    // SAFETY: registers only.
    unsafe {
        let even = |a, b| vreinterpretq_f64_f32(vtrn1q_f32(a, b));
        let odd = |a, b| vreinterpretq_f64_f32(vtrn2q_f32(a, b));
        let [first, second, third, fourth] = rows;
        let (low, high) = (even(first, second), even(third, fourth));
        let (low_odd, high_odd) = (odd(first, second), odd(third, fourth));
        [
            vreinterpretq_f32_f64(vzip1q_f64(low, high)),
            vreinterpretq_f32_f64(vzip1q_f64(low_odd, high_odd)),
            vreinterpretq_f32_f64(vzip2q_f64(low, high)),
            vreinterpretq_f32_f64(vzip2q_f64(low_odd, high_odd)),
        ]
    }
}

/// The channel that lies in this lane of every pixel's register.
///
/// Quarter by quarter: the sums of six pixels, their inputs and two quarters of weights are the
/// thirty-two registers there are. Five pixels took up to 6 % more instructions.
#[inline(always)]
unsafe fn add_lane<const LANE: i32, const BLOCKS: usize, const PIXELS: usize>(
    mut sums: [[Neon; PIXELS]; BLOCKS],
    x: [float32x4_t; PIXELS],
    weights: *const f32,
    weight_block: usize,
) -> [[Neon; PIXELS]; BLOCKS] {
    for b in 0..BLOCKS {
        for quarter in 0..4 {
            // SAFETY: the caller's promise.
            unsafe {
                let w = vld1q_f32(weights.add(b * weight_block + 4 * quarter));
                for p in 0..PIXELS {
                    let sum = &mut sums[b][p].0[quarter].0;
                    *sum = vfmaq_laneq_f32::<LANE>(*sum, w, x[p]);
                }
            }
        }
    }
    sums
}
