//! The largest movement when one activation changes, found with a certificate.
//!
//! The statement and its proof are `docs/proofs.md#one-activation`; in short, in units of c and of
//! squares of activations over `a_max^2`:
//!
//! 1. The changed activation's own output moves by at most `o(t + t')`, where t and t' are the sums of
//!    squares of its h neighbours on either side; those on one side move by at most `sqrt(phi(t))` together.
//!    `o` falls and `phi(t) = t g(t)^2`, `g(t) = (1 + tau t)^-beta - (1 + tau (t + 1))^-beta`.
//! 2. phi has one peak at most, and is concave up to it: phi rises first, and wherever its slope is not
//!    negative its second derivative is.
//! 3. So a largest movement has neither t nor t' past the peak (less of them moves everything more), and
//!    below it `phi(t) + phi(t') <= 2 phi((t + t') / 2)`: it has t = t', and one number remains.
//! 4. On an interval of that number the movement is at most what `o` at its lower end and `phi` at its upper
//!    end give, or at phi's peak where that is lower. Intervals are halved, the one with the largest such
//!    bound first, until the largest bound is within 1e-5 of a movement that is reached. What is returned is
//!    that *bound*: nothing rests on having looked in the right places.

use super::Sensitivity;

/// How far, as a share, the bound may lie above a movement that is reached.
const SLACK: f64 = 1e-5;

/// Intervals at most; a bound over so many is returned as it stands.
const INTERVALS: usize = 4096;

/// `o` and `phi` for given constants.
#[derive(Clone, Copy, Debug)]
pub(super) struct Movement {
    tau: f64,
    beta: f64,
    /// The upper end of what t may be: h, or phi's peak where that comes first.
    end: f64,
}

/// The squared movement of the activation itself, and the movement of its neighbours, both in steps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    /// `c / s`, the movement's unit over the step.
    pub(super) unit: f64,
    /// What rounding and flooring add to the neighbours' movement, in steps.
    pub(super) floors: f64,
}

impl Scale {
    fn squared(self, own: f64, neighbours: f64) -> f64 {
        (self.unit * own).powi(2) + (self.unit * neighbours.sqrt() + self.floors).powi(2)
    }
}

/// A number t that both sides' squares sum to, `o(2 t)` and `2 phi(t)`.
#[derive(Clone, Copy, Debug)]
struct Point {
    squares: f64,
    own: f64,
    neighbours: f64,
}

/// An interval of t, and the largest squared movement that it can hold.
#[derive(Clone, Copy, Debug)]
struct Interval {
    low: Point,
    high: Point,
    bound: f64,
}

impl Movement {
    pub(super) fn of(constants: &Sensitivity) -> Self {
        let reach = constants.normalisation.reach() as f64;
        let mut movement = Self { tau: constants.tau(), beta: constants.beta(), end: reach };
        movement.end = movement.end_of_rise(reach);
        movement
    }

    /// `o(Q)`.
    fn own_output(&self, neighbours: f64) -> f64 {
        own_output(self.tau, self.beta, neighbours)
    }

    /// `g(t)`: how much less a neighbour's factor is, at most, once the activation is there.
    fn fall(&self, squares: f64) -> f64 {
        let Self { tau, beta, .. } = *self;
        let base = 1.0 + tau * squares;
        // A difference of two powers, without subtracting them from one another.
        base.powf(-beta) * -(-beta * (tau / base).ln_1p()).exp_m1()
    }

    /// `phi(t)`: the squared movement of the neighbours on one side, in units of `c^2`.
    pub(super) fn neighbours(&self, squares: f64) -> f64 {
        squares * self.fall(squares).powi(2)
    }

    /// The sign of phi's slope: `g + 2 t g'`.
    fn rises(&self, squares: f64) -> bool {
        let Self { tau, beta, .. } = *self;
        let base = 1.0 + tau * squares;
        // -g'(t) = beta tau base^-(beta + 1) [1 - (1 + tau/base)^-(beta + 1)]; base^-beta divides out.
        let log = (tau / base).ln_1p();
        let slope = beta * tau / base * -(-(beta + 1.0) * log).exp_m1();
        -(-beta * log).exp_m1() >= 2.0 * squares * slope
    }

    /// A number in [0, reach] that phi's peak does not lie beyond by more than a rounding error: where the
    /// bisection is wrong by one place, phi is flat to sixteen digits, and [`SLACK`] is a hundred thousand
    /// times as much.
    fn end_of_rise(&self, reach: f64) -> f64 {
        if reach == 0.0 || self.rises(reach) {
            return reach;
        }
        // Peaks lie near 1/tau, which may be 1e-24: by the logarithm.
        let at = |log: f64| log.exp().min(reach);
        let found = super::super::curve::bisect(-80.0, reach.ln(), |log| !self.rises(at(log)));
        at(found)
    }

    /// The largest squared movement, never too small and at most [`SLACK`] too large.
    pub(super) fn largest_squared(&self, scale: Scale) -> f64 {
        let reached = |point: Point| scale.squared(point.own, point.neighbours);
        let interval = |low: Point, high: Point| Interval {
            low,
            high,
            bound: scale.squared(low.own, high.neighbours),
        };
        let (first, last) = (self.at(0.0), self.at(self.end));
        let mut best = reached(first).max(reached(last));
        let mut open = vec![interval(first, last)];
        // The largest bound that will not be brought closer to what is reached.
        let mut settled = best;
        let mut made = 1;
        // The widest bound stands last.
        while let Some(Interval { low, high, bound }) = open.pop() {
            let middle = middle(low.squares, high.squares);
            let parts = low.squares < middle && middle < high.squares;
            if !parts || made >= INTERVALS {
                settled = settled.max(bound);
                continue;
            }
            let middle = self.at(middle);
            best = best.max(reached(middle));
            for half in [interval(low, middle), interval(middle, high)] {
                if half.bound <= best * (1.0 + SLACK) {
                    settled = settled.max(half.bound);
                } else {
                    let place = open.partition_point(|other| other.bound < half.bound);
                    open.insert(place, half);
                }
            }
            made += 2;
        }
        settled
    }

