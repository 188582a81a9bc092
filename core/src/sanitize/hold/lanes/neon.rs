//! Four windows in NEON's registers.

use std::arch::aarch64::*;

use super::Lanes;

#[derive(Clone, Copy)]
pub(in super::super) struct Neon(float32x4_t);

#[inline(always)]
unsafe fn bits(lanes: float32x4_t) -> uint32x4_t {
    // SAFETY: the caller's promise.
    unsafe { vreinterpretq_u32_f32(lanes) }
}

#[inline(always)]
unsafe fn of_bits(bits: uint32x4_t) -> float32x4_t {
    // SAFETY: the caller's promise.
    unsafe { vreinterpretq_f32_u32(bits) }
}

#[inline(always)]
unsafe fn widened(samples: float32x4_t) -> [float64x2_t; 2] {
    // SAFETY: the caller's promise.
    unsafe { [vcvt_f64_f32(vget_low_f32(samples)), vcvt_high_f64_f32(samples)] }
}

/// A mask of four lanes from two of two.
#[inline(always)]
unsafe fn narrowed(low: uint64x2_t, high: uint64x2_t) -> uint32x4_t {
    // SAFETY: the caller's promise.
    unsafe { vuzp1q_u32(vreinterpretq_u32_u64(low), vreinterpretq_u32_u64(high)) }
}

#[inline(always)]
unsafe fn pair(low: float32x4_t, high: float32x4_t) -> (float64x2_t, float64x2_t) {
    // SAFETY: the caller's promise.
    unsafe { (vreinterpretq_f64_f32(low), vreinterpretq_f64_f32(high)) }
}

impl Lanes for Neon {
    const COUNT: usize = 4;

    type Wide = [float64x2_t; 2];
    type Mask = uint32x4_t;

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { vdupq_n_f32(value) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller's promise.
        unsafe { vst1q_f32(to, self.0) }
    }

    #[inline(always)]
    unsafe fn columns(from: *const f32, window: usize) -> [Self; 4] {
        // SAFETY: the caller's promise.
        unsafe {
            let rows = [
                vld1q_f32(from),
                vld1q_f32(from.add(window)),
                vld1q_f32(from.add(2 * window)),
                vld1q_f32(from.add(3 * window)),
            ];
            let even = pair(vtrn1q_f32(rows[0], rows[1]), vtrn1q_f32(rows[2], rows[3]));
            let odd = pair(vtrn2q_f32(rows[0], rows[1]), vtrn2q_f32(rows[2], rows[3]));
            [
                Self(vreinterpretq_f32_f64(vtrn1q_f64(even.0, even.1))),
                Self(vreinterpretq_f32_f64(vtrn1q_f64(odd.0, odd.1))),
                Self(vreinterpretq_f32_f64(vtrn2q_f64(even.0, even.1))),
                Self(vreinterpretq_f32_f64(vtrn2q_f64(odd.0, odd.1))),
            ]
        }
    }

    #[inline(always)]
    unsafe fn pairs(from: *const f32) -> [Self; 2] {
        // SAFETY: the caller's promise.
        unsafe {
            let float32x4x2_t(first, second) = vld2q_f32(from);
            [Self(first), Self(second)]
        }
    }

    #[inline(always)]
    unsafe fn store_pairs(pairs: [Self; 2], to: *mut f32) {
        // SAFETY: the caller's promise.
        unsafe { vst2q_f32(to, float32x4x2_t(pairs[0].0, pairs[1].0)) }
    }

    #[inline(always)]
    unsafe fn count(counts: Self, samples: Self) -> Self {
        // SAFETY: the caller's promise.
        unsafe {
            let some = vcagtq_f32(samples.0, vdupq_n_f32(0.0));
            Self(of_bits(vsubq_u32(bits(counts.0), some)))
        }
    }

    #[inline(always)]
    unsafe fn no_sums() -> Self::Wide {
        // SAFETY: the caller's promise.
        unsafe { [vdupq_n_f64(0.0); 2] }
    }

    #[inline(always)]
    unsafe fn add(sums: Self::Wide, samples: Self) -> Self::Wide {
        // SAFETY: the caller's promise.
        unsafe {
            let samples = widened(samples.0);
            [vaddq_f64(sums[0], samples[0]), vaddq_f64(sums[1], samples[1])]
        }
    }

    #[inline(always)]
    unsafe fn means(sums: Self::Wide, counts: Self) -> Self::Wide {
        // SAFETY: the caller's promise.
        unsafe {
            // A window is far shorter than the integers that an f32 holds.
            let counts = widened(vcvtq_f32_u32(bits(counts.0)));
            [vdivq_f64(sums[0], counts[0]), vdivq_f64(sums[1], counts[1])]
        }
    }

