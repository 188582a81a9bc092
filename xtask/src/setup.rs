//! The tools that suites need: found where they are, installed where that is possible.
//!
//! Installing asks nothing and touches as little as it can. What comes from crates.io or PyPI goes
//! to the project's own cache folder, under a name with its version, and is pinned; only compiler
//! components and Debian packages are installed for the whole machine, and the latter only where
//! we are root already. Where a tool can be neither found nor installed, [`Missing`] says in one
//! line how a person gets it.

pub(crate) mod aarch64;
pub(crate) mod android;
pub(crate) mod apple;
mod cargo_install;
mod debian;
pub(crate) mod emulated;
mod java;
pub(crate) mod python;
mod rustup;
pub(crate) mod swift;

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

use crate::workplace::{self, Workplace};

pub(crate) use cargo_install::{CARGO_DENY, CARGO_LLVM_COV, CARGO_NDK};

/// A program or a set of programs that a suite cannot do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tool {
    Rustfmt,
    Clippy,
    /// llvm-cov and llvm-profdata of the compiler's own LLVM; no other reads what it writes.
    LlvmTools,
    /// The standard library's sources, to build it another way than it comes.
    RustSources,
    CargoDeny,
    CargoLlvmCov,
    /// A Python of our own with what `models/lab/requirements.txt` names.
    Python,
    Chromium,
    /// A compiler's target and linker for 64-bit ARM, and an emulator of such a processor.
    Aarch64,
    /// A Java machine and Maven.
    Java,
    /// A compiler and a linker for Android's libraries.
    Android,
    /// What compiles for Apple's phones, as far as it goes without a Mac.
    Apple,
    /// A Swift compiler, in a system of its own where there is none.
    Swift,
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Rustfmt => "rustfmt",
            Self::Clippy => "clippy",
            Self::LlvmTools => "llvm-tools",
            Self::RustSources => "rust-src",
            Self::CargoDeny => CARGO_DENY.name,
            Self::CargoLlvmCov => CARGO_LLVM_COV.name,
            Self::Python => "python",
            Self::Chromium => "chromium",
            Self::Aarch64 => "aarch64",
            Self::Java => "java",
            Self::Android => "android",
            Self::Apple => "apple",
            Self::Swift => "swift",
        })
    }
}

/// A tool that is not there, and how a person gets it, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Missing {
    pub(crate) tool: Tool,
    pub(crate) remedy: String,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is missing: {}", self.tool, self.remedy)
    }
}

impl Error for Missing {}

/// Makes sure that the tool can be used: finds it, or else installs it.
pub(crate) fn ensure(tool: Tool, workplace: &Workplace) -> Result<(), Missing> {
    match tool {
        Tool::Rustfmt => rustup::ensure_component("rustfmt"),
        Tool::Clippy => rustup::ensure_component("clippy"),
        Tool::LlvmTools => rustup::ensure_llvm_tools(),
        Tool::RustSources => rustup::ensure_sources(),
        Tool::CargoDeny => CARGO_DENY.ensure(workplace),
        Tool::CargoLlvmCov => CARGO_LLVM_COV.ensure(workplace),
        Tool::Python => python::LAB.ensure(workplace),
        Tool::Chromium => match chromium() {
            Some(_) => Ok(()),
            None => debian::install(&["chromium"]),
        },
        Tool::Aarch64 => aarch64::ensure(),
        Tool::Java => java::ensure(),
        Tool::Android => android::ensure(),
        Tool::Apple => apple::ensure(),
        Tool::Swift => swift::ensure(workplace),
    }
    .map_err(|remedy| Missing { tool, remedy })
}

/// The browser, under whichever name this machine has it.
pub(crate) fn chromium() -> Option<PathBuf> {
    workplace::program_on_path(&["chromium", "chromium-browser", "google-chrome"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_in_one_line_with_its_remedy() {
        let missing = Missing { tool: Tool::CargoDeny, remedy: "run this".into() };
        assert_eq!(missing.to_string(), "cargo-deny is missing: run this");
    }
}
