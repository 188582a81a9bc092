//! What taps do to maps in a run.

use crate::error::Result;
use crate::sanitize::{Hold, sample_and_hold};

/// A hold at a map whose rows have so many values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hand {
    pub(super) hold: Hold,
    pub(super) columns: usize,
}

impl Hand {
    /// Holds the map.
    pub(super) fn hold(&self, map: &mut [f32]) -> Result<()> {
        sample_and_hold(map, self.columns, self.hold)
    }
}
