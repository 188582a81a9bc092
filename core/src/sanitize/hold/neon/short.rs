//! Windows of four to eight samples, a window in each lane.

use std::arch::aarch64::*;

use super::decide::Seen;
use super::fill::fill;
use super::sides::Sides;
use super::{LANES, TOGETHER};

/// Four consecutive samples of each of four windows: lane i of result j is `from[i * window + j]`.
#[inline(always)]
unsafe fn columns(from: *const f32, window: usize) -> [float32x4_t; LANES] {
    // SAFETY: the caller's promise.
    unsafe {
        let a = vld1q_f32(from);
        let b = vld1q_f32(from.add(window));
        let c = vld1q_f32(from.add(2 * window));
        let d = vld1q_f32(from.add(3 * window));
        let even = [halves(vtrn1q_f32(a, b)), halves(vtrn1q_f32(c, d))];
        let odd = [halves(vtrn2q_f32(a, b)), halves(vtrn2q_f32(c, d))];
        [
            vreinterpretq_f32_f64(vtrn1q_f64(even[0], even[1])),
            vreinterpretq_f32_f64(vtrn1q_f64(odd[0], odd[1])),
            vreinterpretq_f32_f64(vtrn2q_f64(even[0], even[1])),
            vreinterpretq_f32_f64(vtrn2q_f64(odd[0], odd[1])),
        ]
    }
}

#[inline(always)]
unsafe fn halves(lanes: float32x4_t) -> float64x2_t {
    // SAFETY: every such processor has these instructions.
    unsafe { vreinterpretq_f64_f32(lanes) }
}

/// Replaces four windows of N samples by their representatives.
///
/// # Safety
/// The block is four windows, without SIGNED no sample's sign is set, and no magnitude is larger than
/// `largest`.
#[inline(always)]
pub(super) unsafe fn hold<const N: usize, const SIGNED: bool>(block: &mut [f32], largest: f32) {
    // SAFETY: the caller's promise.
    unsafe {
        let from = block.as_ptr();
        let first = columns(from, N);
        let last = columns(from.add(N - LANES), N);
        let mut samples = [first[0]; N];
        for column in 0..N {
            samples[column] = if column < LANES { first[column] } else { last[column + LANES - N] };
        }

        let (mut sums, mut counts) = (samples[0], vdupq_n_u32(0));
        let mut earliest = samples[N - 1];
        for column in 0..N {
            if column > 0 {
                sums = vaddq_f32(sums, samples[column]);
            }
            let some = vcagtq_f32(samples[column], vdupq_n_f32(0.0));
            counts = vsubq_u32(counts, some);
        }
        for column in (0..N).rev() {
            let some = vcagtq_f32(samples[column], vdupq_n_f32(0.0));
            earliest = vbslq_f32(some, samples[column], earliest);
        }
        let means = vdivq_f32(sums, vcvtq_f32_u32(counts));
        let mut sides = Sides::of::<SIGNED>([samples[0], samples[1]], means);
        for column in 2..N {
            sides.see::<SIGNED>(samples[column], means);
        }
        let (below, above) = sides.samples::<SIGNED>(means);

        let seen = Seen { sums, counts, means, below, above };
        let mut found = seen.decide::<SIGNED>(N, largest);
        found.representatives = vbslq_f32(found.first, earliest, found.representatives);
        found.certain = vorrq_u32(found.certain, found.first);
        if !found.all_certain() {
            found.lanes().replace(block, N);
        } else if N == LANES {
            let [a, b, c, d] = [found.representatives; TOGETHER];
            vst4q_f32(block.as_mut_ptr(), float32x4x4_t(a, b, c, d));
        } else {
            fill(found.representatives, block.as_mut_ptr(), N);
        }
    }
}
