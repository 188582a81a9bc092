//! Algorithm 1 for long windows, one at a time.
//!
//! The sum is taken in parts: it may differ by rounding from the one in stream order, and a window in
//! which that could matter, or in which two samples are equally near, is left to `exact`.

use super::exact::{each, exact};

/// Samples of a window that are looked at side by side.
const LANES: usize = 8;

/// Replaces each window by its representative. No magnitude in the stream is larger than `largest`,
/// which is finite.
#[inline(always)]
pub(super) fn hold(stream: &mut [f32], window: usize, largest: f32) {
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
