//! Policies: what an app builds stage by stage or writes as text.

use std::num::NonZeroUsize;
use std::sync::Arc;

use frostglass::policy as core;

use crate::failure::{ErrorKind, Failure, Result};

/// What is done to activations before they leave, checked: stages that compose, in order.
#[derive(Debug, uniffi::Object)]
pub struct Policy(pub(crate) core::Policy);

/// One stage of a policy.
#[derive(Clone, Debug, PartialEq, uniffi::Enum)]
pub enum Stage {
    /// Keeps these channels of the map.
    Channels {
        /// Their indices, from 0, in any order.
        keep: Vec<u32>,
    },
    /// Sample-and-hold: each window of values becomes one of its own samples.
    Hold {
        /// Values in a window; 1 changes nothing.
        window: u32,
        /// Which sample stands for its window.
        rule: HoldRule,
        /// Where windows begin anew.
        within: HoldWithin,
    },
    /// Gaussian noise with a formal promise.
    Dp {
        /// Its parameters.
        parameters: Dp,
    },
    /// Rounding to a public grid.
    Grid {
        /// The integers.
        integer: GridInteger,
        /// The step; the model's own where none is given.
        step: Option<f32>,
    },
}

/// Which sample of a window stands for all of them. Zeros stand for a window of zeros alone, but under
/// `First`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum HoldRule {
    /// The one closest to the mean, the paper's.
    NearestMean,
    /// The median, the lower one of two.
    Median,
    /// The one of the largest magnitude.
    Largest,
    /// The first, zero or not.
    First,
}

/// Where windows begin anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum HoldWithin {
    /// Nowhere: they run through the whole map, as the paper's.
    Map,
    /// With every row of every channel.
    Row,
}

/// The parameters of a stage that adds noise. What is left out is as the core has it.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Dp {
    /// What one release costs; above 0.
    pub epsilon: f64,
    /// The delta that goes with it.
    #[uniffi(default = None)]
    pub delta: Option<f64>,
    /// What adjacent inputs differ in.
    #[uniffi(default = None)]
    pub unit: Option<Adjacency>,
    /// Activations are clipped to 0 .. `a_max`.
    #[uniffi(default = None)]
    pub a_max: Option<f32>,
    /// The normalisation's window in channels, `u`.
    #[uniffi(default = None)]
    pub width: Option<u32>,
    /// The normalisation's weight of the sum of squares.
    #[uniffi(default = None)]
    pub alpha: Option<f32>,
    /// The normalisation's exponent.
    #[uniffi(default = None)]
    pub beta: Option<f32>,
    /// The normalisation's constant under the power.
    #[uniffi(default = None)]
    pub gamma: Option<f32>,
    /// The L2 norm that the normalised map is shrunk to; none unless given.
    #[uniffi(default = None)]
    pub clip: Option<f32>,
    /// Which rule turns epsilon into noise.
    #[uniffi(default = None)]
    pub calibration: Option<Calibration>,
}

/// What two inputs may differ in for a promise to speak of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Adjacency {
    /// One number of the map; not one pixel of the photograph.
    Activation,
    /// Any change inside one square patch of the network's input.
    Patch {
        /// Its side in pixels.
        side: u32,
    },
    /// Any change to the whole picture.
    Image,
}

/// Which rule turns epsilon into noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Calibration {
    /// The analytic Gaussian mechanism: exact for every epsilon.
    Analytic,
    /// The classical formula; receipts print the true epsilon of the noise it gives.
    Paper,
}

/// The integers that a release is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum GridInteger {
    /// One byte a value.
    I8,
    /// Two bytes a value, least significant first.
    I16,
}

#[uniffi::export]
impl Policy {
    /// A policy of these stages, first to last.
    #[uniffi::constructor]
    pub fn of(stages: Vec<Stage>) -> Result<Arc<Self>> {
        let stages = stages.into_iter().map(Stage::into_core).collect::<Result<_>>()?;
        Ok(Arc::new(Self(core::Policy::new(stages)?)))
    }

