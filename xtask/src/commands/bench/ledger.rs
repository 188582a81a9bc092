//! `cargo xtask bench ledger`: how many releases a ledger can charge in a second.

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use xshell::cmd;

use crate::Result;
use crate::steps::Steps;
use crate::suites::builds::EVERYTHING;
use crate::workplace::Workplace;

/// What `bench ledger` accepts.
#[derive(Args, Clone, Debug, PartialEq)]
pub(crate) struct LedgerOptions {
    /// Write the results here
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// The folder whose disk is measured; the current one unless said
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

/// Charges one release at a time and in blocks, prints a table, and writes a file where asked.
pub(crate) fn ledger(workplace: &Workplace, options: &LedgerOptions) -> Result<ExitCode> {
    let steps = Steps::begin(workplace, "bench-ledger")?;
    steps.run(cmd!(steps.shell, "cargo build {EVERYTHING...} --lib --examples"))?;
    let program = workplace.target_dir.join("release/examples/ledger");
    let here = env::current_dir()?;
    let folder = here.join(options.folder.clone().unwrap_or_default());
    let commit = cmd!(steps.shell, "git rev-parse --short HEAD").read();
    let commit = commit.unwrap_or_else(|_| "unknown".into());
    let mut bench = cmd!(steps.shell, "{program} --folder {folder} --commit {commit}");
    if let Some(json) = &options.json {
        bench = bench.arg("--json").arg(here.join(json));
    }
    steps.run(bench)?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Arguments, Benchmark, Command};

    fn parsed(words: &[&str]) -> LedgerOptions {
        let words = [&["xtask", "bench", "ledger"], words].concat();
        let arguments = Arguments::try_parse_from(words).unwrap();
        let Command::Bench { benchmark: Benchmark::Ledger(options) } = arguments.command else {
            panic!("not a benchmark of ledgers");
        };
        options
    }

    #[test]
    fn a_file_and_a_folder_can_be_named() {
        assert_eq!(parsed(&[]), LedgerOptions { json: None, folder: None });
        let options = parsed(&["--json", "out.json", "--folder", "/data"]);
        assert_eq!(options.json, Some("out.json".into()));
        assert_eq!(options.folder, Some("/data".into()));
    }
}
