//! The Python laboratory: reference implementations, golden vectors, and releases read by a
//! language that shares no code with the one that wrote them.

use xshell::{Cmd, cmd};

use super::builds;
use crate::Result;
use crate::setup::{Tool, python};
use crate::steps::Steps;
use crate::suite::{Suite, Tier};

pub(crate) const SUITES: &[Suite] = &[
    Suite {
        name: "lab",
        tier: Tier::Lab,
        about: "the laboratory's own tests",
        needs: &[Tool::Python],
        run: lab,
    },
    Suite {
        name: "golden",
        tier: Tier::Lab,
        about: "the golden vectors are what the reference implementations compute",
        needs: &[Tool::Python],
        run: check_golden,
    },
    Suite {
        name: "releases",
        tier: Tier::Lab,
        about: "the program's releases and figures, held to other people's software",
        needs: &[Tool::Python],
        run: releases,
    },
];

fn lab(steps: &Steps) -> Result<()> {
    let python = interpreter(steps)?;
    steps.run(python.args(["-m", "pytest", "models/lab/tests"]))
}

/// Compares the golden vectors with what would be written.
pub(crate) fn check_golden(steps: &Steps) -> Result<()> {
    steps.run(interpreter(steps)?.args(["-m", "frostglass_lab.golden", "--check"]))
}

/// Writes the golden vectors.
pub(crate) fn write_golden(steps: &Steps) -> Result<()> {
    steps.run(interpreter(steps)?.args(["-m", "frostglass_lab.golden"]))
}

fn releases(steps: &Steps) -> Result<()> {
    let program = builds::program(steps)?;
    let python = interpreter(steps)?.args(["-m", "pytest", "tests/python"]);
    steps.run(python.env("FROSTGLASS_BIN", program))
}

/// Our Python, which finds the laboratory's modules; pytest keeps no notes in the checkout.
pub(crate) fn interpreter<'a>(steps: &'a Steps) -> Result<Cmd<'a>> {
    let python = python::LAB.program(steps.workplace, "python")?;
    let modules = steps.workplace.root.join("models/lab");
    let no_cache = "-p no:cacheprovider";
    Ok(cmd!(steps.shell, "{python}").env("PYTHONPATH", modules).env("PYTEST_ADDOPTS", no_cache))
}
