//! A policy as text; reading it back gives the same policy.

use std::fmt;

use super::Policy;
use super::numbers::{print, print_step};
use super::stage::{Channels, Dp, GridStage, Stage};
use crate::privacy::Calibration;
use crate::sanitize::{Hold, HoldRule, HoldWithin};

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, stage) in self.stages().iter().enumerate() {
            if index > 0 {
                f.write_str("|")?;
            }
            stage.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Channels(channels) => write!(f, "channels({channels})"),
            Self::Hold(hold) => hold.fmt(f),
            Self::Dp(dp) => dp.fmt(f),
            Self::Grid(grid) => grid.fmt(f),
        }
    }
}

impl fmt::Display for GridStage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.step() {
            None => write!(f, "grid({})", self.integer()),
            Some(step) => write!(f, "grid({}, step={})", self.integer(), print_step(step.get())),
        }
    }
}

impl fmt::Display for Hold {
    /// What is not the paper's is said.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hold({}", self.window)?;
        if self.rule != HoldRule::default() {
            write!(f, ", rule={}", self.rule)?;
        }
        if self.within != HoldWithin::default() {
            write!(f, ", within={}", self.within)?;
        }
        f.write_str(")")
    }
}

impl fmt::Display for HoldRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NearestMean => "nearest-mean",
            Self::Median => "median",
            Self::Largest => "largest",
            Self::First => "first",
        })
    }
}

impl fmt::Display for HoldWithin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Map => "map",
            Self::Row => "row",
        })
    }
}

impl fmt::Display for Channels {
    /// Ranges and single channels, `0-15,20`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let runs = self.keep().chunk_by(|a, b| a + 1 == *b);
        for (index, run) in runs.enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            match run {
                [one] => write!(f, "{one}")?,
                [first, .., last] => write!(f, "{first}-{last}")?,
                [] => {}
            }
        }
        Ok(())
    }
}

impl fmt::Display for Dp {
    /// Every parameter, defaults included: a release says all that a reader must know.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (target, constants) = (self.target(), self.normalisation());
        write!(
            f,
            "dp(epsilon={}, delta={}, unit={}, a_max={}, u={}, alpha={}, beta={}, gamma={}",
            print(target.epsilon().get()),
            print(target.delta().get()),
            target.unit(),
            print(constants.a_max()),
            constants.width(),
            print(constants.alpha()),
            print(constants.beta()),
            print(constants.gamma()),
        )?;
        if let Some(clip) = self.clip() {
            write!(f, ", clip={}", print(clip.get()))?;
        }
        let calibration = match target.rule() {
            Calibration::Analytic => "analytic",
            Calibration::Paper => "paper",
        };
        write!(f, ", calibration={calibration})")
    }
}
