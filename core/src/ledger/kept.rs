//! Releases that were made under a token, kept so that they can be sent again.
//!
//! They lie in a folder `NAME.releases` beside the ledger, one file each, named by the token's
//! digest: the release, and its SHA-256 behind it. The ledger itself holds nothing of them.

use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::book::{beside, folder_of};
use super::failure;
use super::storage::{Access, Storage, StorageFile};
use crate::error::{Error, ErrorKind, Result};

/// Bytes behind a release.
const DIGEST: usize = 32;

/// The largest kept file that is read: the largest map in i16, its header and its digest.
const LARGEST: u64 = (1 << 28) + (2 << 20);

fn file_of(ledger: &Path, token: &[u8; 32]) -> PathBuf {
    let name: String = token.iter().map(|byte| format!("{byte:02x}")).collect();
    beside(ledger, ".releases").join(name)
}

/// Writes as many zeros as the release will have bytes, so that there is room for it.
pub(super) fn make_room(
    storage: &impl Storage,
    ledger: &Path,
    token: &[u8; 32],
    length: usize,
) -> Result<()> {
    let room = || -> io::Result<()> {
        let folder = beside(ledger, ".releases");
        storage.create_folder(&folder)?;
        storage.sync_folder(folder_of(ledger))?;
        let mut file = storage.create(&beside(&file_of(ledger, token), ".new"))?;
        file.write_at(0, &vec![0; length + DIGEST])?;
        file.sync()
    };
    room().map_err(|error| failure::of("given room for a kept release", &error))
}

/// Puts the release in the room that was made for it; when this returns, it is on the disk.
pub(super) fn write(
    storage: &impl Storage,
    ledger: &Path,
    token: &[u8; 32],
    release: &[u8],
) -> Result<()> {
    let keep = || -> io::Result<()> {
        let (path, new) = (file_of(ledger, token), beside(&file_of(ledger, token), ".new"));
        let mut file = storage.open(&new, Access::Write)?;
        file.write_at(0, release)?;
        file.write_at(release.len() as u64, &Sha256::digest(release))?;
        file.sync()?;
        storage.rename(&new, &path)?;
        storage.sync_folder(folder_of(&path))
    };
    keep().map_err(|error| failure::of("given the release to keep", &error))
}

/// The release that was kept under a token.
///
/// # Errors
/// [`ErrorKind::Token`] where there is none: the token is used up.
pub(super) fn read(storage: &impl Storage, ledger: &Path, token: &[u8; 32]) -> Result<Vec<u8>> {
    let used_up = |why: &str| {
        Error::new(
            ErrorKind::Token,
            format!(
                "this token is used up: its release was paid for, and {why}; a release under another token costs again"
            ),
        )
    };
    let read = || -> io::Result<Option<Vec<u8>>> {
        let mut file = storage.open(&file_of(ledger, token), Access::Read)?;
        let length = file.length()?;
        if !(DIGEST as u64..=LARGEST).contains(&length) {
            return Ok(None);
        }
        let mut bytes = vec![0; length as usize];
        let read = file.read_at(0, &mut bytes)?;
        bytes.truncate(read);
        let digest = bytes.split_off(read.saturating_sub(DIGEST));
        Ok((digest == Sha256::digest(&bytes).as_slice()).then_some(bytes))
    };
    match read() {
        Ok(Some(release)) => Ok(release),
        Ok(None) => Err(used_up("the copy that was kept of it is damaged")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(used_up("no copy is kept of it, or it is being made this moment"))
        }
        Err(error) => Err(failure::of("asked for a kept release", &error)),
    }
}

/// Removes what was kept under a token, if anything was.
pub(super) fn remove(storage: &impl Storage, ledger: &Path, token: &[u8; 32]) -> Result<()> {
    let path = file_of(ledger, token);
    for path in [beside(&path, ".new"), path] {
        match storage.remove(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(failure::of("freed of a kept release", &error));
            }
            _ => {}
        }
    }
    Ok(())
}
