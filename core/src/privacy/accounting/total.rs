//! Gaussian mechanisms composed: exact, and by zero-concentrated differential privacy beside it.

use super::super::curve;
use super::super::{Delta, Mu};

/// The sum of what Gaussian mechanisms cost under one adjacency.
///
/// *Proven*: mechanisms of `mu_1, ..., mu_n` are together as private as one Gaussian mechanism of
/// `mu^2 = mu_1^2 + ... + mu_n^2`, and no less (Dong, Roth and Su 2022, Corollary 3.3): the total is
/// exact, not a bound. It holds where the mus were fixed beforehand, whatever else of a release depends
/// on earlier ones; where the mus do, use a [`Filter`](super::Filter) or an [`Odometer`](super::Odometer).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Total {
    mu_squared: f64,
}

impl Total {
    /// Adds `count` releases that cost `mu` each.
    ///
    /// The sum is rounded up, so that the total is never below the truth.
    pub fn add(&mut self, mu: Mu, count: u64) {
        let mu = mu.get();
        if count > 0 && mu > 0.0 {
            let added = (mu * mu).next_up() * (count as f64).next_up();
            self.mu_squared = (self.mu_squared + added.next_up()).next_up();
        }
    }

    /// The mu of one mechanism that costs as much.
    pub fn mu(&self) -> f64 {
        self.mu_squared.sqrt()
    }

    /// The square of [`Total::mu`], which is what adds up.
    pub fn mu_squared(&self) -> f64 {
        self.mu_squared
    }

    /// Epsilon at a delta, by the Gaussian mechanism's own curve; infinite where the total is too large for
    /// a number.
    pub fn epsilon(&self, delta: Delta) -> f64 {
        curve::epsilon(self.mu(), delta.get())
    }

    /// zCDP's `rho = mu^2 / 2` (Bun and Steinke 2016, Proposition 1.6).
    pub fn rho(&self) -> f64 {
        self.mu_squared / 2.0
    }

    /// Epsilon at a delta by what zCDP alone knows of the total: never below
    /// [`Total::epsilon`].
    ///
    /// The least over `alpha > 1` of `rho alpha + ln(1 - 1/alpha) - ln(alpha delta) / (alpha - 1)`
    /// (Canonne, Kamath and Steinke 2020, Proposition 12).
    pub fn zcdp_epsilon(&self, delta: Delta) -> f64 {
        let (rho, delta) = (self.rho(), delta.get());
        if rho == 0.0 || !rho.is_finite() {
            return rho;
        }
        let above_one = |log: f64| {
            let order_less_one = log.exp();
            conversion(rho * (1.0 + order_less_one), order_less_one, delta)
        };
        least(above_one, -40.0, 40.0).max(0.0)
    }
}

/// Epsilon at `delta` from a Rényi divergence at an order, given as the order less one.
pub(super) fn conversion(divergence: f64, order_less_one: f64, delta: f64) -> f64 {
    let order = 1.0 + order_less_one;
    // ln(1 - 1/order), without losing what is left where the order is nearly one.
    let shrink = order_less_one.ln() - order_less_one.ln_1p();
    divergence + shrink - (delta.ln() + order.ln()) / order_less_one
}

/// The least value of a function with one valley on `[low, high]`, by golden sections.
fn least(f: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    let share = (5f64.sqrt() - 1.0) / 2.0;
    let (mut left, mut right) = (high - share * (high - low), low + share * (high - low));
    let (mut at_left, mut at_right) = (f(left), f(right));
    // 80 cuts leave nothing of 80 that f64 could tell apart.
    for _ in 0..80 {
        if at_left <= at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - share * (high - low);
            at_left = f(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + share * (high - low);
            at_right = f(right);
        }
    }
    at_left.min(at_right)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mu(value: f64) -> Mu {
        Mu::new(value).unwrap()
    }

    fn delta(value: f64) -> Delta {
        Delta::new(value).unwrap()
    }

    #[test]
    fn squares_add_up() {
        let mut total = Total::default();
        total.add(mu(3.0), 1);
        total.add(mu(4.0), 1);
        assert!((total.mu() - 5.0).abs() < 1e-14);
        assert!(total.mu() >= 5.0, "rounded up");
        assert_eq!(total.rho(), total.mu_squared() / 2.0);
        let mut many = Total::default();
        many.add(mu(0.5), 100);
        assert!((many.mu() - total.mu()).abs() < 1e-14);
    }

    #[test]
    fn nothing_costs_nothing_and_too_much_is_infinite() {
        let mut nothing = Total::default();
        nothing.add(mu(0.0), 7);
        nothing.add(mu(1.0), 0);
        let at = delta(1e-5);
        assert_eq!((nothing.mu(), nothing.epsilon(at), nothing.zcdp_epsilon(at)), (0., 0., 0.));
        let mut all = Total::default();
        (0..u8::MAX).for_each(|_| all.add(mu(1e100), u64::MAX));
        assert!(all.epsilon(at) > 1e100 && all.zcdp_epsilon(at) > 1e100);
    }

    #[test]
    fn zcdp_knows_less_and_so_costs_more() {
        for value in [1e-3, 0.1, 1.0, 5.0, 100.0] {
            let mut total = Total::default();
            total.add(mu(value), 1);
            for at in [1e-12, 1e-5, 0.1] {
                let (zcdp, exact) = (total.zcdp_epsilon(delta(at)), total.epsilon(delta(at)));
                assert!(zcdp >= exact, "mu {value}, delta {at}");
            }
        }
    }
}
