//! Windows of two and of three samples, which need no mean.

use std::arch::aarch64::*;

use super::LANES;

/// How far apart exponents may lie, as the bits of a float without its sign: up to this no rounding
/// in `f64` makes two distances equal that are not.
const NEAR: u32 = 20 << 24;

/// Magnitudes as integers, in the same order.
#[inline(always)]
unsafe fn order(samples: float32x4_t) -> uint32x4_t {
    // SAFETY: every such processor has these instructions.
    unsafe { vshlq_n_u32(vreinterpretq_u32_f32(samples), 1) }
}

/// Windows of two samples that are worked on at a time.
pub(super) const TWOS: usize = 2 * LANES;

/// Replaces windows of two samples, [`TWOS`] of them, unless one is in doubt: whether it did.
///
/// Two samples that are not zero are as far from their mean, and the first is meant.
///
/// # Safety
/// At the address there are so many windows.
#[inline(always)]
pub(super) unsafe fn two(block: *mut f32) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        let one = Two::read(block);
        let other = Two::read(block.add(2 * LANES));
        if vmaxvq_u32(vmaxq_u32(one.apart, other.apart)) > NEAR {
            return false;
        }
        one.write(block);
        other.write(block.add(2 * LANES));
        true
    }
}

/// Four windows of two samples.
struct Two {
    samples: float32x4x2_t,
    zeros: [uint32x4_t; 2],
    /// How far apart exponents lie, where both samples count.
    apart: uint32x4_t,
}

impl Two {
    #[inline(always)]
    unsafe fn read(from: *const f32) -> Self {
        // SAFETY: the caller's promise.
        unsafe {
            let samples = vld2q_f32(from);
            let zeros = [vceqzq_f32(samples.0), vceqzq_f32(samples.1)];
            let apart = vabdq_u32(order(samples.0), order(samples.1));
            Self { samples, zeros, apart: vbicq_u32(apart, vorrq_u32(zeros[0], zeros[1])) }
        }
    }

    /// Two zeros stay, whatever their signs.
    #[inline(always)]
    unsafe fn write(&self, to: *mut f32) {
        // SAFETY: the caller's promise.
        unsafe {
            let float32x4x2_t(first, second) = self.samples;
            let [no_first, no_second] = self.zeros;
            let one = vbslq_f32(vbicq_u32(no_first, no_second), second, first);
            let other = vbslq_f32(no_first, second, first);
            vst2q_f32(to, float32x4x2_t(one, other));
        }
    }
}

/// Windows of three samples that are worked on at a time.
pub(super) const THREES: usize = 2 * LANES;

/// Replaces windows of three samples, [`THREES`] of them, unless one is in doubt: whether it did.
///
/// Of three samples that are not zero the one in the middle is nearest to the mean: the mean lies
/// between it and the one that is farther from it, and nearer to it. Of two the first is meant.
///
/// # Safety
/// At the address there are so many windows, without SIGNED no sample's sign is set.
#[inline(always)]
pub(super) unsafe fn three<const SIGNED: bool>(block: *mut f32) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        let one = Three::read(block);
        let other = Three::read(block.add(3 * LANES));
        if vmaxvq_u32(vmaxq_u32(one.apart(), other.apart())) > NEAR {
            return false;
        }
        one.write::<SIGNED>(block);
        other.write::<SIGNED>(block.add(3 * LANES));
        true
    }
}

/// Four windows of three samples.
struct Three {
    samples: float32x4x3_t,
    zeros: [uint32x4_t; 3],
}

impl Three {
    #[inline(always)]
    unsafe fn read(from: *const f32) -> Self {
        // SAFETY: the caller's promise.
        unsafe {
            let samples = vld3q_f32(from);
            let zeros = [vceqzq_f32(samples.0), vceqzq_f32(samples.1), vceqzq_f32(samples.2)];
            Self { samples, zeros }
        }
    }

    /// How far apart exponents lie of samples that count; where there are zeros alone, one.
    #[inline(always)]
    unsafe fn apart(&self) -> uint32x4_t {
        // SAFETY: every such processor has these instructions.
        unsafe {
            let float32x4x3_t(a, b, c) = self.samples;
            let [no_a, no_b, no_c] = self.zeros;
            let (a, b, c) = (order(a), order(b), order(c));
            let largest = vmaxq_u32(vmaxq_u32(a, b), c);
            // With all its bits set a zero is no smallest.
            let (a, b, c) = (vorrq_u32(a, no_a), vorrq_u32(b, no_b), vorrq_u32(c, no_c));
            vsubq_u32(largest, vminq_u32(vminq_u32(a, b), c))
        }
    }

    #[inline(always)]
    unsafe fn write<const SIGNED: bool>(&self, to: *mut f32) {
        // SAFETY: the caller's promise.
        unsafe {
            let float32x4x3_t(a, b, c) = self.samples;
            let [no_a, no_b, no_c] = self.zeros;
            let middle = vmaxq_f32(vminq_f32(a, b), vminq_f32(vmaxq_f32(a, b), c));
            let first = vbslq_f32(no_a, vbslq_f32(no_b, c, b), a);
            let any_zero = vorrq_u32(vorrq_u32(no_a, no_b), no_c);
            let one = vbslq_f32(any_zero, first, middle);
            let held = if SIGNED {
                // Three zeros stay, whatever their signs.
                let zeros = vandq_u32(vandq_u32(no_a, no_b), no_c);
                float32x4x3_t(vbslq_f32(zeros, a, one), vbslq_f32(zeros, b, one), one)
            } else {
                float32x4x3_t(one, one, one)
            };
            vst3q_f32(to, held);
        }
    }
}
