//! Every sample of a map must be a finite number, and none is written before that is known.
#![cfg_attr(
    target_arch = "x86_64",
    allow(unsafe_code, reason = "what runs is chosen by what the processor has")
)]

use crate::error::{Error, ErrorKind, Result};

/// The bits of an infinity; those of what is not a number are more.
const INFINITE: u32 = 0x7f80_0000;

/// The largest magnitude in a map; a value that is no finite number is refused.
pub(super) fn largest(map: &[f32]) -> Result<f32> {
    let bits = largest_bits(map);
    if bits < INFINITE {
        return Ok(f32::from_bits(bits));
    }
    let index = map.iter().position(|value| !value.is_finite()).unwrap_or(0);
    Err(Error::new(
        ErrorKind::Activations,
        format!(
            "sample {index} of the map is not a finite number: sample-and-hold needs finite activations"
        ),
    ))
}

/// The largest of the samples' bits, their signs apart.
fn largest_bits(map: &[f32]) -> u32 {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has these instructions.
        return unsafe { with_avx2(map) };
    }
    any(map)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_avx2(map: &[f32]) -> u32 {
    any(map)
}

#[inline(always)]
fn any(map: &[f32]) -> u32 {
    map.iter().fold(0, |largest, value| (value.to_bits() & !(1 << 31)).max(largest))
}
