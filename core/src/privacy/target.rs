//! What one release may cost: the target that noise is calibrated to.

use super::{Adjacency, Calibration, Delta, Epsilon};
use crate::error::{Error, ErrorKind, Result};

/// (epsilon, delta) under an adjacency, and the rule that turns it into noise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    epsilon: Epsilon,
    delta: Delta,
    unit: Adjacency,
    rule: Calibration,
}

/// The largest delta that noise is calibrated to. Delta bounds the share of releases for which epsilon
/// says nothing: past one in a hundred the epsilon beside it would be read as more than it is.
const LARGEST_DELTA: f64 = 1e-2;

impl Target {
    /// Epsilon at delta 1e-5 for one activation, by the analytic curve.
    pub fn new(epsilon: Epsilon) -> Self {
        let (delta, unit) = (Delta::USUAL, Adjacency::Activation);
        Self { epsilon, delta, unit, rule: Calibration::Analytic }
    }

    /// With this epsilon.
    pub fn with_epsilon(self, epsilon: Epsilon) -> Self {
        Self { epsilon, ..self }
    }

    /// With this delta.
    ///
    /// # Errors
    /// [`ErrorKind::Policy`] above 0.01.
    pub fn with_delta(self, delta: Delta) -> Result<Self> {
        if delta.get() > LARGEST_DELTA {
            return Err(Error::new(
                ErrorKind::Policy,
                format!(
                    "delta must be at most 0.01, not {}: above it an epsilon means too little",
                    delta.get()
                ),
            ));
        }
        Ok(Self { delta, ..self })
    }

    /// For inputs that differ so.
    ///
    /// # Errors
    /// As [`Target::with_rule`].
    pub fn with_unit(self, unit: Adjacency) -> Result<Self> {
        Self { unit, ..self }.consistent()
    }

    /// With noise by this rule.
    ///
    /// # Errors
    /// [`ErrorKind::Policy`] for the paper's rule and anything but one activation, of which alone it
    /// speaks.
    pub fn with_rule(self, rule: Calibration) -> Result<Self> {
        Self { rule, ..self }.consistent()
    }

    fn consistent(self) -> Result<Self> {
        if self.rule == Calibration::Paper && self.unit != Adjacency::Activation {
            return Err(Error::new(
                ErrorKind::Policy,
                "calibration=paper speaks of one activation only: use unit=activation, or calibration=analytic",
            ));
        }
        Ok(self)
    }

    /// What one release may cost.
    pub fn epsilon(&self) -> Epsilon {
        self.epsilon
    }

    /// The delta that goes with it.
    pub fn delta(&self) -> Delta {
        self.delta
    }

    /// What adjacent inputs differ in.
    pub fn unit(&self) -> Adjacency {
        self.unit
    }

    /// Which rule turns it into noise.
    pub fn rule(&self) -> Calibration {
        self.rule
    }
}
