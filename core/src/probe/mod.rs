//! What a run costs: time, memory and energy, and from which source each figure came.
//!
//! Time is measured here. Memory, energy and heat are the platform's to tell, each through services of
//! its own, so they come through a [`Meter`]; a figure that nobody tells is left out of the [`Report`],
//! never guessed. Every figure names its source, because the same word means different things: a
//! process's resident pages are not its share of them, and a battery's counter is not a rail's.
//!
//! ```
//! use std::num::NonZeroU32;
//! use frostglass::probe::{ProcessMeter, measure};
//!
//! let runs = NonZeroU32::new(20).unwrap();
//! let report = measure(runs, &mut ProcessMeter, || {
//!     std::hint::black_box((0..1000).sum::<u64>());
//!     Ok(())
//! })?;
//! assert!(report.time.least <= report.time.median && report.time.median <= report.time.most);
//! # Ok::<(), frostglass::Error>(())
//! ```

mod meter;
#[cfg(test)]
mod tests;

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

pub use meter::{Meter, ProcessMeter, Reading};

use crate::error::Result;

/// What a run took, over some runs. The first of all is not counted: it is what fills caches and makes
/// resamplers.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// How many runs it is over.
    pub runs: u32,
    /// By a monotonic clock.
    pub time: TimeTaken,
    /// Where the meter tells of memory.
    pub memory: Option<MemoryHeld>,
    /// Where the meter tells of energy, and its counter moved.
    pub energy: Option<EnergyUsed>,
    /// Where the meter tells of heat.
    pub thermal: Option<ThermalState>,
}

/// Times of runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeTaken {
    /// The shortest run.
    pub least: Duration,
    /// Half of the runs were no longer.
    pub median: Duration,
    /// Nine in ten were no longer.
    pub nine_in_ten: Duration,
    /// The longest run.
    pub most: Duration,
}

/// Memory of the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryHeld {
    /// Bytes before the first run.
    pub before: u64,
    /// The most bytes that a reading between runs showed.
    pub highest: u64,
    /// What is counted, and who counts it.
    pub source: String,
}

/// Energy over all runs, with whatever else the device did meanwhile and the readings themselves.
#[derive(Clone, Debug, PartialEq)]
pub struct EnergyUsed {
    /// Joules a run.
    pub joules_per_run: f64,
    /// What is counted, and who counts it.
    pub source: String,
}

/// Heat before and after, in the platform's words: a figure from a hot device is another figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThermalState {
    /// Before the first run.
    pub before: String,
    /// After the last.
    pub after: String,
    /// Whose words they are.
    pub source: String,
}

/// At most so many times is memory read between runs: a reading may take longer than a run.
const READINGS: u32 = 16;

/// Runs once, then so many times more, and reports on the latter.
///
/// # Errors
/// The first that a run gives.
pub fn measure(
    runs: NonZeroU32,
    meter: &mut dyn Meter,
    mut run: impl FnMut() -> Result<()>,
) -> Result<Report> {
    run()?;
    let runs = runs.get();
    let before = meter.read();
    let (mut highest, mut last) = (before.memory_bytes, before.clone());
    let mut took = Vec::with_capacity(runs as usize);
    for done in 1..=runs {
        let begun = Instant::now();
        run()?;
        took.push(begun.elapsed());
        if done == runs || done % runs.div_ceil(READINGS) == 0 {
            last = meter.read();
            highest = highest.max(last.memory_bytes);
        }
    }
    Ok(Report {
        runs,
        time: TimeTaken::of(&mut took),
        memory: before.memory_bytes.zip(highest).map(|(before, highest)| MemoryHeld {
            before,
            highest,
            source: meter.memory_source(),
        }),
        energy: used(&before, &last).map(|joules| EnergyUsed {
            joules_per_run: joules / f64::from(runs),
            source: meter.energy_source(),
        }),
        thermal: before.thermal.zip(last.thermal).map(|(before, after)| ThermalState {
            before,
            after,
            source: meter.thermal_source(),
        }),
    })
}

/// Joules between two readings. A counter that stood still is too coarse for what was measured, and one
/// that ran backwards is a battery's that is charged: neither says anything.
fn used(before: &Reading, after: &Reading) -> Option<f64> {
    let joules = after.energy_joules? - before.energy_joules?;
    (joules.is_finite() && joules > 0.0).then_some(joules)
}

impl TimeTaken {
    /// Of at least one run.
    fn of(took: &mut [Duration]) -> Self {
        took.sort_unstable();
        // The smallest time that this share of the runs did not pass.
        let share = |tenths: usize| took[(took.len() * tenths).div_ceil(10).max(1) - 1];
        Self { least: took[0], median: share(5), nine_in_ten: share(9), most: share(10) }
    }
}
