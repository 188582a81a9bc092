//! What compiles the library for Apple's phones: targets of the compiler, and its own tools, which alone
//! can look into all that it writes.

use std::path::{Path, PathBuf};

use xshell::{Shell, cmd};

use super::rustup;
use crate::Result;

/// Rust's name of the target that phones have.
pub(crate) const DEVICE: &str = "aarch64-apple-ios";

/// What an XCFramework holds: one library for each system, of one or two processors.
pub(crate) const ON_A_MAC: [(&str, &[&str]); 3] = [
    ("device", &[DEVICE]),
    ("simulator", &["aarch64-apple-ios-sim", "x86_64-apple-ios"]),
    ("mac", &["aarch64-apple-darwin", "x86_64-apple-darwin"]),
];

/// Finds or installs them.
pub(super) fn ensure() -> Result<(), String> {
    rustup::ensure_llvm_tools()?;
    if cfg!(target_os = "macos") {
        let targets = ON_A_MAC.iter().flat_map(|(_, targets)| *targets);
        return targets.copied().try_for_each(rustup::ensure_target);
    }
    rustup::ensure_target(DEVICE)
}

/// The program that lists a library's names.
pub(crate) fn names(shell: &Shell) -> Result<PathBuf> {
    let libraries = cmd!(shell, "rustc --print target-libdir").quiet().read()?;
    Ok(Path::new(&libraries).with_file_name("bin/llvm-nm"))
}
