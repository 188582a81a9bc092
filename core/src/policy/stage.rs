//! The stages of a policy and their parameters, each checked when it is made.

use crate::error::{Error, ErrorKind, Result};
use crate::grid::GridInteger;
use crate::privacy::{Adjacency, Calibration};
use crate::sanitize::Hold;

/// One stage of a policy.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// Keeps some channels of the map.
    Channels(Channels),
    /// Sample-and-hold.
    Hold(Hold),
    /// DP-A: Gaussian noise with a formal promise.
    Dp(Dp),
    /// Plain quantisation.
    Grid(Plain),
}

impl Stage {
    /// The stage's name in a policy's text.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Channels(_) => "channels",
            Self::Hold(_) => "hold",
            Self::Dp(_) => "dp",
            Self::Grid(_) => "grid",
        }
    }
}

/// A public choice of channels, never one made from the image: at least one, in ascending order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channels {
    keep: Vec<usize>,
}

/// The largest channel index that a policy may name.
const LARGEST_CHANNEL: usize = 65_535;

impl Channels {
    /// Keeps these channels, given in any order.
    ///
    /// # Errors
    /// [`ErrorKind::Policy`] where none is given, one is given twice or is beyond 65535.
    pub fn new(mut keep: Vec<usize>) -> Result<Self> {
        keep.sort_unstable();
        let wrong = |message: String| Err(Error::new(ErrorKind::Policy, message));
        match keep.last() {
            None => {
                return wrong(
                    "channels needs the channels to keep, as in channels(0-15,20)".into(),
                );
            }
            Some(&last) if last > LARGEST_CHANNEL => {
                return wrong(format!(
                    "channels: {last} is beyond the largest channel, {LARGEST_CHANNEL}"
                ));
            }
            Some(_) => {}
        }
        if let Some(pair) = keep.windows(2).find(|pair| pair[0] == pair[1]) {
            return wrong(format!("channels: {} is listed twice", pair[0]));
        }
        Ok(Self { keep })
    }

    /// The channels that stay, ascending.
    pub fn keep(&self) -> &[usize] {
        &self.keep
    }
}

/// The parameters of DP-A; all are public.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dp {
    /// Epsilon that one release costs under `unit`; above 0.
    pub epsilon: f64,
    /// Delta that goes with it; in (0, 1).
    pub delta: f64,
    /// What adjacent inputs differ in.
    pub unit: Adjacency,
    /// Activations are clipped to `[0, a_max]` after gain and offset.
    pub a_max: f32,
    /// Width of the normalisation's window in channels, `u`.
    pub width: usize,
    /// Weight of the sum of squares.
    pub alpha: f32,
    /// Exponent of the denominator.
    pub beta: f32,
    /// Constant under the power.
    pub gamma: f32,
    /// L2 norm that the normalised map is shrunk to, where there is such a clip.
    pub clip: Option<f32>,
    /// Which rule turns epsilon into noise.
    pub calibration: Calibration,
}

impl Default for Dp {
    /// The paper's constants (*dp-activations*, section IV) at epsilon 5, delta 1e-5.
    fn default() -> Self {
        Self {
            epsilon: 5.0,
            delta: 1e-5,
            unit: Adjacency::Activation,
            a_max: 1.0,
            width: 5,
            alpha: 1.0,
            beta: 0.5,
            gamma: 2.0,
            clip: None,
            calibration: Calibration::Analytic,
        }
    }
}

/// The widest window of the normalisation.
const WIDEST: usize = 255;

/// The largest constant that a policy may name: squares and products of such stay finite in `f32`.
const LARGEST_CONSTANT: f32 = 1e6;

/// The largest epsilon that is worth computing with.
const LARGEST_EPSILON: f64 = 1e9;

/// The smallest delta: far above what the sampler's own tables leave out of a whole map.
const SMALLEST_DELTA: f64 = 1e-30;

impl Dp {
    /// These parameters, once each is in its range.
    ///
    /// # Errors
    /// [`ErrorKind::Policy`] names the parameter and its range.
    pub fn checked(self) -> Result<Self> {
        let require = |holds: bool, what: &str, value: &dyn std::fmt::Display| {
            if holds {
                return Ok(());
            }
            Err(Error::new(ErrorKind::Policy, format!("dp: {what}, not {value}")))
        };
        let positive = |value: f32| value > 0.0 && value <= LARGEST_CONSTANT;
        require(
            self.epsilon > 0.0 && self.epsilon <= LARGEST_EPSILON,
            "epsilon must be above 0 and at most 1e9",
            &self.epsilon,
        )?;
        require(
            self.delta >= SMALLEST_DELTA && self.delta < 1.0,
            "delta must be at least 1e-30 and below 1",
            &self.delta,
        )?;
        require(positive(self.a_max), "a_max must be above 0 and at most 1e6", &self.a_max)?;
        require(
            (1..=WIDEST).contains(&self.width),
            "u, the window in channels, must be 1 to 255",
            &self.width,
        )?;
        let (alpha, beta, gamma) = (self.alpha, self.beta, self.gamma);
        require(
            (0.0..=LARGEST_CONSTANT).contains(&alpha),
            "alpha must be at least 0 and at most 1e6",
            &alpha,
        )?;
        require((0.0..=4.0).contains(&beta), "beta must be at least 0 and at most 4", &beta)?;
        require(
            (1e-6..=LARGEST_CONSTANT).contains(&gamma),
            "gamma must be at least 1e-6 and at most 1e6",
            &gamma,
        )?;
        if let Some(clip) = self.clip {
            require(positive(clip), "clip must be above 0 and at most 1e6", &clip)?;
        }
        if let Adjacency::Patch(side) = self.unit {
            require((1..=65_536).contains(&side), "a patch must be 1 to 65536 pixels wide", &side)?;
        }
        if self.calibration == Calibration::Paper && self.unit != Adjacency::Activation {
            return Err(Error::new(
                ErrorKind::Policy,
                "dp: calibration=paper speaks of one activation only: use unit=activation, or calibration=analytic",
            ));
        }
        Ok(self)
    }
}

/// Plain quantisation: round to the nearest step, ties to even, saturate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plain {
    /// The integers.
    pub integer: GridInteger,
    /// The step; the card's where none is given.
    pub step: Option<f32>,
}
