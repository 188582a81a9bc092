//! One Gaussian mechanism on a grid: which integers, which step, and what each adjacency costs.
//!
//! The noise never changes (16 steps for `i8`, 256 for `i16`); the *step* carries the promise. It is
//! the smallest one at which the map, counted in steps, moves no further than the noise covers.

use serde::Serialize;

use super::adjacency::Adjacency;
use super::calibration::{self, Calibration};
use super::noise::NoiseTable;
use super::sensitivity::{Region, Sensitivity};
use crate::error::{Error, ErrorKind, Result};
use crate::front::Reach;
use crate::grid::GridInteger;

/// A clean range beyond this many steps would meet the saturation of `i8` too often.
const I8_RANGE: f64 = 60.0;

/// What `i8` may cost in noise over a grid without rounding before `i16` is taken.
const I8_COST: f64 = 1.02;

/// The map that a mechanism works on.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    /// Channels that the mechanism sees.
    pub channels: usize,
    /// Height of the map.
    pub rows: usize,
    /// Width of the map.
    pub columns: usize,
    /// How far one input pixel reaches, where the map's front is known.
    pub reach: Option<Reach>,
}

impl Scope {
    /// The region of the map that `adjacency` can change; none where it takes a front to know.
    fn region(&self, adjacency: Adjacency) -> Option<Region> {
        let everything = self.rows * self.columns;
        let positions = match adjacency {
            Adjacency::Activation => 1,
            Adjacency::Patch(side) => self.reach?.positions(side),
            Adjacency::Image => everything,
        };
        Some(Region { positions, map_values: self.channels * everything })
    }

    /// Values of the map that `adjacency` can change; the noise at the others is the same either way.
    fn affected(&self, adjacency: Adjacency, width: usize) -> Option<usize> {
        let region = self.region(adjacency)?;
        Some(match adjacency {
            Adjacency::Activation => (width / 2 * 2 + 1).min(self.channels),
            _ => region.positions * self.channels,
        })
    }
}

/// A calibrated mechanism: its grid, and what it was calibrated from.
#[derive(Clone, Debug)]
pub struct Mechanism {
    /// The integers of the release.
    pub integer: GridInteger,
    /// The size of one step in units of the normalised map; exact in `f32`.
    pub step: f32,
    /// The map's largest value without noise, in steps.
    pub clean_range: f64,
    scope: Scope,
    sensitivity: Sensitivity,
    delta: f64,
}

/// What one release costs under one adjacency. *Formal*.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spend {
    /// How far the map can move, in steps.
    pub delta_steps: f64,
    /// `delta_steps` over the noise's standard deviation in steps.
    pub mu: f64,
    /// Epsilon at the mechanism's delta, the sampler's own error charged.
    pub epsilon: f64,
}

