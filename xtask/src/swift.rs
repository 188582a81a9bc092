//! The Swift package: put together from `ios/`, what is generated and the library; tested; depended on.

use std::fs;
use std::path::{Path, PathBuf};

use xshell::cmd;

use crate::Result;
use crate::library;
use crate::setup::swift;
use crate::steps::Steps;

/// Puts the package together in a folder that is returned, after [`library::for_bindings`]
/// has built what the generator reads. Nothing that lay there before stays.
pub(crate) fn assemble(steps: &Steps) -> Result<PathBuf> {
    let ios = steps.workplace.target_dir.join("ios");
    let package = ios.join("Frostglass");
    if package.is_dir() {
        fs::remove_dir_all(&package)?;
    }
    fs::create_dir_all(&ios)?;
    let root = &steps.workplace.root;
    let source = root.join("ios");
    steps.run(cmd!(steps.shell, "cp -R {source} {package}"))?;
    let generated = ios.join("generated");
    library::bindings(steps, "swift", &generated)?;
    let sources = package.join("Sources");
    fs::create_dir_all(sources.join("FrostglassBindings"))?;
    let native = sources.join("frostglassFFI");
    fs::copy(
        generated.join("frostglass.swift"),
        sources.join("FrostglassBindings/FrostglassBindings.swift"),
    )?;
    fs::copy(generated.join("frostglassFFI.h"), native.join("frostglassFFI.h"))?;
    fs::copy(root.join("bindings/ffi/include/frostglass.h"), native.join("frostglass.h"))?;
    if steps.workplace.ci {
        // Under CI our own code is always built anew.
        steps.shell.remove_path(ios.join("tests"))?;
        steps.shell.remove_path(ios.join("consumer"))?;
    }
    Ok(package)
}

/// Builds the package's tests, to be run on the library in this folder or one with the same names.
pub(crate) fn build_tests(steps: &Steps, package: &Path, library: &Path) -> Result<()> {
    let mut words = swift_words("build", package, &scratch(steps, "tests"));
    words.extend(["--build-tests", "-Xswiftc", "-enable-testing"].map(str::to_owned));
    words.extend(linked_with(library));
    run(steps, library, &[], &words)
}

/// Runs those of the tests that `filter` names, on the library in this folder.
pub(crate) fn test(
    steps: &Steps,
    package: &Path,
    library: &Path,
    variables: &[&str],
    filter: &[&str],
) -> Result<()> {
    let mut words = swift_words("test", package, &scratch(steps, "tests"));
    words.extend(["--skip-build", "--disable-xctest"].map(str::to_owned));
    words.extend(filter.iter().flat_map(|name| ["--filter".to_owned(), (*name).to_owned()]));
    run(steps, library, variables, &words)
}

/// Builds and runs the program of `ios/Consumer`, which depends on the package, on the library in this
/// folder.
pub(crate) fn consume(steps: &Steps, package: &Path, library: &Path) -> Result<()> {
    let mut words = swift_words("run", &package.join("Consumer"), &scratch(steps, "consumer"));
    words.extend(linked_with(library));
    let front = steps.workplace.root.join("core/tests/packed/little.front");
    words.extend(["Consumer".to_owned(), front.display().to_string()]);
    run(steps, library, &[], &words)
}

fn scratch(steps: &Steps, name: &str) -> PathBuf {
    steps.workplace.target_dir.join("ios").join(name)
}

fn swift_words(verb: &str, package: &Path, scratch: &Path) -> Vec<String> {
    let (package, scratch) = (package.display().to_string(), scratch.display().to_string());
    let words = ["swift", verb, "-c", "release", "--package-path", &package];
    let mut words: Vec<String> = words.map(str::to_owned).to_vec();
    words.extend(["--scratch-path".to_owned(), scratch]);
    words
}

/// On Apple's systems the package brings the library along.
fn linked_with(library: &Path) -> Vec<String> {
    if cfg!(target_os = "macos") {
        return Vec::new();
    }
    vec!["-Xlinker".to_owned(), format!("-L{}", library.display())]
}

/// Runs Swift where it is, with the library in reach.
fn run(steps: &Steps, library: &Path, variables: &[&str], words: &[String]) -> Result<()> {
    let mut all = vec!["env".to_owned()];
    all.push(format!("FROSTGLASS_ROOT={}", steps.workplace.root.display()));
    all.push(format!("LD_LIBRARY_PATH={}", library.display()));
    all.extend(variables.iter().map(|variable| (*variable).to_owned()));
    all.extend_from_slice(words);
    let command = swift::find(steps.workplace).command(steps.workplace, all);
    let (program, rest) = command.split_first().ok_or("there is nothing to run")?;
    steps.run(cmd!(steps.shell, "{program} {rest...}"))
}
