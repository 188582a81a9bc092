//! Algorithm 1: the non-zero sample closest to the mean of the non-zero samples.
//!
//! What is meant is `exact`; what runs gives the same bits. Short windows are worked on side by side,
//! long ones one by one, each in the best instructions that the processor has.
#![allow(unsafe_code, reason = "what runs is chosen by what the processor has")]

#[cfg(target_arch = "aarch64")]
use super::lanes::Neon;
#[cfg(not(target_arch = "aarch64"))]
use super::lanes::Portable;
#[cfg(target_arch = "x86_64")]
use super::lanes::{Avx2, Avx512};
use super::{long, together};

/// Replaces each window of the stream by its representative. No magnitude in the stream is larger than
/// `largest`, which is finite.
pub(super) fn hold(stream: &mut [f32], window: usize, largest: f32) {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
            // SAFETY: the processor has these instructions.
            return unsafe { with_avx512(stream, window, largest) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has these instructions.
            return unsafe { with_avx2(stream, window, largest) };
        }
    }
    if window > together::LONGEST {
        return long::hold(stream, window, largest);
    }
    #[cfg(target_arch = "aarch64")]
    // SAFETY: every such processor has these instructions.
    unsafe {
        together::hold::<Neon>(stream, window);
    }
    #[cfg(not(target_arch = "aarch64"))]
    // SAFETY: they are in no processor's own instructions.
    unsafe {
        together::hold::<Portable>(stream, window);
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq")]
pub(super) fn with_avx512(stream: &mut [f32], window: usize, largest: f32) {
    if window > together::LONGEST {
        return long::hold(stream, window, largest);
    }
    // SAFETY: the processor has these instructions.
    unsafe { together::hold::<Avx512>(stream, window) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
pub(super) fn with_avx2(stream: &mut [f32], window: usize, largest: f32) {
    if window > together::LONGEST {
        return long::hold(stream, window, largest);
    }
    // SAFETY: the processor has these instructions.
    unsafe { together::hold::<Avx2>(stream, window) }
}
