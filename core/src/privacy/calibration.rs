//! Gaussian noise against (epsilon, delta): the analytic curve, and the paper's classical formula
//! beside it.
//!
//! A Gaussian mechanism is described by one number, `mu = sensitivity / sigma` (both in the same
//! unit): by Balle and Wang (2018), Theorem 8, it is (epsilon, delta)-differentially private
//! exactly when `delta >= Phi(mu/2 - epsilon/mu) - e^epsilon Phi(-mu/2 - epsilon/mu)`, for every
//! epsilon at least 0. *Formal*, under whatever adjacency the sensitivity was taken.

use std::f64::consts::SQRT_2;

use serde::Serialize;

use super::erfcx::erfcx;

/// Which rule turned (epsilon, delta) into noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Calibration {
    /// The analytic Gaussian mechanism: exact for every epsilon.
    Analytic,
    /// *dp-activations*' rule: `sqrt(2 ln(1.25/delta)) / epsilon` with sensitivity `1/sqrt(2)`,
    /// proven for epsilon below 1 only. Receipts print the true epsilon of the noise it gives.
    Paper,
}

/// The smallest delta that goes with `epsilon >= 0` for a Gaussian mechanism of this `mu > 0`.
pub fn delta(epsilon: f64, mu: f64) -> f64 {
    let (near, far) = (mu / 2.0 - epsilon / mu, mu / 2.0 + epsilon / mu);
    // e^epsilon Phi(-far) = exp(-near^2/2) erfcx(far/sqrt 2) / 2: no overflow, and where both terms
    // are tails, no cancellation between numbers of very different size.
    let density = (-near * near / 2.0).exp() / 2.0;
    if near <= 0.0 {
        density * (erfcx(-near / SQRT_2) - erfcx(far / SQRT_2))
    } else {
        libm::erfc(-near / SQRT_2) / 2.0 - density * erfcx(far / SQRT_2)
    }
}

/// The smallest epsilon at which a Gaussian mechanism of this `mu >= 0` meets `delta` in (0, 1).
pub fn epsilon(mu: f64, at_delta: f64) -> f64 {
    if mu <= 0.0 || delta(0.0, mu) <= at_delta {
        return 0.0;
    }
    // Phi(-z) <= exp(-z^2/2) bounds the root from above.
    let high = mu * (mu / 2.0 + (2.0 * -at_delta.ln()).sqrt());
    bisect(0.0, high, |epsilon| delta(epsilon, mu) <= at_delta)
}

/// The largest `mu` whose Gaussian mechanism is (epsilon, delta)-private: `sigma = sensitivity / mu`
/// is the least noise that keeps the promise.
pub fn mu(at_epsilon: f64, at_delta: f64) -> f64 {
    let breaks = |log_mu: f64| delta(at_epsilon, log_mu.exp()) > at_delta;
    let mut high = 0.0;
    while !breaks(high) {
        high += 1.0;
    }
    let mut low = high - 1.0;
    while breaks(low) {
        low -= 1.0;
    }
    // The last value that still keeps the promise.
    bisect(low, high, breaks).next_down().exp()
}

/// The classical sigma for sensitivity 1: `sqrt(2 ln(1.25/delta)) / epsilon`, proven for epsilon
/// below 1 (*dp-activations*, section IV).
pub fn classical_sigma(epsilon: f64, delta: f64) -> f64 {
    (2.0 * (1.25 / delta).ln()).sqrt() / epsilon
}

/// The best odds of one guesser who must tell two adjacent inputs apart, starting even, up to
/// delta: `e^epsilon / (1 + e^epsilon)`.
pub fn odds(epsilon: f64) -> f64 {
    1.0 / (1.0 + (-epsilon).exp())
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
    fn sigma_meets_the_published_figures() {
        // SPEC section 2 and the privacy figures of the design, to the digits given there.
        for (at, sigma) in [(1.0, 3.730632), (5.0, 0.891868), (0.5, 7.031827)] {
            let got = 1.0 / mu(at, 1e-5);
            assert!((got - sigma).abs() < 5e-7, "sigma({at}) = {got}, not {sigma}");
        }
    }

    #[test]
    fn epsilon_and_mu_are_inverse() {
        for at in [1e-3, 0.1, 1.0, 5.0, 40.0, 1e3, 1e6] {
            for at_delta in [1e-12, 1e-5, 1e-2] {
                let back = epsilon(mu(at, at_delta), at_delta);
                assert!((back / at - 1.0).abs() < 1e-9, "epsilon {at}, delta {at_delta}: {back}");
            }
        }
        assert_eq!(epsilon(0.0, 1e-5), 0.0);
        assert_eq!(epsilon(1e-7, 1e-5), 0.0, "delta alone covers a mechanism this noisy");
    }

    #[test]
    fn the_classical_formula_under_noises_past_8_42() {
        // SPEC section 2: nominal 5 is truly 4.54.
        let truth = |nominal: f64| epsilon(1.0 / classical_sigma(nominal, 1e-5), 1e-5);
        assert!((truth(5.0) - 4.54).abs() < 0.005, "{}", truth(5.0));
        assert!(truth(8.41) < 8.41 && truth(8.43) > 8.43, "{} {}", truth(8.41), truth(8.43));
    }

    #[test]
    fn the_odds_of_no_information_are_even() {
        assert_eq!(odds(0.0), 0.5);
        assert!((odds(1.0) - 0.731_058_578_630_004_9).abs() < 1e-15);
        assert_eq!(odds(1e6), 1.0);
    }
}
