//! An arm64 system in a folder, for programs that are not ours to build: Python, and the engines that
//! PyPI has for it. Nothing in it runs but through the emulator.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use xshell::{Shell, cmd};

use super::{debian, python};
use crate::Result;
use crate::workplace::{Workplace, program_on_path};

/// The release whose Python the packages are for. Installing without running means to tell pip all
/// that the Python there would tell it.
const DEBIAN: &str = "bookworm";
const PYTHON: &str = "3.11";
const C_LIBRARY_MINOR: u32 = 36;
const PACKAGES: &str = "python3,libgomp1,libstdc++6";

/// Its wheels are for other processors; `frostglass-bench` brings it along.
const NOT_ON_PYPI: &str = "tract==";

/// What the emulator adds to its instruction set.
const PLUGIN: &str = "bench/arm/instructions.c";

/// The one processor that programs in there find described, as a kernel would on that which the
/// emulator is told to be. Without, they would read of the host's; ONNX Runtime then crashes.
const DESCRIPTIONS: [(&str, &str); 4] = [
    (
        "proc/cpuinfo",
        "processor\t: 0\n\
         Features\t: fp asimd aes pmull sha1 sha2 crc32 atomics fphp asimdhp asimdrdm asimddp\n\
         CPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x4\n\
         CPU part\t: 0xd0b\nCPU revision\t: 1\n\n",
    ),
    ("sys/devices/system/cpu/possible", "0\n"),
    ("sys/devices/system/cpu/present", "0\n"),
    ("sys/devices/system/cpu/online", "0\n"),
];

/// Where it lies.
pub(crate) struct System {
    pub(crate) root: PathBuf,
    /// The emulator's plugin that counts instructions.
    pub(crate) plugin: PathBuf,
}

/// Finds the system, or else makes it.
pub(crate) fn ensure(workplace: &Workplace) -> Result<System, String> {
    let shell = workplace.shell().map_err(|error| error.to_string())?;
    let (packages, plugin) = made_of(&shell).map_err(|error| error.to_string())?;
    let folder = workplace.tool("arm64-system", &key(&packages, &plugin));
    let system = System { root: folder.join("root"), plugin: folder.join("instructions.so") };
    // Written last: an installation that was broken off is not taken for a whole one.
    let complete = folder.join("complete");
    if complete.is_file() {
        return Ok(system);
    }
    if program_on_path(&["debootstrap"]).is_none() {
        debian::install(&["debootstrap"])?;
    }
    println!("making an arm64 system (about two minutes)");
    make(&shell, workplace, &folder, &system, &packages)
        .and_then(|()| Ok(fs::write(&complete, "")?))
        .map_err(|error| {
            format!("an arm64 system could not be made in {} ({error})", folder.display())
        })?;
    Ok(system)
}

/// The requirements that have wheels for it, and the plugin's source.
fn made_of(shell: &Shell) -> Result<(String, String)> {
    let all = shell.read_file(python::BENCH.requirements())?;
    let packages = all.lines().filter(|line| !line.starts_with(NOT_ON_PYPI));
    Ok((packages.collect::<Vec<_>>().join("\n"), shell.read_file(PLUGIN)?))
}

fn make(
    shell: &Shell,
    workplace: &Workplace,
    folder: &Path,
    system: &System,
    packages: &str,
) -> Result<()> {
    let System { root, plugin } = system;
    let downloads = folder.join("downloads");
    for path in [root, &downloads] {
        shell.remove_path(path)?;
        shell.create_dir(path)?;
    }
    cmd!(
        shell,
        "debootstrap --arch=arm64 --variant=minbase --include={PACKAGES} --download-only
         {DEBIAN} {downloads}"
    )
    .run()?;
    for package in shell.read_dir(downloads.join("var/cache/apt/archives"))? {
        if package.extension().is_some_and(|extension| extension == "deb") {
            cmd!(shell, "dpkg-deb --extract {package} {root}").quiet().run()?;
        }
    }
    shell.remove_path(&downloads)?;
    for (path, text) in DESCRIPTIONS {
        shell.write_file(root.join(path), text)?;
    }

    let requirements = folder.join("requirements.txt");
    shell.write_file(&requirements, packages)?;
    let pip = python::BENCH.program(workplace, "python")?;
    let platforms = (17..=C_LIBRARY_MINOR)
        .flat_map(|minor| ["--platform".to_owned(), format!("manylinux_2_{minor}_aarch64")]);
    let target = root.join("packages");
    cmd!(
        shell,
        "{pip} -m pip install --quiet --no-deps --only-binary=:all: --implementation cp
         --python-version {PYTHON} {platforms...} --platform manylinux2014_aarch64
         --target {target} -r {requirements}"
    )
    .run()?;
    cmd!(shell, "cc -O2 -shared -fPIC -o {plugin} {PLUGIN}").run()?;
    Ok(())
}

/// As for builds (`target_dir`), the hash need only be stable under one compiler.
fn key(packages: &str, plugin: &str) -> String {
    let mut hasher = DefaultHasher::new();
    (packages, plugin, DEBIAN, PACKAGES, DESCRIPTIONS).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_packages_or_another_plugin_make_another_system() {
        let original = key("numpy==2.0", "int count;");
        assert_eq!(original, key("numpy==2.0", "int count;"));
        assert_ne!(original, key("numpy==2.1", "int count;"));
        assert_ne!(original, key("numpy==2.0", "long count;"));
    }
}
