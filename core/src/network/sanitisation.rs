//! How much a sweep over windows hides: the degree of sanitisation, and what its curve is like.
//!
//! Source: *Controlling the privacy loss*, section 3.1 (equation 6) and equation 8 (Chun et
//! al. 2018); where it is silent, distinct means more than 1e-6 apart, and an inversion is a rise by more.
//! Empirical figures of one network on one picture: they bound nothing.

use std::ops::RangeInclusive;

use crate::error::{Error, ErrorKind, Result};

/// Probabilities that lie no further apart count as one.
const TOLERANCE: f64 = 1e-6;

/// The windows of a full sweep, 2 to 150, that equation 8 divides by.
const WINDOWS: f64 = 149.0;

/// The largest window that a sweep goes up to.
const LARGEST_WINDOW: usize = 65_536;

/// What the curve of a sweep is like: Table 1's columns, and its trend inversions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// Distinct probabilities over 149 (equation 8).
    pub eff_san: f64,
    /// How many of them lie in `[0, 0.2)`.
    pub low: usize,
    /// How many in `[0.2, 0.8)`.
    pub mid: usize,
    /// How many in `[0.8, 1]`.
    pub high: usize,
    /// How often the probability rises from one window to the next.
    pub inversions: usize,
    /// The sum of these rises.
    pub total_rise: f64,
}

impl Trend {
    /// Of the probabilities that one window after the other leaves.
    ///
    /// In ascending order a value counts as distinct where it exceeds the last that counted by more
    /// than 1e-6; a rise counts where it is more than that.
    pub fn of(after: &[f64]) -> Self {
        let mut sorted = after.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let mut distinct: Vec<f64> = Vec::new();
        for value in sorted {
            if distinct.last().is_none_or(|last| value > last + TOLERANCE) {
                distinct.push(value);
            }
        }
        let within = |low: f64, high: f64| {
            distinct.iter().filter(|&&value| value >= low && value < high).count()
        };
        let rises = after.windows(2).map(|pair| pair[1] - pair[0]);
        let rises = rises.filter(|rise| *rise > TOLERANCE);
        Self {
            eff_san: distinct.len() as f64 / WINDOWS,
            low: within(f64::NEG_INFINITY, 0.2),
            mid: within(0.2, 0.8),
            high: within(0.8, f64::INFINITY),
            inversions: rises.clone().count(),
            total_rise: rises.sum(),
        }
    }
}

/// The privacy loss `ln(before / after)`; none where nothing is left of the probability.
pub fn privacy_loss(before: f64, after: f64) -> Option<f64> {
    (after > 0.0).then(|| (before / after).ln())
}

/// Whether a probability that was `before` meets degree of sanitisation `gamma`: whether what is left
/// is at most `before * 2^-gamma` (equation 6).
pub fn meets(gamma: f64, before: f64, after: f64) -> bool {
    after <= before * (-gamma).exp2()
}

/// Refuses what is no degree of sanitisation.
///
/// # Errors
/// [`ErrorKind::Tap`]: it is negative, infinite or no number.
pub fn check_gamma(gamma: f64) -> Result<()> {
    if gamma.is_finite() && gamma >= 0.0 {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Tap,
        format!(
            "the degree of sanitisation must be a finite number of at least 0, such as 1, not {gamma}"
        ),
    ))
}

/// Refuses what a sweep cannot go through.
///
/// # Errors
/// [`ErrorKind::Tap`]: the range is empty, begins below 2, or ends beyond 65536.
pub fn check_windows(windows: &RangeInclusive<usize>) -> Result<()> {
    let (first, last) = (*windows.start(), *windows.end());
    if first >= 2 && first <= last && last <= LARGEST_WINDOW {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Tap,
        format!(
            "windows must go up from at least 2 to at most {LARGEST_WINDOW}, as in 2..150, not {first}..{last}"
        ),
    ))
}
