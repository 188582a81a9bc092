//! Says whether the time to draw noise follows the noise.
//!
//!     frostglass-bench-drawing-time ROUNDS
//!
//! Who sees a release and how long it took must learn nothing from the time. Each round draws as
//! many samples as a small map has and notes its time beside the sum of their magnitudes; the
//! correlation of the two over all rounds is printed, in units of what chance gives as well. It is
//! an observation of one machine. That the work is the same is tested where the sampler is.

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use frostglass::grid::GridInteger;
use frostglass::privacy::NoiseTable;
use frostglass::random::Random;

/// Samples of one round.
const SAMPLES: usize = 1024;

/// Rounds whose time was no more than this many medians count: the others were interrupted.
const INTERRUPTED: f64 = 1.5;

/// A round's time in nanoseconds, and the sum of the magnitudes that it drew.
struct Round {
    time: f64,
    magnitudes: f64,
}

fn draw(integer: GridInteger, rounds: usize) -> frostglass::Result<Vec<Round>> {
    let table = NoiseTable::of(integer);
    let mut random = Random::from_os()?;
    let mut noise = [0i16; SAMPLES];
    let mut drawn = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let begun = Instant::now();
        table.fill(&mut random, black_box(&mut noise));
        let time = begun.elapsed().as_nanos() as f64;
        let magnitudes = noise.iter().map(|&steps| f64::from(steps.unsigned_abs())).sum();
        drawn.push(Round { time, magnitudes });
    }
    Ok(drawn)
}

/// Pearson's correlation of time and magnitudes.
fn correlation(rounds: &[&Round]) -> f64 {
    let count = rounds.len() as f64;
    let mean = |of: fn(&Round) -> f64| rounds.iter().map(|round| of(round)).sum::<f64>() / count;
    let (time, magnitudes) = (mean(|round| round.time), mean(|round| round.magnitudes));
    let (mut both, mut first, mut second) = (0.0, 0.0, 0.0);
    for round in rounds {
        let (x, y) = (round.time - time, round.magnitudes - magnitudes);
        both += x * y;
        first += x * x;
        second += y * y;
    }
    both / (first * second).sqrt()
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [rounds] = arguments.as_slice() else { return Err("give a number of rounds".into()) };
    let rounds: usize = rounds.parse()?;
    for integer in [GridInteger::I8, GridInteger::I16] {
        let drawn = draw(integer, rounds)?;
        let mut times: Vec<f64> = drawn.iter().map(|round| round.time).collect();
        times.sort_by(f64::total_cmp);
        let median = times.get(times.len() / 2).ok_or("give a number of rounds above 0")?;
        let kept: Vec<&Round> =
            drawn.iter().filter(|round| round.time <= INTERRUPTED * median).collect();
        let correlation = correlation(&kept);
        println!(
            "{integer}: {SAMPLES} samples in {median:.0} ns; time and sum |Y| correlate by \
             {correlation:+.5}, {:+.1} standard deviations over {} rounds",
            correlation * (kept.len() as f64).sqrt(),
            kept.len()
        );
    }
    Ok(())
}
