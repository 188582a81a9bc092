//! The public grid that every release lies on: whole numbers of a public step.

use serde::Serialize;

use crate::error::{Error, ErrorKind, Result};

/// The integers that a release is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum GridInteger {
    /// -127 to 127, one byte.
    I8,
    /// -32767 to 32767, two bytes, least significant first.
    I16,
}

impl GridInteger {
    /// The largest magnitude: values beyond saturate there. Symmetric, so that a sign tells nothing.
    pub fn bound(self) -> f32 {
        match self {
            Self::I8 => 127.0,
            Self::I16 => 32767.0,
        }
    }

    /// Bytes of one value.
    pub fn bytes(self) -> usize {
        match self {
            Self::I8 => 1,
            Self::I16 => 2,
        }
    }
}

impl std::fmt::Display for GridInteger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::I8 => "i8",
            Self::I16 => "i16",
        })
    }
}

/// The size of one step, in units of the map: a normal number of `f32`, above 0.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct GridStep(f32);

impl GridStep {
    /// This step.
    ///
    /// # Errors
    /// [`ErrorKind::Policy`] unless it is finite, above 0, and not so small that `f32` loses digits of it.
    pub fn new(value: f32) -> Result<Self> {
        if value.is_normal() && value > 0.0 {
            return Ok(Self(value));
        }
        let message = format!("a step must be a number above 0, as in step=2^-4, not {value}");
        Err(Error::new(ErrorKind::Policy, message))
    }

    /// The number.
    pub const fn get(self) -> f32 {
        self.0
    }

    /// A step of 1.
    pub const ONE: Self = Self(1.0);

    /// The smallest step that is at least `value`: a release states its step in `f32`.
    pub(crate) fn at_least(value: f64) -> Option<Self> {
        Self::smallest(|step| f64::from(step) >= value)
    }

    /// The smallest step that `suffices`, if any does; whatever suffices, anything larger does.
    pub(crate) fn smallest(suffices: impl Fn(f32) -> bool) -> Option<Self> {
        // Positive floats are ordered as the whole numbers that their bits spell.
        let (mut low, mut high) = (f32::MIN_POSITIVE.to_bits(), f32::MAX.to_bits());
        if !suffices(f32::MAX) {
            return None;
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if suffices(f32::from_bits(middle)) { high = middle } else { low = middle + 1 }
        }
        Some(Self(f32::from_bits(high)))
    }
}

/// A grid: a value stands for `integer * step`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// The integers.
    pub integer: GridInteger,
    /// The size of one step.
    pub step: GridStep,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_a_normal_number_above_zero() {
        for value in [0.0, -1.0, 1e-45, f32::NAN, f32::INFINITY, -f32::INFINITY] {
            assert_eq!(GridStep::new(value).unwrap_err().kind(), ErrorKind::Policy, "{value}");
        }
        assert_eq!(GridStep::new(f32::MIN_POSITIVE).unwrap().get(), f32::MIN_POSITIVE);
    }

    #[test]
    fn the_smallest_step_is_found_to_the_last_bit() {
        for value in [1e-38, 0.1, 1.0, 0.032_389_194, 1e30] {
            let step = GridStep::at_least(value).unwrap().get();
            assert!(f64::from(step) >= value, "{step} and {value}");
            assert!(step == f32::MIN_POSITIVE || f64::from(step.next_down()) < value);
        }
        assert_eq!(GridStep::at_least(1e39), None);
        assert_eq!(GridStep::at_least(0.0).unwrap().get(), f32::MIN_POSITIVE);
    }
}