/// Solves for the step at which `unit` costs (epsilon, delta), on the smaller integers that serve.
///
/// # Errors
/// [`ErrorKind::Policy`] where a patch is asked for on a map whose front is unknown, and where
/// epsilon is so small that flooring alone moves the map further than the noise covers.
pub fn calibrate(
    scope: Scope,
    sensitivity: Sensitivity,
    unit: Adjacency,
    calibration: Calibration,
    epsilon: f64,
    delta: f64,
) -> Result<Mechanism> {
    let region = scope.region(unit).ok_or_else(|| {
        Error::new(
            ErrorKind::Policy,
            "unit=patch needs a front that knows its receptive field; give a model and a cut, or use unit=activation or unit=image",
        )
    })?;
    let moves = |step: f64| match unit {
        Adjacency::Activation => sensitivity.activation(region, step),
        _ => sensitivity.positions(region, step),
    };
    // Sigma for a sensitivity of 1, before the sampler's error is charged.
    let sigma = match calibration {
        Calibration::Analytic => 1.0 / calibration::mu(epsilon, delta),
        Calibration::Paper => calibration::classical_sigma(epsilon, delta),
    };
    for integer in [GridInteger::I8, GridInteger::I16] {
        let noise = NoiseTable::of(integer).sigma();
        let step = match calibration {
            Calibration::Analytic => {
                smallest_step(&sensitivity, |step| moves(step) * sigma <= noise)
            }
            // The paper scales by its own bound on the sensitivity, 1/sqrt(2).
            Calibration::Paper => Some(std::f64::consts::FRAC_1_SQRT_2 * sigma / noise),
        };
        let Some(step) = step.map(round_up).filter(|step| step.is_normal()) else { continue };
        let mechanism = Mechanism {
            integer,
            step,
            clean_range: sensitivity.largest_value() / f64::from(step),
            scope,
            sensitivity,
            delta,
        };
        // At a step of 2^-60 flooring adds nothing that counts: the noise that a grid without
        // rounding would need.
        let fine = (-60f64).exp2();
        let rounding_cost = f64::from(step) * noise / (moves(fine) * fine * sigma);
        let cheap = calibration == Calibration::Paper || rounding_cost <= I8_COST;
        if integer == GridInteger::I16 || (mechanism.clean_range <= I8_RANGE && cheap) {
            return Ok(mechanism);
        }
    }
    Err(Error::new(
        ErrorKind::Policy,
        format!(
            "epsilon={epsilon} asks for more noise than any grid carries; raise epsilon, or lower a_max"
        ),
    ))
}

impl Mechanism {
    /// What one release costs under `adjacency`; none where it takes a front to know.
    pub fn spend(&self, adjacency: Adjacency) -> Option<Spend> {
        let region = self.scope.region(adjacency)?;
        let step = f64::from(self.step);
        let anything = self.sensitivity.positions(region, step);
        let delta_steps = match adjacency {
            // One activation is one change at one position, which bounds it where steps are large.
            Adjacency::Activation => self.sensitivity.activation(region, step).min(anything),
            _ => anything,
        };
        let table = NoiseTable::of(self.integer);
        let mu = delta_steps / table.sigma();
        // The sampler's probabilities are within e^(+-eta) of exact at each affected value, which
        // costs 2 n eta of epsilon and e^(n eta) of delta (SPEC section 2, "Sampler"); what its
        // table leaves out adds to delta.
        let (error, left_out) = self.sampler_error(adjacency)?;
        let delta = (self.delta - left_out) * (-error).exp();
        let epsilon = calibration::epsilon(mu, delta) + 2.0 * error;
        Some(Spend { delta_steps, mu, epsilon })
    }

    /// What the sampler lacks of an exact Gaussian in one release: n eta and n times what its table
    /// leaves out, n being the values that `adjacency` can change. Both add up over releases; none
    /// where it takes a front to know n.
    pub fn sampler_error(&self, adjacency: Adjacency) -> Option<(f64, f64)> {
        let table = NoiseTable::of(self.integer);
        let affected = self.scope.affected(adjacency, self.sensitivity.width)? as f64;
        Some((table.eta() * affected, table.left_out() * affected))
    }

    /// The delta of every [`Spend`].
    pub fn delta(&self) -> f64 {
        self.delta
    }

    /// The noise's standard deviation, in steps.
    pub fn sigma(&self) -> f64 {
        NoiseTable::of(self.integer).sigma()
    }
}

/// The smallest step that `suffices`, if any does; the map moves less, in steps, the larger they are.
fn smallest_step(sensitivity: &Sensitivity, suffices: impl Fn(f64) -> bool) -> Option<f64> {
    // Past this the whole map lies within 2^-20 of a step: nothing but flooring is left to shrink.
    let largest = sensitivity.largest_value() * (1u64 << 20) as f64;
    suffices(largest).then(|| calibration::bisect(0.0, largest, suffices))
}

/// The nearest `f32` that is not smaller: a release states its step in `f32`, and a larger step only
/// lowers the cost.
fn round_up(step: f64) -> f32 {
    let nearest = step as f32;
    if f64::from(nearest) < step { nearest.next_up() } else { nearest }
}
