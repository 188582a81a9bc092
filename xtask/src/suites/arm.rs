//! The executor as it runs on phones: its NEON kernels, on an emulated processor.

use xshell::cmd;

use super::builds::{AARCH64, for_aarch64};
use crate::Result;
use crate::setup::Tool;
use crate::steps::Steps;
use crate::suite::{Suite, Tier};

pub(crate) const SUITES: &[Suite] = &[
    Suite {
        name: "arm-executor",
        tier: Tier::Arm,
        about: "on emulated NEON, every kernel set computes what tract computes",
        needs: &[Tool::Aarch64],
        run: executor,
    },
    Suite {
        name: "arm-no-alloc",
        tier: Tier::Arm,
        about: "on emulated NEON, every cut under every policy allocates nothing",
        needs: &[Tool::Aarch64],
        run: no_allocation,
    },
];

fn executor(steps: &Steps) -> Result<()> {
    for_aarch64(&steps.shell);
    steps.run(cmd!(steps.shell, "cargo test {AARCH64...} --lib front::executor"))
}

/// On one thread. Otherwise a second one tells after a minute that the test is slow, which allocates
/// too, and the test counts the whole process.
fn no_allocation(steps: &Steps) -> Result<()> {
    for_aarch64(&steps.shell);
    steps.run(cmd!(steps.shell, "cargo test {AARCH64...} --test no_alloc -- --test-threads=1"))
}
