//! PrivyNet's choice: which of several fronts this device runs.
//!
//! A deeper front takes more of the device and lets an attack rebuild less. Which one is right
//! depends on both, so each [`Candidate`] comes with what it was measured to take on this device
//! ([`Frostglass::candidate`](crate::session::Frostglass::candidate)) and with what an attack was
//! measured to rebuild of its releases, where anybody has measured that. [`select`] takes one that is
//! within all limits, and says of each of the others which limits are in its way.
//!
//! ```
//! use frostglass::topology::{Candidate, Figures, PrivacyDemand, Quantity, select};
//!
//! let candidate = |depth, latency_microseconds, psnr| Candidate {
//!     depth,
//!     channels: 4,
//!     figures: Figures {
//!         latency_microseconds: Some(latency_microseconds),
//!         psnr: Some(psnr),
//!         ..Figures::default()
//!     },
//! };
//! let candidates = [candidate(1, 2e3, 27.0), candidate(4, 9e3, 18.0), candidate(6, 30e3, 15.0)];
//! let limits = Figures { latency_microseconds: Some(10e3), ..Figures::default() };
//! let selection = select(&candidates, &limits, PrivacyDemand::High)?;
//! assert_eq!(selection.chosen, 1);
//! assert_eq!(selection.beyond[2], [Quantity::Latency]);
//! # Ok::<(), frostglass::topology::NoneFits>(())
//! ```
//!
//! *Empirical*: a PSNR is what one attack made of some pictures, not a bound.
//!
//! Source: *PrivyNet*, section 3.3.

mod selection;
#[cfg(test)]
mod tests;

use std::fmt;

pub use selection::select;

/// A front under a policy, as it could be opened on this device.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// Layers of the front one after the other, m.
    pub depth: u32,
    /// Channels of a release, D'.
    pub channels: u32,
    /// What it takes and what it tells.
    pub figures: Figures,
}

/// What a front takes of the device and what it tells of a picture, or the most that it may. Nothing stands
/// for what is not known, or not limited.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// Microseconds from pixels to a release; the median of some runs.
    pub latency_microseconds: Option<f64>,
    /// The most bytes that the process had, whatever else the app keeps among them.
    pub memory_bytes: Option<u64>,
    /// Joules for a release.
    pub energy_joules: Option<f64>,
    /// Mean peak signal-to-noise ratio, in dB, of the pictures that an attack rebuilt from releases.
    pub psnr: Option<f64>,
}

/// What a limit can be on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Time for a release.
    Latency,
    /// Memory of the process.
    Memory,
    /// Energy for a release.
    Energy,
    /// What an attack rebuilds.
    Leakage,
}

/// What is asked of the front first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrivacyDemand {
    /// To tell little: the deepest front within the limits. For the same PSNR it is the more useful one,
    /// where little may be told (section 2.1).
    High,
    /// To take little of the device: the shallowest front within the limits.
    Low,
}

/// The candidate that was chosen, and why others could not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Its place among the candidates.
    pub chosen: usize,
    /// For each candidate the limits that it is beyond; none for one that could have been chosen.
    pub beyond: Vec<Vec<Quantity>>,
}

/// No candidate is within all limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoneFits {
    /// The place of the candidate whose largest excess is smallest. Excesses are compared in decibels, the
    /// PSNR's own unit, ten times the logarithm of the ratio for the others. What is not known is
    /// infinitely far away. Nothing where there are no candidates.
    pub closest: Option<usize>,
    /// For each candidate the limits that it is beyond.
    pub beyond: Vec<Vec<Quantity>>,
}

impl fmt::Display for NoneFits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no candidate is within the limits; raise one, or offer other fronts")
    }
}

impl std::error::Error for NoneFits {}
