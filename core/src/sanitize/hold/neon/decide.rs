//! Whether what was found in `f32` is what Algorithm 1 means.

use std::arch::aarch64::*;

use super::super::exact::exact;
use super::{LANES, TOGETHER, opaque};

/// What magnitudes may differ by, as a factor: two samples within it have distances that differ by more
/// than `f64` rounds.
const NEAR: f32 = (1 << 24) as f32;

/// What is known of four windows, a lane each.
pub(super) struct Seen {
    /// Of all samples, rounded.
    pub(super) sums: float32x4_t,
    /// How many samples are not zero.
    pub(super) counts: uint32x4_t,
    /// The sums over the counts, rounded.
    pub(super) means: float32x4_t,
    /// The largest sample below the mean, and the smallest above it.
    pub(super) below: float32x4_t,
    pub(super) above: float32x4_t,
}

impl Seen {
    /// The nearer of the two samples, and whether it is what is meant.
    ///
    /// The sums are of windows of so many samples, in at least four parts or of eight samples at most.
    #[inline(always)]
    pub(super) unsafe fn decide<const SIGNED: bool>(self, window: usize, largest: f32) -> Found {
        let Self { sums, counts, means, below, above } = self;
        // SAFETY: every such processor has these instructions.
        unsafe {
            // A sum of so many parts, and its quotient, are rounded by less than half of this.
            let rounding = (window / LANES + 8) as f32 * f32::EPSILON;
            let error = if SIGNED {
                vdivq_f32(vdupq_n_f32(largest * window as f32 * rounding), vcvtq_f32_u32(counts))
            } else {
                vmulq_n_f32(means, rounding)
            };
            // Beneath this, products lose digits.
            let error = vaddq_f32(error, vdupq_n_f32(1e-37));
            let (under, over) = (vsubq_f32(means, below), vsubq_f32(above, means));
            let apart = vcgtq_f32(vminq_f32(under, over), error);
            let differ = vcgtq_f32(vabdq_f32(under, over), vmulq_n_f32(error, 4.0));
            // Two samples so small that rounding may make their distances equal are in doubt too.
            let near = if SIGNED {
                let smaller = vminq_f32(vabsq_f32(below), vabsq_f32(above));
                vcgtq_f32(vmulq_n_f32(smaller, NEAR), vdupq_n_f32(largest))
            } else {
                vcgtq_f32(vmulq_n_f32(below, NEAR), means)
            };
            let apart = vandq_u32(apart, near);
            let certain = vandq_u32(apart, differ);
            let first = vandq_u32(apart, vceqq_u32(counts, vdupq_n_u32(2)));
            let nearest = vbslq_f32(vcgtq_f32(over, under), below, above);
            if SIGNED {
                return Found { representatives: nearest, certain, first };
            }
            // One sample is the sum. So is none, which has no sign to keep.
            let few = vcleq_u32(counts, vdupq_n_u32(1));
            Found {
                representatives: vbslq_f32(few, sums, nearest),
                certain: vorrq_u32(certain, few),
                first,
            }
        }
    }
}

/// What has been found of four windows, a lane each.
pub(super) struct Found {
    pub(super) representatives: float32x4_t,
    /// Where they are what is meant.
    pub(super) certain: uint32x4_t,
    /// Where two samples are not zero and both as far from their mean: the first of them is meant.
    pub(super) first: uint32x4_t,
}

impl Found {
    #[inline(always)]
    pub(super) unsafe fn all_certain(&self) -> bool {
        // SAFETY: every such processor has these instructions.
        unsafe { vminvq_u32(opaque::mask(self.certain)) != 0 }
    }

    /// What [`Lanes::replace`] works on.
    #[inline(always)]
    pub(super) unsafe fn lanes(&self) -> Lanes {
        let mut lanes = Lanes::default();
        // SAFETY: registers of four.
        unsafe {
            vst1q_f32(lanes.representatives.as_mut_ptr(), self.representatives);
            vst1q_u32(lanes.certain.as_mut_ptr(), self.certain);
            vst1q_u32(lanes.first.as_mut_ptr(), self.first);
        }
        lanes
    }
}

/// As [`Found`].
#[derive(Default)]
pub(super) struct Lanes {
    representatives: [f32; TOGETHER],
    certain: [u32; TOGETHER],
    first: [u32; TOGETHER],
}

impl Lanes {
    /// Replaces the windows one by one, those in doubt by what is exact.
    #[cold]
    #[inline(never)]
    pub(super) fn replace(&self, block: &mut [f32], window: usize) {
        for (index, window) in block.chunks_exact_mut(window).enumerate() {
            let representative = if self.certain[index] != 0 {
                Some(self.representatives[index])
            } else if self.first[index] != 0 {
                window.iter().copied().find(|&sample| sample != 0.0)
            } else {
                exact(window)
            };
            if let Some(representative) = representative {
                window.fill(representative);
            }
        }
    }
}