    /// A policy from its text, as in `channels(0-15)|dp(epsilon=5)`.
    #[uniffi::constructor]
    pub fn parse(text: &str) -> Result<Arc<Self>> {
        Ok(Arc::new(Self(text.parse()?)))
    }

    /// The policy as text, every parameter written out.
    pub fn text(&self) -> String {
        self.0.to_string()
    }
}

impl Stage {
    fn into_core(self) -> Result<core::Stage> {
        Ok(match self {
            Self::Channels { keep } => {
                let keep = keep.into_iter().map(|channel| channel as usize).collect();
                core::Stage::Channels(core::Channels::new(keep)?)
            }
            Self::Hold { window, rule, within } => core::Stage::Hold(core::Hold {
                window: NonZeroUsize::new(window as usize).ok_or_else(|| {
                    Failure::new(ErrorKind::Policy, "hold: a window has at least 1 value, not 0")
                })?,
                rule: rule.into(),
                within: within.into(),
            }),
            Self::Dp { parameters } => core::Stage::Dp(parameters.into_core()?),
            Self::Grid { integer, step } => {
                let stage = core::GridStage::new(integer.into());
                core::Stage::Grid(step.map_or(Ok(stage), |step| stage.with_step(step))?)
            }
        })
    }
}

impl Dp {
    fn into_core(self) -> Result<core::Dp> {
        let mut dp = core::Dp::new(self.epsilon)?;
        if let Some(delta) = self.delta {
            dp = dp.with_delta(delta)?;
        }
        if let Some(unit) = self.unit {
            dp = dp.with_unit(unit.into_core()?)?;
        }
        if let Some(a_max) = self.a_max {
            dp = dp.with_a_max(a_max)?;
        }
        if let Some(width) = self.width {
            dp = dp.with_width(width as usize)?;
        }
        if let Some(alpha) = self.alpha {
            dp = dp.with_alpha(alpha)?;
        }
        if let Some(beta) = self.beta {
            dp = dp.with_beta(beta)?;
        }
        if let Some(gamma) = self.gamma {
            dp = dp.with_gamma(gamma)?;
        }
        if let Some(clip) = self.clip {
            dp = dp.with_clip(clip)?;
        }
        if let Some(calibration) = self.calibration {
            dp = dp.with_calibration(calibration.into())?;
        }
        Ok(dp)
    }
}

impl From<HoldRule> for core::HoldRule {
    fn from(rule: HoldRule) -> Self {
        match rule {
            HoldRule::NearestMean => Self::NearestMean,
            HoldRule::Median => Self::Median,
            HoldRule::Largest => Self::Largest,
            HoldRule::First => Self::First,
        }
    }
}

impl From<HoldWithin> for core::HoldWithin {
    fn from(within: HoldWithin) -> Self {
        match within {
            HoldWithin::Map => Self::Map,
            HoldWithin::Row => Self::Row,
        }
    }
}

impl Adjacency {
    pub(crate) fn into_core(self) -> Result<frostglass::privacy::Adjacency> {
        use frostglass::privacy::Adjacency as Core;
        Ok(match self {
            Self::Activation => Core::Activation,
            Self::Patch { side } => Core::patch(side as usize)?,
            Self::Image => Core::Image,
        })
    }
}

impl From<Calibration> for frostglass::privacy::Calibration {
    fn from(calibration: Calibration) -> Self {
        match calibration {
            Calibration::Analytic => Self::Analytic,
            Calibration::Paper => Self::Paper,
        }
    }
}

impl From<GridInteger> for frostglass::grid::GridInteger {
    fn from(integer: GridInteger) -> Self {
        match integer {
            GridInteger::I8 => Self::I8,
            GridInteger::I16 => Self::I16,
        }
    }
}

impl From<frostglass::grid::GridInteger> for GridInteger {
    fn from(integer: frostglass::grid::GridInteger) -> Self {
        match integer {
            frostglass::grid::GridInteger::I8 => Self::I8,
            frostglass::grid::GridInteger::I16 => Self::I16,
        }
    }
}
