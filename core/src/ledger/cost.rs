//! What releases cost, and how costs add up.

use super::cap::Cap;
use super::unit::Unit;
use crate::error::{Error, ErrorKind, Result};
use crate::privacy::{self, Adjacency, Delta, Epsilon, Mechanism, SamplerError};

/// Stands for a `mu^2` that nobody knows any more: more than any budget, and more than any sum.
const UNKNOWN: f64 = f64::MAX;

/// What a budget keeps of its epsilon, and of its delta, for what samplers lack of an exact Gaussian:
/// 1/4096 of each. That fixes, before the first release, how far `mu^2` and the sampler's error may
/// each go (docs/proofs/ledger.md).
const KEPT: f64 = 1.0 / 4096.0;

/// What a budget keeps is a share of its epsilon up to this one, past which no guarantee is of use.
const LARGEST_KEPT_OF: f64 = 20.0;

/// A cost under one adjacency, of one release or of many together: finite and not negative, each part.
///
/// Gaussian mechanisms compose exactly: many of them, each chosen after seeing what the ones before
/// let out, are together as private as one whose `mu^2` is the sum (Dong, Roth and Su 2022,
/// Corollary 3.3; for sizes chosen on the way under a cap, Smith and Thakurta 2022). What the
/// sampler lacks of an exact Gaussian adds up beside it. Every sum is rounded up.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Cost {
    /// The sum of `mu^2`.
    mu_squared: f64,
    /// The sum of n eta: a bound on the log-ratio of the drawn noise's distribution to the exact
    /// one's.
    sampler_error: f64,
    /// The sum of n times what the noise's table leaves out.
    left_out: f64,
}

impl Cost {
    /// A cost of these parts: `mu^2`, n eta, and n times what the table leaves out. None where one of
    /// them is negative, infinite or no number.
    pub(super) fn new(parts: [f64; 3]) -> Option<Self> {
        let [mu_squared, sampler_error, left_out] = parts;
        let sound = parts.iter().all(|part| part.is_finite() && part.is_sign_positive());
        sound.then_some(Self { mu_squared, sampler_error, left_out })
    }

    /// What [`Cost::new`] takes.
    pub(super) fn parts(&self) -> [f64; 3] {
        [self.mu_squared, self.sampler_error, self.left_out]
    }

    /// `mu^2`.
    pub(super) fn mu_squared(&self) -> f64 {
        self.mu_squared
    }

    /// What one release of `mechanism` costs under `adjacency`; none where it takes a front to know.
    fn of(mechanism: &Mechanism, adjacency: Adjacency) -> Option<[f64; 3]> {
        let mu = mechanism.spend(adjacency)?.mu.get();
        let error = mechanism.sampler_error(adjacency)?;
        Some([(mu * mu).next_up(), error.log_ratio, error.left_out])
    }

    /// The smallest epsilon that goes with `delta` in (0, 1): of the Gaussian of this `mu`, the
    /// sampler's error charged to both. *Formal*, for a cost that was fixed beforehand; of a total
    /// that was read off on the way it is information.
    pub(super) fn epsilon(&self, delta: f64) -> f64 {
        if self.mu_squared >= UNKNOWN {
            return f64::INFINITY;
        }
        let error = SamplerError { log_ratio: self.sampler_error, left_out: self.left_out };
        error.epsilon(self.mu_squared.sqrt().next_up(), delta)
    }

    /// The most sampler's error, of both kinds, that all releases under `cap` may have.
    fn kept_by(cap: &Cap) -> Self {
        let epsilon = cap.epsilon().min(LARGEST_KEPT_OF);
        let (sampler_error, left_out) = (epsilon * KEPT, cap.delta() * KEPT);
        Self { mu_squared: 0.0, sampler_error, left_out }
    }

