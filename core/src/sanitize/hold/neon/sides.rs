//! Samples on either side of a mean.

use std::arch::aarch64::*;

use super::TOGETHER;

/// The samples nearest to a mean on either side of it, four candidates each.
#[derive(Clone, Copy)]
pub(super) struct Sides(uint32x4_t, uint32x4_t);

impl Sides {
    /// Of two samples. What is on the other side is not a number, where signs are looked at: neither the
    /// larger nor the smaller of two. Without signs floats are ordered as their bits are, and a
    /// difference of bits tells the side as well as the sample: from 0 up for those at the mean and
    /// above, from the largest integer down for those below.
    #[inline(always)]
    pub(super) unsafe fn of<const SIGNED: bool>(
        samples: [float32x4_t; 2],
        mean: float32x4_t,
    ) -> Self {
        // SAFETY: every such processor has these instructions.
        unsafe {
            let one = Self::one::<SIGNED>(samples[0], mean);
            one.nearer::<SIGNED>(Self::one::<SIGNED>(samples[1], mean))
        }
    }

    /// With one sample more.
    #[inline(always)]
    pub(super) unsafe fn see<const SIGNED: bool>(
        &mut self,
        samples: float32x4_t,
        mean: float32x4_t,
    ) {
        // SAFETY: every such processor has these instructions.
        *self = unsafe { self.nearer::<SIGNED>(Self::one::<SIGNED>(samples, mean)) };
    }

    #[inline(always)]
    unsafe fn one<const SIGNED: bool>(samples: float32x4_t, mean: float32x4_t) -> Self {
        // SAFETY: every such processor has these instructions.
        unsafe {
            let bits = vreinterpretq_u32_f32(samples);
            if SIGNED {
                let under = vcleq_f32(samples, mean);
                Self(vornq_u32(bits, under), vorrq_u32(bits, under))
            } else {
                let apart = vsubq_u32(bits, vreinterpretq_u32_f32(mean));
                Self(apart, apart)
            }
        }
    }

    #[inline(always)]
    unsafe fn nearer<const SIGNED: bool>(self, other: Self) -> Self {
        // SAFETY: every such processor has these instructions.
        unsafe {
            if !SIGNED {
                return Self(vmaxq_u32(self.0, other.0), vminq_u32(self.1, other.1));
            }
            let below = vmaxnmq_f32(float(self.0), float(other.0));
            let above = vminnmq_f32(float(self.1), float(other.1));
            Self(vreinterpretq_u32_f32(below), vreinterpretq_u32_f32(above))
        }
    }

    /// The samples themselves.
    #[inline(always)]
    pub(super) unsafe fn samples<const SIGNED: bool>(
        self,
        means: float32x4_t,
    ) -> (float32x4_t, float32x4_t) {
        // SAFETY: every such processor has these instructions.
        unsafe {
            if SIGNED {
                return (float(self.0), float(self.1));
            }
            let means = vreinterpretq_u32_f32(means);
            (
                vreinterpretq_f32_u32(vaddq_u32(means, self.0)),
                vreinterpretq_f32_u32(vaddq_u32(means, self.1)),
            )
        }
    }

    /// The nearest of each window's four candidates, a lane each.
    #[inline(always)]
    pub(super) unsafe fn nearest<const SIGNED: bool>(of: [Self; TOGETHER]) -> Self {
        // SAFETY: every such processor has these instructions.
        unsafe {
            let [a, b, c, d] = of;
            let (one, other) = (a.pairs::<SIGNED>(b), c.pairs::<SIGNED>(d));
            one.pairs::<SIGNED>(other)
        }
    }

    /// The nearer of each two candidates beside each other, this one's before the other's.
    #[inline(always)]
    unsafe fn pairs<const SIGNED: bool>(self, other: Self) -> Self {
        // SAFETY: every such processor has these instructions.
        unsafe {
            if !SIGNED {
                return Self(vpmaxq_u32(self.0, other.0), vpminq_u32(self.1, other.1));
            }
            let (below, above) = (float(self.0), float(self.1));
            Self(
                vreinterpretq_u32_f32(vpmaxnmq_f32(below, float(other.0))),
                vreinterpretq_u32_f32(vpminnmq_f32(above, float(other.1))),
            )
        }
    }
}

#[inline(always)]
unsafe fn float(bits: uint32x4_t) -> float32x4_t {
    // SAFETY: every such processor has these instructions.
    unsafe { vreinterpretq_f32_u32(bits) }
}
