//! What a sampler that is not quite exact adds to a promise.

use super::curve;

/// How far the noise of some values may be from an exact rounded Gaussian.
///
/// With p the exact probability of an outcome and q the drawn one: `|ln q/p| <= log_ratio` over all the
/// values together, but for outcomes of probability `left_out`. Both add up over values and over releases.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SamplerError {
    /// n eta: n values, each within `e^(+-eta)`.
    pub log_ratio: f64,
    /// n times the probability that a table leaves out.
    pub left_out: f64,
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
