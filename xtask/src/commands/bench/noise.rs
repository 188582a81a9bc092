//! `cargo xtask bench noise`: the sampler beside a float Gaussian, the DP stage beside its front; and
//! whether the time to draw noise follows the noise.

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use xshell::cmd;

use super::fronts_folder;
use crate::Result;
use crate::setup::python;
use crate::steps::Steps;
use crate::suites::builds;
use crate::workplace::Workplace;

/// Rounds that show a correlation of 0.01 at six standard deviations.
const DRAWINGS: &str = "400000";

/// What `bench noise` accepts.
#[derive(Args, Clone, Debug, PartialEq)]
pub(crate) struct NoiseOptions {
    /// Write the results here, and a chart and where they are from beside it
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// How often each thing is timed
    #[arg(long, default_value_t = 31, value_parser = clap::value_parser!(u32).range(2..))]
    rounds: u32,
}

/// Times both, prints a table, and writes files where that is asked for.
pub(crate) fn noise(workplace: &Workplace, options: &NoiseOptions) -> Result<ExitCode> {
    python::LAB.ensure(workplace)?;
    let steps = Steps::begin(workplace, "bench-noise")?;
    let everything = builds::EVERYTHING;
    let (name, follows) = ("frostglass-bench-noise", "frostglass-bench-drawing-time");
    let both = ["--bin", name, "--bin", follows];
    steps.run(cmd!(steps.shell, "cargo build {everything...} {both...} --examples"))?;
    let program = workplace.target_dir.join("release").join(name);
    let follows = workplace.target_dir.join("release").join(follows);
    let fronts = fronts_folder(workplace)?;
    let python = python::LAB.program(workplace, "python")?;
    let rounds = options.rounds.to_string();
    let mut arguments = vec!["--rounds".into(), rounds.into()];
    let mut give = |option: &str, value: PathBuf| {
        arguments.extend([option.into(), value.into_os_string()]);
    };
    give("--program", program);
    give("--fronts", fronts);
    if let Some(json) = &options.json {
        give("--json", env::current_dir()?.join(json));
    }
    let bench = cmd!(steps.shell, "{python} -m frostglass_lab.bench.noise {arguments...}");
    steps.run(bench.env("PYTHONPATH", workplace.root.join("models/lab")))?;
    steps.run(cmd!(steps.shell, "{follows} {DRAWINGS}"))?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Arguments, Benchmark, Command};

    fn parsed(words: &[&str]) -> Result<NoiseOptions, clap::Error> {
        let arguments = Arguments::try_parse_from([&["xtask", "bench", "noise"], words].concat())?;
        let Command::Bench { benchmark: Benchmark::Noise(options) } = arguments.command else {
            panic!("not a benchmark of noise");
        };
        Ok(options)
    }

    #[test]
    fn rounds_and_a_file_can_be_named() {
        assert_eq!(parsed(&[]).unwrap(), NoiseOptions { json: None, rounds: 31 });
        let expected = NoiseOptions { json: Some("out.json".into()), rounds: 5 };
        assert_eq!(parsed(&["--rounds", "5", "--json", "out.json"]).unwrap(), expected);
        assert!(parsed(&["--rounds", "1"]).is_err(), "no spread in one round");
    }
}
