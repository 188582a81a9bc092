//! The demo's page, opened by a browser.

use super::builds;
use super::lab;
use crate::Result;
use crate::setup::{self, Tool};
use crate::steps::Steps;
use crate::suite::{Suite, Tier};

pub(crate) const SUITES: &[Suite] = &[Suite {
    name: "page",
    tier: Tier::Page,
    about: "the page that the demo writes, in headless Chromium",
    needs: &[Tool::Python, Tool::Chromium],
    run: page,
}];

/// The tests get the program and the browser by path: `FROSTGLASS_BIN`, `FROSTGLASS_CHROMIUM`.
fn page(steps: &Steps) -> Result<()> {
    let program = builds::program(steps)?;
    let browser = setup::chromium().ok_or("chromium is installed and not on PATH")?;
    let python = lab::interpreter(steps)?.args(["-m", "pytest", "tests/e2e"]);
    steps.run(python.env("FROSTGLASS_BIN", program).env("FROSTGLASS_CHROMIUM", browser))
}
