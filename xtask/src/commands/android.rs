//! `cargo xtask android`: libfrostglass for phones, and the Kotlin library around it.

use std::process::ExitCode;

use crate::Result;
use crate::kotlin;
use crate::library::{self, Reads};
use crate::setup::{self, Tool};
use crate::steps::Steps;
use crate::workplace::Workplace;

/// Builds both artefacts of the library and publishes the Kotlin library in a Maven layout.
pub(crate) fn run(workplace: &Workplace) -> Result<ExitCode> {
    for tool in [Tool::Java, Tool::Android] {
        setup::ensure(tool, workplace)?;
    }
    let steps = Steps::begin(workplace, "android")?;
    library::lab(&steps)?;
    let mut built = None;
    for reads in Reads::ALL {
        match library::for_phones(&steps, reads)? {
            Some(folder) if reads == Reads::Packed => built = Some(folder),
            Some(_) => {}
            None => _ = library::stand_in(&steps, reads)?,
        }
    }
    let repository = kotlin::publish(&steps, built.as_deref())?;
    println!("the Maven layout: {}", repository.display());
    if built.is_none() {
        println!(
            "ANDROID_NDK_HOME is not set: the AAR has no libraries for devices. Those printed above show \
             that they compile and link and how large they are; they do not run."
        );
    }
    Ok(ExitCode::SUCCESS)
}
