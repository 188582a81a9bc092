//! What compiles the library for Apple's phones: targets of the compiler, and on a machine that is no
//! Mac a C compiler and the tools that look into libraries.

use super::{android, rustup};

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
    if cfg!(target_os = "macos") {
        let targets = ON_A_MAC.iter().flat_map(|(_, targets)| *targets);
        return targets.copied().try_for_each(rustup::ensure_target);
    }
    rustup::ensure_target(DEVICE)?;
    android::ensure_tools()
}
