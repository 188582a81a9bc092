//! Sixteen floats in four NEON registers.

use std::arch::aarch64::*;

use super::simd::Simd;

#[derive(Clone, Copy)]
pub(super) struct Neon([float32x4_t; 4]);

impl Simd for Neon {
    #[inline(always)]
    unsafe fn zero() -> Self {
        // SAFETY: the caller runs where this instruction set is there.
        unsafe { Self([vdupq_n_f32(0.0); 4]) }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: as above, and the pointer is good for what the trait says.
        unsafe {
            Self([
                vld1q_f32(from),
                vld1q_f32(from.add(4)),
                vld1q_f32(from.add(8)),
                vld1q_f32(from.add(12)),
            ])
        }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: as above, and the pointer is good for what the trait says.
        unsafe {
            vst1q_f32(to, self.0[0]);
            vst1q_f32(to.add(4), self.0[1]);
            vst1q_f32(to.add(8), self.0[2]);
            vst1q_f32(to.add(12), self.0[3]);
        }
    }

    #[inline(always)]
    unsafe fn store_anywhere(self, to: *mut f32) {
        // SAFETY: as above; NEON's stores take any address.
        unsafe { self.store(to) }
    }

    #[inline(always)]
    unsafe fn splat(from: *const f32) -> Self {
        // SAFETY: as above, and the pointer is good for what the trait says.
        unsafe { Self([vld1q_dup_f32(from); 4]) }
    }

    #[inline(always)]
    unsafe fn constant(value: f32) -> Self {
        // SAFETY: the caller runs where this instruction set is there.
        unsafe { Self([vdupq_n_f32(value); 4]) }
    }

    #[inline(always)]
    unsafe fn multiply_add(self, a: Self, b: Self) -> Self {
        // SAFETY: the caller runs where this instruction set is there.
        unsafe {
            Self([
                vfmaq_f32(self.0[0], a.0[0], b.0[0]),
                vfmaq_f32(self.0[1], a.0[1], b.0[1]),
                vfmaq_f32(self.0[2], a.0[2], b.0[2]),
                vfmaq_f32(self.0[3], a.0[3], b.0[3]),
            ])
        }
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        // SAFETY: the caller runs where this instruction set is there.
        unsafe {
            Self([
                vaddq_f32(self.0[0], other.0[0]),
                vaddq_f32(self.0[1], other.0[1]),
                vaddq_f32(self.0[2], other.0[2]),
                vaddq_f32(self.0[3], other.0[3]),
            ])
        }
    }

    #[inline(always)]
    unsafe fn subtract(self, other: Self) -> Self {
        // SAFETY: the caller runs where this instruction set is there.
        unsafe {
            Self([
                vsubq_f32(self.0[0], other.0[0]),
                vsubq_f32(self.0[1], other.0[1]),
                vsubq_f32(self.0[2], other.0[2]),
                vsubq_f32(self.0[3], other.0[3]),
            ])
        }
    }

    #[inline(always)]
    unsafe fn multiply(self, other: Self) -> Self {
        // SAFETY: the caller runs where this instruction set is there.
        unsafe {
            Self([
                vmulq_f32(self.0[0], other.0[0]),
                vmulq_f32(self.0[1], other.0[1]),
                vmulq_f32(self.0[2], other.0[2]),
                vmulq_f32(self.0[3], other.0[3]),
            ])
        }
    }

    #[inline(always)]
    unsafe fn maximum(self, other: Self) -> Self {
        // SAFETY: the caller runs where this instruction set is there.
        unsafe {
            Self([
                vmaxq_f32(self.0[0], other.0[0]),
                vmaxq_f32(self.0[1], other.0[1]),
                vmaxq_f32(self.0[2], other.0[2]),
                vmaxq_f32(self.0[3], other.0[3]),
            ])
        }
    }

    #[inline(always)]
    unsafe fn minimum(self, other: Self) -> Self {
        // SAFETY: the caller runs where this instruction set is there.
        unsafe {
            Self([
                vminq_f32(self.0[0], other.0[0]),
                vminq_f32(self.0[1], other.0[1]),
                vminq_f32(self.0[2], other.0[2]),
                vminq_f32(self.0[3], other.0[3]),
            ])
        }
    }
}
