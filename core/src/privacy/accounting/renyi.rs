//! Rényi differential privacy at fixed orders: the accountant for mini-batches drawn in secret.

use super::super::{Delta, Mu};
use super::sampling::FixedSizeSampling;
use super::total::conversion;

/// Fractional orders, in tenths from 1.1 to 10.9.
const TENTHS: usize = 99;

/// Whole orders, from 11 to 64.
const WHOLE: usize = 54;

/// The orders at which divergences are added up.
pub const ORDERS: [f64; TENTHS + WHOLE + 2] = {
    let mut orders = [128.0; TENTHS + WHOLE + 2];
    let mut i = 0;
    while i < TENTHS + WHOLE {
        orders[i] = if i < TENTHS { 1.0 + (i + 1) as f64 / 10.0 } else { (11 + i - TENTHS) as f64 };
        i += 1;
    }
    orders[TENTHS + WHOLE + 1] = 256.0;
    orders
};

/// The Rényi divergences of several releases under one adjacency, at [`ORDERS`].
///
/// *Proven* for a list of releases fixed beforehand; for sampled ones, under the conditions that
/// [`FixedSizeSampling`] names. It is a bound: without sampling, [`Total`](super::Total) is exact
/// and smaller.
#[derive(Clone, Debug, PartialEq)]
pub struct RenyiTotal {
    divergences: [f64; ORDERS.len()],
}

impl Default for RenyiTotal {
    fn default() -> Self {
        Self { divergences: [0.0; ORDERS.len()] }
    }
}

impl RenyiTotal {
    /// Adds `count` releases that cost `mu` each: `alpha mu^2 / 2` at order alpha (Mironov 2017,
    /// Proposition 7).
    pub fn add(&mut self, mu: Mu, count: u64) {
        let mu = mu.get();
        for (divergence, order) in self.divergences.iter_mut().zip(ORDERS) {
            *divergence += count as f64 * order * mu * mu / 2.0;
        }
    }

    /// Adds `count` rounds, each a release of a batch drawn in secret whose members pay `mu`.
    ///
    /// Wang, Balle and Kasiviswanathan (2019), Theorem 27 for whole orders and Corollary 10 between
    /// them.
    pub fn add_sampled(&mut self, mu: Mu, count: u64, sampling: FixedSizeSampling) {
        if sampling.rate() == 1.0 || mu.get() == 0.0 || count == 0 {
            return self.add(mu, count);
        }
        let moments = Moments::new(mu.get());
        let whole: Vec<f64> =
            (1..=64).map(|order| moments.sampled(order, sampling.rate())).collect();
        for (divergence, order) in self.divergences.iter_mut().zip(ORDERS) {
            let below = order.floor() as usize;
            let cumulant = if below > whole.len() {
                moments.sampled(below, sampling.rate())
            } else {
                // The cumulant is convex in the order: a chord lies above it.
                let share = order - order.floor();
                let above = if share > 0.0 { whole[below] } else { 0.0 };
                (1.0 - share) * whole[below - 1] + share * above
            };
            // Where the moments of a tiny mu are lost to rounding: sampling never costs more than none.
            let sampled = cumulant / (order - 1.0);
            let sampled =
                if sampled.is_nan() { order * mu.get() * mu.get() / 2.0 } else { sampled };
            *divergence += count as f64 * sampled;
        }
    }

    /// Epsilon at a delta, and the order that gives it (Canonne, Kamath and Steinke 2020,
    /// Proposition 12).
    pub fn epsilon(&self, delta: Delta) -> (f64, f64) {
        let delta = delta.get();
        let at = |(divergence, order): (&f64, f64)| {
            // delta <= sqrt(1 - exp(-divergence)) needs no epsilon at all.
            let covered = delta * delta + (-divergence).exp_m1() > 0.0;
            (if covered { 0.0 } else { conversion(*divergence, order - 1.0, delta) }, order)
        };
        let least = self.divergences.iter().zip(ORDERS).map(at).min_by(|a, b| a.0.total_cmp(&b.0));
        let (epsilon, order) = least.expect("there are orders");
        (epsilon.max(0.0), order)
    }
}

/// Moments of a Gaussian mechanism's likelihood ratio `L = exp(mu z - mu^2/2)`, z standard normal.
struct Moments {
    mu: f64,
    /// `ln E[(L - 1)^j]` for even j = 2, 4, ..., 256.
    even: Vec<f64>,
}

impl Moments {
    fn new(mu: f64) -> Self {
        Self { mu, even: (1..=128).map(|half| log_moment(mu, 2 * half)).collect() }
    }

