//! Components of the Rust toolchain, and targets that it compiles for.

use std::path::{Path, PathBuf};

use xshell::{Shell, cmd};

use crate::Result;
use crate::workplace::program_on_path;

/// A component that is a cargo subcommand. It is found by calling it: a distribution's Rust has it
/// without rustup.
pub(super) fn ensure_component(component: &str) -> Result<(), String> {
    let subcommand = if component == "rustfmt" { "fmt" } else { component };
    let works = Shell::new().is_ok_and(|shell| {
        let probe = cmd!(shell, "cargo {subcommand} --version").quiet();
        probe.ignore_stdout().ignore_stderr().run().is_ok()
    });
    if works { Ok(()) } else { add(component) }
}

/// The LLVM tools lie among the compiler's libraries and not on the search path.
pub(super) fn ensure_llvm_tools() -> Result<(), String> {
    let present = Shell::new().is_ok_and(|shell| {
        let libraries = cmd!(shell, "rustc --print target-libdir").read();
        libraries.is_ok_and(|path| Path::new(&path).with_file_name("bin/llvm-cov").is_file())
    });
    if present { Ok(()) } else { add("llvm-tools") }
}

/// The standard library's sources, to build it with other features.
pub(super) fn ensure_sources() -> Result<(), String> {
    let present = Shell::new().is_ok_and(|shell| {
        let root = cmd!(shell, "rustc --print sysroot").read();
        root.is_ok_and(|path| Path::new(&path).join("lib/rustlib/src/rust/library").is_dir())
    });
    if present { Ok(()) } else { add("rust-src") }
}

/// The standard library for another processor.
pub(super) fn ensure_target(target: &str) -> Result<(), String> {
    let present = libraries(target).is_ok_and(|path| path.is_dir());
    if present { Ok(()) } else { rustup(&["target", "add", target]) }
}

/// Where the standard library for a processor lies, if it is there.
pub(super) fn libraries(target: &str) -> Result<PathBuf> {
    let shell = Shell::new()?;
    Ok(cmd!(shell, "rustc --print target-libdir --target {target}").read()?.into())
}

fn add(component: &str) -> Result<(), String> {
    rustup(&["component", "add", component])
}

fn rustup(words: &[&str]) -> Result<(), String> {
    let remedy = format!("rustup {}", words.join(" "));
    if program_on_path(&["rustup"]).is_none() {
        return Err(format!("{remedy} (rustup is not installed)"));
    }
    Shell::new()
        .and_then(|shell| cmd!(shell, "rustup {words...}").run())
        .map_err(|error| format!("{remedy} ({error})"))
}
