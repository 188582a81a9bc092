//! What releases cost, and how costs add up.

use serde::Serialize;

use super::cap::Cap;
use crate::error::{Error, ErrorKind, Result};
use crate::privacy::{self, Adjacency, Delta, Epsilon, Mechanism, SamplerError};

/// Stands for a `mu^2` that nobody knows any more: more than any budget.
pub(super) const UNKNOWN: f64 = f64::MAX;

/// A cost under one adjacency, of one release or of many together.
///
/// Gaussian mechanisms compose exactly: many of them, each chosen after seeing what the ones before
/// let out, are together as private as one whose `mu^2` is the sum (Dong, Roth and Su 2022,
/// Corollary 3.3; for sizes chosen on the way under a cap, Smith and Thakurta 2022). What the
/// sampler lacks of an exact Gaussian adds up beside it. Every sum is rounded up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct Cost {
    /// The sum of `mu^2`.
    pub(super) mu_squared: f64,
    /// The sum of n eta: a bound on the log-ratio of the drawn noise's distribution to the exact
    /// one's.
    pub(super) sampler_error: f64,
    /// The sum of n times what the noise's table leaves out.
    pub(super) left_out: f64,
}

impl Cost {
    /// What one release of `mechanism` costs under `adjacency`; none where it takes a front to know.
    fn of(mechanism: &Mechanism, adjacency: Adjacency) -> Option<Self> {
        let mu = mechanism.spend(adjacency)?.mu.get();
        let error = mechanism.sampler_error(adjacency)?;
        let (sampler_error, left_out) = (error.log_ratio, error.left_out);
        Some(Self { mu_squared: (mu * mu).next_up(), sampler_error, left_out })
    }

    /// The smallest epsilon that goes with `delta` in (0, 1): of the Gaussian of this `mu`, the
    /// sampler's error charged to both. *Formal*, for a cost that was
    /// fixed beforehand or kept under a cap that was.
    pub(super) fn epsilon(&self, delta: f64) -> f64 {
        // Not `>=`: a cost that is not a number must not pass for a small one.
        if !(self.mu_squared < UNKNOWN) {
            return f64::INFINITY;
        }
        let error = SamplerError { log_ratio: self.sampler_error, left_out: self.left_out };
        error.epsilon(self.mu_squared.sqrt().next_up(), delta)
    }

    fn zip(self, other: Self, join: impl Fn(f64, f64) -> f64) -> Self {
        Self {
            mu_squared: join(self.mu_squared, other.mu_squared),
            sampler_error: join(self.sampler_error, other.sampler_error),
            left_out: join(self.left_out, other.left_out),
        }
    }

    /// Whether each part is a number that a cost can be.
    fn is_sound(&self) -> bool {
        [self.mu_squared, self.sampler_error, self.left_out]
            .iter()
            .all(|part| part.is_finite() && part.is_sign_positive())
    }
}

/// Costs under the adjacencies that a ledger keeps: one activation, its cap's unit, one image.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Costs {
    pub(super) activation: Cost,
    pub(super) unit: Cost,
    pub(super) image: Cost,
}

impl Costs {
    /// What one release of `mechanism` costs.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`] without a mechanism: such a release has no finite cost.
    pub(super) fn of(mechanism: Option<&Mechanism>, unit: Adjacency) -> Result<Self> {
        let Some(mechanism) = mechanism else {
            return Err(Error::new(
                ErrorKind::Budget,
                "refused: a release without dp costs more than any budget holds; put dp(...) into the policy, or charge it to no ledger",
            ));
        };
        let cost = |adjacency| {
            Cost::of(mechanism, adjacency).ok_or_else(|| {
                Error::new(
                    ErrorKind::Policy,
                    "the budget speaks of patches, and this policy was resolved without a front to know how far they reach",
                )
            })
        };
        let costs = Self {
            activation: cost(Adjacency::Activation)?,
            unit: cost(unit)?,
            image: cost(Adjacency::Image)?,
        };
        if !costs.is_sound() {
            return Err(Error::new(
                ErrorKind::Budget,
                "refused: this release's cost is not finite",
            ));
        }
        Ok(costs)
    }

    /// The whole of `cap`, and more than anything else: what is taken for spent where nobody knows.
    pub(super) fn exhausted(cap: &Cap) -> Self {
        let unknown = Cost { mu_squared: UNKNOWN, ..Cost::default() };
        let past = Epsilon::new((cap.limit() * (1.0 + 1e-6)).min(1e9))
            .and_then(|epsilon| Ok(privacy::mu(epsilon, Delta::new(cap.delta())?).get().powi(2)));
        let past = past.map_or(UNKNOWN, |past| past * (1.0 + 1e-9));
        let unit = Cost { mu_squared: past, ..Cost::default() };
        Self { activation: unknown, unit, image: unknown }
    }

