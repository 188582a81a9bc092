//! How far the DP-A map can move, in L2 over the whole output, when its input moves to an adjacent
//! one.
//!
//! Notation (SPEC section 2): `h = floor(u/2)`, `tau = alpha a_max^2 / gamma`,
//! `c = a_max gamma^-beta`; `m` channels; `s` the step. A clipped activation is `a_max y` with y in
//! [0, 1], and normalising it among neighbours whose squared `y` sum to Q gives
//! `c y / (1 + tau (Q + y^2))^beta`.
//!
//! Every result is in steps and inflated by `1 + 2^-20`, which covers the rounding of a map computed
//! in `f32`, and by more where the window is wide or the exponent large.

/// The public constants that sensitivity depends on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sensitivity {
    /// Largest activation after clipping, `a_max`.
    pub a_max: f64,
    /// Width of the normalisation's window, `u`.
    pub width: usize,
    /// Weight of the sum of squares.
    pub alpha: f64,
    /// Exponent of the denominator.
    pub beta: f64,
    /// Constant under the power.
    pub gamma: f64,
    /// Channels that the normalisation sees, `m`: those kept, not those of the cut.
    pub channels: usize,
    /// L2 norm that the whole normalised map is shrunk to, where there is such a clip.
    pub clip: Option<f64>,
}

/// How many values of the map an adjacency touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// Positions of the map that may change.
    pub positions: usize,
    /// Values of the whole map, changed or not: a clip of the norm rescales them all.
    pub map_values: usize,
}

impl Sensitivity {
    /// (a) One activation changes before normalisation, in steps of `step`.
    ///
    /// Two non-negative outputs differ by at most the larger, so that the activation's own output moves by at most
    /// `c o(Q)`, the largest of `c y / (1 + tau (Q + y^2))^beta`. Each of its 2h channel neighbours
    /// moves because its denominator does, which y^2 changes by at most tau: by at most `c sqrt(phi)` in total for a side whose
    /// squares sum to t: `phi(t) = t [(1 + tau t)^-beta - (1 + tau (t + 1))^-beta]^2`, since the h
    /// neighbours on one side lie in each other's windows. Flooring moves each neighbour by less
    /// than one step more, `sqrt(2h)` in total, and the activation itself not at all:
    /// `|q - q'| <= max(F, F') / s` on a non-negative map. Hence
    /// `Delta_a^2 = max over t, t' in [0, h] of (c o(t + t') / s)^2 + (c sqrt(phi(t) + phi(t')) / s + sqrt(2h))^2`,
    /// maximised on a grid and refined.
    pub fn activation(&self, region: Region, step: f64) -> f64 {
        let reach = (self.width / 2) as f64;
        self.inflated(self.activation_moves(step, (2.0 * reach).sqrt()), true, region, step)
    }

    /// (a) without a grid, in units of the map: `S_a`, exactly `1/sqrt(3)` at the defaults.
    pub fn activation_without_grid(&self) -> f64 {
        self.activation_moves(1.0, 0.0)
    }

    /// (b) and (c) Any change at `region.positions` positions of the map, in steps of `step`:
    /// `sqrt(positions) D / s`. Flooring adds nothing: the bound is on the larger of two
    /// non-negative maps, value by value.
    pub fn positions(&self, region: Region, step: f64) -> f64 {
        let moved = (region.positions as f64).sqrt() * self.per_position() / step;
        let everywhere = region.positions * self.channels >= region.map_values;
        self.inflated(moved, !everywhere, region, step)
    }

