//! One Gaussian mechanism on a grid: which integers, which step, and what each adjacency costs.
//!
//! The noise never changes (16 steps for `i8`, 256 for `i16`); the *step* carries the promise. It is
//! the smallest one at which the map, counted in steps, moves no further than the noise covers.

use std::sync::Arc;

use serde::Serialize;

use super::adjacency::Adjacency;
use super::calibration::{Calibration, best_guess, classical_sigma};
use super::noise::NoiseTable;
use super::quantities::{Delta, Mu};
use super::sampler::SamplerError;
use super::sensitivity::{Region, Sensitivity};
use super::target::Target;
use super::tiled::Tiled;
use crate::error::{Error, ErrorKind, Result};
use crate::front::Reach;
use crate::grid::{GridInteger, GridStep};

/// A clean range beyond this many steps would meet the saturation of `i8` too often.
const I8_RANGE: f64 = 60.0;

/// What `i8` may cost in noise over a grid without rounding before `i16` is taken.
const I8_COST: f64 = 1.02;

/// What is left unused of mu, as a share, so that no rounding of `f64` on the way from here to a ledger's
/// total makes a release cost more than it was made for.
const SPARE: f64 = 1.0 / (1u64 << 40) as f64;

/// Above this epsilon a figure is printed, but called useless.
const USELESS_EPSILON: f64 = 20.0;

/// Above this delta, too.
const USELESS_DELTA: f64 = 1e-3;

/// The map that a mechanism works on.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    /// Height of the map.
    pub rows: usize,
    /// Width of the map.
    pub columns: usize,
    /// How far one input pixel reaches, where the map's front is known.
    pub reach: Option<Reach>,
}

impl Scope {
    /// The region of the map that `adjacency` can change; none where it takes a front to know.
    fn region(&self, adjacency: Adjacency, channels: usize) -> Option<Region> {
        let everything = self.rows * self.columns;
        let positions = match adjacency {
            Adjacency::Activation => 1,
            Adjacency::Patch(side) => self.reach?.positions(side.get()),
            Adjacency::Image => everything,
        };
        Some(Region { positions, map_values: channels * everything })
    }
}

/// A calibrated mechanism: its grid, and what it was calibrated from.
#[derive(Clone, Debug)]
pub struct Mechanism {
    integer: GridInteger,
    step: GridStep,
    scope: Scope,
    sensitivity: Sensitivity,
    target: Target,
    tiled: Option<Arc<Tiled>>,
}

/// What one release costs under one adjacency. *Formal*.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spend {
    /// How far the map can move, in steps.
    pub delta_steps: f64,
    /// `delta_steps` over the noise's standard deviation in steps.
    pub mu: Mu,
    /// Epsilon at the mechanism's delta, the sampler's own error charged.
    pub epsilon: f64,
    /// How often the best guesser is right who must tell two adjacent inputs apart, from an even start.
    pub odds: f64,
    /// Whether the figures are small enough to mean anything.
    pub useful: bool,
}

/// Whether (epsilon, delta) promises anything that a person would call privacy: an epsilon of at most 20, at
/// a delta of at most one in a thousand.
pub fn is_useful(epsilon: f64, delta: Delta) -> bool {
    epsilon <= USELESS_EPSILON && delta.get() <= USELESS_DELTA
}

impl Mechanism {
    /// Solves for the step at which one release costs at most `target`, the sampler's error included, on
    /// the smaller integers that serve.
    ///
    /// # Errors
    /// [`ErrorKind::Policy`] where a patch is asked for on a map whose front is unknown, where epsilon is
    /// so small that the sampler's error alone passes it, and where the step would be no normal `f32`.
    pub fn calibrate(scope: Scope, sensitivity: Sensitivity, target: Target) -> Result<Self> {
        Self::solved(scope, sensitivity, target, None)
    }

