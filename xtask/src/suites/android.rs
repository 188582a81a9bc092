//! The Kotlin library, its packages, and libfrostglass for phones.

use crate::Result;
use crate::kotlin;
use crate::library::{self, Reads};
use crate::setup::Tool;
use crate::steps::Steps;
use crate::suite::{Suite, Tier};

pub(crate) const SUITES: &[Suite] = &[
    Suite {
        name: "android-library",
        tier: Tier::Android,
        about: "libfrostglass for phones: compiled, linked, small enough, and in large pages",
        needs: &[Tool::Android],
        run: library,
    },
    Suite {
        name: "android-kotlin",
        tier: Tier::Android,
        about: "the Kotlin library against Android's classes, on the lab's and the shipped library",
        needs: &[Tool::Java, Tool::Android],
        run: kotlin,
    },
    Suite {
        name: "android-package",
        tier: Tier::Android,
        about: "the AAR in its Maven layout, and a program that knows nothing else of us",
        needs: &[Tool::Java, Tool::Android],
        run: package,
    },
    Suite {
        name: "android-overhead",
        tier: Tier::Android,
        about: "what Kotlin adds to a call: time, memory, and whether the heap stays flat",
        needs: &[Tool::Java, Tool::Android],
        run: overhead,
    },
];

fn library(steps: &Steps) -> Result<()> {
    Reads::ALL.into_iter().try_for_each(|reads| library::stand_in(steps, reads).map(|_| ()))
}

fn kotlin(steps: &Steps) -> Result<()> {
    let lab = library::lab(steps)?;
    let shipped = library::shipped(steps)?;
    kotlin::test(steps, &lab)?;
    kotlin::test_again(steps, &shipped)
}

fn package(steps: &Steps) -> Result<()> {
    library::lab(steps)?;
    let repository = kotlin::publish(steps, None)?;
    kotlin::consume(steps, &repository, &library::shipped(steps)?)
}

fn overhead(steps: &Steps) -> Result<()> {
    let lab = library::lab(steps)?;
    kotlin::overhead(steps, &lab)
}
