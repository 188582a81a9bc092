//! The numbers of a formal promise: each is checked where it is made, and right from then on.

use std::fmt;

use serde::Serialize;

use crate::error::{Error, ErrorKind, Result};

/// An epsilon that may be asked for: above 0 and at most 1e9.
///
/// What a release *costs* is a plain number, since it may also be 0 or infinite.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Epsilon(f64);

impl Epsilon {
    /// Past this nothing is worth computing.
    const LARGEST: f64 = 1e9;

    /// This epsilon.
    ///
    /// # Errors
    /// [`ErrorKind::Policy`] unless it is above 0 and at most 1e9.
    pub fn new(value: f64) -> Result<Self> {
        let within = value > 0.0 && value <= Self::LARGEST;
        checked(within, "epsilon must be above 0 and at most 1e9", value).map(Self)
    }

    /// The number.
    pub const fn get(self) -> f64 {
        self.0
    }
}

/// A delta: at least 1e-30 and below 1.
///
/// It is compared with what the noise's own tables leave out of a whole map, which is some 1e-38, so that
/// a smaller one could not be kept.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Delta(f64);

impl Delta {
    const SMALLEST: f64 = 1e-30;

    /// This delta.
    ///
    /// # Errors
    /// [`ErrorKind::Policy`] unless it is at least 1e-30 and below 1.
    pub fn new(value: f64) -> Result<Self> {
        let within = (Self::SMALLEST..1.0).contains(&value);
        checked(within, "delta must be at least 1e-30 and below 1", value).map(Self)
    }

    /// The number.
    pub const fn get(self) -> f64 {
        self.0
    }

    /// 1e-5, the usual one.
    pub(crate) const USUAL: Self = Self(1e-5);
}

/// What a Gaussian mechanism costs: how far its input can move, over the noise's standard deviation.
///
/// At least 0 and at most 1e100: a mechanism with a larger one would hide nothing, and its square would
/// overflow.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Mu(f64);

impl Mu {
    const LARGEST: f64 = 1e100;

    /// This mu.
    ///
    /// # Errors
    /// [`ErrorKind::Policy`] unless it is at least 0 and at most 1e100.
    pub fn new(value: f64) -> Result<Self> {
        let within = (0.0..=Self::LARGEST).contains(&value);
        checked(within, "mu must be at least 0 and at most 1e100", value).map(Self)
    }

    /// The number.
    pub const fn get(self) -> f64 {
        self.0
    }

    /// What comes of numbers that are in range already.
    pub(super) const fn of(value: f64) -> Self {
        debug_assert!(value >= 0.0 && value <= Self::LARGEST);
        Self(value)
    }
}

fn checked(within: bool, range: &str, value: f64) -> Result<f64> {
    if within {
        return Ok(value);
    }
    Err(Error::new(ErrorKind::Policy, format!("{range}, not {value}")))
}

impl fmt::Display for Epsilon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Delta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::LowerExp::fmt(&self.0, f)
    }
}

impl fmt::Display for Mu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_of_range_cannot_be_made() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, -f64::MIN_POSITIVE] {
            assert!(Epsilon::new(value).is_err(), "epsilon {value}");
            assert!(Delta::new(value).is_err(), "delta {value}");
            assert!(Mu::new(value).is_err(), "mu {value}");
        }
        assert!(Epsilon::new(0.0).is_err() && Epsilon::new(1.1e9).is_err());
        assert!(Epsilon::new(1e9).is_ok() && Epsilon::new(f64::MIN_POSITIVE).is_ok());
        assert!(Delta::new(1.0).is_err() && Delta::new(9e-31).is_err() && Delta::new(0.0).is_err());
        assert!(Delta::new(1e-30).is_ok() && Delta::new(1f64.next_down()).is_ok());
        assert!(Mu::new(0.0).is_ok() && Mu::new(1e100).is_ok() && Mu::new(1.1e100).is_err());
        let error = Delta::new(1.0).unwrap_err();
        assert_eq!(error.message(), "delta must be at least 1e-30 and below 1, not 1");
    }
}
