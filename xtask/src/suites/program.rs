//! The command line as its users meet it, and this program itself.

use xshell::cmd;

use super::builds::{EVERYTHING, by_name, integration_tests};
use crate::Result;
use crate::steps::Steps;
use crate::suite::{Suite, Tier};

pub(crate) const SUITES: &[Suite] = &[
    Suite {
        name: "cli",
        tier: Tier::Cli,
        about: "the program frostglass, run from outside",
        needs: &[],
        run: cli,
    },
    Suite {
        name: "xtask",
        tier: Tier::Cli,
        about: "this program's own logic",
        needs: &[],
        run: xtask,
    },
];

fn cli(steps: &Steps) -> Result<()> {
    let tests = by_name(integration_tests(&steps.workplace.root.join("bindings/cli"))?);
    steps.run(cmd!(steps.shell, "cargo test {EVERYTHING...} --bin frostglass {tests...}"))
}

fn xtask(steps: &Steps) -> Result<()> {
    steps.run(cmd!(steps.shell, "cargo test {EVERYTHING...} --bin xtask"))
}
