//! A Python environment of our own, with what the laboratory's requirements name.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use xshell::cmd;

use super::debian;
use crate::Result;
use crate::workplace::{Workplace, program_on_path};

const REQUIREMENTS: &str = "models/lab/requirements.txt";

/// The environment's interpreter.
///
/// The folder's name is a hash of the requirements and of the interpreter that made it: when either
/// changes, another environment is made, and a checkout that still has the old requirements finds
/// its own again.
pub(crate) fn interpreter(workplace: &Workplace) -> Result<PathBuf> {
    Ok(environment(workplace)?.join("bin").join("python"))
}

fn environment(workplace: &Workplace) -> Result<PathBuf> {
    let shell = workplace.shell()?;
    let requirements = shell.read_file(REQUIREMENTS)?;
    let script = "import sys; print(sys.version, sys.base_prefix)";
    let python = cmd!(shell, "python3 -c {script}").quiet().read()?;
    Ok(workplace.tool("python", &key(&requirements, &python)))
}

/// As for builds (`target_dir`), the hash need only be stable under one compiler.
fn key(requirements: &str, python: &str) -> String {
    let mut hasher = DefaultHasher::new();
    (requirements, python).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

pub(super) fn ensure(workplace: &Workplace) -> Result<(), String> {
    if !workplace.root.join(REQUIREMENTS).is_file() {
        return Err(format!("the checkout has no {REQUIREMENTS}"));
    }
    if program_on_path(&["python3"]).is_none() {
        debian::install(&["python3", "python3-venv"])?;
    }
    let folder = environment(workplace).map_err(|error| error.to_string())?;
    // Written last: an installation that was broken off is not taken for a whole one.
    let complete = folder.join("complete");
    if complete.is_file() {
        return Ok(());
    }
    make(workplace, &folder).map_err(|error| {
        let folder = folder.display();
        format!(
            "python3 -m venv {folder}, then {folder}/bin/pip install -r {REQUIREMENTS} ({error})"
        )
    })?;
    fs::write(&complete, "").map_err(|error| error.to_string())
}

fn make(workplace: &Workplace, folder: &PathBuf) -> Result<()> {
    let shell = workplace.shell()?;
    if cmd!(shell, "python3 -m venv --clear {folder}").run().is_err() {
        // Debian's Python comes without what a virtual environment is made of.
        debian::install(&["python3-venv"])?;
        cmd!(shell, "python3 -m venv --clear {folder}").run()?;
    }
    let python = folder.join("bin").join("python");
    Ok(cmd!(shell, "{python} -m pip install --quiet -r {REQUIREMENTS}").run()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_requirements_or_another_interpreter_make_another_environment() {
        let original = key("numpy==2.0", "3.11");
        assert_eq!(original, key("numpy==2.0", "3.11"));
        assert_ne!(original, key("numpy==2.1", "3.11"));
        assert_ne!(original, key("numpy==2.0", "3.12"));
    }
}
