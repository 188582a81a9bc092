//! Swift. Where it is not installed, it comes in a Debian system of its own, in a folder: Debian has
//! it from release 13 on, and nothing of that release fits into an older one.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use xshell::{Shell, cmd};

use super::debian;
use crate::Result;
use crate::workplace::{Workplace, program_on_path};

/// The release that the folder holds.
const DEBIAN: &str = "trixie";
/// What is installed there: the compiler, and what it needs to link.
const PACKAGES: [&str; 3] = ["swiftlang", "libc6-dev", "libstdc++-14-dev"];

/// Goes into the folder `$1` with the folders `$2` and `$3` of this machine, at the paths that they
/// have here, stands in `$2`, and runs the rest. What it mounts ends with it.
const ENTER: &str = r#"
set -e
root=$1; repository=$2; built=$3; shift 3
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
for folder in "$repository" "$built"; do
    mkdir -p "$root$folder"
    mount --rbind "$folder" "$root$folder"
done
exec chroot "$root" env -i HOME=/root PATH=/usr/bin:/bin LANG=C.UTF-8 \
    sh -c 'cd "$1"; shift; exec "$@"' enter "$repository" "$@"
"#;

/// Where Swift is.
pub(crate) enum Swift {
    /// On the search path.
    Installed,
    /// In a system in this folder.
    Folder(PathBuf),
}

/// Where Swift is, once [`ensure`] has seen to it.
pub(crate) fn find(workplace: &Workplace) -> Swift {
    // Other things are called swift too.
    let is_there = program_on_path(&["swift"]).is_some()
        && Shell::new().is_ok_and(|shell| {
            let version = cmd!(shell, "swift --version").quiet().ignore_stderr().read();
            version.is_ok_and(|version| is_new_enough(&version))
        });
    if is_there { Swift::Installed } else { Swift::Folder(folder(workplace).join("root")) }
}

/// Whether this is what Swift 6, or one after it, says of itself.
fn is_new_enough(version: &str) -> bool {
    let major = version.split_once("Swift version ").and_then(|(_, rest)| rest.split('.').next());
    major.and_then(|major| major.parse::<u32>().ok()).is_some_and(|major| major >= 6)
}

impl Swift {
    /// How these words are run where Swift is; they begin with a program.
    pub(crate) fn command(&self, workplace: &Workplace, words: Vec<String>) -> Vec<String> {
        let Self::Folder(root) = self else { return words };
        let alone = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", ENTER];
        let mut command: Vec<String> = alone.map(str::to_owned).to_vec();
        command.push("enter".to_owned());
        let folders = [root, &workplace.root, &workplace.target_dir];
        command.extend(folders.map(|folder| folder.display().to_string()));
        command.extend(words);
        command
    }
}

/// Finds Swift, or else makes the folder.
pub(super) fn ensure(workplace: &Workplace) -> Result<(), String> {
    let folder = folder(workplace);
    // Written last: an installation that was broken off is not taken for a whole one.
    let complete = folder.join("complete");
    if matches!(find(workplace), Swift::Installed) || complete.is_file() {
        return Ok(());
    }
    // Nothing is installed by this where debootstrap is there already, but root is asked for.
    debian::install(&["debootstrap"])
        .map_err(|remedy| format!("install Swift 6, or as root on Debian: {remedy}"))?;
    println!("making a Debian system with Swift (3.5 GB, about two minutes)");
    make(workplace, &folder).and_then(|()| Ok(fs::write(&complete, "")?)).map_err(|error| {
        format!(
            "install Swift 6; a system with it could not be made in {} ({error})",
            folder.display()
        )
    })
}

fn make(workplace: &Workplace, folder: &Path) -> Result<()> {
    let shell = workplace.shell()?;
    let root = folder.join("root");
    shell.remove_path(&root)?;
    shell.create_dir(folder)?;
    let mirror = mirror(&shell)?;
    if let Some(proxy) = proxy(&shell) {
        shell.set_var("http_proxy", proxy);
    }
    // What it mounts ends with it, even where it is broken off.
    let options = ["--variant=minbase", "--include=ca-certificates"];
    cmd!(shell, "unshare --mount debootstrap {options...} {DEBIAN} {root} {mirror}").run()?;
    // Names are looked up there as they are here.
    for file in ["etc/resolv.conf", "etc/hosts"] {
        fs::copy(PathBuf::from("/").join(file), root.join(file))?;
    }
    shell.set_var("DEBIAN_FRONTEND", "noninteractive");
    let path = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    cmd!(
        shell,
        "chroot {root} env {path} apt-get install -q -y --no-install-recommends {PACKAGES...}"
    )
    .run()?;
    cmd!(shell, "chroot {root} env {path} apt-get clean").run()?;
    Ok(())
}

/// Where this machine's own packages come from.
fn mirror(shell: &Shell) -> Result<String> {
    let format = "$(ORIGIN) $(RELEASE) $(REPO_URI)";
    let packages = "Created-By: Packages";
    let sources =
        cmd!(shell, "apt-get indextargets --format {format} {packages}").quiet().read()?;
    mirror_among(&sources).ok_or_else(|| "apt here has no source of Debian's own packages".into())
}

/// The first source of a release itself: updates and security fixes may lie elsewhere.
fn mirror_among(sources: &str) -> Option<String> {
    sources.lines().find_map(|line| {
        let mut words = line.split(' ');
        let (origin, release, address) = (words.next()?, words.next()?, words.next()?);
        (origin == "Debian" && !release.contains('-')).then(|| address.to_owned())
    })
}

/// The proxy that apt here goes through.
fn proxy(shell: &Shell) -> Option<String> {
    let told = cmd!(shell, "apt-config shell proxy Acquire::http::Proxy").quiet().read().ok()?;
    Some(told.trim().strip_prefix("proxy='")?.strip_suffix('\'')?.to_owned())
}

/// What is installed is part of the name: another list makes another folder. As for builds
/// (`target_dir`), the hash need only be stable under one compiler.
fn folder(workplace: &Workplace) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    (DEBIAN, PACKAGES).hash(&mut hasher);
    workplace.tool("swift", &format!("{:016x}", hasher.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mirror_is_that_of_the_release_itself() {
        let sources = "Other stable http://other/apt/\n\
                       Debian bookworm-security http://here/debian-security/\n\
                       Debian bookworm http://here/debian/";
        assert_eq!(mirror_among(sources).as_deref(), Some("http://here/debian/"));
        assert_eq!(mirror_among("Other stable http://other/apt/"), None);
    }

    #[test]
    fn a_swift_of_six_or_later_is_one() {
        assert!(is_new_enough("Apple Swift version 6.1.2 (swiftlang)"));
        assert!(is_new_enough("Swift version 7.0 (swift-7.0-RELEASE)"));
        assert!(!is_new_enough("Swift version 5.10.1"));
        assert!(!is_new_enough("python-swiftclient 4.2.0"));
    }

    #[test]
    fn words_run_as_they_are_or_in_the_folder() {
        let workplace = Workplace {
            root: "/repository".into(),
            cache: "/cache".into(),
            target_dir: "/built".into(),
            ci: false,
        };
        let words = vec!["swift".to_owned(), "test".to_owned()];
        assert_eq!(Swift::Installed.command(&workplace, words.clone()), words);
        let inside = Swift::Folder("/cache/root".into()).command(&workplace, words);
        let end = ["enter", "/cache/root", "/repository", "/built", "swift", "test"];
        assert!(inside.ends_with(&end.map(str::to_owned)));
        assert_eq!(inside[0], "unshare");
    }
}