    /// The same promise for a front that computes in tiles which reach past receptive fields.
    ///
    /// # Errors
    /// As [`Mechanism::calibrate`], where the promise is one for patches, which reach further so.
    pub fn in_tiles(&self, tiled: Arc<Tiled>) -> Result<Self> {
        match self.target.unit() {
            Adjacency::Patch(_) => {
                Self::solved(self.scope, self.sensitivity, self.target, Some(tiled))
            }
            // One activation, or the whole map: wherever they come from.
            Adjacency::Activation | Adjacency::Image => {
                Ok(Self { tiled: Some(tiled), ..self.clone() })
            }
        }
    }

    fn solved(
        scope: Scope,
        sensitivity: Sensitivity,
        target: Target,
        tiled: Option<Arc<Tiled>>,
    ) -> Result<Self> {
        for integer in [GridInteger::I8, GridInteger::I16] {
            let map = Map { scope: &scope, sensitivity: &sensitivity, tiled: tiled.as_deref() };
            let Some(step) = smallest_step(&map, &target, integer)? else { continue };
            let tiled = tiled.clone();
            let mechanism = Self { integer, step, scope, sensitivity, target, tiled };
            let fits = mechanism.clean_range() <= I8_RANGE && mechanism.rounding_cost() <= I8_COST;
            if integer == GridInteger::I16 || fits {
                return Ok(mechanism);
            }
        }
        Err(Error::new(
            ErrorKind::Policy,
            "with these constants the normalised map is so small or so large that no step states it; bring a_max, gamma and beta nearer to their defaults",
        ))
    }

    /// What one release costs under `adjacency`; none where it takes a front to know.
    pub fn spend(&self, adjacency: Adjacency) -> Option<Spend> {
        let delta_steps = self.delta_steps(adjacency)?;
        Some(self.spent(delta_steps, self.sampler_error(adjacency)?))
    }

    /// What any change within so many rows and columns of the network's input costs one release; none
    /// where it takes a front to know.
    pub fn spend_within(&self, rows: usize, columns: usize) -> Option<Spend> {
        // What touches no pixel is no less than one.
        let (rows, columns) = (rows.max(1), columns.max(1));
        let positions = self.scope.reach?.positions_within(rows, columns);
        let channels = self.sensitivity.channels();
        let map_values = channels * self.scope.rows * self.scope.columns;
        let (region, step) = (Region { positions, map_values }, f64::from(self.step.get()));
        let (reached, delta_steps) = match &self.tiled {
            Some(tiled) => {
                let reached = tiled.positions_within(rows, columns).max(positions);
                (reached, self.sensitivity.positions_in_tiles(region, tiled, reached, step))
            }
            None => (positions, self.sensitivity.positions(region, step)),
        };
        let clips = self.sensitivity.clip().is_some();
        let values = if clips { map_values } else { reached * channels };
        Some(self.spent(delta_steps, self.error_of(values)))
    }

    /// What a movement of so many steps costs, and the sampler's own error.
    fn spent(&self, delta_steps: f64, error: SamplerError) -> Spend {
        let mu = Mu::of(delta_steps / self.sigma());
        let epsilon = error.epsilon(mu.get(), self.delta().get());
        let odds = (best_guess(mu) + error.advantage()).min(1.0);
        Spend { delta_steps, mu, epsilon, odds, useful: is_useful(epsilon, self.delta()) }
    }

    /// What `count` activations that change together, wherever they lie, cost one release; none for no
    /// activation.
    ///
    /// From one map to the other leads a way of `count` maps, each with one activation more changed, so that
    /// the movement is at most `count` times that of one (the triangle inequality); and `count` activations
    /// lie at no more than `count` positions, and those on the map.
    pub fn spend_of_group(&self, count: std::num::NonZeroUsize) -> Spend {
        let (count, step) = (count.get(), f64::from(self.step.get()));
        let everything = self.scope.rows * self.scope.columns;
        let channels = self.sensitivity.channels();
        let region = |positions| Region { positions, map_values: channels * everything };
        let one = self.sensitivity.activation(region(1), step);
        let spread = self.sensitivity.positions(region(count.min(everything)), step);
        let delta_steps = (count as f64 * one).min(spread);
        self.spent(delta_steps, self.error_of(channels * everything))
    }