    /// `D`: any change at one position of the map, in units of the map.
    ///
    /// Both maps are non-negative, so that `|F - F'| <= max(F, F')` at every channel. Cut the
    /// channels into blocks of h + 1 neighbours, which lie in each other's windows: within a block
    /// every denominator holds the squares of the whole block. Let j of a block's k channels be
    /// larger in the first image. With x the sum of their y^2, at most j, their squared norm is at
    /// most `c^2 x / (1 + tau x)^(2 beta)`, whose largest value up to j is `c^2 M(j)`: at x = j, or
    /// at x = 1 / (tau (2 beta - 1)) where that comes first. The other k - j channels are held by
    /// the second image in the same way. Hence
    /// `D^2 = c^2 [floor(m/(h+1)) P(h+1) + P(m mod (h+1))]`, `P(k) = max over j of M(j) + M(k - j)`.
    pub fn per_position(&self) -> f64 {
        let block = self.width / 2 + 1;
        let blocks = (self.channels / block) as f64 * self.block_norm(block);
        self.unit() * (blocks + self.block_norm(self.channels % block)).sqrt()
    }

    /// The largest value that the normalised map can take: `c o(0)`.
    pub fn largest_value(&self) -> f64 {
        let largest = self.unit() * self.own_output(0.0);
        self.clip.map_or(largest, |clip| largest.min(clip))
    }

    /// Covers `f32` rounding in the map: a sum of u squares is off by at most u + 1 units of 2^-24,
    /// its power by beta times as many, and clip, quotient and step add fewer than four. 16 such
    /// units are 2^-20.
    fn inflation(&self) -> f64 {
        let units = 4.0 + self.beta * (self.width + 1) as f64;
        1.0 + units.max(16.0) / (1u64 << 24) as f64
    }

    /// `c`.
    fn unit(&self) -> f64 {
        self.a_max * self.gamma.powf(-self.beta)
    }

    /// `tau`.
    fn tau(&self) -> f64 {
        self.alpha * self.a_max * self.a_max / self.gamma
    }

    /// `o(Q)`: the largest own output among neighbours of squared sum Q, in units of `c`.
    fn own_output(&self, neighbours: f64) -> f64 {
        let (tau, beta) = (self.tau(), self.beta);
        let base = 1.0 + tau * neighbours;
        // The derivative vanishes at y^2 = base / (tau (2 beta - 1)); without such a point inside
        // [0, 1] the output grows up to y = 1.
        let peak = base / (tau * (2.0 * beta - 1.0));
        let y_squared = if peak > 0.0 && peak < 1.0 { peak } else { 1.0 };
        y_squared.sqrt() / (base + tau * y_squared).powf(beta)
    }

    /// `phi(t)`: the squared movement of the neighbours on one side, in units of `c^2`.
    fn neighbours_move(&self, squares: f64) -> f64 {
        let (tau, beta) = (self.tau(), self.beta);
        let before = (1.0 + tau * squares).powf(-beta);
        let after = (1.0 + tau * (squares + 1.0)).powf(-beta);
        squares * (before - after).powi(2)
    }

    /// The largest movement under (a), `floors` being what flooring the neighbours adds in steps.
    fn activation_moves(&self, step: f64, floors: f64) -> f64 {
        let scale = self.unit() / step;
        let squared = |t: f64, other: f64| {
            let own = scale * self.own_output(t + other);
            let neighbours = self.neighbours_move(t) + self.neighbours_move(other);
            own * own + (scale * neighbours.sqrt() + floors).powi(2)
        };
        maximise((self.width / 2) as f64, squared).sqrt()
    }

    /// `P(k)`, in units of `c^2`.
    fn block_norm(&self, channels: usize) -> f64 {
        let (tau, beta) = (self.tau(), self.beta);
        let larger = |count: usize| {
            let mut x = count as f64;
            if 2.0 * beta > 1.0 {
                x = x.min(1.0 / (tau * (2.0 * beta - 1.0)));
            }
            x / (1.0 + tau * x).powf(2.0 * beta)
        };
        (0..=channels).map(|j| larger(j) + larger(channels - j)).fold(0.0, f64::max)
    }

