//! `cargo xtask bench hold`: sample-and-hold beside a copy of memory, here by time and on aarch64 by
//! instructions; and, where FROSTGLASS_DATA names a folder with SqueezeNet, a sweep beside its tail.

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use xshell::cmd;

use crate::Result;
use crate::setup::{self, Tool, aarch64, emulated, python};
use crate::steps::Steps;
use crate::suites::builds::{EVERYTHING, for_aarch64, program};
use crate::workplace::{Workplace, program_on_path};

/// What `bench hold` accepts.
#[derive(Args, Clone, Debug, PartialEq)]
pub(crate) struct HoldOptions {
    /// Write the results here, and a picture of them beside
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// How often each thing is timed
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(2..))]
    rounds: u32,
}

/// Times and counts, prints a table, and writes a file where that is asked for.
pub(crate) fn hold(workplace: &Workplace, options: &HoldOptions) -> Result<ExitCode> {
    setup::ensure(Tool::Aarch64, workplace)?;
    python::LAB.ensure(workplace)?;
    python::BENCH.ensure(workplace)?;
    let system = emulated::ensure(workplace)?;
    let steps = Steps::begin(workplace, "bench-hold")?;
    steps.run(cmd!(steps.shell, "cargo build {EVERYTHING...} --lib --examples"))?;
    let program = program(&steps)?;
    for_aarch64(&steps.shell);
    let target = aarch64::TARGET;
    // Without features there is no tract to build.
    steps.run(cmd!(
        steps.shell,
        "cargo build --release -p frostglass --example hold --target {target}"
    ))?;
    let examples = workplace.target_dir.join("release/examples");
    let python = python::LAB.program(workplace, "python")?;
    let emulator = program_on_path(&[aarch64::EMULATOR]).ok_or("the emulator is gone")?;
    let rounds = options.rounds.to_string();
    let mut arguments = vec!["--rounds".into(), rounds.into()];
    let mut give = |option: &str, value: PathBuf| {
        arguments.extend([option.into(), value.into_os_string()]);
    };
    give("--program", program);
    give("--hold", examples.join("hold"));
    give("--sweep", examples.join("sweep"));
    give("--arm", workplace.target_dir.join(target).join("release/examples/hold"));
    give("--emulator", emulator);
    give("--cpu", aarch64::PROCESSOR.into());
    give("--plugin", system.plugin);
    give("--libraries", aarch64::LIBRARIES.into());
    if let Some(json) = &options.json {
        give("--json", env::current_dir()?.join(json));
    }
    let bench = cmd!(steps.shell, "{python} -m frostglass_lab.bench.hold {arguments...}");
    steps.run(bench.env("PYTHONPATH", workplace.root.join("models/lab")))?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Arguments, Benchmark, Command};

    #[test]
    fn rounds_and_a_file_can_be_named() {
        let parsed = |words: &[&str]| {
            let words = [&["xtask", "bench", "hold"], words].concat();
            let Command::Bench { benchmark: Benchmark::Hold(options) } =
                Arguments::try_parse_from(words).unwrap().command
            else {
                panic!("not a benchmark of sample-and-hold");
            };
            options
        };
        assert_eq!(parsed(&[]), HoldOptions { json: None, rounds: 15 });
        let expected = HoldOptions { json: Some("out.json".into()), rounds: 5 };
        assert_eq!(parsed(&["--rounds", "5", "--json", "out.json"]), expected);
    }
}
