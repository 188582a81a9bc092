//! Every sample of a map must be a finite number, and none is written before that is known.
#![cfg_attr(
    target_arch = "x86_64",
    allow(unsafe_code, reason = "what runs is chosen by what the processor has")
)]

use crate::error::{Error, ErrorKind, Result};

/// The bits of an infinity; those of what is not a number are more.
const INFINITE: u32 = 0x7f80_0000;

const SIGN: u32 = 1 << 31;

/// What is known of a map once all of it has been looked at.
#[derive(Clone, Copy)]
pub(super) struct Magnitudes {
    /// The largest, which is finite.
    pub(super) largest: f32,
    /// Whether any sample's sign is set, a zero's too.
    #[cfg_attr(not(target_arch = "aarch64"), allow(dead_code, reason = "NEON's kernel asks"))]
    pub(super) signed: bool,
}

/// The magnitudes in a map; a value that is no finite number is refused.
pub(super) fn magnitudes(map: &[f32]) -> Result<Magnitudes> {
    let extremes = extremes(map);
    // Among bits with signs the largest are those with the sign set.
    let signed = extremes.bits >= SIGN;
    let negative = if signed { extremes.bits & !SIGN } else { 0 };
    let largest = negative.max(extremes.positive.max(0).cast_unsigned());
    if largest < INFINITE {
        return Ok(Magnitudes { largest: f32::from_bits(largest), signed });
    }
    let index = map.iter().position(|value| !value.is_finite()).unwrap_or(0);
    Err(Error::new(
        ErrorKind::Activations,
        format!(
            "sample {index} of the map is not a finite number: sample-and-hold needs finite activations"
        ),
    ))
}

/// The samples' bits: the largest of all, and the largest as integers with signs.
struct Extremes {
    bits: u32,
    positive: i32,
}

fn extremes(map: &[f32]) -> Extremes {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has these instructions.
        return unsafe { with_avx2(map) };
    }
    any(map)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_avx2(map: &[f32]) -> Extremes {
    any(map)
}

/// Most maps have no signs: for those one comparison a sample is enough. Others are looked at again.
#[inline(always)]
fn any(map: &[f32]) -> Extremes {
    /// Samples that are looked at for signs at once.
    const PART: usize = 4096;

    let mut extremes = Extremes { bits: 0, positive: 0 };
    for part in map.chunks(PART) {
        let bits = largest(part, f32::to_bits);
        let positive = if bits < SIGN {
            bits.cast_signed()
        } else {
            largest(part, |s| s.to_bits().cast_signed())
        };
        extremes.bits = extremes.bits.max(bits);
        extremes.positive = extremes.positive.max(positive);
    }
    extremes
}

/// The largest integer that is made of a sample, or zero.
#[inline(always)]
fn largest<T: Copy + Default + Ord>(samples: &[f32], integer: impl Fn(f32) -> T) -> T {
    /// So many that no register waits for another.
    const TOGETHER: usize = 64;

    let mut lanes = [T::default(); TOGETHER];
    let (whole, rest) = samples.as_chunks::<TOGETHER>();
    for samples in whole {
        for (lane, &sample) in lanes.iter_mut().zip(samples) {
            *lane = integer(sample).max(*lane);
        }
    }
    for (lane, &sample) in lanes.iter_mut().zip(rest) {
        *lane = integer(sample).max(*lane);
    }
    lanes.into_iter().fold(T::default(), T::max)
}
