//! What stands in for an Android toolchain where there is none: a compiler for the processor, a
//! linker and an unwinder, which show that the library compiles, links, and how large it is.

use std::path::PathBuf;

use super::{debian, rustup};
use crate::Result;
use crate::workplace::program_on_path;

/// Rust's name of the target that phones have.
pub(crate) const TARGET: &str = "aarch64-linux-android";
pub(crate) const COMPILER: &str = "clang-19";
pub(crate) const ARCHIVER: &str = "llvm-ar-19";
pub(crate) const NAMES: &str = "llvm-nm-19";
pub(crate) const HEADERS: &str = "llvm-readelf-19";
const LINKER: &str = "ld.lld-19";

/// Android's unwinder is LLVM's, which Rust brings compiled for this target: the same processor, another
/// C library.
const UNWINDER_OF: &str = "aarch64-unknown-linux-musl";

/// Finds or installs target, the standard library's sources, compiler, linker and the tools that look into libraries.
pub(super) fn ensure() -> Result<(), String> {
    rustup::ensure_target(TARGET)?;
    rustup::ensure_target(UNWINDER_OF)?;
    rustup::ensure_sources()?;
    let wanted = [COMPILER, ARCHIVER, NAMES, HEADERS, LINKER];
    if wanted.iter().all(|program| program_on_path(&[program]).is_some()) {
        return Ok(());
    }
    debian::install(&["clang-19", "lld-19", "llvm-19"])
}

/// The unwinder that stands in for the one that Android's tools link in.
pub(crate) fn unwinder() -> Result<PathBuf> {
    Ok(rustup::libraries(UNWINDER_OF)?.join("self-contained/libunwind.a"))
}