    #[inline(always)]
    unsafe fn floor(numbers: Self::Wide) -> Self {
        // SAFETY: the caller's promise.
        unsafe {
            // Rounded to odd, what is not exact is a neighbour that is not zero.
            let near = vcvtx_high_f32_f64(vcvtx_f32_f64(numbers[0]), numbers[1]);
            let back = widened(near);
            let above = narrowed(vcgtq_f64(back[0], numbers[0]), vcgtq_f64(back[1], numbers[1]));
            // One less in the order of floats is one more in a negative float's bits.
            let near = vreinterpretq_s32_f32(near);
            let step = vorrq_s32(vshrq_n_s32(near, 31), vdupq_n_s32(1));
            let step = vandq_s32(step, vreinterpretq_s32_u32(above));
            Self(vreinterpretq_f32_s32(vsubq_s32(near, step)))
        }
    }

    #[inline(always)]
    unsafe fn neighbours(samples: Self, threshold: Self, below: Self, above: Self) -> (Self, Self) {
        // SAFETY: the caller's promise.
        unsafe {
            // What is not a number is never the larger nor the smaller one.
            let samples = vorrq_u32(bits(samples.0), vceqzq_f32(samples.0));
            let under = vcleq_f32(of_bits(samples), threshold.0);
            (
                Self(vmaxnmq_f32(below.0, of_bits(vornq_u32(samples, under)))),
                Self(vminnmq_f32(above.0, of_bits(vorrq_u32(samples, under)))),
            )
        }
    }

    #[inline(always)]
    unsafe fn nearer(below: Self, numbers: Self::Wide, above: Self) -> (Self::Mask, Self::Mask) {
        // SAFETY: the caller's promise.
        unsafe {
            let (below, above) = (widened(below.0), widened(above.0));
            let under = [vsubq_f64(numbers[0], below[0]), vsubq_f64(numbers[1], below[1])];
            let over = [vsubq_f64(above[0], numbers[0]), vsubq_f64(above[1], numbers[1])];
            (
                narrowed(vcltq_f64(under[0], over[0]), vcltq_f64(under[1], over[1])),
                narrowed(vceqq_f64(under[0], over[0]), vceqq_f64(under[1], over[1])),
            )
        }
    }

    #[inline(always)]
    unsafe fn far(larger: [Self; 2], smaller: [Self; 2]) -> Self::Mask {
        // SAFETY: the caller's promise.
        unsafe {
            let larger = vmaxnmq_f32(vabsq_f32(larger[0].0), vabsq_f32(larger[1].0));
            let smaller = vminnmq_f32(vabsq_f32(smaller[0].0), vabsq_f32(smaller[1].0));
            vcgtq_f32(vmulq_n_f32(larger, super::FAR), smaller)
        }
    }

    #[inline(always)]
    unsafe fn equal(self, other: Self) -> Self::Mask {
        // SAFETY: the caller's promise.
        unsafe { vceqq_f32(self.0, other.0) }
    }

    #[inline(always)]
    unsafe fn none(counts: Self) -> Self::Mask {
        // SAFETY: the caller's promise.
        unsafe { vceqzq_u32(bits(counts.0)) }
    }

    #[inline(always)]
    unsafe fn signs(self) -> Self::Mask {
        // SAFETY: the caller's promise.
        unsafe { vcltzq_s32(vreinterpretq_s32_f32(self.0)) }
    }

    #[inline(always)]
    unsafe fn bits_of_both(self, other: Self) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { of_bits(vorrq_u32(bits(self.0), bits(other.0))) })
    }

    #[inline(always)]
    unsafe fn select(mask: Self::Mask, one: Self, other: Self) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { vbslq_f32(mask, one.0, other.0) })
    }

    #[inline(always)]
    unsafe fn and(a: Self::Mask, b: Self::Mask) -> Self::Mask {
        // SAFETY: the caller's promise.
        unsafe { vandq_u32(a, b) }
    }

    #[inline(always)]
    unsafe fn or(a: Self::Mask, b: Self::Mask) -> Self::Mask {
        // SAFETY: the caller's promise.
        unsafe { vorrq_u32(a, b) }
    }

    #[inline(always)]
    unsafe fn without(a: Self::Mask, b: Self::Mask) -> Self::Mask {
        // SAFETY: the caller's promise.
        unsafe { vbicq_u32(a, b) }
    }

    #[inline(always)]
    unsafe fn any(mask: Self::Mask) -> bool {
        // SAFETY: the caller's promise.
        unsafe { vmaxvq_u32(mask) != 0 }
    }

    #[inline(always)]
    unsafe fn fill(value: *const f32, to: *mut f32, count: usize) {
        // SAFETY: the caller's promise.
        unsafe {
            let value = vld1q_dup_f32(value);
            if count < 4 {
                return vst1q_f32(to, value);
            }
            let mut at = 0;
            while at + 4 <= count {
                vst1q_f32(to.add(at), value);
                at += 4;
            }
            // The last register's worth may overlap the one before.
            vst1q_f32(to.add(count - 4), value);
        }
    }
}
