//! What a session costs on this device.

use std::num::NonZeroU32;

use super::Frostglass;
use crate::error::{Error, ErrorKind, Result};
use crate::frame::Frame;
use crate::probe::{Meter, Report, measure};
use crate::topology::{Candidate, Figures};

impl Frostglass {
    /// Measures so many runs, from pixels to sanitised integers, on a grey picture of the size that the
    /// network reads. No release is made of them, so nothing is charged.
    ///
    /// # Errors
    /// As [`Frostglass::sanitize_into`], those of ledgers apart.
    pub fn profile(&self, runs: NonZeroU32, meter: &mut dyn Meter) -> Result<Report> {
        let [_, rows, columns] = self.front().input_shape();
        let mut grey = Vec::new();
        grey.try_reserve_exact(rows * columns)
            .map_err(|_| Error::new(ErrorKind::System, "there is no memory for a picture"))?;
        grey.resize(rows * columns, 128);
        let frame = Frame::gray8(&grey, columns, rows)?;
        measure(runs, meter, || self.run_and_wipe(&frame))
    }

    /// This session as one of those that a device may choose from ([`crate::topology`]): its depth, its
    /// channels, and what [`Frostglass::profile`] measures.
    ///
    /// `psnr` is what the caller knows of an attack on such releases, in dB. Without it, it is what the
    /// model's card knows: of maps as they are, and of maps that are held and nothing else.
    ///
    /// # Errors
    /// As [`Frostglass::profile`].
    pub fn candidate(
        &self,
        runs: NonZeroU32,
        meter: &mut dyn Meter,
        psnr: Option<f64>,
    ) -> Result<Candidate> {
        let report = self.profile(runs, meter)?;
        Ok(Candidate {
            depth: small(self.front().depth()),
            channels: small(self.release_shape()[0]),
            figures: Figures {
                latency_microseconds: Some(report.time.median.as_secs_f64() * 1e6),
                memory_bytes: report.memory.map(|memory| memory.highest),
                energy_joules: report.energy.map(|energy| energy.joules_per_run),
                psnr: psnr.or_else(|| self.leakage().map(|known| known.psnr)),
            },
        })
    }
}

/// A count of layers or channels: models are limited far below 2^32.
fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
