//! The one entry point for people and CI: `cargo xtask test`, `setup`, `golden`, `android`, `ios`, `attack`,
//! `bench`.
//!
//! A *suite* is one thing that can pass or fail, as a value: its name, its tier, the tools it needs
//! and the function that runs it ([`suite`], [`suites`]). A *tier* is a group of suites that
//! somebody wants to run together. A *tool* is a program that a suite needs and that [`setup`]
//! finds or installs. The commands ([`commands`]) put the three together; [`workplace`] is what
//! they know of the machine.

mod cli;
mod commands;
mod kotlin;
mod library;
mod report;
mod setup;
mod steps;
mod suite;
mod suites;
mod swift;
mod target_dir;
mod workplace;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Arguments, Benchmark, Command};
use crate::workplace::Workplace;

/// Errors here are read by a person and never matched on.
pub(crate) type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = Workplace::find().and_then(|workplace| match arguments.command {
        Command::Test { list: true, tiers } => commands::test::list(&tiers),
        Command::Test { list: false, tiers } => commands::test::run(&workplace, &tiers),
        Command::Setup { tiers } => commands::setup::run(&workplace, &tiers),
        Command::Golden { check } => commands::golden::run(&workplace, check),
        Command::Android => commands::android::run(&workplace),
        Command::Ios => commands::ios::run(&workplace),
        Command::Attack(options) => commands::attack::run(&workplace, &options),
        Command::Bench { benchmark: Benchmark::Front(options) } => {
            commands::bench::front(&workplace, &options)
        }
        Command::Bench { benchmark: Benchmark::Arm(options) } => {
            commands::bench::arm(&workplace, &options)
        }
        Command::Bench { benchmark: Benchmark::Noise(options) } => {
            commands::bench::noise(&workplace, &options)
        }
        Command::Bench { benchmark: Benchmark::Hold(options) } => {
            commands::bench::hold(&workplace, &options)
        }
        Command::Bench { benchmark: Benchmark::Ledger(options) } => {
            commands::bench::ledger(&workplace, &options)
        }
    });
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
