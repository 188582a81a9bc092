//! Where builds go: a folder outside the checkout that outlives it.
//!
//! The dependencies (tract above all) take minutes to build and change rarely, so their builds are
//! worth keeping between checkouts made in the same place and between runs of CI. The folder's name
//! is a hash of the three things that decide what lies in it:
//!
//! - `Cargo.lock`: another set of dependencies starts clean, and old ones do not pile up in a
//!   folder that is in use;
//! - `rustc -vV`: another compiler cannot read what this one wrote;
//! - the checkout's absolute path: two checkouts neither wait for each other's build lock nor find
//!   each other's `release/frostglass` where they expect their own.
//!
//! Keeping builds must never mean keeping *ours*: a stale build of our own code could pass a test
//! that the code as it stands fails. Cargo decides by the files' times what is stale, and a fresh
//! clone has arbitrary times. Under CI our own crates are therefore removed first
//! ([`clean_own_crates`]); what stays are crates from the registry, which never change.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use xshell::{Shell, cmd};

use crate::Result;
use crate::steps::Steps;

/// The name of the folder for the checkout at `root`.
pub(crate) fn key_of_checkout(root: &Path) -> Result<String> {
    let shell = Shell::new()?;
    let lock = shell.read_file(root.join("Cargo.lock"))?;
    let compiler = cmd!(shell, "rustc -vV").read()?;
    Ok(key(&lock, &compiler, root))
}

/// [`DefaultHasher`] may change with the standard library, but not under a given compiler, and the
/// compiler is part of the key.
fn key(lock: &str, compiler: &str, root: &Path) -> String {
    let mut hasher = DefaultHasher::new();
    (lock, compiler, root).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// Removes every build of the workspace's own crates, by whichever command it was made (plain,
/// clippy, rustdoc, instrumented for coverage); dependencies stay.
pub(crate) fn clean_own_crates(steps: &Steps) -> Result<()> {
    steps.run(cmd!(steps.shell, "cargo clean --release --workspace"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_changes_with_each_of_its_parts_and_with_nothing_else() {
        let original = key("lock", "rustc 1", Path::new("/a"));
        assert_eq!(original, key("lock", "rustc 1", Path::new("/a")));
        assert_ne!(original, key("lock 2", "rustc 1", Path::new("/a")));
        assert_ne!(original, key("lock", "rustc 2", Path::new("/a")));
        assert_ne!(original, key("lock", "rustc 1", Path::new("/b")));
    }

    #[test]
    fn the_parts_do_not_run_into_each_other() {
        assert_ne!(key("ab", "c", Path::new("/")), key("a", "bc", Path::new("/")));
    }

    #[test]
    fn the_key_is_a_plain_folder_name() {
        let name = key("lock", "rustc", Path::new("/a"));
        assert_eq!(name.len(), 16);
        assert!(name.chars().all(|c| c.is_ascii_hexdigit()));
    }
}