    /// `(order - 1)` times the divergence of a sampled round, at a whole order.
    fn sampled(&self, order: usize, rate: f64) -> f64 {
        let log_rate = rate.ln();
        let (mut log_binomial, mut sum) = (0.0, 0.0);
        for j in 1..=order {
            log_binomial += ((order - j + 1) as f64 / j as f64).ln();
            if j > 1 {
                sum = log_add(sum, log_binomial + j as f64 * log_rate + self.term(j));
            }
        }
        sum
    }

    /// The logarithm of what Theorem 27 puts on `q^j binomial(order, j)`: the smaller of two bounds.
    fn term(&self, j: usize) -> f64 {
        let plain = (j * (j - 1)) as f64 * self.mu * self.mu / 2.0 + 2f64.ln();
        let around = (self.even[j / 2 - 1] + self.even[j.div_ceil(2) - 1]) / 2.0;
        plain.min(4f64.ln() + around)
    }
}

/// `ln E[(L - 1)^j]` for even j, by the trapezoid rule on the normal density: the integrand is never
/// negative, so that nothing cancels, and smooth, so that the rule converges faster than any power
/// of its width.
fn log_moment(mu: f64, j: i32) -> f64 {
    let power = f64::from(j);
    let (low, high) = (-40.0, 40.0 + power * mu);
    // The density's width is 1; where L - 1 is steep the integrand is no narrower than 1 / (j mu).
    let width = (0.1f64).min(0.5 / (power * mu).max(1e-9)).max((high - low) / 40_000.0);
    let count = ((high - low) / width) as usize;
    let term = |i: usize| {
        let z = low + i as f64 * width;
        let exponent = mu * z - mu * mu / 2.0;
        // ln |e^x - 1|, for x of any size.
        let log_excess = if exponent > 30.0 { exponent } else { exponent.exp_m1().abs().ln() };
        power * log_excess - z * z / 2.0
    };
    let terms: Vec<f64> = (0..=count).map(term).collect();
    let largest = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = terms.iter().map(|term| (term - largest).exp()).sum();
    largest + (sum * width / std::f64::consts::TAU.sqrt()).ln()
}

fn log_add(a: f64, b: f64) -> f64 {
    let (high, low) = if a > b { (a, b) } else { (b, a) };
    high + (low - high).exp().ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_small_orders_have_closed_forms() {
        for mu in [1e-3f64, 0.05, 0.5, 2.0, 9.0] {
            let square = (mu * mu).exp_m1();
            assert!((log_moment(mu, 2) / square.ln() - 1.0).abs() < 1e-9, "mu {mu}");
        }
        // E[(L-1)^4] = e^(6 mu^2) - 4 e^(3 mu^2) + 6 e^(mu^2) - 3.
        let fourth = |m: f64| (6.0 * m).exp() - 4.0 * (3.0 * m).exp() + 6.0 * m.exp() - 3.0;
        for mu in [0.5f64, 1.0, 3.0] {
            let wanted = fourth(mu * mu).ln();
            assert!((log_moment(mu, 4) - wanted).abs() < 1e-9, "mu {mu}");
        }
    }

    fn mu(value: f64) -> Mu {
        Mu::new(value).unwrap()
    }

    #[test]
    fn the_least_and_the_largest_have_an_answer() {
        let delta = Delta::new(1e-5).unwrap();
        for value in [f64::MIN_POSITIVE, 1e-160, 1e-9, 1e9, 1e100] {
            for rate in [f64::MIN_POSITIVE, 1e-9, 0.5, 1.0] {
                let (mut sampled, mut plain) = (RenyiTotal::default(), RenyiTotal::default());
                sampled.add_sampled(mu(value), 1, FixedSizeSampling::new(rate).unwrap());
                plain.add(mu(value), 1);
                let (sampled, plain) = (sampled.epsilon(delta).0, plain.epsilon(delta).0);
                assert!(
                    sampled >= 0.0 && plain >= 0.0,
                    "mu {value:e}, rate {rate:e}: {sampled}, {plain}"
                );
            }
        }
    }

    #[test]
    fn a_batch_of_everything_is_no_sample() {
        let (mut sampled, mut plain) = (RenyiTotal::default(), RenyiTotal::default());
        sampled.add_sampled(mu(0.7), 3, FixedSizeSampling::new(1.0).unwrap());
        plain.add(mu(0.7), 3);
        assert_eq!(sampled, plain);
        assert!(FixedSizeSampling::new(0.0).is_err() && FixedSizeSampling::new(1.01).is_err());
    }

    #[test]
    fn sampling_helps() {
        let (mut sampled, mut plain) = (RenyiTotal::default(), RenyiTotal::default());
        sampled.add_sampled(mu(1.0), 100, FixedSizeSampling::new(0.01).unwrap());
        plain.add(mu(1.0), 100);
        let delta = Delta::new(1e-5).unwrap();
        assert!(sampled.epsilon(delta).0 < plain.epsilon(delta).0 / 10.0);
    }
}
