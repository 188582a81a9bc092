//! `cargo xtask golden`: the golden vectors, written by the Python reference implementations and
//! compared by every other language.

use std::process::ExitCode;

use crate::Result;
use crate::setup::{self, Tool};
use crate::steps::Steps;
use crate::suites::lab;
use crate::workplace::Workplace;

/// Writes the vectors, or with `check` compares what would be written with what is there.
pub(crate) fn run(workplace: &Workplace, check: bool) -> Result<ExitCode> {
    setup::ensure(Tool::Python, workplace)?;
    let steps = Steps::begin(workplace, "golden-command")?;
    if check { lab::check_golden(&steps) } else { lab::write_golden(&steps) }?;
    Ok(ExitCode::SUCCESS)
}
