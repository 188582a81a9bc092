//! Times the noise beside a float Gaussian, and the DP stage beside the front that it follows.
//!
//!     frostglass-bench-noise FRONT.onnx TENSOR ROUNDS
//!
//! prints one JSON object of raw figures: nanoseconds of every round, what was timed taking turns
//! within a round, on one thread. `cargo xtask bench noise` runs it and says what they mean.

#![allow(unsafe_code, reason = "a counting allocator, for a benchmark that is never shipped")]

#[path = "../../counting.rs"]
#[allow(dead_code, reason = "shared with the library, which looks at more of it")]
mod counting;
mod float_noise;
mod rounded_noise;
mod stage;

use std::error::Error;
use std::time::Instant;

use serde::Serialize;

#[global_allocator]
static HEAP: counting::Counting = counting::Counting;

/// One thing that was timed.
#[derive(Debug, Serialize)]
struct Timed {
    name: &'static str,
    /// Numbers that one round makes or changes.
    numbers: usize,
    /// Each round's time.
    nanoseconds: Vec<u64>,
    /// The most allocations of any round.
    allocations: usize,
}

/// Something that can be run again and again, on a map that it may change.
struct Task<'a> {
    name: &'static str,
    numbers: usize,
    run: Box<Round<'a>>,
}

/// One round of a task.
type Round<'a> = dyn FnMut(&mut [f32]) + 'a;

/// Runs the tasks in turns, `rounds` times and once before that to warm up. Each finds `clean` in what
/// it is given; putting it there is not timed.
fn take_turns(tasks: &mut [Task<'_>], clean: &[f32], rounds: usize) -> Vec<Timed> {
    let mut map = clean.to_vec();
    let mut timed: Vec<Timed> = tasks
        .iter()
        .map(|task| Timed {
            name: task.name,
            numbers: task.numbers,
            nanoseconds: Vec::with_capacity(rounds),
            allocations: 0,
        })
        .collect();
    for round in 0..=rounds {
        for (task, timed) in tasks.iter_mut().zip(&mut timed) {
            map.copy_from_slice(clean);
            let before = counting::allocations();
            let begun = Instant::now();
            (task.run)(&mut map);
            let took = begun.elapsed();
            if round > 0 {
                timed.nanoseconds.push(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
                timed.allocations = timed.allocations.max(counting::allocations() - before);
            }
        }
    }
    timed
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [front, tensor, rounds] = arguments.as_slice() else {
        return Err("give a front, its tensor and a number of rounds".into());
    };
    let rounds = rounds.parse()?;
    let stage = stage::Stage::open(&std::fs::read(front)?, tensor)?;
    let mut tasks =
        vec![float_noise::task(stage::NOISE), rounded_noise::task(stage::NOISE, false)?];
    tasks.push(rounded_noise::task(stage::NOISE, true)?);
    let mut timed = take_turns(&mut tasks, &[], rounds);
    timed.extend(stage.timed(rounds)?);
    println!("{}", serde_json::to_string(&timed)?);
    Ok(())
}
