//! `cargo xtask test`: sets the tools up, runs the suites, reports.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::report::{self, Outcome, Row};
use crate::setup::{self, Missing, Tool};
use crate::steps::Steps;
use crate::suite::{self, Suite, Tier};
use crate::workplace::Workplace;
use crate::{Result, suites, target_dir};

/// Prints the suites of these tiers and what each needs.
pub(crate) fn list(tiers: &[Tier]) -> Result<ExitCode> {
    for suite in suite::select(&suites::all(), tiers) {
        let needs: Vec<String> = suite.needs.iter().map(Tool::to_string).collect();
        let needs = if needs.is_empty() { "-".to_owned() } else { needs.join(", ") };
        println!("{:<5} {:<18} {} [{needs}]", suite.tier, suite.name, suite.about);
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs the suites of these tiers. One that fails does not keep the others from running.
pub(crate) fn run(workplace: &Workplace, tiers: &[Tier]) -> Result<ExitCode> {
    let selected = suite::select(&suites::all(), tiers);
    let begun = Instant::now();
    println!("builds go to {}", workplace.target_dir.display());

    // All tools come first, so that the suites' times are their own.
    let tools: BTreeMap<Tool, Result<(), Missing>> = suite::tools_of(&selected)
        .into_iter()
        .map(|tool| (tool, setup::ensure(tool, workplace)))
        .collect();
    if workplace.ci {
        target_dir::clean_own_crates(&Steps::begin(workplace, "clean")?)?;
    }

    let count = selected.len();
    let mut rows = Vec::with_capacity(count);
    for (index, suite) in selected.into_iter().enumerate() {
        println!("\n=== {} ({} of {count}, {} so far)", suite.name, index + 1, minutes(begun));
        let begun = Instant::now();
        let missing =
            suite.needs.iter().find_map(|tool| tools[tool].as_ref().err().map(Missing::to_string));
        let outcome = match missing {
            Some(missing) => Outcome::Skipped(missing),
            None => run_one(workplace, &suite),
        };
        let outcome = outcome.judged(workplace.ci);
        let took = begun.elapsed();
        println!("=== {}: {}", suite.name, verdict(&outcome, took));
        rows.push(Row { suite, outcome, took });
    }

    println!("\n{}", report::table(&rows));
    println!("{}", report::summary(&rows));
    Ok(if report::any_failed(&rows) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn run_one(workplace: &Workplace, suite: &Suite) -> Outcome {
    let steps = match Steps::begin(workplace, suite.name) {
        Ok(steps) => steps,
        Err(error) => return Outcome::Failed(format!("the log cannot be written: {error}")),
    };
    match (suite.run)(&steps) {
        Ok(()) => Outcome::Passed,
        Err(error) => {
            println!("{error}\nthe whole output: {}", steps.log_path().display());
            Outcome::Failed(error.to_string())
        }
    }
}

fn verdict(outcome: &Outcome, took: Duration) -> String {
    match outcome {
        Outcome::Passed => format!("passed in {:.1} s", took.as_secs_f64()),
        Outcome::Failed(why) => format!("failed after {:.1} s: {why}", took.as_secs_f64()),
        Outcome::Skipped(why) => format!("skipped: {why}"),
    }
}

fn minutes(since: Instant) -> String {
    let seconds = since.elapsed().as_secs();
    format!("{} min {:02} s", seconds / 60, seconds % 60)
}
