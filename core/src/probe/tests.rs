use std::num::NonZeroU32;
use std::thread;
use std::time::Duration;

use super::*;
use crate::error::{Error, ErrorKind};

/// Tells what it is told to tell, one reading after the other, and the last one again and again.
struct Told {
    readings: Vec<Reading>,
    read: usize,
}

impl Meter for Told {
    fn read(&mut self) -> Reading {
        let reading = self.readings[self.read.min(self.readings.len() - 1)].clone();
        self.read += 1;
        reading
    }

    fn memory_source(&self) -> String {
        "memory".into()
    }

    fn energy_source(&self) -> String {
        "energy".into()
    }

    fn thermal_source(&self) -> String {
        "heat".into()
    }
}

fn reading(memory: u64, energy: f64, thermal: &str) -> Reading {
    Reading {
        memory_bytes: Some(memory),
        energy_joules: Some(energy),
        thermal: Some(thermal.into()),
    }
}

fn told(readings: &[Reading], runs: u32) -> (Report, usize) {
    let mut meter = Told { readings: readings.to_vec(), read: 0 };
    let report = measure(NonZeroU32::new(runs).unwrap(), &mut meter, || Ok(())).unwrap();
    (report, meter.read)
}

#[test]
fn what_the_meter_tells_is_reported_with_its_source() {
    let readings = [
        reading(100, 5.0, "cool"),
        reading(300, 6.0, "warm"),
        reading(200, 7.5, "warm"),
        reading(150, 8.0, "hot"),
    ];
    let (report, _) = told(&readings, 3);
    assert_eq!(
        report.memory,
        Some(MemoryHeld { before: 100, highest: 300, source: "memory".into() })
    );
    assert_eq!(report.energy, Some(EnergyUsed { joules_per_run: 1.0, source: "energy".into() }));
    let thermal = report.thermal.unwrap();
    assert_eq!((thermal.before.as_str(), thermal.after.as_str()), ("cool", "hot"));
    assert_eq!(report.runs, 3);
}

#[test]
fn what_nobody_tells_is_left_out() {
    let (report, _) = told(&[Reading::default()], 2);
    assert_eq!((report.memory, report.energy, report.thermal), (None, None, None));
    for after in [5.0, 4.0, f64::NAN, f64::INFINITY] {
        let (report, _) = told(&[reading(1, 5.0, ""), reading(1, after, "")], 1);
        assert_eq!(report.energy, None, "a counter that went from 5 to {after}");
    }
}

#[test]
fn a_meter_is_read_a_few_times_however_many_runs_there_are() {
    for (runs, readings) in [(1, 2), (3, 4), (16, 17), (1000, 17), (1001, 17)] {
        assert_eq!(told(&[Reading::default()], runs).1, readings, "{runs} runs");
    }
}

#[test]
fn times_are_those_of_the_runs_after_the_first() {
    let mut first = true;
    let report = measure(NonZeroU32::new(5).unwrap(), &mut ProcessMeter, || {
        let pause = if std::mem::take(&mut first) { 400 } else { 2 };
        thread::sleep(Duration::from_millis(pause));
        Ok(())
    })
    .unwrap();
    assert!(report.time.least >= Duration::from_millis(2));
    assert!(report.time.median < Duration::from_millis(400), "the first run is not counted");
}

#[test]
fn shares_of_runs_are_taken_from_above() {
    let mut took: Vec<_> = (1..=10).rev().map(Duration::from_millis).collect();
    let time = TimeTaken::of(&mut took);
    let millis = [time.least, time.median, time.nine_in_ten, time.most].map(|t| t.as_millis());
    assert_eq!(millis, [1, 5, 9, 10]);
    let one = TimeTaken::of(&mut [Duration::from_millis(3)]);
    assert_eq!((one.least, one.most), (one.median, one.nine_in_ten));
}

#[test]
fn an_error_of_a_run_is_the_report() {
    let refused = || Err(Error::new(ErrorKind::Closed, "closed"));
    let outcome = measure(NonZeroU32::MIN, &mut ProcessMeter, refused);
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Closed);
}

#[cfg(target_os = "linux")]
#[test]
fn memory_that_is_taken_is_seen() {
    let mut held = Vec::new();
    let report = measure(NonZeroU32::new(4).unwrap(), &mut ProcessMeter, || {
        held.push(vec![1u8; 8 << 20]);
        Ok(())
    })
    .unwrap();
    let memory = report.memory.expect("Linux tells");
    // The first run's eight are there before.
    assert!(memory.highest >= memory.before + (24 << 20), "{memory:?}");
}
