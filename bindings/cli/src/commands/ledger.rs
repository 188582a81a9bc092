//! `frostglass ledger`: what all releases charged to a ledger cost together, and whether its file is
//! whole.

use frostglass::ledger::{Ledger, Standing, Verification};
use schemars::JsonSchema;
use serde::Serialize;

use crate::arguments::{LedgerShowArguments, LedgerVerifyArguments};
use crate::failure::Failure;
use crate::output;

/// What `frostglass ledger show --json` prints.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ShowReport {
    /// The budget, and what is spent of it.
    #[serde(flatten)]
    standing: Standing,
}

/// What `frostglass ledger verify --json` prints.
#[derive(Serialize, JsonSchema)]
pub(crate) struct VerifyReport {
    /// What was found.
    #[serde(flatten)]
    verification: Verification,
    /// Where the damaged file lies now, once a successor has taken its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    moved_to: Option<String>,
}

pub(crate) fn show(arguments: &LedgerShowArguments, json: bool) -> Result<(), Failure> {
    let verification = read(&arguments.file)?;
    match verification.damage {
        Some(damage) => Err(damaged(&arguments.file, damage.offset)),
        None => {
            let report = ShowReport { standing: verification.standing };
            output::answer(json, &report, |report| report.standing.to_string())
        }
    }
}

pub(crate) fn verify(arguments: &LedgerVerifyArguments, json: bool) -> Result<(), Failure> {
    let file = &arguments.file;
    let verification = read(file)?;
    let damage = verification.damage.clone();
    let moved_to = if arguments.go_on {
        let aside =
            Ledger::continue_damaged(file).map_err(|error| Failure::of(file.display(), &error))?;
        Some(aside.display().to_string())
    } else {
        None
    };
    let report = VerifyReport { verification, moved_to };
    output::answer(json, &report, text)?;
    match (damage, &report.moved_to) {
        (Some(damage), None) => Err(damaged(file, damage.offset)),
        _ => Ok(()),
    }
}

fn read(file: &std::path::Path) -> Result<Verification, Failure> {
    Ledger::verify(file).map_err(|error| Failure::of(file.display(), &error))
}

fn damaged(file: &std::path::Path, offset: u64) -> Failure {
    Failure::bad_input(format!(
        "{}: damaged at byte {offset}; put a whole copy back, or `frostglass ledger verify --continue` goes on from what is known to be spent",
        file.display()
    ))
}

fn text(report: &VerifyReport) -> String {
    match &report.moved_to {
        None => report.verification.to_string(),
        Some(aside) => format!(
            "{}\nA successor took its place; the damaged file is now {aside}",
            report.verification
        ),
    }
}
