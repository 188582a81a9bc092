//! `frostglass privacy`: what noise costs and what it is worth.

pub(crate) mod account;
pub(crate) mod explain;
pub(crate) mod noise;
pub(crate) mod sigma;

use crate::failure::Failure;

/// A number that must lie above `low` and below `high`.
fn between(name: &str, value: f64, low: f64, high: f64) -> Result<f64, Failure> {
    if value > low && value < high {
        return Ok(value);
    }
    Err(Failure::bad_input(format!("{name} must be above {low} and below {high}, not {value}")))
}

/// Above this epsilon, and above this number of anything, nothing is worth computing.
const LARGEST: f64 = 1e9;

/// A figure to four or five digits.
fn figure(value: f64) -> String {
    if value == 0.0 || (1e-3..1e6).contains(&value.abs()) {
        let digits = (3 - value.abs().max(1e-3).log10().floor() as i32).clamp(0, 6);
        format!("{value:.*}", digits as usize)
    } else {
        format!("{value:.3e}")
    }
}
