//! Algorithm 1: the non-zero sample closest to the mean of the non-zero samples.
//!
//! What is meant is [`exact`]; what runs gives the same bits. Short windows are worked on side by side,
//! each as `exact` does, so that the processor's vectors are full whatever the length. In long ones
//! the sum is taken in parts: it may differ by rounding, and a window in which that could
//! matter, or in which two samples are equally near, is left to `exact`.
//!
//! None of it is written in one processor's instructions. It is compiled once more for the wider vectors
//! that most x86-64 processors have, and chosen when it runs.

/// Samples of a long window that are looked at side by side.
const LANES: usize = 8;

/// Replaces each window of the stream by its representative. No magnitude in the stream is larger than
/// `largest`, which is finite.
#[cfg_attr(target_arch = "x86_64", allow(unsafe_code, reason = "chosen by what the processor has"))]
pub(super) fn hold(stream: &mut [f32], window: usize, largest: f32) {
    #[cfg(target_arch = "x86_64")]
    {
        let avx512 = is_x86_feature_detected!("avx512dq") && is_x86_feature_detected!("avx512vl");
        // The compiler makes the most of the widest registers in the shortest windows alone.
        if avx512 && window < 8 {
            // SAFETY: the processor has these instructions.
            return unsafe { with_avx512(stream, window) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has these instructions.
            return unsafe { with_avx2(stream, window, largest) };
        }
    }
    any(stream, window, largest);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
fn with_avx512(stream: &mut [f32], window: usize) {
    few::<4>(stream, window);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_avx2(stream: &mut [f32], window: usize, largest: f32) {
    any(stream, window, largest);
}

#[inline(always)]
fn any(stream: &mut [f32], window: usize, largest: f32) {
    /// Windows side by side: with registers of two sums, as few as four keep the code small.
    const TOGETHER: usize = if cfg!(target_arch = "x86_64") { 8 } else { 4 };

    if window < 16 { few::<TOGETHER>(stream, window) } else { long(stream, window, largest) }
}

/// Windows of fewer than sixteen samples, so many at a time; on processors that are no x86-64, those of
/// eight and more one by one.
#[inline(always)]
fn few<const TOGETHER: usize>(stream: &mut [f32], window: usize) {
    match window {
        2 => short::<2, TOGETHER>(stream),
        3 => short::<3, TOGETHER>(stream),
        4 => short::<4, TOGETHER>(stream),
        5 => short::<5, TOGETHER>(stream),
        6 => short::<6, TOGETHER>(stream),
        7 => short::<7, TOGETHER>(stream),
        // Elsewhere these lengths have no code of their own, which would not fit the small library.
        #[cfg(target_arch = "x86_64")]
        8..16 => middle::<TOGETHER>(stream, window),
        _ => each(stream, window, exact),
    }
}

/// Windows of eight to fifteen samples.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn middle<const TOGETHER: usize>(stream: &mut [f32], window: usize) {
    match window {
        8 => short::<8, TOGETHER>(stream),
        9 => short::<9, TOGETHER>(stream),
        10 => short::<10, TOGETHER>(stream),
        11 => short::<11, TOGETHER>(stream),
        12 => short::<12, TOGETHER>(stream),
        13 => short::<13, TOGETHER>(stream),
        14 => short::<14, TOGETHER>(stream),
        15 => short::<15, TOGETHER>(stream),
        _ => each(stream, window, exact),
    }
}

/// Windows of N samples, so many at a time.
///
/// Choices are made with masks: as branches they would be guessed wrong half the time.
#[inline(always)]
fn short<const N: usize, const TOGETHER: usize>(stream: &mut [f32]) {
    let blocks = stream.len() - stream.len() % (TOGETHER * N);
    let (blocks, rest) = stream.split_at_mut(blocks);
    for block in blocks.chunks_exact_mut(TOGETHER * N) {
        let (mut sums, mut counts) = ([0f64; TOGETHER], [0f64; TOGETHER]);
        for at in 0..N {
            for lane in 0..TOGETHER {
                let sample = block[lane * N + at];
                sums[lane] += f64::from(sample);
                counts[lane] += if sample != 0.0 { 1.0 } else { 0.0 };
            }
        }
        let mut means = [0f64; TOGETHER];
        for lane in 0..TOGETHER {
            means[lane] = sums[lane] / counts[lane];
        }
        let (mut best, mut nearest) = ([0u32; TOGETHER], [f64::INFINITY; TOGETHER]);
        for at in 0..N {
            for lane in 0..TOGETHER {
                let sample = block[lane * N + at];
                let distance = (f64::from(sample) - means[lane]).abs();
                let nearer = (distance < nearest[lane]) & (sample != 0.0);
                let taken = u32::from(nearer).wrapping_neg();
                best[lane] = sample.to_bits() & taken | best[lane] & !taken;
                let taken = u64::from(nearer).wrapping_neg();
                nearest[lane] =
                    f64::from_bits(distance.to_bits() & taken | nearest[lane].to_bits() & !taken);
            }
        }
        for lane in 0..TOGETHER {
            // Zeros of either sign stay where there is nothing else.
            let kept = u32::from(best[lane] == 0).wrapping_neg();
            for sample in &mut block[lane * N..][..N] {
                *sample = f32::from_bits(sample.to_bits() & kept | best[lane]);
            }
        }
    }
    each(rest, N, exact);
}

#[inline(always)]
fn each(stream: &mut [f32], window: usize, representative: impl Fn(&[f32]) -> Option<f32>) {
    for window in stream.chunks_mut(window) {
        if let Some(representative) = representative(window) {
            window.fill(representative);
        }
    }
}

#[inline(always)]
fn long(stream: &mut [f32], window: usize, largest: f32) {
    // Adding up n samples in another order changes their sum by at most n roundings of n times the
    // largest, and as much again is more than a distance's own rounding.
    let error = (window as f64).powi(2) * f64::from(largest) * 2.0 * f64::EPSILON;
    each(stream, window, |window| match side_by_side(window, error) {
        Found::Zeros => None,
        Found::One(sample) => Some(sample),
        Found::Close => exact(window),
    });
}

/// What is found without looking at the order of samples.
enum Found {
    Zeros,
    One(f32),
    /// More than one may be the nearest.
    Close,
}

/// The neighbours of the mean, one at each side, and the nearer of them where no error up to this
/// one can make it another.
#[inline(always)]
fn side_by_side(window: &[f32], error: f64) -> Found {
    let (whole, rest) = window.as_chunks::<LANES>();
    let (mut sums, mut zeros) = ([0f64; LANES], [0i32; LANES]);
    for samples in whole {
        for lane in 0..LANES {
            sums[lane] += f64::from(samples[lane]);
            zeros[lane] -= i32::from(samples[lane] == 0.0);
        }
    }
    let mut sum: f64 = sums.iter().sum();
    let mut count = window.len() as i32 + zeros.iter().sum::<i32>();
    for &sample in rest {
        sum += f64::from(sample);
        count -= i32::from(sample == 0.0);
    }
    if count == 0 {
        return Found::Zeros;
    }
    let mean = sum / f64::from(count);
    let middle = mean as f32;
    let (mut below, mut above) = ([f32::NEG_INFINITY; LANES], [f32::INFINITY; LANES]);
    for samples in whole {
        for lane in 0..LANES {
            (below[lane], above[lane]) = around(samples[lane], middle, below[lane], above[lane]);
        }
    }
    for (lane, &sample) in rest.iter().enumerate() {
        (below[lane], above[lane]) = around(sample, middle, below[lane], above[lane]);
    }
    let below = f64::from(below.into_iter().fold(f32::NEG_INFINITY, f32::max));
    let above = f64::from(above.into_iter().fold(f32::INFINITY, f32::min));
    // A zero is no sample: where one is a neighbour, the samples beyond it are not known.
    if below == 0.0 || above == 0.0 {
        return Found::Close;
    }
    let (under, over) = ((mean - below).abs(), (above - mean).abs());
    let (nearest, distance) = if under < over { (below, under) } else { (above, over) };
    // Other samples lie at least this far from the nearest.
    let apart = nearest.abs() * f64::from(f32::EPSILON) / 4.0;
    let sure = if below == above {
        2.0 * (distance + error) < apart
    } else {
        (under - over).abs() > 4.0 * error && 4.0 * error < apart
    };
    if sure { Found::One(nearest as f32) } else { Found::Close }
}

/// The largest sample that is not above the middle and the smallest that is not below it, this one
/// looked at too.
#[inline(always)]
fn around(sample: f32, middle: f32, below: f32, above: f32) -> (f32, f32) {
    let under = if sample <= middle { sample } else { f32::NEG_INFINITY };
    let over = if sample >= middle { sample } else { f32::INFINITY };
    (larger(below, under), smaller(above, over))
}

/// The larger of two that are numbers: an instruction on every processor.
#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    #[cfg(target_arch = "aarch64")]
    return a.max(b);
    #[cfg(not(target_arch = "aarch64"))]
    if a > b { a } else { b }
}

/// The smaller of two that are numbers.
#[inline(always)]
fn smaller(a: f32, b: f32) -> f32 {
    #[cfg(target_arch = "aarch64")]
    return a.min(b);
    #[cfg(not(target_arch = "aarch64"))]
    if a < b { a } else { b }
}

/// The non-zero sample closest to the mean of the window's non-zero samples, if it has one.
pub(super) fn exact(window: &[f32]) -> Option<f32> {
    let (mut sum, mut count) = (0f64, 0usize);
    for &sample in window {
        // Adding a zero changes no f64 sum, so only the count needs the test.
        sum += f64::from(sample);
        count += usize::from(sample != 0.0);
    }
    if count == 0 {
        return None;
    }
    let mean = sum / count as f64;
    let (mut best, mut nearest) = (None, f64::INFINITY);
    for &sample in window {
        let distance = (f64::from(sample) - mean).abs();
        if sample != 0.0 && distance < nearest {
            (best, nearest) = (Some(sample), distance);
        }
    }
    best
}
