//! 64-bit ARM on a machine that is something else: a cross compiler, and an emulator that runs what it
//! makes.

use super::{debian, rustup};
use crate::workplace::program_on_path;

/// Rust's name of the target.
pub(crate) const TARGET: &str = "aarch64-unknown-linux-gnu";
pub(crate) const LINKER: &str = "aarch64-linux-gnu-gcc";
pub(crate) const EMULATOR: &str = "qemu-aarch64";
/// A processor of phones since 2018. The emulator's default has SVE, which our kernels do not use.
pub(crate) const PROCESSOR: &str = "cortex-a76";
/// Where Debian's cross compiler keeps the target's libraries.
pub(crate) const LIBRARIES: &str = "/usr/aarch64-linux-gnu";

/// Finds or installs target, linker, libraries and emulator.
pub(super) fn ensure() -> Result<(), String> {
    rustup::ensure_target(TARGET)?;
    let present = [LINKER, EMULATOR].iter().all(|program| program_on_path(&[program]).is_some());
    if present {
        return Ok(());
    }
    debian::install(&["gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross", "qemu-user"])
}
