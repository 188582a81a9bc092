//! The stages of a policy and their parameters, each checked when it is made.

use crate::error::{Error, ErrorKind, Result};
use crate::grid::{GridInteger, GridStep};
use crate::privacy::{Adjacency, Calibration, ClipBound, Delta, Epsilon, Normalisation, Target};
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
    Grid(GridStage),
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

/// The parameters of DP-A; all are public, and each is checked when it is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dp {
    target: Target,
    normalisation: Normalisation,
    clip: Option<ClipBound>,
}

impl Dp {
    /// Noise that costs this epsilon at delta 1e-5 for one activation, on a map with the paper's constants
    /// (*dp-activations*, section IV).
    ///
    /// # Errors
    /// [`ErrorKind::Policy`] unless epsilon is above 0 and at most 1e9. The setters name theirs alike.
    pub fn new(epsilon: f64) -> Result<Self> {
        let target = Target::new(named(Epsilon::new(epsilon))?);
        Ok(Self { target, normalisation: Normalisation::default(), clip: None })
    }

    /// With this epsilon: what one release costs under the unit.
    pub fn with_epsilon(self, epsilon: f64) -> Result<Self> {
        Ok(Self { target: self.target.with_epsilon(named(Epsilon::new(epsilon))?), ..self })
    }

    /// With this delta, at least 1e-30 and at most 0.01.
    pub fn with_delta(self, delta: f64) -> Result<Self> {
        let delta = named(Delta::new(delta))?;
        Ok(Self { target: named(self.target.with_delta(delta))?, ..self })
    }

    /// For adjacent inputs that differ so.
    pub fn with_unit(self, unit: Adjacency) -> Result<Self> {
        Ok(Self { target: named(self.target.with_unit(unit))?, ..self })
    }

    /// With noise by this rule.
    pub fn with_calibration(self, rule: Calibration) -> Result<Self> {
        Ok(Self { target: named(self.target.with_rule(rule))?, ..self })
    }

    /// With activations clipped to `[0, a_max]` after gain and offset, 1e-6 to 1e6.
    pub fn with_a_max(self, a_max: f32) -> Result<Self> {
        Ok(Self { normalisation: named(self.normalisation.with_a_max(a_max))?, ..self })
    }

    /// With a normalisation over this many channels, `u`, 1 to 255.
    pub fn with_width(self, width: usize) -> Result<Self> {
        Ok(Self { normalisation: named(self.normalisation.with_width(width))?, ..self })
    }

    /// With this weight of the sum of squares, 0 to 1e6.
    pub fn with_alpha(self, alpha: f32) -> Result<Self> {
        Ok(Self { normalisation: named(self.normalisation.with_alpha(alpha))?, ..self })
    }

    /// With this exponent of the denominator, 0 to 4.
    pub fn with_beta(self, beta: f32) -> Result<Self> {
        Ok(Self { normalisation: named(self.normalisation.with_beta(beta))?, ..self })
    }

    /// With this constant under the power, 1e-6 to 1e6.
    pub fn with_gamma(self, gamma: f32) -> Result<Self> {
        Ok(Self { normalisation: named(self.normalisation.with_gamma(gamma))?, ..self })
    }

    /// With the normalised map shrunk to this L2 norm, 1e-6 to 1e6.
    pub fn with_clip(self, clip: f32) -> Result<Self> {
        Ok(Self { clip: Some(named(ClipBound::new(clip))?), ..self })
    }

    /// What one release may cost.
    pub fn target(&self) -> Target {
        self.target
    }

    /// How the map is clipped and normalised.
    pub fn normalisation(&self) -> &Normalisation {
        &self.normalisation
    }

    /// The L2 norm that the normalised map is shrunk to, where there is such a clip.
    pub fn clip(&self) -> Option<ClipBound> {
        self.clip
    }
}

impl Default for Dp {
    /// Epsilon 5.
    fn default() -> Self {
        Self::new(5.0).expect("5 is an epsilon")
    }
}

/// An error that says which stage it speaks of.
fn named<T>(result: Result<T>) -> Result<T> {
    result.map_err(|error| Error::new(error.kind(), format!("dp: {}", error.message())))
}

/// Plain quantisation: round to the nearest step, ties to even, saturate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GridStage {
    integer: GridInteger,
    step: Option<GridStep>,
}

impl GridStage {
    /// On these integers, with the card's step for the cut.
    pub fn new(integer: GridInteger) -> Self {
        Self { integer, step: None }
    }

    /// With this step.
    ///
    /// # Errors
    /// [`ErrorKind::Policy`] unless it is a normal number above 0.
    pub fn with_step(self, step: f32) -> Result<Self> {
        let step = GridStep::new(step)
            .map_err(|error| Error::new(error.kind(), format!("grid: {}", error.message())))?;
        Ok(Self { step: Some(step), ..self })
    }

    /// The integers.
    pub fn integer(&self) -> GridInteger {
        self.integer
    }

    /// The step; none where the card's is meant.
    pub fn step(&self) -> Option<GridStep> {
        self.step
    }

    /// This stage with the step that it takes at one cut.
    pub(super) fn resolved(self, step: GridStep) -> Self {
        Self { step: Some(step), ..self }
    }
}
