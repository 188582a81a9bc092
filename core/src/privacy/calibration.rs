//! Gaussian noise against (epsilon, delta): the analytic curve, and the paper's classical formula
//! beside it.
//!
//! A Gaussian mechanism is described by one number, [`Mu`]: how far its input can move over the noise's
//! standard deviation. By Balle and Wang (2018), Theorem 8, it is (epsilon, delta)-differentially
//! private exactly when `delta >= Phi(mu/2 - epsilon/mu) - e^epsilon Phi(-mu/2 - epsilon/mu)`, for
//! every epsilon at least 0. *Formal*, under whatever adjacency the sensitivity was taken.

use std::f64::consts::SQRT_2;

use serde::Serialize;

use super::curve;
use super::{Delta, Epsilon, Mu};

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

/// The smallest delta that goes with an epsilon for a Gaussian mechanism of this mu.
pub fn delta(epsilon: Epsilon, mu: Mu) -> f64 {
    curve::delta(epsilon.get(), mu.get())
}

/// The smallest epsilon at which a Gaussian mechanism of this mu meets a delta; 0 where delta alone covers
/// it.
pub fn epsilon(mu: Mu, at_delta: Delta) -> f64 {
    curve::epsilon(mu.get(), at_delta.get())
}

/// The largest mu whose Gaussian mechanism is (epsilon, delta)-private: `sigma = sensitivity / mu` is the
/// least noise that keeps the promise.
pub fn mu(at_epsilon: Epsilon, at_delta: Delta) -> Mu {
    Mu::of(curve::mu(at_epsilon.get(), at_delta.get()))
}

/// The classical sigma for sensitivity 1: `sqrt(2 ln(1.25/delta)) / epsilon`, proven for epsilon
/// below 1 (*dp-activations*, section IV).
pub fn classical_sigma(epsilon: Epsilon, delta: Delta) -> f64 {
    (2.0 * (1.25 / delta.get()).ln()).sqrt() / epsilon.get()
}

/// How often the best guesser of all is right who knows two adjacent inputs, sees one release and must say
/// which of them it came from, both being equally likely: `Phi(mu/2)`.
///
/// It is the mechanism's own figure, and holds whatever epsilon and delta it is quoted at: the total
/// variation distance of two unit Gaussians mu apart is `2 Phi(mu/2) - 1`, and a guesser gains half of it.
pub fn best_guess(mu: Mu) -> f64 {
    libm::erfc(-mu.get() / 2.0 / SQRT_2) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mu_at(epsilon: f64, delta: f64) -> Mu {
        mu(Epsilon::new(epsilon).unwrap(), Delta::new(delta).unwrap())
    }

    fn epsilon_of(mu: f64, delta: f64) -> f64 {
        epsilon(Mu::new(mu).unwrap(), Delta::new(delta).unwrap())
    }

    #[test]
    fn sigma_meets_figures_computed_at_high_precision() {
        for (at, sigma) in [(1.0, 3.730632), (5.0, 0.891868), (0.5, 7.031827)] {
            let got = 1.0 / mu_at(at, 1e-5).get();
            assert!((got - sigma).abs() < 5e-7, "sigma({at}) = {got}, not {sigma}");
        }
    }

    #[test]
    fn epsilon_and_mu_are_inverse() {
        for at in [1e-3, 0.1, 1.0, 5.0, 40.0, 1e3, 1e6] {
            for at_delta in [1e-12, 1e-5, 1e-2] {
                let back = epsilon_of(mu_at(at, at_delta).get(), at_delta);
                assert!((back / at - 1.0).abs() < 1e-9, "epsilon {at}, delta {at_delta}: {back}");
            }
        }
        assert_eq!(epsilon_of(0.0, 1e-5), 0.0);
        assert_eq!(epsilon_of(1e-7, 1e-5), 0.0, "delta alone covers a mechanism this noisy");
    }

    #[test]
    fn every_corner_has_an_answer() {
        for at in [f64::MIN_POSITIVE, 1e-300, 1e-9, 1.0, 1e9] {
            for at_delta in [1e-30, 1e-5, 0.5, 1f64.next_down()] {
                let mu = mu_at(at, at_delta);
                assert!(mu.get() > 0.0 && mu.get().is_finite(), "{at}, {at_delta}: {mu}");
                assert!(epsilon(mu, Delta::new(at_delta).unwrap()) <= at * (1.0 + 1e-9) + 1e-12);
            }
        }
        for mu in [0.0, f64::MIN_POSITIVE, 1e-9, 1.0, 1e9, 1e100] {
            for at_delta in [1e-30, 0.5] {
                let cost = epsilon_of(mu, at_delta);
                assert!(cost >= 0.0 && cost.is_finite(), "mu {mu}, delta {at_delta}: {cost}");
            }
            let guess = best_guess(Mu::new(mu).unwrap());
            assert!((0.5..=1.0).contains(&guess));
        }
    }

    #[test]
    fn the_classical_formula_under_noises_past_8_42() {
        // The analytic curve (Balle and Wang 2018): nominal 5 is truly 4.54.
        let delta = Delta::new(1e-5).unwrap();
        let truth = |nominal: f64| {
            epsilon_of(1.0 / classical_sigma(Epsilon::new(nominal).unwrap(), delta), 1e-5)
        };
        assert!((truth(5.0) - 4.54).abs() < 0.005, "{}", truth(5.0));
        assert!(truth(8.41) < 8.41 && truth(8.43) > 8.43, "{} {}", truth(8.41), truth(8.43));
    }

    #[test]
    fn the_best_guesser_is_right_as_often_as_the_normal_table_says() {
        assert_eq!(best_guess(Mu::default()), 0.5);
        // Phi(1) and Phi(1.645), Abramowitz and Stegun (1964), table 26.1.
        assert!((best_guess(Mu::new(2.0).unwrap()) - 0.841_344_746_068_543).abs() < 1e-14);
        assert!((best_guess(Mu::new(3.29).unwrap()) - 0.950_015_094_460_879).abs() < 1e-13);
        assert_eq!(best_guess(Mu::new(1e100).unwrap()), 1.0);
    }
}
