//! What the commands know of the machine they run on, read from its environment once.

use std::env;
use std::path::PathBuf;

use xshell::Shell;

use crate::Result;
use crate::target_dir;

/// The checkout, the project's folder for everything that can be made again, and where builds go.
#[derive(Debug)]
pub(crate) struct Workplace {
    /// The root of the repository.
    pub(crate) root: PathBuf,
    /// The project's own cache folder: tools and builds. May be deleted at any time.
    pub(crate) cache: PathBuf,
    /// Where every cargo command that a suite runs builds.
    pub(crate) target_dir: PathBuf,
    /// `CI=true`: nothing may be skipped, and our own crates are always built anew.
    pub(crate) ci: bool,
}

impl Workplace {
    /// Reads the environment.
    pub(crate) fn find() -> Result<Self> {
        let root = repository_root()?;
        let cache = cache_folder()?.join("frostglass");
        let target_dir = match env::var_os("CARGO_TARGET_DIR") {
            Some(given) if !given.is_empty() => env::current_dir()?.join(given),
            _ => cache.join("target").join(target_dir::key_of_checkout(&root)?),
        };
        let ci = env::var("CI").is_ok_and(|value| value == "true");
        Ok(Self { root, cache, target_dir, ci })
    }

    /// Where a tool of this version lives. The version is part of the path, so that an older one
    /// left there by an earlier checkout is never mistaken for it.
    pub(crate) fn tool(&self, name: &str, version: &str) -> PathBuf {
        self.cache.join("tools").join(format!("{name}-{version}"))
    }

    /// A shell that stands in the repository's root and builds into [`Workplace::target_dir`].
    pub(crate) fn shell(&self) -> Result<Shell> {
        let shell = Shell::new()?;
        shell.change_dir(&self.root);
        shell.set_var("CARGO_TARGET_DIR", &self.target_dir);
        Ok(shell)
    }
}

/// Cargo says at run time where the manifest of the program it runs lies. The path compiled in is
/// the fallback, for a program started by hand; it is second because a checkout can be moved.
fn repository_root() -> Result<PathBuf> {
    let manifest_dir = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    let root = manifest_dir.parent().ok_or("xtask lies in no repository")?;
    Ok(root.canonicalize()?)
}

fn cache_folder() -> Result<PathBuf> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_CACHE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
        .ok_or_else(|| "neither XDG_CACHE_HOME nor HOME names a folder to build in".into())
}

/// The first of `names` that is a file in a folder of `PATH`.
pub(crate) fn program_on_path(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    names
        .iter()
        .find_map(|name| env::split_paths(&path).map(|dir| dir.join(name)).find(|p| p.is_file()))
}
