//! Attacks the formal promise of random policies: `cargo xtask attack` builds it and runs it.
//!
//! ```text
//! attack [--seconds N] [--policies N] [--seed N]
//! ```
//!
//! Every policy that `dp` accepts may come up, its constants drawn on a logarithmic scale. Each is resolved
//! as the product does it. A search then looks for two adjacent maps that the shipped stages bring further
//! apart than the mechanism says, under every adjacency, and for figures that do not follow from one
//! another. It ends with failure where it finds one, and prints how to see it again.
//!
//! *Empirical*: that nothing is found is not a proof; the proofs are in `docs/proofs.md`.

#[path = "../../tests/adversary/mod.rs"]
mod adversary;
mod checks;
mod policies;
mod tally;
mod trial;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use tally::Tally;

/// What a policy's searches may take, by an estimate and not by the clock, so that a seed finds the same
/// wherever it runs.
const SECONDS_A_POLICY: f64 = 0.017;

struct Options {
    seconds: u64,
    policies: u64,
    seed: u64,
}

fn options() -> Result<Options, String> {
    let mut options = Options { seconds: 600, policies: 20_000, seed: 1 };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let value = arguments.next().and_then(|value| value.parse().ok());
        let value = value.ok_or(format!("{argument} needs a whole number"))?;
        match argument.as_str() {
            "--seconds" => options.seconds = value,
            "--policies" => options.policies = value,
            "--seed" => options.seed = value,
            _ => {
                let there_are = "there are --seconds, --policies and --seed";
                return Err(format!("there is no {argument}; {there_are}"));
            }
        }
    }
    Ok(options)
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(message) => {
            eprintln!("error: {message}");
            return ExitCode::from(2);
        }
    };
    let (start, limit) = (Instant::now(), Duration::from_secs(options.seconds));
    let mut tally = Tally::default();
    let mut said = Instant::now();
    // Each policy has a seed of its own, so that any can be looked at alone.
    let mut seed = options.seed;
    while tally.policies < options.policies && start.elapsed() < limit {
        trial::run(seed, SECONDS_A_POLICY, &mut tally);
        seed = seed.wrapping_add(1);
        if said.elapsed() > Duration::from_secs(20) {
            said = Instant::now();
            let done = (tally.policies as f64 / options.policies as f64)
                .max(start.elapsed().as_secs_f64() / limit.as_secs_f64());
            let left = start.elapsed().as_secs_f64() * (1.0 - done) / done.max(1e-9);
            println!(
                "{} policies, {} violations, about {left:.0} s left",
                tally.policies, tally.violations
            );
        }
    }
    println!("{tally}");
    println!("seeds {} to {}, {:.0} s", options.seed, seed - 1, start.elapsed().as_secs_f64());
    if tally.policies > 0 && tally.violations == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
