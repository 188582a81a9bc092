//! `frostglass`, the workbench: sanitise photographs, inspect releases, study fronts.
//!
//! Built with the core's `lab` feature, which opens what a shipped library keeps shut: this program
//! is for a desk, not for a phone.

mod arguments;
mod chart;
mod commands;
mod failure;
mod input;
mod model;
mod npy;
mod output;
mod photo;
mod progress;
#[cfg(test)]
mod schemas;
mod zoo;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command, Lab, LedgerCommand, Privacy};
use crate::failure::Failure;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if !error.use_stderr() => {
            // Help and version are what was asked for.
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        Err(error) => return Failure::usage(&error).report(),
    };
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let json = arguments.json;
    match arguments.command.unwrap_or_default() {
        Command::Demo(arguments) => commands::demo::run(&arguments, json),
        Command::Cuts(arguments) => commands::cuts::run(&arguments, json),
        Command::Sanitize(arguments) => commands::sanitize::run(&arguments, json),
        Command::Inspect(arguments) => commands::inspect::run(&arguments, json),
        Command::Steps(arguments) => commands::steps::run(&arguments, json),
        Command::Pack(arguments) => commands::pack::run(&arguments, json),
        Command::Sweep(arguments) => commands::sweep::run(&arguments, json),
        Command::Privacy(Privacy::Sigma(arguments)) => {
            commands::privacy::sigma::run(&arguments, json)
        }
        Command::Privacy(Privacy::Noise(arguments)) => {
            commands::privacy::noise::run(&arguments, json)
        }
        Command::Privacy(Privacy::Explain(arguments)) => {
            commands::privacy::explain::run(&arguments, json)
        }
        Command::Privacy(Privacy::Account(arguments)) => {
            commands::privacy::account::run(&arguments, json)
        }
        Command::Ledger(LedgerCommand::Show(arguments)) => commands::ledger::show(&arguments, json),
        Command::Ledger(LedgerCommand::Verify(arguments)) => {
            commands::ledger::verify(&arguments, json)
        }
        Command::Lab(Lab::Chart(arguments)) => commands::lab_chart::run(&arguments, json),
        Command::Lab(Lab::Front(arguments)) => commands::lab_front::run(&arguments, json),
        Command::Lab(Lab::Sanitize(arguments)) => commands::lab_sanitize::run(&arguments, json),
    }
}
