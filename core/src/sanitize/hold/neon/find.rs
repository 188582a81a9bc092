//! The sample nearest to the mean of each of four windows.

use std::arch::aarch64::*;

use super::decide::{Found, Seen};
use super::fill::lanes;
use super::sides::Sides;
use super::{LANES, TOGETHER, opaque, windows};

/// Sums, and how many samples are not zero, as negative integers, in four parts each.
#[derive(Clone, Copy)]
struct Parts(float32x4_t, uint32x4_t);

impl Parts {
    #[inline(always)]
    unsafe fn of(samples: [float32x4_t; 2]) -> Self {
        // SAFETY: every such processor has these instructions.
        unsafe {
            let [one, other] = samples;
            let zero = vdupq_n_f32(0.0);
            let some = vaddq_u32(vcagtq_f32(one, zero), vcagtq_f32(other, zero));
            Self(vaddq_f32(one, other), some)
        }
    }

    #[inline(always)]
    unsafe fn add(&mut self, samples: float32x4_t) {
        // SAFETY: every such processor has these instructions.
        unsafe {
            self.0 = vaddq_f32(self.0, samples);
            self.1 = vaddq_u32(self.1, vcagtq_f32(samples, vdupq_n_f32(0.0)));
        }
    }
}

/// What is nearest to the means of four windows, as far as that is certain.
///
/// # Safety
/// At the address there are four windows, none shorter than two registers. Without SIGNED no sample's
/// sign is set; no magnitude is larger than `largest`.
#[inline(always)]
pub(super) unsafe fn find<const SIGNED: bool>(
    block: *const f32,
    window: usize,
    largest: f32,
) -> Found {
    // SAFETY: the caller's promise.
    unsafe {
        let [a, b, c, d] = windows(block, window);
        let mut parts = [
            Parts::of(two_registers(a)),
            Parts::of(two_registers(b)),
            Parts::of(two_registers(c)),
            Parts::of(two_registers(d)),
        ];
        let (from, left) = whole_registers([a, b, c, d], window, |index, samples| {
            parts[index].add(samples);
        });
        if left > 0 {
            // The last register's worth overlaps the one before: what was seen is a zero now.
            let new = vld1q_u32(NEW.as_ptr().add(left));
            for index in 0..TOGETHER {
                let samples = vld1q_f32(from[index].add(left).sub(LANES));
                let samples = vandq_u32(vreinterpretq_u32_f32(samples), new);
                parts[index].add(vreinterpretq_f32_u32(samples));
            }
        }
        let [p, q, r, s] = parts;
        let sums = vpaddq_f32(vpaddq_f32(p.0, q.0), vpaddq_f32(r.0, s.0));
        let counts = vpaddq_u32(vpaddq_u32(p.1, q.1), vpaddq_u32(r.1, s.1));
        let counts = vreinterpretq_u32_s32(vnegq_s32(vreinterpretq_s32_u32(counts)));
        let means = vdivq_f32(sums, vcvtq_f32_u32(counts));

        let middles = lanes(means);
        let mut sides = [
            Sides::of::<SIGNED>(two_registers(a), middles[0]),
            Sides::of::<SIGNED>(two_registers(b), middles[1]),
            Sides::of::<SIGNED>(two_registers(c), middles[2]),
            Sides::of::<SIGNED>(two_registers(d), middles[3]),
        ];
        let (from, left) = whole_registers([a, b, c, d], window, |index, samples| {
            sides[index].see::<SIGNED>(samples, middles[index]);
        });
        if left > 0 {
            for index in 0..TOGETHER {
                let samples = vld1q_f32(from[index].add(left).sub(LANES));
                sides[index].see::<SIGNED>(samples, middles[index]);
            }
        }
        let (below, above) = Sides::nearest::<SIGNED>(sides).samples::<SIGNED>(means);

        let seen = Seen { sums, counts, means, below, above };
        seen.decide::<SIGNED>(window, largest)
    }
}

/// From how many samples of the last register's worth are new on: masks that keep those.
const NEW: [u32; 2 * LANES] = [0, 0, 0, 0, u32::MAX, u32::MAX, u32::MAX, u32::MAX];

/// # Safety
/// At the address there are so many samples.
#[inline(always)]
unsafe fn two_registers(from: *const f32) -> [float32x4_t; 2] {
    // SAFETY: the caller's promise.
    unsafe {
        let float32x4x2_t(one, other) = vld1q_f32_x2(from);
        [one, other]
    }
}

/// Shows all whole registers of four windows but the first two: which window, and four of its samples.
/// What follows them in each window, and how many samples that is.
///
/// # Safety
/// From the addresses on there are windows of so many samples, no fewer than two registers have.
#[inline(always)]
unsafe fn whole_registers(
    windows: [*const f32; TOGETHER],
    window: usize,
    mut see: impl FnMut(usize, float32x4_t),
) -> ([*const f32; TOGETHER], usize) {
    // SAFETY: the caller's promise.
    unsafe {
        let (mut from, mut left) = (windows, window);
        for index in 0..TOGETHER {
            from[index] = opaque::moved(from[index], 2 * LANES);
        }
        left -= 2 * LANES;
        while left >= 2 * LANES {
            for index in 0..TOGETHER {
                for samples in two_registers(from[index]) {
                    see(index, samples);
                }
                from[index] = opaque::moved(from[index], 2 * LANES);
            }
            left -= 2 * LANES;
        }
        if left >= LANES {
            for index in 0..TOGETHER {
                see(index, vld1q_f32(from[index]));
                from[index] = opaque::moved(from[index], LANES);
            }
            left -= LANES;
        }
        (from, left)
    }
}
