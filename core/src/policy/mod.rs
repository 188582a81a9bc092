//! A policy: the ordered list of stages between a front's activations and a release.
//!
//! A policy is written as text, one stage after another:
//!
//! ```
//! use frostglass::policy::Policy;
//!
//! let policy: Policy = "channels(0-15,20) | dp(epsilon=5, delta=1e-5)".parse()?;
//! assert_eq!(policy.to_string().parse::<Policy>()?, policy);
//! # Ok::<(), frostglass::Error>(())
//! ```
//!
//! | stage | what it does | kind of promise |
//! |---|---|---|
//! | `channels(0-15,20)` | keeps these channels of the map | empirical |
//! | `hold(8)` | sample-and-hold over windows of 8 values; `rule=` and `within=` vary it | empirical |
//! | `dp(epsilon=5, delta=1e-5, ...)` | scale, clip, normalise, floor, Gaussian noise | formal |
//! | `grid(i8, step=2^-4)` | rounds to whole steps; added last where there is neither `dp` nor `grid` | mechanical |
//!
//! Not every order keeps its promise: before `dp` only `channels` may stand, since anything computed
//! from the image before the noise would have to be part of its sensitivity. A [`Policy`] that exists has been checked. [`Policy::resolve`] turns it into a
//! [`Pipeline`] for one cut, with every number decided and every buffer sized.

mod numbers;
mod order;
mod parse;
mod pipeline;
mod print;
mod stage;
#[cfg(test)]
mod tests;

pub(crate) use numbers::print as print_number;
pub use pipeline::{Pipeline, Site, Workspace};
pub use stage::{Channels, Dp, GridStage, Stage};

use crate::error::Result;
use crate::front::Precision;
pub use crate::sanitize::{Hold, HoldRule, HoldWithin};

/// An ordered list of stages that has been checked: it does not exist out of order.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    stages: Vec<Stage>,
}

impl Policy {
    /// A policy of these stages.
    ///
    /// # Errors
    /// [`ErrorKind::Policy`](crate::ErrorKind::Policy) where the list is empty or its order would
    /// break a promise.
    pub fn new(stages: Vec<Stage>) -> Result<Self> {
        order::check(&stages)?;
        Ok(Self { stages })
    }

    /// The stages, first to last.
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }

    /// How exact a front should be that serves this policy alone: a session makes what it needs of any
    /// front, but one that was compiled with [`Precision::Fast`] is then kept beside what runs under `dp`
    /// where tiles do not serve.
    pub fn precision(&self) -> Precision {
        let noisy = self.stages.iter().any(|stage| matches!(stage, Stage::Dp(_)));
        if noisy { Precision::Exact } else { Precision::Fast }
    }
}
