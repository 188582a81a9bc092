//! Which of several fronts a device runs. Of the types most are the core's own, described to UniFFI as they are.

use std::sync::Arc;

use frostglass::topology as core;
pub use frostglass::topology::{Candidate, Figures, PrivacyDemand, Quantity};

use crate::failure::Result;
use crate::front::small;
use crate::profile::{Meters, asked};
use crate::session::Session;

/// A front under a policy, as it could be opened on this device.
#[uniffi::remote(Record)]
pub struct Candidate {
    /// Layers of the front one after the other: convolutions, poolings and dense layers.
    pub depth: u32,
    /// Channels of a release.
    pub channels: u32,
    /// What it takes and what it tells.
    pub figures: Figures,
}

/// What a front takes of the device and tells of a picture, or the most that it may; nothing where that
/// is not known, or not limited.
#[uniffi::remote(Record)]
pub struct Figures {
    /// Microseconds from pixels to a release; the median of some runs.
    #[uniffi(default = None)]
    pub latency_microseconds: Option<f64>,
    /// The most bytes that the process had, whatever else the app keeps among them.
    #[uniffi(default = None)]
    pub memory_bytes: Option<u64>,
    /// Joules for a release.
    #[uniffi(default = None)]
    pub energy_joules: Option<f64>,
    /// Mean PSNR, in dB, of the pictures that an attack rebuilt from releases.
    #[uniffi(default = None)]
    pub psnr: Option<f64>,
}

/// What a limit can be on.
#[uniffi::remote(Enum)]
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

/// What is asked of a front first.
#[uniffi::remote(Enum)]
pub enum PrivacyDemand {
    /// To tell little: the deepest front within the limits.
    High,
    /// To take little of the device: the shallowest.
    Low,
}

/// Which candidate was chosen, or comes closest, and why others could not be.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Selection {
    /// The place of the one that was chosen; nothing where none is within all limits.
    pub chosen: Option<u32>,
    /// The place of the one that comes closest, where none was chosen.
    pub closest: Option<u32>,
    /// For each candidate the limits that it is beyond, or not known to be within.
    pub beyond: Vec<Vec<Quantity>>,
}

#[uniffi::export]
impl Session {
    /// This session as a candidate: measured as [`Session::profile`] does. Without a PSNR it has what
    /// the model's card knows of such releases.
    pub fn candidate(
        &self,
        runs: u32,
        meters: Option<Arc<dyn Meters>>,
        psnr: Option<f64>,
    ) -> Result<Candidate> {
        let (runs, mut meter) = asked(runs, meters)?;
        Ok(self.core().candidate(runs, meter.as_mut(), psnr)?)
    }
}

/// Chooses among candidates: of those within all limits the deepest where the demand is high, the
/// shallowest where it is low, then the one with the most channels.
#[uniffi::export]
pub fn select_front(
    candidates: Vec<Candidate>,
    limits: Figures,
    demand: PrivacyDemand,
) -> Selection {
    match core::select(&candidates, &limits, demand) {
        Ok(core::Selection { chosen, beyond }) => {
            Selection { chosen: Some(small(chosen)), closest: None, beyond }
        }
        Err(core::NoneFits { closest, beyond }) => {
            Selection { chosen: None, closest: closest.map(small), beyond }
        }
    }
}
