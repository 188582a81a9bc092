//! `cargo xtask bench arm`: instructions counted where speed cannot be measured.
//!
//! An emulator runs aarch64 builds of the engines, and a plugin of it counts: the figure is the same
//! on every machine, so that commits and engines can be compared by it.

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use xshell::cmd;

use super::fronts_folder;
use crate::Result;
use crate::setup::{self, Tool, aarch64, emulated, python};
use crate::steps::Steps;
use crate::suites::builds::{AARCH64, for_aarch64};
use crate::workplace::{Workplace, program_on_path};

/// What `bench arm` accepts.
#[derive(Args, Clone, Debug, PartialEq)]
pub(crate) struct ArmOptions {
    /// Write the results here, and a chart and where they are from beside it
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// The fronts to run; all of them when none is named
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    only: Vec<String>,
    /// Runs of each engine on each front that are counted
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
}

/// Counts every engine on the fronts, prints a table, and writes files where that is asked for.
pub(crate) fn arm(workplace: &Workplace, options: &ArmOptions) -> Result<ExitCode> {
    setup::ensure(Tool::Aarch64, workplace)?;
    python::BENCH.ensure(workplace)?;
    let system = emulated::ensure(workplace)?;
    let steps = Steps::begin(workplace, "bench-arm")?;
    let library = library(&steps)?;
    let emulator = program_on_path(&[aarch64::EMULATOR]).ok_or("the emulator is gone")?;
    let python = python::BENCH.program(workplace, "python")?;

    let mut arguments = vec!["--runs".into(), options.runs.to_string().into()];
    let mut give = |option: &str, value: PathBuf| {
        arguments.extend([option.into(), value.into_os_string()]);
    };
    give("--emulator", emulator);
    give("--cpu", aarch64::PROCESSOR.into());
    give("--plugin", system.plugin);
    give("--root", system.root);
    give("--library", library);
    give("--fronts", fronts_folder(workplace)?);
    if let Some(json) = &options.json {
        give("--json", env::current_dir()?.join(json));
    }
    if !options.only.is_empty() {
        give("--only", options.only.join(",").into());
    }
    let bench = cmd!(steps.shell, "{python} -m frostglass_lab.bench.arm {arguments...}");
    steps.run(bench.env("PYTHONPATH", workplace.root.join("models/lab")))?;
    Ok(ExitCode::SUCCESS)
}

/// Builds the core and tract behind a C boundary, and says where the library lies.
fn library(steps: &Steps) -> Result<PathBuf> {
    for_aarch64(&steps.shell);
    steps.run(cmd!(steps.shell, "cargo build {AARCH64...} --lib --examples"))?;
    let folder = steps.workplace.target_dir.join(aarch64::TARGET).join("release");
    Ok(folder.join("libfrostglass_bench.so"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Arguments, Benchmark, Command};

    fn parsed(words: &[&str]) -> Result<ArmOptions, clap::Error> {
        let arguments = Arguments::try_parse_from([&["xtask", "bench", "arm"], words].concat())?;
        let Command::Bench { benchmark: Benchmark::Arm(options) } = arguments.command else {
            panic!("not a benchmark on aarch64");
        };
        Ok(options)
    }

    #[test]
    fn fronts_runs_and_a_file_can_be_named() {
        let expected = ArmOptions { json: None, only: Vec::new(), runs: 3 };
        assert_eq!(parsed(&[]).unwrap(), expected);
        let words = ["--only", "vgg32_pool1,resnet150_b2", "--runs", "1", "--json", "out.json"];
        let only = ["vgg32_pool1", "resnet150_b2"].map(str::to_owned).to_vec();
        let expected = ArmOptions { json: Some("out.json".into()), only, runs: 1 };
        assert_eq!(parsed(&words).unwrap(), expected);
    }

    #[test]
    fn at_least_one_run_is_counted() {
        assert!(parsed(&["--runs", "0"]).is_err());
    }
}
