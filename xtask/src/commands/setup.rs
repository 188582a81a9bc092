//! `cargo xtask setup`: the tools that suites need, found or installed.

use std::process::ExitCode;

use crate::suite::{self, Tier};
use crate::workplace::Workplace;
use crate::{Result, setup, suites};

/// Makes ready what the suites of these tiers need; fails when a tool is missing at the end.
pub(crate) fn run(workplace: &Workplace, tiers: &[Tier]) -> Result<ExitCode> {
    let tools = suite::tools_of(&suite::select(&suites::all(), tiers));
    let mut code = ExitCode::SUCCESS;
    for tool in tools {
        match setup::ensure(tool, workplace) {
            Ok(()) => println!("{tool}: ready"),
            Err(missing) => {
                println!("{missing}");
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}
