//! `cargo xtask ios`: libfrostglass for Apple's phones, and the Swift package around it.

use std::process::ExitCode;

use xshell::cmd;

use crate::Result;
use crate::library;
use crate::setup::{self, Tool};
use crate::steps::Steps;
use crate::swift;
use crate::workplace::Workplace;

/// Builds the library and puts the package together, with the library in it where that can be.
pub(crate) fn run(workplace: &Workplace) -> Result<ExitCode> {
    setup::ensure(Tool::Apple, workplace)?;
    let steps = Steps::begin(workplace, "ios")?;
    library::for_bindings(&steps)?;
    let package = swift::assemble(&steps)?;
    match library::for_apple(&steps)? {
        Some(framework) => {
            steps.run(cmd!(steps.shell, "cp -R {framework} {package}"))?;
        }
        None => println!(
            "This is no Mac: the library for devices was compiled and looked into, but the package has no \
             XCFramework. Run the same command on a Mac with Xcode."
        ),
    }
    println!("the Swift package: {}", package.display());
    Ok(ExitCode::SUCCESS)
}