    /// The epsilon that a total counts for under `cap`, with all that the budget keeps for samplers:
    /// what is held against the cap.
    fn counted(&self, cap: &Cap) -> f64 {
        let kept = Self::kept_by(cap);
        if self.mu_squared == 0.0 {
            return 0.0;
        }
        Self { mu_squared: self.mu_squared, ..kept }.epsilon(cap.delta())
    }

    /// Whether a single release of this cost, fixed before anything was seen, stays under `cap`.
    fn alone_within(&self, cap: &Cap) -> bool {
        self.epsilon(cap.delta()) <= cap.epsilon()
    }

    /// Whether releases of this total may be made under `cap`, however they were chosen.
    fn within(&self, cap: &Cap) -> bool {
        let kept = Self::kept_by(cap);
        self.sampler_error <= kept.sampler_error
            && self.left_out <= kept.left_out
            && self.counted(cap) <= cap.epsilon()
    }

    fn zip(self, other: Self, join: impl Fn(f64, f64) -> f64) -> Self {
        // Past the largest number nothing is known but that it is past it.
        let join = |a, b| if a >= UNKNOWN { UNKNOWN } else { join(a, b).clamp(0.0, UNKNOWN) };
        Self {
            mu_squared: join(self.mu_squared, other.mu_squared),
            sampler_error: join(self.sampler_error, other.sampler_error),
            left_out: join(self.left_out, other.left_out),
        }
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
    pub(super) fn of(mechanism: Option<&Mechanism>, unit: Unit) -> Result<Self> {
        let Some(mechanism) = mechanism else {
            return Err(Error::new(
                ErrorKind::Budget,
                "refused: a release without dp costs more than any budget holds; put dp(...) into the policy, or charge it to no ledger",
            ));
        };
        let cost = |adjacency| {
            let parts = Cost::of(mechanism, adjacency).ok_or_else(|| {
                Error::new(
                    ErrorKind::Policy,
                    "the budget speaks of patches, and this policy was resolved without a front to know how far they reach",
                )
            })?;
            Cost::new(parts).ok_or_else(|| {
                Error::new(ErrorKind::Budget, "refused: this release's cost is not finite")
            })
        };
        Ok(Self {
            activation: cost(Adjacency::Activation)?,
            unit: cost(unit.of_one_release())?,
            image: cost(Adjacency::Image)?,
        })
    }

    /// The whole of `cap`, and more than anything else: what is taken for spent where nobody knows.
    pub(super) fn exhausted(cap: &Cap) -> Self {
        let unknown = Cost { mu_squared: UNKNOWN, ..Cost::default() };
        let past = Epsilon::new((cap.epsilon() * (1.0 + 1e-6)).min(1e9))
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
        self.zip(other, |a, b| if b == 0.0 { a } else { (a - b).next_up() })
    }

    /// Of so many releases alike, rounded up.
    pub(super) fn times(self, count: u32) -> Self {
        let count = f64::from(count);
        self.zip(self, |a, _| if count == 1.0 { a } else { (a * count).next_up() })
    }

    /// Whether a total of this much stays within `cap`.
    pub(super) fn within(&self, cap: &Cap) -> bool {
        self.unit.within(cap)
    }

    /// The epsilon that this total counts for against `cap`.
    pub(super) fn counted(&self, cap: &Cap) -> f64 {
        self.unit.counted(cap)
    }

    /// How many of `count` releases of this cost fit under `cap` after `spent`; `none_before` says
    /// that no release was ever charged.
    ///
    /// A first release may take the whole budget: what it costs was fixed before anything was seen,
    /// so that nothing need be kept. No other fits after it then.
    pub(super) fn that_fit(self, count: u32, spent: Self, none_before: bool, cap: &Cap) -> u32 {
        let fits = |count| spent.plus(self.times(count)).within(cap);
        if fits(count) {
            return count;
        }
        let (mut fit, mut too_many) = (0, count);
        while too_many - fit > 1 {
            let middle = fit + (too_many - fit) / 2;
            if fits(middle) { fit = middle } else { too_many = middle }
        }
        let alone = || spent.plus(self).unit.alone_within(cap);
        if fit == 0 && none_before && alone() { 1 } else { fit }
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

    fn mu(epsilon: f64, delta: f64) -> f64 {
        privacy::mu(Epsilon::new(epsilon).unwrap(), Delta::new(delta).unwrap()).get()
    }

    fn costs(mu: f64) -> Costs {
        let cost = Cost::new([mu * mu, 1e-12, 0.0]).unwrap();
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
        let cap = Cap::new(5.0, 1e-5, Unit::Image).unwrap();
        let one = costs(0.05);
        let that_fit = |costs: Costs, count| costs.that_fit(count, Costs::default(), false, &cap);
        let fit = that_fit(one, 100_000);
        assert!(one.times(fit).within(&cap) && !one.times(fit + 1).within(&cap), "{fit}");
        assert_eq!(that_fit(one, 7), 7);
        assert_eq!(that_fit(costs(50.0), 7), 0);
        let all_left_out = Cost { left_out: 1e-4, ..Cost::default() };
        assert_eq!(all_left_out.epsilon(1e-5), f64::INFINITY);
        let exhausted = Costs::exhausted(&cap);
        assert!(!exhausted.within(&cap));
        for none_before in [false, true] {
            assert_eq!(one.that_fit(7, exhausted, none_before, &cap), 0);
        }
        assert_eq!(exhausted.image.epsilon(1e-5), f64::INFINITY);
    }

    #[test]
    fn what_is_kept_for_samplers_is_not_spent_on_anything_else() {
        let cap = Cap::new(5.0, 1e-5, Unit::Person).unwrap();
        let of = |mu: f64, error: f64, left_out: f64| {
            let cost = Cost::new([mu * mu, error, left_out]).unwrap();
            Costs { activation: cost, unit: cost, image: cost }
        };
        let kept = Cost::kept_by(&cap);
        let corner = {
            let delta = (1e-5 - kept.left_out) * (-kept.sampler_error).exp();
            mu(5.0 - 2.0 * kept.sampler_error, delta) * (1.0 - 1e-9)
        };
        let left_out = kept.left_out * (1.0 - 1e-9);
        assert!(of(corner, kept.sampler_error, left_out).within(&cap));
        assert!(!of(corner * (1.0 + 1e-6), 0.0, 0.0).within(&cap), "though epsilon is below 5");
        assert!(!of(0.01, kept.sampler_error.next_up(), 0.0).within(&cap));
        assert!(!of(0.01, 0.0, left_out * (1.0 + 1e-8)).within(&cap));
        // All of it for the first, once.
        let whole = of(mu(5.0 - 2e-7, 1e-5 * (-1e-7f64).exp()) * (1.0 - 1e-9), 1e-7, 0.0);
        assert_eq!(whole.that_fit(3, Costs::default(), true, &cap), 1);
        assert_eq!(whole.that_fit(1, Costs::default(), false, &cap), 0);
        assert_eq!(of(1e-9, 0.0, 0.0).that_fit(1, whole, false, &cap), 0, "and none after it");
    }

    #[test]
    fn a_cost_is_a_number() {
        for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, -0.0, -1e-300] {
            for at in 0..3 {
                let mut parts = [1.0; 3];
                parts[at] = wrong;
                assert_eq!(Cost::new(parts), None, "{parts:?}");
            }
        }
        // Sums past the largest number stay there, and do not come back.
        let huge = Cost::new([1e308, 0.0, 0.0]).unwrap();
        let costs = Costs { activation: huge, unit: huge, image: huge };
        let past = costs.times(100);
        assert_eq!(past.unit.mu_squared, UNKNOWN);
        assert_eq!(past.minus(costs).unit.epsilon(1e-5), f64::INFINITY);
        assert_eq!(past.plus(past).unit.mu_squared, UNKNOWN);
    }
}
