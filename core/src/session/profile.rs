//! What a session costs on this device.

use std::num::NonZeroU32;

use super::Frostglass;
use crate::error::{Error, ErrorKind, Result};
use crate::frame::Frame;
use crate::probe::{Meter, Report, measure};

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
}
