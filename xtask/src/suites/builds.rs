//! How the suites build, so that the dependencies are built once.
//!
//! Cargo turns on in a dependency the features that all *selected* packages ask of it together, and
//! a dependency with other features is another build. `-p frostglass` and `-p frostglass-cli`
//! select differently (the second brings clap, whose macros want more of `syn`, which `serde` and
//! so tract stand on), and each selection would spend minutes on a tract of its own. Therefore:
//!
//! - every command that compiles tract selects everything, in release ([`EVERYTHING`]), and says
//!   by *targets* what it wants (`--lib`, `--bin NAME`, `--test NAME`);
//! - what is for 64-bit ARM selects the core and the benchmark's library ([`AARCH64`]): the tests
//!   there, and `cargo xtask bench arm`, share one more tract;
//! - the dependencies that only tests have count only when a command builds something of tests. A
//!   command that builds nothing of the kind asks for `--examples` as well, which makes the
//!   selection the same ([`program`]).

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use xshell::{Shell, cmd};

use crate::Result;
use crate::setup::aarch64;
use crate::steps::Steps;

/// The one selection, see the module's text.
pub(crate) const EVERYTHING: [&str; 3] = ["--release", "--workspace", "--all-features"];

/// The one selection for 64-bit ARM.
pub(crate) const AARCH64: [&str; 8] = [
    "--release",
    "-p",
    "frostglass",
    "-p",
    "frostglass-bench",
    "--all-features",
    "--target",
    aarch64::TARGET,
];

/// Tells cargo how to link for 64-bit ARM and in what to run the result.
pub(crate) fn for_aarch64(shell: &Shell) {
    let (emulator, processor, libraries) =
        (aarch64::EMULATOR, aarch64::PROCESSOR, aarch64::LIBRARIES);
    let variable = |what| {
        let target = aarch64::TARGET.replace('-', "_").to_uppercase();
        format!("CARGO_TARGET_{target}_{what}")
    };
    shell.set_var(variable("LINKER"), aarch64::LINKER);
    shell.set_var(variable("RUNNER"), format!("{emulator} -cpu {processor} -L {libraries}"));
}

/// Builds the program `frostglass` and says where it lies.
pub(crate) fn program(steps: &Steps) -> Result<PathBuf> {
    steps.run(cmd!(steps.shell, "cargo build {EVERYTHING...} --bin frostglass --examples"))?;
    Ok(steps.workplace.target_dir.join("release").join("frostglass"))
}

/// The integration tests of the package in this folder: with [`by_name`], what `-p` would select, by targets.
pub(crate) fn integration_tests(package: &Path) -> Result<BTreeSet<String>> {
    if fs::read_to_string(package.join("Cargo.toml"))?.contains("[[test]]") {
        // It would be left out in silence.
        let package = package.display();
        return Err(format!("{package}: only tests that cargo finds in tests/ are run").into());
    }
    let Ok(entries) = fs::read_dir(package.join("tests")) else { return Ok(BTreeSet::new()) };
    let mut names = BTreeSet::new();
    for entry in entries {
        let path = entry?.path();
        let is_test = path.extension().is_some_and(|extension| extension == "rs")
            || path.join("main.rs").is_file();
        if let (true, Some(name)) = (is_test, path.file_stem()) {
            names.insert(name.to_string_lossy().into_owned());
        }
    }
    Ok(names)
}

/// `--test NAME` for each.
pub(crate) fn by_name<T: Into<String>>(tests: impl IntoIterator<Item = T>) -> Vec<String> {
    tests.into_iter().flat_map(|name| ["--test".to_owned(), name.into()]).collect()
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    fn package(name: &str, manifest: &str) -> PathBuf {
        let folder =
            env::temp_dir().join(format!("frostglass-xtask-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        folder
    }

    #[test]
    fn integration_tests_are_files_and_folders_with_a_main() {
        let package = package("tests", "[package]");
        assert!(integration_tests(&package).unwrap().is_empty());
        for folder in ["tests/sweep", "tests/data"] {
            fs::create_dir_all(package.join(folder)).unwrap();
        }
        for file in ["tests/golden.rs", "tests/sweep/main.rs", "tests/data/numbers.json"] {
            fs::write(package.join(file), "").unwrap();
        }
        let flags = by_name(integration_tests(&package).unwrap());
        assert_eq!(flags, ["--test", "golden", "--test", "sweep"]);
        fs::remove_dir_all(package).unwrap();
    }

    #[test]
    fn a_test_declared_elsewhere_is_refused_rather_than_left_out() {
        let package = package("declared", "[[test]]\nname = \"far\"");
        assert!(integration_tests(&package).is_err());
        fs::remove_dir_all(package).unwrap();
    }
}
