//! Packages of the machine's own distribution, where that is Debian and we are root.

use std::fs;
use std::path::Path;

use xshell::{Shell, cmd};

use crate::Result;
use crate::workplace::program_on_path;

/// Installs packages, or says how a person does.
pub(super) fn install(packages: &[&str]) -> Result<(), String> {
    let remedy = format!("apt-get install {}, or the like on another system", packages.join(" "));
    let possible = Path::new("/etc/debian_version").is_file()
        && program_on_path(&["apt-get"]).is_some()
        && is_root();
    if !possible {
        return Err(remedy);
    }
    apt_get_install(packages).map_err(|error| format!("{remedy} ({error})"))
}

fn is_root() -> bool {
    Shell::new().and_then(|shell| cmd!(shell, "id -u").quiet().read()).is_ok_and(|user| user == "0")
}

/// A fresh machine has no package lists, and one that has been idle has lists that name packages
/// no longer offered: the lists are fetched in the first case, and in the second after a failure.
fn apt_get_install(packages: &[&str]) -> Result<()> {
    let shell = Shell::new()?;
    shell.set_var("DEBIAN_FRONTEND", "noninteractive");
    let update = || cmd!(shell, "apt-get update -q").run();
    let install =
        || cmd!(shell, "apt-get install -q -y --no-install-recommends {packages...}").run();
    if has_package_lists() {
        if install().is_ok() {
            return Ok(());
        }
        update()?;
    } else {
        update()?;
    }
    Ok(install()?)
}

fn has_package_lists() -> bool {
    fs::read_dir("/var/lib/apt/lists").is_ok_and(|entries| {
        entries.flatten().any(|entry| entry.file_name().to_string_lossy().contains("_Packages"))
    })
}
