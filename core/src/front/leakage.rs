//! What an attack made of held maps at a cut: a measurement that a card carries.

use std::num::NonZeroUsize;

use crate::error::{Error, ErrorKind, Result};

/// The longest text of a measurement, in bytes.
const MAX_TEXT: usize = 200;

/// How well a named attack rebuilt named pictures from maps under sample-and-hold (Algorithm 1), on
/// average. *Empirical*: dated, and not a bound.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldLeakage {
    /// Values in a window; 1 is the map as it is.
    pub window: NonZeroUsize,
    /// Peak signal-to-noise ratio, in dB.
    pub psnr: f64,
    /// Its standard deviation over the pictures.
    pub psnr_deviation: f64,
    /// Structural similarity.
    pub ssim: f64,
    /// Who rebuilt them, in words.
    pub attack: String,
    /// Which pictures, in words.
    pub data: String,
    /// When, as year-month-day.
    pub date: String,
}

impl HeldLeakage {
    /// Refuses what no measurement is.
    pub(super) fn check(&self) -> Result<()> {
        let wrong = |what: &str| {
            Err(Error::new(
                ErrorKind::Model,
                format!("[[cut.held]] for windows of {}: {what}", self.window),
            ))
        };
        let numbers = [self.psnr, self.psnr_deviation, self.ssim];
        if !numbers.iter().all(|number| number.is_finite()) || self.psnr_deviation < 0.0 {
            return wrong("its numbers must be finite, and the deviation at least 0");
        }
        let text = |text: &str| {
            !text.is_empty() && text.len() <= MAX_TEXT && !text.chars().any(char::is_control)
        };
        if !text(&self.attack) || !text(&self.data) {
            return wrong("`attack` and `data` must be one line each, of at most 200 bytes");
        }
        let digits = |at: &[usize]| at.iter().all(|&at| self.date.as_bytes()[at].is_ascii_digit());
        let dated = self.date.len() == 10
            && digits(&[0, 1, 2, 3, 5, 6, 8, 9])
            && self.date.as_bytes()[4] == b'-'
            && self.date.as_bytes()[7] == b'-';
        if !dated {
            return wrong("`date` must be year-month-day, as in 2026-01-31");
        }
        Ok(())
    }
}