    /// What the sampler lacks of an exact Gaussian in one release; none where it takes a front to know.
    pub fn sampler_error(&self, adjacency: Adjacency) -> Option<SamplerError> {
        Some(self.error_of(self.map().affected(adjacency)?))
    }

    fn error_of(&self, values: usize) -> SamplerError {
        let range = self.sensitivity.largest_in_steps(f64::from(self.step.get()));
        SamplerError::of(self.integer, values, range)
    }

    /// Whether the front computes in tiles, and what they move outside receptive fields is counted.
    pub fn is_in_tiles(&self) -> bool {
        self.tiled.is_some()
    }

    fn map(&self) -> Map<'_> {
        let Self { scope, sensitivity, .. } = self;
        Map { scope, sensitivity, tiled: self.tiled.as_deref() }
    }

    /// The integers of the release.
    pub fn integer(&self) -> GridInteger {
        self.integer
    }

    /// The size of one step in units of the normalised map.
    pub fn step(&self) -> GridStep {
        self.step
    }

    /// The map's largest value without noise, in steps.
    pub fn clean_range(&self) -> f64 {
        self.sensitivity.largest_value() / f64::from(self.step.get())
    }

    /// What it was calibrated to.
    pub fn target(&self) -> Target {
        self.target
    }

    /// The delta of every [`Spend`].
    pub fn delta(&self) -> Delta {
        self.target.delta()
    }

    /// The noise's standard deviation, in steps.
    pub fn sigma(&self) -> f64 {
        NoiseTable::of(self.integer).sigma()
    }

    fn delta_steps(&self, adjacency: Adjacency) -> Option<f64> {
        self.map().delta_steps(adjacency, f64::from(self.step.get()))
    }

    /// The noise of this grid, over the noise that a grid without rounding would need.
    fn rounding_cost(&self) -> f64 {
        if self.target.rule() == Calibration::Paper {
            return 1.0;
        }
        // At so small a share of the step flooring adds nothing that counts.
        let (step, fine) = (f64::from(self.step.get()), (-60f64).exp2());
        let moved = |step| self.map().delta_steps(self.target.unit(), step).unwrap_or(0.0);
        moved(step) / (moved(step * fine) * fine)
    }
}

/// What the figures of a mechanism come from.
#[derive(Clone, Copy)]
struct Map<'a> {
    scope: &'a Scope,
    sensitivity: &'a Sensitivity,
    tiled: Option<&'a Tiled>,
}

impl Map<'_> {
    /// The positions that a patch reaches, by tiles where there are some.
    fn reached(&self, region: Region, side: usize) -> usize {
        self.tiled.map_or(region.positions, |tiled| tiled.positions(side).max(region.positions))
    }

    /// How far the map can move between adjacent inputs, in steps; none where it takes a front to know.
    fn delta_steps(&self, adjacency: Adjacency, step: f64) -> Option<f64> {
        let Self { scope, sensitivity, tiled } = *self;
        let region = scope.region(adjacency, sensitivity.channels())?;
        Some(match (adjacency, tiled) {
            (Adjacency::Activation, _) => sensitivity.activation(region, step),
            (Adjacency::Patch(side), Some(tiled)) => {
                let reached = self.reached(region, side.get());
                sensitivity.positions_in_tiles(region, tiled, reached, step)
            }
            (Adjacency::Patch(_) | Adjacency::Image, _) => sensitivity.positions(region, step),
        })
    }

    /// Values of the map that `adjacency` can change; the noise at the others is the same either way. A
    /// clip rescales every value.
    fn affected(&self, adjacency: Adjacency) -> Option<usize> {
        let channels = self.sensitivity.channels();
        let region = self.scope.region(adjacency, channels)?;
        Some(match adjacency {
            _ if self.sensitivity.clip().is_some() => region.map_values,
            Adjacency::Activation => {
                (2 * self.sensitivity.normalisation().reach() + 1).min(channels)
            }
            Adjacency::Patch(side) => self.reached(region, side.get()) * channels,
            Adjacency::Image => region.positions * channels,
        })
    }
}

