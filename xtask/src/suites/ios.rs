//! The Swift package, a package that depends on it, and libfrostglass for Apple's phones.

use crate::Result;
use crate::library;
use crate::setup::Tool;
use crate::steps::Steps;
use crate::suite::{Suite, Tier};
use crate::swift;

pub(crate) const SUITES: &[Suite] = &[
    Suite {
        name: "ios-library",
        tier: Tier::Ios,
        about: "libfrostglass for Apple's phones: compiled, and its privacy manifest is true",
        needs: &[Tool::Apple],
        run: library,
    },
    Suite {
        name: "ios-swift",
        tier: Tier::Ios,
        about: "the Swift package on the lab's and the shipped library, and what it adds to a call",
        needs: &[Tool::Swift, Tool::Android],
        run: tests,
    },
    Suite {
        name: "ios-package",
        tier: Tier::Ios,
        about: "a Swift package that depends on ours and knows nothing else of us",
        needs: &[Tool::Swift, Tool::Android],
        run: package,
    },
];

/// The tests that measure time and memory run alone.
const MEASURED: &str = "MeasuredTests";

fn library(steps: &Steps) -> Result<()> {
    library::for_apple(steps).map(|_| ())
}

fn tests(steps: &Steps) -> Result<()> {
    let lab = library::lab(steps)?;
    let shipped = library::shipped(steps)?;
    let package = swift::assemble(steps)?;
    swift::build_tests(steps, &package, &lab)?;
    swift::test(steps, &package, &lab, &[], &[])?;
    swift::test(steps, &package, &shipped, &[], &[])?;
    swift::test(steps, &package, &lab, &["FROSTGLASS_MEASURE=1"], &[MEASURED])
}

fn package(steps: &Steps) -> Result<()> {
    library::lab(steps)?;
    let package = swift::assemble(steps)?;
    swift::consume(steps, &package, &library::shipped(steps)?)
}
