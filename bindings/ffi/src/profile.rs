//! What a session costs on this device, with what the platform's own services tell.

use std::num::NonZeroU32;
use std::sync::Arc;

use frostglass::probe::{self as core, Meter, ProcessMeter};

use crate::failure::{ErrorKind, Failure, Result};
use crate::session::Session;

/// The platform's services for memory, energy and heat, as an app's library asks them.
#[uniffi::export(with_foreign)]
pub trait Meters: Send + Sync {
    /// What they tell now. It is asked between runs.
    fn read(&self) -> MeterReading;

    /// What the figures count, and who counts them.
    fn sources(&self) -> MeterSources;
}

/// What a platform tells at one moment; nothing where it does not tell.
#[derive(Clone, Debug, Default, PartialEq, uniffi::Record)]
pub struct MeterReading {
    /// Bytes of memory that the process has.
    #[uniffi(default = None)]
    pub memory_bytes: Option<u64>,
    /// Joules that were used since some moment that stays the same.
    #[uniffi(default = None)]
    pub energy_joules: Option<f64>,
    /// The device's heat in the platform's words.
    #[uniffi(default = None)]
    pub thermal: Option<String>,
}

/// What each figure counts and who counts it, in a few words.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct MeterSources {
    /// Of `memory_bytes`.
    pub memory: String,
    /// Of `energy_joules`.
    pub energy: String,
    /// Of `thermal`.
    pub thermal: String,
}

/// What a run took, over some runs that made no release. Each figure comes with its source; one that
/// nobody tells is left out.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Profile {
    /// How many runs it is over.
    pub runs: u32,
    /// The shortest run, in microseconds.
    pub least_microseconds: f64,
    /// Half of the runs were no longer.
    pub median_microseconds: f64,
    /// Nine in ten were no longer.
    pub nine_in_ten_microseconds: f64,
    /// The longest run.
    pub most_microseconds: f64,
    /// Bytes before the first run.
    pub memory_before: Option<u64>,
    /// The most bytes that a reading between runs showed.
    pub memory_highest: Option<u64>,
    /// Joules a run, with whatever else the device did meanwhile.
    pub joules_per_run: Option<f64>,
    /// Heat before the first run.
    pub thermal_before: Option<String>,
    /// Heat after the last.
    pub thermal_after: Option<String>,
    /// What the figures count, and who counts them.
    pub sources: MeterSources,
}

/// The app's meters as the core asks them.
struct Asked(Arc<dyn Meters>);

impl Meter for Asked {
    fn read(&mut self) -> core::Reading {
        let MeterReading { memory_bytes, energy_joules, thermal } = self.0.read();
        core::Reading { memory_bytes, energy_joules, thermal }
    }

    fn memory_source(&self) -> String {
        self.0.sources().memory
    }

    fn energy_source(&self) -> String {
        self.0.sources().energy
    }

    fn thermal_source(&self) -> String {
        self.0.sources().thermal
    }
}

#[uniffi::export]
impl Session {
    /// Measures so many runs on a grey picture. No release is made of them, so nothing is charged.
    /// Without meters, what Linux tells every process of itself.
    pub fn profile(&self, runs: u32, meters: Option<Arc<dyn Meters>>) -> Result<Profile> {
        let (runs, mut meter) = asked(runs, meters)?;
        let report = self.core().profile(runs, meter.as_mut())?;
        let sources = MeterSources {
            memory: meter.memory_source(),
            energy: meter.energy_source(),
            thermal: meter.thermal_source(),
        };
        Ok(profile(report, sources))
    }
}

/// How many runs, and whom to ask about them.
pub(crate) fn asked(
    runs: u32,
    meters: Option<Arc<dyn Meters>>,
) -> Result<(NonZeroU32, Box<dyn Meter>)> {
    let runs = NonZeroU32::new(runs)
        .ok_or_else(|| Failure::new(ErrorKind::Frame, "a profile is over at least 1 run, not 0"))?;
    let meter: Box<dyn Meter> = match meters {
        Some(meters) => Box::new(Asked(meters)),
        None => Box::new(ProcessMeter),
    };
    Ok((runs, meter))
}

fn profile(report: core::Report, sources: MeterSources) -> Profile {
    let microseconds = |time: std::time::Duration| time.as_secs_f64() * 1e6;
    let (thermal_before, thermal_after) =
        report.thermal.map(|thermal| (thermal.before, thermal.after)).unzip();
    Profile {
        runs: report.runs,
        least_microseconds: microseconds(report.time.least),
        median_microseconds: microseconds(report.time.median),
        nine_in_ten_microseconds: microseconds(report.time.nine_in_ten),
        most_microseconds: microseconds(report.time.most),
        memory_before: report.memory.as_ref().map(|memory| memory.before),
        memory_highest: report.memory.as_ref().map(|memory| memory.highest),
        joules_per_run: report.energy.map(|energy| energy.joules_per_run),
        thermal_before,
        thermal_after,
        sources,
    }
}