    /// Applies the clip, where there is one, and the inflation.
    ///
    /// Two maps of norm C are never further apart than `sqrt(2) C`, being non-negative. Where only
    /// a part of the map changed (`partial`), shrinking still rescales all of it, so that flooring
    /// may add a step at every value; where all of it may change, the bound on the larger of two
    /// maps holds as it does without a clip, since shrinking only lowers values.
    fn inflated(&self, moved: f64, partial: bool, region: Region, step: f64) -> f64 {
        let floors = if partial { (region.map_values as f64).sqrt() } else { 0.0 };
        let clipped = self
            .clip
            .map_or(moved, |clip| (moved + floors).min(std::f64::consts::SQRT_2 * clip / step));
        clipped * self.inflation()
    }
}

/// The maximum of a smooth function over `[0, side]^2`: the best of a grid, refined by steps that
/// halve until they vanish.
fn maximise(side: f64, f: impl Fn(f64, f64) -> f64) -> f64 {
    const CELLS: usize = 32;
    let mut step = side / CELLS as f64;
    let (mut x, mut y, mut best) = (0.0, 0.0, f(0.0, 0.0));
    for i in 0..=CELLS {
        for j in 0..=i {
            let (at_x, at_y) = (i as f64 * step, j as f64 * step);
            let value = f(at_x, at_y);
            if value > best {
                (x, y, best) = (at_x, at_y, value);
            }
        }
    }
    while step > side * 1e-9 {
        let mut moved = false;
        for (dx, dy) in [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0), (1.0, 1.0), (-1.0, -1.0)]
        {
            let (at_x, at_y) = ((x + dx * step).clamp(0.0, side), (y + dy * step).clamp(0.0, side));
            let value = f(at_x, at_y);
            if value > best {
                (x, y, best, moved) = (at_x, at_y, value, true);
            }
        }
        if !moved {
            step /= 2.0;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defaults(channels: usize) -> Sensitivity {
        Sensitivity {
            a_max: 1.0,
            width: 5,
            alpha: 1.0,
            beta: 0.5,
            gamma: 2.0,
            channels,
            clip: None,
        }
    }

    #[test]
    fn one_activation_at_the_defaults_is_exactly_one_over_root_three() {
        let got = defaults(64).activation_without_grid();
        assert!((got - 1.0 / 3f64.sqrt()).abs() < 1e-12, "{got}");
    }

    #[test]
    fn past_tau_2_383_the_neighbours_count() {
        // SPEC section 2: a_max = 3 gives 0.9306, not 0.9045.
        let three = Sensitivity { a_max: 3.0, ..defaults(64) };
        assert!((three.activation_without_grid() - 0.9306).abs() < 5e-5);
        for (tau, equal) in [(2.38, true), (2.39, false)] {
            let s = Sensitivity { a_max: 1.0, gamma: 2.0, alpha: 2.0 * tau, ..defaults(64) };
            let alone = s.unit() * s.own_output(0.0);
            let all = s.activation_without_grid();
            assert_eq!((all - alone).abs() < 1e-12, equal, "tau {tau}: {all} against {alone}");
        }
    }

    #[test]
    fn any_change_at_one_position_meets_the_published_figures() {
        for (channels, wanted) in [(32, 3.000), (64, 4.223), (128, 5.972), (256, 8.436)] {
            let got = defaults(channels).per_position();
            assert!((got - wanted).abs() < 5e-4, "m = {channels}: {got}");
        }
    }

    #[test]
    fn a_clip_caps_what_a_patch_can_move() {
        let clipped = Sensitivity { clip: Some(2.0), ..defaults(32) };
        let region = |positions| Region { positions, map_values: 32 * 100 };
        let all = clipped.positions(region(100), 0.5);
        assert!((all - 2f64.sqrt() * 2.0 / 0.5 * clipped.inflation()).abs() < 1e-9, "{all}");
        let loose = Sensitivity { clip: Some(1e9), ..defaults(32) };
        let free = defaults(32).positions(region(1), 0.5);
        let floors = 3200f64.sqrt() * loose.inflation();
        assert!((loose.positions(region(1), 0.5) - free - floors).abs() < 1e-6);
        assert_eq!(loose.positions(region(100), 0.5), defaults(32).positions(region(100), 0.5));
    }
}
