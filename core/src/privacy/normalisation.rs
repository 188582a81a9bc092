//! The public constants of the DP-A map: where it clips, and how it normalises.

use serde::Serialize;

use crate::error::{Error, ErrorKind, Result};

/// The constants of clipping and local response normalisation (*dp-activations*, equation 4); all public.
///
/// An activation, after its channel's gain and offset, is clipped to `[0, a_max]` and divided by
/// `(gamma + alpha * sum of squares over the window)^beta`, where the window of channel i is
/// `max(0, i - floor(u/2)) ..= min(m - 1, i + floor(u/2))`. `alpha` is not divided by the window's width
/// (ONNX's operator divides it).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normalisation {
    a_max: f32,
    width: usize,
    alpha: f32,
    beta: f32,
    gamma: f32,
}

/// The widest window of channels.
const WIDEST: usize = 255;

/// The largest constant: squares and products of such stay finite in `f32`.
const LARGEST: f32 = 1e6;

/// The smallest bound of a clip, and the smallest constant under the power.
const SMALLEST: f32 = 1e-6;

/// The largest exponent.
const STEEPEST: f32 = 4.0;

impl Default for Normalisation {
    /// The paper's constants (*dp-activations*, section IV): u = 5, alpha = 1, beta = 0.5, gamma = 2,
    /// on activations clipped at 1.
    fn default() -> Self {
        Self { a_max: 1.0, width: 5, alpha: 1.0, beta: 0.5, gamma: 2.0 }
    }
}

impl Normalisation {
    /// With activations clipped to `[0, a_max]`.
    ///
    /// # Errors
    /// [`ErrorKind::Policy`] unless it is 1e-6 to 1e6.
    pub fn with_a_max(self, a_max: f32) -> Result<Self> {
        let within = (SMALLEST..=LARGEST).contains(&a_max);
        checked(within, "a_max must be at least 1e-6 and at most 1e6", a_max)?;
        Ok(Self { a_max, ..self })
    }

    /// With a window of this many channels, `u`.
    ///
    /// # Errors
    /// [`ErrorKind::Policy`] unless it is 1 to 255.
    pub fn with_width(self, width: usize) -> Result<Self> {
        let within = (1..=WIDEST).contains(&width);
        checked(within, "u, the window in channels, must be 1 to 255", width)?;
        Ok(Self { width, ..self })
    }

    /// With this weight of the sum of squares.
    ///
    /// # Errors
    /// [`ErrorKind::Policy`] unless it is 0 to 1e6.
    pub fn with_alpha(self, alpha: f32) -> Result<Self> {
        let within = (0.0..=LARGEST).contains(&alpha);
        checked(within, "alpha must be at least 0 and at most 1e6", alpha)?;
        Ok(Self { alpha, ..self })
    }

    /// With this exponent.
    ///
    /// # Errors
    /// [`ErrorKind::Policy`] unless it is 0 to 4.
    pub fn with_beta(self, beta: f32) -> Result<Self> {
        let within = (0.0..=STEEPEST).contains(&beta);
        checked(within, "beta must be at least 0 and at most 4", beta)?;
        Ok(Self { beta, ..self })
    }

    /// With this constant under the power.
    ///
    /// # Errors
    /// [`ErrorKind::Policy`] unless it is 1e-6 to 1e6.
    pub fn with_gamma(self, gamma: f32) -> Result<Self> {
        let within = (SMALLEST..=LARGEST).contains(&gamma);
        checked(within, "gamma must be at least 1e-6 and at most 1e6", gamma)?;
        Ok(Self { gamma, ..self })
    }

    /// The largest activation after clipping.
    pub fn a_max(&self) -> f32 {
        self.a_max
    }

    /// Channels in the window, `u`.
    pub fn width(&self) -> usize {
        self.width
    }

    /// How many channels the window reaches to each side, `floor(u/2)`.
    pub fn reach(&self) -> usize {
        self.width / 2
    }

    /// The weight of the sum of squares.
    pub fn alpha(&self) -> f32 {
        self.alpha
    }

    /// The exponent of the denominator.
    pub fn beta(&self) -> f32 {
        self.beta
    }

    /// The constant under the power.
    pub fn gamma(&self) -> f32 {
        self.gamma
    }
}

/// The L2 norm that a whole normalised map is shrunk to: 1e-6 to 1e6.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct ClipBound(f32);

impl ClipBound {
    /// This norm.
    ///
    /// # Errors
    /// [`ErrorKind::Policy`] unless it is 1e-6 to 1e6.
    pub fn new(value: f32) -> Result<Self> {
        let within = (SMALLEST..=LARGEST).contains(&value);
        checked(within, "clip must be at least 1e-6 and at most 1e6", value)?;
        Ok(Self(value))
    }

    /// The number.
    pub const fn get(self) -> f32 {
        self.0
    }
}

fn checked(within: bool, range: &str, value: impl std::fmt::Display) -> Result<()> {
    if within {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Policy, format!("{range}, not {value}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_constant_has_its_range() {
        let constants = Normalisation::default();
        for value in [f32::NAN, f32::INFINITY, -1.0, 2e6] {
            assert!(constants.with_a_max(value).is_err(), "a_max {value}");
            assert!(constants.with_alpha(value).is_err(), "alpha {value}");
            assert!(constants.with_beta(value).is_err(), "beta {value}");
            assert!(constants.with_gamma(value).is_err(), "gamma {value}");
            assert!(ClipBound::new(value).is_err(), "clip {value}");
        }
        assert!(constants.with_width(0).is_err() && constants.with_width(256).is_err());
        assert!(constants.with_a_max(1e-7).is_err() && constants.with_gamma(0.0).is_err());
        assert!(constants.with_alpha(0.0).is_ok() && constants.with_beta(0.0).is_ok());
        let error = constants.with_beta(5.0).unwrap_err();
        assert_eq!(error.message(), "beta must be at least 0 and at most 4, not 5");
    }
}
