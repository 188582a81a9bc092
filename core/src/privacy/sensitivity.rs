//! How far the DP-A map can move, in L2 over the whole output, when its input moves to an adjacent
//! one.
//!
//! Notation: `h = floor(u/2)`, `tau = alpha a_max^2 / gamma`, `c = a_max gamma^-beta`; `m` channels; `s` the
//! step. A clipped activation is `a_max y` with y in [0, 1], and normalising it among neighbours whose
//! squared `y` sum to Q gives `c y / (1 + tau (Q + y^2))^beta`. Every theorem used here, with its proof and
//! the test that attacks it, stands in `docs/proofs.md`.
//!
//! Every result is in steps and covers what rounding in `f32` adds to a map ([`Sensitivity::rounding`]).

mod one_activation;

use super::normalisation::{ClipBound, Normalisation};
use super::tiled::Tiled;
use one_activation::{Movement, Scale, own_output};

/// The public constants that sensitivity depends on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sensitivity {
    normalisation: Normalisation,
    channels: usize,
    clip: Option<ClipBound>,
}

/// How many values of the map an adjacency touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// Positions of the map that may change.
    pub positions: usize,
    /// Values of the whole map, changed or not: a clip of the norm rescales them all.
    pub map_values: usize,
}

/// Where a map is floored it saturates: past so many steps a value is the same as at so many.
const FURTHEST: f64 = (1u64 << 20) as f64;

impl Sensitivity {
    /// Of a map of so many channels (those kept, not those of the cut), normalised so, and shrunk to an L2
    /// norm where there is such a clip.
    pub fn new(normalisation: Normalisation, channels: usize, clip: Option<ClipBound>) -> Self {
        Self { normalisation, channels, clip }
    }

    /// (a) One activation changes before normalisation, in steps of `step`, which is above 0.
    ///
    /// Two non-negative outputs differ by at most the larger, so that the activation's own output moves by
    /// at most `c o(Q)`. Each of its 2h channel neighbours moves because its denominator does: by at most
    /// `c sqrt(phi(t))` in total for a side whose squares sum to t, since the h neighbours on one side lie
    /// in each other's windows. Flooring moves each neighbour by less than one step more, `sqrt(2h)` in
    /// total, and the activation itself not at all: `|q - q'| <= max(F, F') / s` on a non-negative map.
    /// Hence
    /// `Delta_a^2 = max over t, t' in [0, h] of (c o(t + t') / s)^2 + (c sqrt(phi(t) + phi(t')) / s + sqrt(2h))^2`.
    ///
    /// It is a change at one position, too, which bounds it where steps are large.
    pub fn activation(&self, region: Region, step: f64) -> f64 {
        let anything = self.positions(Region { positions: 1, ..region }, step);
        let neighbours = 2.0 * self.normalisation.reach() as f64;
        let error = self.rounding();
        // Two values at most so large, each off by its share.
        let rounded = 2.0 * error * (self.unclipped_largest() / step).min(FURTHEST);
        let floors = neighbours.sqrt() * (1.0 + rounded);
        let scale = Scale { unit: self.unit() * (1.0 + error) / step, floors };
        let moved = Movement::of(self).largest_squared(scale).sqrt();
        self.clipped(moved, true, region, step).min(anything)
    }

    /// (a) without a grid and in exact arithmetic, in units of the map: `S_a`, 1/sqrt(3) at the defaults.
    pub fn activation_without_grid(&self) -> f64 {
        let scale = Scale { unit: self.unit(), floors: 0.0 };
        Movement::of(self).largest_squared(scale).sqrt()
    }

    /// (b) and (c) Any change at `region.positions` positions of the map, in steps of `step`, which is above
    /// 0: `sqrt(positions) D / s`. Flooring adds nothing: the bound is on the larger of two non-negative
    /// maps, value by value.
    pub fn positions(&self, region: Region, step: f64) -> f64 {
        let moved = (region.positions as f64).sqrt() * self.per_position() / step;
        let everywhere = region.positions * self.channels >= region.map_values;
        self.clipped(moved * (1.0 + self.rounding()), !everywhere, region, step)
    }

    /// (b) [`Sensitivity::positions`] where tiles reach `reached` positions, and all but the region's by
    /// rounding alone: no further than any change there could move them.
    pub fn positions_in_tiles(
        &self,
        region: Region,
        tiled: &Tiled,
        reached: usize,
        step: f64,
    ) -> f64 {
        let each = (self.per_position() / step * (1.0 + self.rounding())).powi(2);
        let rounded = 2.0 * self.rounding() * (self.unclipped_largest() / step).min(FURTHEST);
        let beyond = tiled.position(step, rounded).min(each);
        let others = reached.saturating_sub(region.positions) as f64;
        let moved = (region.positions as f64 * each + others * beyond).sqrt();
        let everywhere = region.positions * self.channels >= region.map_values;
        self.clipped(moved, !everywhere, region, step)
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
        let block = self.normalisation.reach() + 1;
        let blocks = (self.channels / block) as f64 * self.block_norm(block);
        self.unit() * (blocks + self.block_norm(self.channels % block)).sqrt()
    }

    /// The largest value that the normalised map can take: `c o(0)`, or a clip's norm where that is less.
    pub fn largest_value(&self) -> f64 {
        let largest = self.unclipped_largest();
        self.clip.map_or(largest, |clip| largest.min(f64::from(clip.get())))
    }

