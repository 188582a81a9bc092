//! What a platform tells of memory, energy and heat.

use std::fs;

/// What a platform tells at one moment; nothing where it does not tell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// Bytes of memory that the process has.
    pub memory_bytes: Option<u64>,
    /// Joules that were used since some moment that stays the same.
    pub energy_joules: Option<f64>,
    /// The device's heat in the platform's words.
    pub thermal: Option<String>,
}

/// A platform's services, asked between runs.
pub trait Meter {
    /// What they tell now.
    fn read(&mut self) -> Reading;

    /// What `memory_bytes` counts and who counts it, in a few words.
    fn memory_source(&self) -> String;

    /// What `energy_joules` counts and who counts it.
    fn energy_source(&self) -> String;

    /// Whose words `thermal` are.
    fn thermal_source(&self) -> String;
}

/// What Linux, and so Android, tells every process of itself: resident memory, and nothing of energy or
/// heat. Elsewhere it tells nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProcessMeter;

impl Meter for ProcessMeter {
    fn read(&mut self) -> Reading {
        Reading { memory_bytes: resident(), ..Reading::default() }
    }

    fn memory_source(&self) -> String {
        "resident memory of the process, VmRSS of /proc/self/status".into()
    }

    fn energy_source(&self) -> String {
        "none".into()
    }

    fn thermal_source(&self) -> String {
        "none".into()
    }
}

fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}
