//! `cargo xtask bench front`: our executor timed beside other people's.

use std::env::{self, consts};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum, value_parser};
use xshell::cmd;

use super::fronts_folder;
use crate::Result;
use crate::setup::python;
use crate::steps::Steps;
use crate::suites::builds;
use crate::workplace::Workplace;

/// What `bench front` accepts.
#[derive(Args, Clone, Debug, PartialEq)]
pub(crate) struct FrontOptions {
    /// Write the results here, and a chart and where they are from beside it
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Use no wider vectors than these, where an engine can be told
    #[arg(long)]
    isa: Option<Isa>,
    /// The fronts to run; all of them when none is named
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    only: Vec<String>,
    /// About how long to run each front, all engines together
    #[arg(long, default_value_t = 3.0, value_parser = positive)]
    seconds: f64,
    /// Time ours with so many threads as well, in the same turns
    #[arg(long, value_name = "N", value_parser = value_parser!(u8).range(2..=4))]
    threads: Option<u8>,
}

/// An instruction set that can be asked for instead of the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Isa {
    Avx2,
}

/// Runs every engine on the fronts, prints tables, and writes files where that is asked for.
pub(crate) fn front(workplace: &Workplace, options: &FrontOptions) -> Result<ExitCode> {
    python::BENCH.ensure(workplace)?;
    let steps = Steps::begin(workplace, "bench-front")?;
    let library = library(&steps)?;
    let fronts = fronts_folder(workplace)?;
    let python = python::BENCH.program(workplace, "python")?;

    let mut arguments = vec!["--seconds".into(), options.seconds.to_string().into()];
    if let Some(threads) = options.threads {
        arguments.extend(["--threads".into(), threads.to_string().into()]);
    }
    let mut give = |option: &str, value: PathBuf| {
        arguments.extend([option.into(), value.into_os_string()]);
    };
    give("--library", library);
    give("--fronts", fronts);
    // One peer fewer is no reason to measure none.
    match python::ONNX2TF.ensure(workplace) {
        Ok(()) => give("--onnx2tf", python::ONNX2TF.program(workplace, "onnx2tf")?),
        Err(remedy) => println!("LiteRT will be left out: {remedy}"),
    }
    if let Some(json) = &options.json {
        give("--json", env::current_dir()?.join(json));
    }
    if !options.only.is_empty() {
        give("--only", options.only.join(",").into());
    }

    let mut bench = cmd!(steps.shell, "{python} -m frostglass_lab.bench {arguments...}")
        .env("PYTHONPATH", workplace.root.join("models/lab"));
    if options.isa == Some(Isa::Avx2) {
        bench = bench.env("FROSTGLASS_ISA", "avx2");
    }
    steps.run(bench)?;
    Ok(ExitCode::SUCCESS)
}

/// Builds the core behind a C boundary, and says where the library lies.
fn library(steps: &Steps) -> Result<PathBuf> {
    let everything = builds::EVERYTHING;
    steps.run(cmd!(steps.shell, "cargo build {everything...} --lib --examples"))?;
    let name = format!("{}frostglass_bench{}", consts::DLL_PREFIX, consts::DLL_SUFFIX);
    Ok(steps.workplace.target_dir.join("release").join(name))
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if seconds > 0.0 && f64::is_finite(seconds) => Ok(seconds),
        _ => Err("a number of seconds greater than zero belongs here".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Arguments, Benchmark, Command};

    fn parsed(words: &[&str]) -> Result<FrontOptions, clap::Error> {
        let arguments = Arguments::try_parse_from([&["xtask", "bench", "front"], words].concat())?;
        let Command::Bench { benchmark: Benchmark::Front(options) } = arguments.command else {
            panic!("not a benchmark of fronts");
        };
        Ok(options)
    }

    #[test]
    fn without_options_all_fronts_run_for_three_seconds_each() {
        let options = parsed(&[]).unwrap();
        let expected =
            FrontOptions { json: None, isa: None, only: Vec::new(), seconds: 3.0, threads: None };
        assert_eq!(options, expected);
    }

    #[test]
    fn fronts_are_separated_by_commas() {
        let words = ["--only", "vgg32_pool1,resnet150_b2", "--seconds", "0.5", "--isa", "avx2"];
        let more = ["--json", "out.json", "--threads", "2"];
        let options = parsed(&[&words[..], &more].concat()).unwrap();
        assert_eq!(options.threads, Some(2));
        assert_eq!(options.only, ["vgg32_pool1", "resnet150_b2"]);
        assert_eq!(options.seconds, 0.5);
        assert_eq!(options.isa, Some(Isa::Avx2));
        assert_eq!(options.json, Some("out.json".into()));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for words in [
            ["--seconds", "0"],
            ["--seconds", "inf"],
            ["--isa", "sse2"],
            ["--threads", "1"],
            ["--threads", "5"],
        ] {
            assert!(parsed(&words).is_err(), "{words:?}");
        }
    }
}