    fn at(&self, squares: f64) -> Point {
        let (own, neighbours) = (self.own_output(2.0 * squares), 2.0 * self.neighbours(squares));
        Point { squares, own, neighbours }
    }
}

/// `o(Q)`: the largest own output among neighbours of squared sum Q, in units of `c`: the largest
/// `y / (1 + tau (Q + y^2))^beta` for y in [0, 1].
pub(super) fn own_output(tau: f64, beta: f64, neighbours: f64) -> f64 {
    let base = 1.0 + tau * neighbours;
    // The derivative vanishes at y^2 = base / (tau (2 beta - 1)); without such a point inside [0, 1] the
    // output grows up to y = 1.
    let peak = base / (tau * (2.0 * beta - 1.0));
    let y_squared = if peak > 0.0 && peak < 1.0 { peak } else { 1.0 };
    y_squared.sqrt() * (base + tau * y_squared).powf(-beta)
}

/// Where an interval is cut: by the logarithm, since the movement may change over thirty decades.
fn middle(low: f64, high: f64) -> f64 {
    if low > 0.0 && high > 2.0 * low {
        (low * high).sqrt()
    } else if low > 0.0 {
        low + (high - low) / 2.0
    } else {
        high * 1e-3
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Normalisation;
    use super::*;

    /// Constants over everything that is accepted, on a logarithmic scale.
    fn corners() -> impl Iterator<Item = Sensitivity> {
        let widths = [1, 2, 5, 255];
        let betas = [0.0, 0.01, 0.25, 0.49, 0.5, 0.51, 0.75, 1.0, 4.0];
        let scales = [1e-6, 1e-3, 1.0, 1e3, 1e6];
        let grid = widths.into_iter().flat_map(move |width| {
            betas.into_iter().flat_map(move |beta| {
                scales.into_iter().flat_map(move |a_max| {
                    [0.0, 1e-6, 1.0, 1e6].into_iter().flat_map(move |alpha| {
                        scales.into_iter().map(move |gamma| (width, beta, a_max, alpha, gamma))
                    })
                })
            })
        });
        grid.map(|(width, beta, a_max, alpha, gamma)| {
            let constants = Normalisation::default()
                .with_width(width)
                .and_then(|c| c.with_beta(beta))
                .and_then(|c| c.with_a_max(a_max))
                .and_then(|c| c.with_alpha(alpha))
                .and_then(|c| c.with_gamma(gamma));
            Sensitivity::new(constants.unwrap(), 600, None)
        })
    }

    /// The movement for two sums of squares, as the theorem states it before anything is simplified.
    fn stated(movement: &Movement, scale: Scale, one: f64, other: f64) -> f64 {
        let neighbours = movement.neighbours(one) + movement.neighbours(other);
        scale.squared(movement.own_output(one + other), neighbours)
    }

    #[test]
    fn no_pair_of_sums_moves_further_anywhere() {
        let (mut tightest, mut loosest, mut count) = (0f64, f64::INFINITY, 0);
        for constants in corners() {
            let movement = Movement::of(&constants);
            let reach = constants.normalisation.reach() as f64;
            let sums: Vec<f64> = std::iter::once(0.0)
                .chain((-200..=0).map(|exponent| reach * (f64::from(exponent) / 2.0).exp2()))
                .collect();
            for over in [1.0, 1e-3, 1e3] {
                let largest = constants.unclipped_largest();
                let floors = (2.0 * reach).sqrt();
                // From grids that are fine against the map's largest value to grids that are coarse.
                let scale = Scale { unit: constants.unit() * over / largest, floors };
                let bound = movement.largest_squared(scale);
                let mut best = 0f64;
                for (i, &one) in sums.iter().enumerate() {
                    for &other in &sums[..=i] {
                        best = best.max(stated(&movement, scale, one, other));
                    }
                }
                assert!(
                    best <= bound * (1.0 + 1e-12),
                    "{constants:?}, {over}: {best} over {bound}"
                );
                (tightest, loosest) = (tightest.max(best / bound), loosest.min(best / bound));
                count += 1;
            }
        }
        println!("{count} bounds, of which a coarse search reaches {loosest:.4} to {tightest:.6}");
        assert!(loosest > 0.99, "the coarse search finds nearly all of every bound: {loosest}");
    }

    #[test]
    fn it_is_reached_at_the_defaults() {
        let constants = Sensitivity::new(Normalisation::default(), 64, None);
        let movement = Movement::of(&constants);
        for step in [1e-4, 0.0324, 0.5] {
            let scale = Scale { unit: constants.unit() / step, floors: 2.0 };
            let bound = movement.largest_squared(scale);
            let at = |i: u32| stated(&movement, scale, f64::from(i) * 1e-5, f64::from(i) * 1e-5);
            let reached = (0..=200_000).map(at).fold(0.0, f64::max);
            assert!(reached <= bound && bound <= reached * (1.0 + 2.0 * SLACK), "step {step}");
        }
    }
}
