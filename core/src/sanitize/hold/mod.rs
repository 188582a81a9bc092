//! Sample-and-hold: windows of a feature map, each replaced by one of its own samples.
//!
//! Source: *Controlling the privacy loss with the input feature maps of the layers in convolutional
//! neural networks*, section 3.2 and Algorithm 1. It gives no formal guarantee: what it hides is
//! measured (an empirical promise), not proven.

mod exact;
mod finite;
#[cfg(any(test, not(target_arch = "aarch64")))]
mod lanes;
mod long;
mod nearest_mean;
#[cfg(target_arch = "aarch64")]
mod neon;
mod others;
#[cfg(test)]
mod tests;
#[cfg(any(test, not(target_arch = "aarch64")))]
mod together;

use std::num::NonZeroUsize;

use self::finite::Magnitudes;
use crate::error::Result;

/// Sample-and-hold's parameters; all are public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Values in a window; 1 is the identity.
    pub window: NonZeroUsize,
    /// Which sample stands for its window.
    pub rule: HoldRule,
    /// Where windows begin anew.
    pub within: HoldWithin,
}

impl Hold {
    /// Algorithm 1 over windows of so many values.
    pub fn new(window: NonZeroUsize) -> Self {
        Self { window, rule: HoldRule::default(), within: HoldWithin::default() }
    }

    /// The same rule and placement with another window.
    pub fn with_window(self, window: NonZeroUsize) -> Self {
        Self { window, ..self }
    }
}

/// Which sample of a window stands for all of them. Zeros stand for a window of zeros alone, but
/// under [`HoldRule::First`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HoldRule {
    /// The non-zero sample closest to the mean of the non-zero samples, the first on a tie
    /// (Algorithm 1).
    #[default]
    NearestMean,
    /// The median of the non-zero samples, the lower one of two. It is ours, not the paper's.
    Median,
    /// The non-zero sample of the largest magnitude, the first on a tie. Ours too.
    Largest,
    /// The first sample, zero or not: what section 3.2 warns of (Fig. 2).
    First,
}

/// Where windows begin anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HoldWithin {
    /// Nowhere: windows run through the whole map in memory order (section 3.2).
    #[default]
    Map,
    /// With every row of every channel, so that no window holds samples of two rows. Ours.
    Row,
}

/// Replaces each window of a map by its representative sample, in place.
///
/// The map is `[channel][row][column]` with rows of `columns` values. Its stream, or each row of it,
/// is cut into consecutive windows, the last one shorter where the length is no multiple. Every
/// position of a window takes the sample that the rule chooses, zeros included. A window of zeros
/// stays as it is, and a window of one sample is the identity. Sums and distances are in `f64`, as if
/// added up in stream order, so that the result is the same on every machine.
///
/// # Errors
/// [`ErrorKind::Activations`](crate::error::ErrorKind::Activations) names the first sample that is NaN or infinite; nothing is written.
pub fn sample_and_hold(map: &mut [f32], columns: usize, hold: Hold) -> Result<()> {
    let magnitudes = finite::magnitudes(map)?;
    match hold.within {
        HoldWithin::Map => hold_stream(map, hold, magnitudes),
        HoldWithin::Row => {
            map.chunks_mut(columns.max(1)).for_each(|row| hold_stream(row, hold, magnitudes));
        }
    }
    Ok(())
}

fn hold_stream(stream: &mut [f32], hold: Hold, magnitudes: Magnitudes) {
    let window = hold.window.get();
    if window == 1 {
        return;
    }
    match hold.rule {
        HoldRule::NearestMean => nearest_mean::hold(stream, window, magnitudes),
        HoldRule::Median => others::hold(stream, window, others::median),
        HoldRule::Largest => others::hold(stream, window, others::largest),
        HoldRule::First => others::hold(stream, window, |window| window.first().copied()),
    }
}
