//! Algorithm 1: the non-zero sample closest to the mean of the non-zero samples.
//!
//! What is meant is `exact`; what runs gives the same bits. Short windows are worked on side by side,
//! long ones one by one, each in the best instructions that the processor has.
#![allow(unsafe_code, reason = "what runs is chosen by what the processor has")]

#[cfg(any(test, not(target_arch = "aarch64")))]
use super::exact::{each, exact};
use super::finite::Magnitudes;
#[cfg(any(test, not(target_arch = "aarch64")))]
use super::lanes::Portable;
#[cfg(target_arch = "x86_64")]
use super::lanes::{Avx2, Avx512};
use super::long;
#[cfg(target_arch = "aarch64")]
use super::neon;
#[cfg(any(test, not(target_arch = "aarch64")))]
use super::together;

/// Samples of the longest window that is worked on beside others.
#[cfg(target_arch = "aarch64")]
const LONGEST: usize = neon::LONGEST;
#[cfg(not(target_arch = "aarch64"))]
const LONGEST: usize = together::LONGEST;

/// Replaces each window of the stream by its representative. The magnitudes are of a map that it is
/// part of.
pub(super) fn hold(stream: &mut [f32], window: usize, magnitudes: Magnitudes) {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
            // SAFETY: the processor has these instructions.
            return unsafe { with_avx512(stream, window, magnitudes) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has these instructions.
            return unsafe { with_avx2(stream, window, magnitudes) };
        }
    }
    if window > LONGEST {
        return long::hold(stream, window, magnitudes.largest);
    }
    #[cfg(target_arch = "aarch64")]
    neon::hold(stream, window, magnitudes);
    #[cfg(not(target_arch = "aarch64"))]
    portable(stream, window);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq")]
pub(super) fn with_avx512(stream: &mut [f32], window: usize, magnitudes: Magnitudes) {
    if window > LONGEST {
        return long::hold(stream, window, magnitudes.largest);
    }
    // SAFETY: the processor has these instructions, and so AVX2's.
    let rest = unsafe {
        let rest = together::hold::<Avx512>(stream, window);
        together::hold::<Avx2>(rest, window)
    };
    each(rest, window, exact);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
pub(super) fn with_avx2(stream: &mut [f32], window: usize, magnitudes: Magnitudes) {
    if window > LONGEST {
        return long::hold(stream, window, magnitudes.largest);
    }
    // SAFETY: the processor has these instructions.
    let rest = unsafe { together::hold::<Avx2>(stream, window) };
    each(rest, window, exact);
}

/// Windows of no more than [`LONGEST`] samples, in no processor's own instructions.
#[cfg(any(test, not(target_arch = "aarch64")))]
pub(super) fn portable(stream: &mut [f32], window: usize) {
    // SAFETY: every processor has what arrays need.
    let rest = unsafe { together::hold::<Portable>(stream, window) };
    each(rest, window, exact);
}