/// The smallest step of `f32` at which one release costs at most `target`; none where no normal one does.
fn smallest_step(map: &Map<'_>, target: &Target, integer: GridInteger) -> Result<Option<GridStep>> {
    let unit = target.unit();
    let values = map.affected(unit).ok_or_else(|| {
        Error::new(
            ErrorKind::Policy,
            "unit=patch needs a front that knows its receptive field; give a model and a cut, or use unit=activation or unit=image",
        )
    })?;
    let noise = NoiseTable::of(integer).sigma();
    if target.rule() == Calibration::Paper {
        // The paper scales by its own bound on the sensitivity, 1/sqrt(2).
        let sigma = classical_sigma(target.epsilon(), target.delta());
        let step = std::f64::consts::FRAC_1_SQRT_2 * sigma / noise;
        return Ok(GridStep::at_least(step));
    }
    let (epsilon, delta) = (target.epsilon().get(), target.delta().get());
    let least = SamplerError::of(integer, values, 0.0);
    if least.mu(epsilon, delta).is_none() {
        return Err(Error::new(
            ErrorKind::Policy,
            format!(
                "epsilon={epsilon} is less than what the sampler's own error over {values} values costs, {:.1e}; raise epsilon",
                2.0 * least.log_ratio
            ),
        ));
    }
    Ok(GridStep::smallest(|step| {
        let step = f64::from(step);
        let error = SamplerError::of(integer, values, map.sensitivity.largest_in_steps(step));
        let allowed = error.mu(epsilon, delta).map(|mu| noise * mu * (1.0 - SPARE));
        let moved = map.delta_steps(unit, step);
        moved.zip(allowed).is_some_and(|(moved, allowed)| moved <= allowed)
    }))
}

#[cfg(test)]
mod tests {
    use super::super::{Epsilon, Normalisation};
    use super::*;

    fn mechanism(unit: Adjacency, epsilon: f64) -> Mechanism {
        let scope = Scope { rows: 30, columns: 40, reach: None };
        let sensitivity = Sensitivity::new(Normalisation::default(), 32, None);
        let target = Target::new(Epsilon::new(epsilon).unwrap()).with_unit(unit).unwrap();
        Mechanism::calibrate(scope, sensitivity, target).unwrap()
    }

    #[test]
    fn a_release_costs_at_most_what_it_was_made_for() {
        for unit in [Adjacency::Activation, Adjacency::Image] {
            let mut epsilon = 1e-6;
            while epsilon < 1e9 {
                let spend = mechanism(unit, epsilon).spend(unit).unwrap();
                assert!(spend.epsilon <= epsilon, "{unit}, {epsilon:e}: {:e}", spend.epsilon);
                // Past some 80, what holds less is that the noise's table ends.
                let wanted = if epsilon < 50.0 { epsilon * 0.98 } else { 50.0 };
                assert!(spend.epsilon > wanted, "{unit}, {epsilon:e}: {:e}", spend.epsilon);
                epsilon *= 3.7;
            }
        }
    }

    #[test]
    fn a_group_costs_no_more_than_its_members_or_their_positions() {
        let mechanism = mechanism(Adjacency::Activation, 5.0);
        let group = |count| mechanism.spend_of_group(std::num::NonZeroUsize::new(count).unwrap());
        let one = mechanism.spend(Adjacency::Activation).unwrap();
        assert_eq!(group(1).delta_steps, one.delta_steps);
        assert_eq!(group(3).delta_steps, 3.0 * one.delta_steps);
        let image = mechanism.spend(Adjacency::Image).unwrap();
        assert_eq!(group(32 * 1200).delta_steps, image.delta_steps);
        assert!(group(100).delta_steps < 100.0 * one.delta_steps);
    }

    #[test]
    fn what_costs_less_than_the_sampler_is_refused() {
        let scope = Scope { rows: 1000, columns: 1000, reach: None };
        let sensitivity = Sensitivity::new(Normalisation::default(), 256, None);
        let target = Target::new(Epsilon::new(1e-6).unwrap()).with_unit(Adjacency::Image).unwrap();
        let error = Mechanism::calibrate(scope, sensitivity, target).unwrap_err();
        assert!(error.message().contains("sampler"), "{error}");
    }
}
