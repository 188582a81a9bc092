//! Writing what was found.

use std::arch::aarch64::*;

use super::{LANES, TOGETHER, opaque, windows};

/// Replaces each of four windows by its lane.
///
/// # Safety
/// At the address there are four windows, none shorter than a register.
#[inline(always)]
pub(super) unsafe fn fill(values: float32x4_t, block: *mut f32, window: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        let values = lanes(values);
        let mut to = windows(block.cast_const(), window).map(<*const f32>::cast_mut);
        let mut left = window;
        while left >= 2 * LANES {
            for index in 0..TOGETHER {
                vst1q_f32(to[index], values[index]);
                vst1q_f32(to[index].add(LANES), values[index]);
                to[index] = opaque::moved(to[index].cast_const(), 2 * LANES).cast_mut();
            }
            left -= 2 * LANES;
        }
        if left >= LANES {
            for index in 0..TOGETHER {
                vst1q_f32(to[index], values[index]);
            }
        }
        if !left.is_multiple_of(LANES) {
            // The last register's worth overlaps the one before.
            for index in 0..TOGETHER {
                vst1q_f32(to[index].add(left).sub(LANES), values[index]);
            }
        }
    }
}

/// Each lane in all lanes of a register.
#[inline(always)]
pub(super) unsafe fn lanes(values: float32x4_t) -> [float32x4_t; TOGETHER] {
    // SAFETY: every such processor has these instructions.
    unsafe {
        [
            vdupq_laneq_f32(values, 0),
            vdupq_laneq_f32(values, 1),
            vdupq_laneq_f32(values, 2),
            vdupq_laneq_f32(values, 3),
        ]
    }
}
