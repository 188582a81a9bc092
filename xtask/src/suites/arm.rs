//! Kernels as they run on phones: those in NEON, on an emulated processor.

use xshell::cmd;

use super::builds::{AARCH64, for_aarch64};
use crate::Result;
use crate::setup::Tool;
use crate::steps::Steps;
use crate::suite::{Suite, Tier};

pub(crate) const SUITES: &[Suite] = &[
    Suite {
        name: "arm-kernels",
        tier: Tier::Arm,
        about: "on emulated NEON, every kernel computes what is meant",
        needs: &[Tool::Aarch64],
        run: kernels,
    },
    Suite {
        name: "arm-no-alloc",
        tier: Tier::Arm,
        about: "on emulated NEON, every cut under every policy allocates nothing",
        needs: &[Tool::Aarch64],
        run: no_allocation,
    },
];

fn kernels(steps: &Steps) -> Result<()> {
    for_aarch64(&steps.shell);
    steps.run(cmd!(steps.shell, "cargo test {AARCH64...} --lib -- front::executor sanitize::hold"))
}

/// On one thread. Otherwise a second one tells after a minute that the test is slow, which allocates
/// too, and the test counts the whole process.
fn no_allocation(steps: &Steps) -> Result<()> {
    for_aarch64(&steps.shell);
    steps.run(cmd!(steps.shell, "cargo test {AARCH64...} --test no_alloc -- --test-threads=1"))
}
