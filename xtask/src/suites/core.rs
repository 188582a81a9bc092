//! The core crate's tests, and how much of it they cover.

use xshell::cmd;

use super::builds::{EVERYTHING, by_name, integration_tests};
use crate::Result;
use crate::setup::{CARGO_LLVM_COV, Tool};
use crate::steps::Steps;
use crate::suite::{Suite, Tier};

/// The least share of lines that the tests must reach, in per cent.
const LINES_COVERED: &str = "85";

pub(crate) const SUITES: &[Suite] = &[
    Suite {
        name: "core-fronts",
        tier: Tier::Core,
        about: "the core's tests that run fronts by the thousand, or count allocations: nothing added to them",
        needs: &[],
        run: tests_without_counters,
    },
    Suite {
        name: "core",
        tier: Tier::Core,
        about: "the core's other tests, which must cover 85 % of its lines",
        needs: &[Tool::LlvmTools, Tool::CargoLlvmCov],
        run: tests_with_coverage,
    },
    Suite {
        name: "core-alone",
        tier: Tier::Core,
        about: "the core's tests without any of its features: as a phone has it, and no ONNX",
        needs: &[],
        run: tests_without_features,
    },
    Suite {
        name: "attack",
        tier: Tier::Core,
        about: "a minute of attacks on random policies: nothing moves further than is said",
        needs: &[],
        run: crate::commands::attack::for_a_minute,
    },
    Suite {
        name: "core-examples",
        tier: Tier::Core,
        about: "the examples in the core's documentation",
        needs: &[],
        run: documentation_examples,
    },
];

/// The unit tests that run fronts by the thousand. Counters that threads share make an inner loop a
/// hundred times as slow.
const EXECUTOR: &str = "front::executor::tests";

/// The integration tests of the kind. `no_alloc` must end within a minute: after one, libtest tells that the
/// test is slow, which allocates.
const FRONTS: [&str; 2] = ["adjacent_frames", "no_alloc"];

fn tests_without_counters(steps: &Steps) -> Result<()> {
    steps.run(cmd!(steps.shell, "cargo test {EVERYTHING...} --lib -- {EXECUTOR}"))?;
    let fronts = by_name(FRONTS);
    steps.run(cmd!(steps.shell, "cargo test {EVERYTHING...} {fronts...}"))
}

/// By default cargo-llvm-cov builds everything into a folder of its own, dependencies included,
/// though it instruments only the workspace's crates. Here it builds into the common folder, where
/// the dependencies are there already.
///
/// Instrumented and plain builds of *our* crates must then not be taken for one another. Cargo
/// tells apart what it builds through a workspace wrapper, which it calls for our crates only; so
/// it is given one that does nothing (`env`, which runs what it is told).
///
/// cargo-llvm-cov would also remove every build of our crates first. With `--no-clean` only the
/// counters of earlier runs are removed.
fn tests_with_coverage(steps: &Steps) -> Result<()> {
    let llvm_cov = CARGO_LLVM_COV.program(steps.workplace);
    steps.shell.set_var("CARGO_LLVM_COV_TARGET_DIR", &steps.workplace.target_dir);
    steps.shell.set_var("RUSTC_WORKSPACE_WRAPPER", "env");
    steps.run(cmd!(steps.shell, "{llvm_cov} llvm-cov clean --profraw-only"))?;
    let mut tests = integration_tests(&steps.workplace.root.join("core"))?;
    for front in FRONTS {
        if !tests.remove(front) {
            return Err(format!("core/tests has no {front}, which runs without counters").into());
        }
    }
    let tests = by_name(tests);
    // `--lib` builds these too, and runs their tests. They are no part of what is to be covered.
    let others = "/(bench|bindings)/";
    steps.run(cmd!(
        steps.shell,
        "{llvm_cov} llvm-cov {EVERYTHING...} --lib {tests...} --no-clean
         --ignore-filename-regex {others} --fail-under-lines {LINES_COVERED} -- --skip {EXECUTOR}"
    ))
}

/// Selects the core alone, so that no other package turns its features on.
fn tests_without_features(steps: &Steps) -> Result<()> {
    let core = ["--release", "-p", "frostglass", "--no-default-features"];
    steps.run(cmd!(steps.shell, "cargo test {core...} --lib --tests"))
}

fn documentation_examples(steps: &Steps) -> Result<()> {
    steps.run(cmd!(steps.shell, "cargo test {EVERYTHING...} --doc"))
}