    /// Both together, rounded up.
    pub(super) fn plus(self, other: Self) -> Self {
        self.zip(other, |a, b| if b == 0.0 { a } else { (a + b).next_up() })
    }

    /// Without what was never used, rounded up and never below zero.
    pub(super) fn minus(self, other: Self) -> Self {
        self.zip(other, |a, b| if b == 0.0 { a } else { (a - b).next_up().max(0.0) })
    }

    /// Of so many releases alike, rounded up.
    pub(super) fn times(self, count: u32) -> Self {
        let count = f64::from(count);
        self.zip(self, |a, _| if count == 1.0 { a } else { (a * count).next_up() })
    }

    /// Whether a total of this much stays within `cap`.
    pub(super) fn within(&self, cap: &Cap) -> bool {
        self.unit.epsilon(cap.delta()) <= cap.limit()
    }

    /// How many of `count` releases of this cost fit under `cap` after `spent`.
    pub(super) fn that_fit(self, count: u32, spent: Self, cap: &Cap) -> u32 {
        let fits = |count| spent.plus(self.times(count)).within(cap);
        if fits(count) {
            return count;
        }
        let (mut fit, mut too_many) = (0, count);
        while too_many - fit > 1 {
            let middle = fit + (too_many - fit) / 2;
            if fits(middle) { fit = middle } else { too_many = middle }
        }
        fit
    }

    /// Whether each part is a number that a cost can be.
    pub(super) fn is_sound(&self) -> bool {
        [self.activation, self.unit, self.image].iter().all(Cost::is_sound)
    }

    fn zip(self, other: Self, join: impl Fn(f64, f64) -> f64) -> Self {
        Self {
            activation: self.activation.zip(other.activation, &join),
            unit: self.unit.zip(other.unit, &join),
            image: self.image.zip(other.image, &join),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn costs(mu: f64) -> Costs {
        let cost = Cost { mu_squared: mu * mu, sampler_error: 1e-12, left_out: 0.0 };
        Costs { activation: cost, unit: cost, image: cost }
    }

    #[test]
    fn many_small_releases_cost_what_one_large_does() {
        let together = costs(0.1).times(400);
        let wanted = privacy::epsilon(privacy::Mu::new(2.0).unwrap(), Delta::new(1e-5).unwrap());
        let got = together.unit.epsilon(1e-5);
        assert!(got >= wanted && got < wanted * (1.0 + 1e-8), "{got} is not {wanted}");
        let mut one_by_one = Costs::default();
        for _ in 0..400 {
            one_by_one = one_by_one.plus(costs(0.1));
        }
        let got = one_by_one.unit.epsilon(1e-5);
        assert!(got >= wanted && got < wanted * (1.0 + 1e-8), "{got} is not {wanted}");
    }

    #[test]
    fn sums_never_fall_below_the_exact_one() {
        // Exact sums, in whole multiples of 2^-60.
        let small = costs(0.3);
        let exact = |n: u64| (small.unit.mu_squared * 2f64.powi(60)) as u128 * u128::from(n);
        let mut sum = Costs::default();
        for n in 1..=10_000u64 {
            sum = sum.plus(small);
            assert!((sum.unit.mu_squared * 2f64.powi(60)) as u128 >= exact(n), "{n}");
        }
        let back = (0..9_999).fold(sum, |sum, _| sum.minus(small));
        assert!(back.unit.mu_squared >= small.unit.mu_squared);
        assert!(back.unit.mu_squared < small.unit.mu_squared * (1.0 + 1e-7));
    }

    #[test]
    fn what_fits_is_found_exactly() {
        let cap = Cap::new(5.0, 1e-5, Adjacency::Image).unwrap();
        let one = costs(0.05);
        let fit = one.that_fit(100_000, Costs::default(), &cap);
        assert!(one.times(fit).within(&cap) && !one.times(fit + 1).within(&cap), "{fit}");
        assert_eq!(one.that_fit(7, Costs::default(), &cap), 7);
        assert_eq!(costs(50.0).that_fit(7, Costs::default(), &cap), 0);
        let nothing = Cost { mu_squared: f64::NAN, ..Cost::default() };
        assert_eq!(nothing.epsilon(1e-5), f64::INFINITY);
        let all_left_out = Cost { left_out: 1e-4, ..Cost::default() };
        assert_eq!(all_left_out.epsilon(1e-5), f64::INFINITY);
        let exhausted = Costs::exhausted(&cap);
        assert!(exhausted.is_sound() && !exhausted.within(&cap));
        assert_eq!(one.that_fit(7, exhausted, &cap), 0);
        assert_eq!(exhausted.image.epsilon(1e-5), f64::INFINITY);
    }
}
