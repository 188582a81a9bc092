//! libfrostglass: as C and Java call it, and what ships of it.

use xshell::cmd;

use super::builds::{EVERYTHING, by_name, integration_tests};
use crate::Result;
use crate::library;
use crate::setup::Tool;
use crate::steps::Steps;
use crate::suite::{Suite, Tier};

pub(crate) const SUITES: &[Suite] = &[
    Suite {
        name: "ffi",
        tier: Tier::Ffi,
        about: "libfrostglass called from C and from a Java machine, bad calls above all",
        needs: &[Tool::Java],
        run: tests,
    },
    Suite {
        name: "ffi-shipped",
        tier: Tier::Ffi,
        about: "the library that ships exports what is called, and no mark of a lab",
        needs: &[Tool::Android],
        run: shipped,
    },
];

/// With a Java machine there, the test that wants one may not leave itself out.
fn tests(steps: &Steps) -> Result<()> {
    let tests = by_name(integration_tests(&steps.workplace.root.join("bindings/ffi"))?);
    let command = cmd!(steps.shell, "cargo test {EVERYTHING...} {tests...}");
    steps.run(command.env("FROSTGLASS_JAVA", "1"))
}

fn shipped(steps: &Steps) -> Result<()> {
    library::shipped(steps).map(|_| ())
}
