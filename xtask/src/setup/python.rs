//! Python environments of our own, each with what one of the laboratory's requirement files names.

use std::ffi::OsStr;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use xshell::{Shell, cmd};

use super::debian;
use crate::Result;
use crate::workplace::{Workplace, program_on_path};

/// What the laboratory imports, its tests and the linter included.
pub(crate) const LAB: Environment = Environment {
    name: "python",
    requirements: "models/lab/requirements.txt",
    oldest: (3, 11),
    named_alone: false,
};

/// The engines that benchmarks compare with, and their converters.
pub(crate) const BENCH: Environment = Environment {
    name: "python-bench",
    requirements: "models/lab/requirements-bench.txt",
    oldest: (3, 11),
    named_alone: true,
};

/// The converter that LiteRT needs, which is a program to us.
pub(crate) const ONNX2TF: Environment = Environment {
    name: "python-onnx2tf",
    requirements: "models/lab/requirements-onnx2tf.txt",
    oldest: (3, 12),
    named_alone: false,
};

/// The newest minor version of Python 3 that is looked for by name.
const NEWEST: u32 = 14;

/// A virtual environment in the cache.
///
/// The folder's name is a hash of the requirements and of the interpreter that made it: when either
/// changes, another environment is made, and a checkout that still has the old requirements finds
/// its own again.
pub(crate) struct Environment {
    name: &'static str,
    /// The requirement file, from the repository's root.
    requirements: &'static str,
    /// Major and minor version of the oldest Python that will do.
    oldest: (u32, u32),
    /// Whether to install nothing but what the requirements name.
    named_alone: bool,
}

impl Environment {
    /// A program of the environment: `python`, or what a package brings.
    pub(crate) fn program(&self, workplace: &Workplace, name: &str) -> Result<PathBuf> {
        let shell = workplace.shell()?;
        let base = self.base(&shell).ok_or_else(|| self.too_old())?;
        Ok(self.folder(workplace, &shell, &base)?.join("bin").join(name))
    }

    /// The file that names its packages, from the repository's root.
    pub(super) fn requirements(&self) -> &'static str {
        self.requirements
    }

    /// Finds the environment, or else makes it.
    pub(crate) fn ensure(&self, workplace: &Workplace) -> Result<(), String> {
        let requirements = self.requirements;
        if !workplace.root.join(requirements).is_file() {
            return Err(format!("the checkout has no {requirements}"));
        }
        if program_on_path(&["python3"]).is_none() {
            debian::install(&["python3", "python3-venv"])?;
        }
        let shell = workplace.shell().map_err(|error| error.to_string())?;
        let base = self.base(&shell).ok_or_else(|| self.too_old())?;
        let folder = self.folder(workplace, &shell, &base).map_err(|error| error.to_string())?;
        // Written last: an installation that was broken off is not taken for a whole one.
        let complete = folder.join("complete");
        if complete.is_file() {
            return Ok(());
        }
        self.make(&shell, &base, &folder).map_err(|error| {
            let (base, folder) = (base.display(), folder.display());
            format!(
                "{base} -m venv {folder}, then {folder}/bin/pip install -r {requirements} ({error})"
            )
        })?;
        fs::write(&complete, "").map_err(|error| error.to_string())
    }

    fn folder(&self, workplace: &Workplace, shell: &Shell, base: &Path) -> Result<PathBuf> {
        let requirements = shell.read_file(self.requirements)?;
        let script = "import sys; print(sys.version, sys.base_prefix)";
        let python = cmd!(shell, "{base} -c {script}").quiet().read()?;
        Ok(workplace.tool(self.name, &key(&requirements, &python)))
    }

    /// An interpreter that is new enough: `python3`, or else one that has its version in its name.
    fn base(&self, shell: &Shell) -> Option<PathBuf> {
        let (major, minor) = self.oldest;
        let unnamed = answering(shell, "python3", self.oldest, None);
        unnamed.or_else(|| {
            (minor..=NEWEST).rev().find_map(|minor| {
                let version = format!("{major}.{minor}");
                answering(shell, &format!("python{version}"), self.oldest, Some(&version))
            })
        })
    }

    fn too_old(&self) -> String {
        let (major, minor) = self.oldest;
        format!("install Python {major}.{minor} or later")
    }

    fn make(&self, shell: &Shell, base: &Path, folder: &Path) -> Result<()> {
        if cmd!(shell, "{base} -m venv --clear {folder}").run().is_err() {
            // Debian's Python comes without what a virtual environment is made of.
            debian::install(&["python3-venv"])?;
            cmd!(shell, "{base} -m venv --clear {folder}").run()?;
        }
        let python = folder.join("bin").join("python");
        let requirements = self.requirements;
        let alone = self.named_alone.then_some("--no-deps");
        Ok(cmd!(shell, "{python} -m pip install --quiet {alone...} -r {requirements}").run()?)
    }
}

/// The interpreter behind this name, where it runs and is not older.
///
/// pyenv puts a name on the search path for each version that it has installed, and runs those that
/// are active, or that this variable names. Nobody else reads it.
fn answering(
    shell: &Shell,
    name: &str,
    oldest: (u32, u32),
    pyenv: Option<&str>,
) -> Option<PathBuf> {
    program_on_path(&[name])?;
    let (major, minor) = oldest;
    let script = "import sys; print(sys.executable, *sys.version_info[:2], sep='\\n')";
    let mut probe = cmd!(shell, "{name} -c {script}").quiet().ignore_stderr();
    if let Some(version) = pyenv {
        probe = probe.env("PYENV_VERSION", OsStr::new(version));
    }
    let answer = probe.read().ok()?;
    let mut lines = answer.lines();
    let program = lines.next()?;
    let found = (lines.next()?.parse().ok()?, lines.next()?.parse().ok()?);
    (found >= (major, minor)).then(|| program.into())
}

/// As for builds (`target_dir`), the hash need only be stable under one compiler.
fn key(requirements: &str, python: &str) -> String {
    let mut hasher = DefaultHasher::new();
    (requirements, python).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
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

    #[test]
    fn an_interpreter_that_is_too_old_is_as_good_as_none() {
        let shell = Shell::new().unwrap();
        assert_eq!(answering(&shell, "python3", (99, 0), None), None);
        assert_eq!(answering(&shell, "no-such-python", (3, 0), None), None);
    }
}