    /// The largest value in steps of `step`, as it is computed: two maps' values lie no further apart.
    pub(super) fn largest_in_steps(&self, step: f64) -> f64 {
        (self.largest_value() * (1.0 + 3.0 * self.rounding()) / step).min(FURTHEST)
    }

    /// The share by which a map computed in `f32` may err, value by value: 2^-20 at least.
    ///
    /// In units of 2^-24: a sum of u squares is off by u + 1, and by two more once it is weighted and gamma
    /// is added; its power by beta times that, and by four of its own; the quotient, the step's reciprocal
    /// and the product with it by four in all. See `docs/proofs.md#rounding-of-the-normalised-map`.
    pub fn rounding(&self) -> f64 {
        let units = 8.0 + self.beta() * (self.normalisation.width() + 3) as f64;
        units.max(16.0) / (1u64 << 24) as f64
    }

    /// The channels that the normalisation sees.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// The normalisation.
    pub fn normalisation(&self) -> &Normalisation {
        &self.normalisation
    }

    /// The L2 norm that the whole map is shrunk to, where there is such a clip.
    pub fn clip(&self) -> Option<ClipBound> {
        self.clip
    }

    fn beta(&self) -> f64 {
        f64::from(self.normalisation.beta())
    }

    /// `c`.
    fn unit(&self) -> f64 {
        let gamma = f64::from(self.normalisation.gamma());
        f64::from(self.normalisation.a_max()) * gamma.powf(-self.beta())
    }

    /// `tau`.
    fn tau(&self) -> f64 {
        let constants = &self.normalisation;
        f64::from(constants.alpha()) * f64::from(constants.a_max()).powi(2)
            / f64::from(constants.gamma())
    }

    /// `c o(0)`.
    fn unclipped_largest(&self) -> f64 {
        self.unit() * own_output(self.tau(), self.beta(), 0.0)
    }

    /// `P(k)`, in units of `c^2`.
    fn block_norm(&self, channels: usize) -> f64 {
        let (tau, beta) = (self.tau(), self.beta());
        let larger = |count: usize| {
            let mut x = count as f64;
            if 2.0 * beta > 1.0 {
                x = x.min(1.0 / (tau * (2.0 * beta - 1.0)));
            }
            x * (1.0 + tau * x).powf(-2.0 * beta)
        };
        (0..=channels).map(|j| larger(j) + larger(channels - j)).fold(0.0, f64::max)
    }

    /// Applies the clip to a movement, where there is one.
    ///
    /// To shrink a map to a norm is to project it on a ball, which brings no two maps further apart. Where
    /// only a part of the map changed (`partial`), shrinking still rescales all of it, so that flooring may
    /// add a step at every value, and rounding its share of the norm; where all of it may change, the
    /// bound on the larger of two maps holds as it does without a clip, since shrinking only lowers values.
    /// And two non-negative maps of norm C are never further apart than `sqrt(2) C`.
    fn clipped(&self, moved: f64, partial: bool, region: Region, step: f64) -> f64 {
        let Some(clip) = self.clip else { return moved };
        let positions = region.map_values / self.channels.max(1);
        let whole = (positions as f64).sqrt() * self.per_position();
        let norm = f64::from(clip.get()) / step;
        // A map is off by a share of its own norm, which a loose clip does not bound.
        let held = norm.min(whole / step);
        // The map's own error, that of its norm, and that of the quotient by it.
        let error = 3.0 * self.rounding();
        let added =
            if partial { (region.map_values as f64).sqrt() + 2.0 * error * held } else { 0.0 };
        (moved + added).min(std::f64::consts::SQRT_2 * norm * (1.0 + error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defaults(channels: usize) -> Sensitivity {
        Sensitivity::new(Normalisation::default(), channels, None)
    }

    fn with(constants: Normalisation) -> Sensitivity {
        Sensitivity::new(constants, 64, None)
    }

    #[test]
    fn one_activation_at_the_defaults_is_one_over_root_three() {
        let (got, exact) = (defaults(64).activation_without_grid(), 1.0 / 3f64.sqrt());
        assert!((exact..exact * (1.0 + 5e-6)).contains(&got), "{got}");
    }

    #[test]
    fn past_tau_2_383_the_neighbours_count() {
        // a_max = 3 gives 0.9306, not the 0.9045 of the activation alone.
        let three = with(Normalisation::default().with_a_max(3.0).unwrap());
        assert!((three.activation_without_grid() - 0.9306).abs() < 6e-5);
        for (tau, equal) in [(2.37f32, true), (2.40, false)] {
            let s = with(Normalisation::default().with_alpha(2.0 * tau).unwrap());
            let all = s.activation_without_grid();
            assert_eq!((all / s.unclipped_largest() - 1.0).abs() < 6e-6, equal, "tau {tau}: {all}");
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
        let clip = |norm| Sensitivity { clip: Some(ClipBound::new(norm).unwrap()), ..defaults(32) };
        let clipped = clip(2.0);
        let region = |positions| Region { positions, map_values: 32 * 100 };
        let all = clipped.positions(region(100), 0.5);
        let cap = 2f64.sqrt() * 2.0 / 0.5;
        assert!((cap..cap * (1.0 + 4e-6)).contains(&all), "{all}");
        let loose = clip(1e6);
        let free = defaults(32).positions(region(1), 0.5);
        let added = loose.positions(region(1), 0.5) - free - 3200f64.sqrt();
        assert!((0.0..1e-3).contains(&added), "rounding may add {added}");
        assert_eq!(loose.positions(region(100), 0.5), defaults(32).positions(region(100), 0.5));
    }
}
