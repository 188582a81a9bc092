//! What a sampler that is not quite exact adds to a promise.

use std::f64::consts::SQRT_2;

use super::curve;
use super::noise::NoiseTable;
use crate::grid::GridInteger;

/// How far the noise of some values may be from an exact rounded Gaussian.
///
/// Outside an event of probability `left_out`, every outcome's probability under either of two adjacent
/// inputs is within `e^(+-log_ratio)` of what exact noise gives it. Both add up over values and over
/// releases.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SamplerError {
    /// n eta: n values, each within `e^(+-eta)`.
    pub log_ratio: f64,
    /// n times the probability that a value lies so far out that the noise's table, laid around the other
    /// input's value, does not reach it.
    pub left_out: f64,
}

impl SamplerError {
    /// Of `values` values on these integers, which lie at most `range` steps apart between adjacent inputs.
    ///
    /// A table ends K steps out. Where `K + 1 >= bound + range`, whatever lies past its end saturates, on
    /// either input, and nothing is left out. Elsewhere an outcome within `K - range` steps of one input's
    /// value is within K of the other's, so that both tables hold it; the rest has a Gaussian tail's
    /// probability.
    pub(super) fn of(integer: GridInteger, values: usize, range: f64) -> Self {
        let (table, values) = (NoiseTable::of(integer), values as f64);
        let largest = table.largest() as f64;
        let hidden = largest + 1.0 >= f64::from(integer.bound()) + range;
        let reached = (largest - range).floor();
        let beyond = if hidden {
            0.0
        } else if reached > 0.0 {
            // Rounded noise is past it where the Gaussian is past it and a half.
            let tail = libm::erfc((reached + 0.5) / table.sigma() / SQRT_2);
            tail * (1.0 + 1e-9)
        } else {
            1.0
        };
        Self { log_ratio: table.eta() * values, left_out: values * beyond }
    }
}

impl SamplerError {
    /// The delta that is left for the exact mechanism where `delta` is promised: a release is within
    /// `e^(2 log_ratio)` and `e^log_ratio delta` of what the exact mechanism keeps.
    pub(crate) fn delta_left(self, delta: f64) -> f64 {
        (delta - self.left_out) * (-self.log_ratio).exp()
    }

    /// The epsilon at `delta` of a Gaussian mechanism of this mu whose noise is drawn so; infinite where
    /// nothing is left of delta.
    pub(crate) fn epsilon(self, mu: f64, delta: f64) -> f64 {
        curve::epsilon(mu, self.delta_left(delta)) + 2.0 * self.log_ratio
    }

    /// The largest mu at which [`SamplerError::epsilon`] is at most `epsilon`; none where the sampler's own
    /// error costs more.
    pub(crate) fn mu(self, epsilon: f64, delta: f64) -> Option<f64> {
        let (epsilon, delta) = (epsilon - 2.0 * self.log_ratio, self.delta_left(delta));
        (epsilon > 0.0 && delta > 0.0).then(|| curve::mu(epsilon, delta))
    }

    /// How much more often than with exact noise a guesser may be right.
    pub(crate) fn advantage(self) -> f64 {
        self.log_ratio.exp_m1() + self.left_out
    }
}
