//! The analytic Gaussian mechanism's curve, over plain numbers.
//!
//! A Gaussian mechanism is described by one number, `mu = sensitivity / sigma` (both in the same unit): by
//! Balle and Wang (2018), Theorem 8, it is (epsilon, delta)-differentially private exactly when
//! `delta >= Phi(mu/2 - epsilon/mu) - e^epsilon Phi(-mu/2 - epsilon/mu)`, for every epsilon at least 0.

use std::f64::consts::SQRT_2;

use super::erfcx::{erfcx, fall_of_erfcx};

/// The smallest delta that goes with `epsilon >= 0` for a mechanism of this `mu >= 0`.
pub(super) fn delta(epsilon: f64, mu: f64) -> f64 {
    if mu == 0.0 {
        return 0.0;
    }
    let (near, far) = (mu / 2.0 - epsilon / mu, mu / 2.0 + epsilon / mu);
    // e^epsilon Phi(-far) = exp(-near^2/2) erfcx(far/sqrt 2) / 2: no overflow, and where both terms
    // are tails, no cancellation between numbers of very different size.
    let density = (-near * near / 2.0).exp() / 2.0;
    if density == 0.0 {
        // erfcx of what lies so far out is too small for a number, or infinity times nothing.
        return if near <= 0.0 { 0.0 } else { 1.0 };
    }
    if mu < SMALL {
        return density * difference(-near, mu);
    }
    if near <= 0.0 {
        density * (erfcx(-near / SQRT_2) - erfcx(far / SQRT_2))
    } else {
        libm::erfc(-near / SQRT_2) / 2.0 - density * erfcx(far / SQRT_2)
    }
}

/// Below this mu the two terms of the curve are so alike that their difference is integrated.
const SMALL: f64 = 0.1;

/// `E(low) - E(low + width)` for `E(x) = erfcx(x / sqrt 2)`, to about 1e-12 of itself however small the
/// width, which is at most [`SMALL`]: the mean of -E' over the interval, by Gauss and Legendre's rule of three
/// points, whose error there is some 1e-13.
fn difference(low: f64, width: f64) -> f64 {
    // Abramowitz and Stegun (1964), table 25.4.
    let (middle, apart) = (low + width / 2.0, width / 2.0 * 0.6f64.sqrt());
    let fall = |x: f64| fall_of_erfcx(x / SQRT_2) / SQRT_2;
    width * (5.0 * fall(middle - apart) + 8.0 * fall(middle) + 5.0 * fall(middle + apart)) / 18.0
}

/// The smallest epsilon at which a mechanism of this `mu >= 0` meets a delta below 1; infinite for a delta
/// that is not above 0.
pub(super) fn epsilon(mu: f64, at_delta: f64) -> f64 {
    // Not `at_delta <= 0.0`: what is no number must not pass for a cost.
    if !((0.0..f64::INFINITY).contains(&mu) && at_delta > 0.0) {
        return f64::INFINITY;
    }
    if delta(0.0, mu) <= at_delta {
        return 0.0;
    }
    // Phi(-z) <= exp(-z^2/2) bounds the root from above.
    let high = mu * (mu / 2.0 + (2.0 * -at_delta.ln()).sqrt());
    bisect(0.0, high, |epsilon| delta(epsilon, mu) <= at_delta)
}

/// The largest `mu` whose mechanism is (epsilon, delta)-private, for epsilon at least 0 and delta in (0, 1):
/// `sigma = sensitivity / mu` is the least noise that keeps the promise.
pub(super) fn mu(at_epsilon: f64, at_delta: f64) -> f64 {
    debug_assert!(at_epsilon >= 0.0 && at_delta > 0.0 && at_delta < 1.0);
    let breaks = |log_mu: f64| delta(at_epsilon, log_mu.exp()) > at_delta;
    // From the smallest number there is to one that no epsilon of ours covers.
    let (low, high) = (-745.0, 60.0);
    // The last value that still keeps the promise.
    bisect(low, high, breaks).next_down().exp()
}

/// The smallest number at which `holds` turns true, known to be false at `low` and true at `high`.
pub(super) fn bisect(mut low: f64, mut high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return high;
        }
        if holds(middle) { high = middle } else { low = middle }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_cancels_however_small_the_mu() {
        // The curve as an integral in which every term is positive: the mean of
        // `1 - e^(epsilon - loss)` over losses above epsilon, by the trapezoidal rule.
        let integral = |epsilon: f64, mu: f64| {
            let start = epsilon / mu - mu / 2.0;
            let step = 1e-3;
            let under = |at: u32| {
                let x = f64::from(at) * step;
                -(-mu * x).exp_m1() * (-(start + x).powi(2) / 2.0).exp()
            };
            (1..20_000).map(under).sum::<f64>() * step / std::f64::consts::TAU.sqrt()
        };
        for mu in [1e-200, 1e-17, 1e-10, 1e-5, 0.01, 0.099, 0.1, 0.101, 1.0] {
            for ratio in [0.0, 0.3, 1.0, 3.0, 8.0, 13.9, 14.3, 20.0] {
                let (got, wanted) = (delta(ratio * mu, mu), integral(ratio * mu, mu));
                // The rule's own error is some step^2 / 12.
                let share = got / wanted - 1.0;
                assert!(share.abs() < 4e-5, "mu {mu:e}, epsilon {ratio} mu: {got:e} {wanted:e}");
            }
        }
        let (below, above) = (delta(0.3, 0.1f64.next_down()), delta(0.3, 0.1));
        assert!((below / above - 1.0).abs() < 1e-11, "both ways meet: {below:e} {above:e}");
    }
}
