//! Going on behind damage: a successor takes a ledger's place.

use std::io;
use std::path::{Path, PathBuf};

use super::book::{beside, folder_of};
use super::failure;
use super::opening::{self, Opened};
use super::record::{BLOCK, Block, Header, RETIRED, STATE, in_use};
use super::storage::{Access, Storage, StorageFile};
use super::verify::{Found, read_through};
use crate::error::{Error, ErrorKind, Result};

/// Puts a new ledger in the place of a damaged one: under the same cap, with everything that may be
/// spent counted as spent. The damaged file stays beside it, under a name that is returned.
///
/// The damaged ledger is retired, on the disk, before its successor has the name: a file can have
/// other names, and others wait for its lock. So there is at every moment at most one of the two that
/// can be charged to, whoever has which of them open. Whoever dies in between leaves the whole
/// successor as `NAME.new`; the next call gives it the name.
///
/// # Errors
/// [`ErrorKind::Ledger`] where the ledger is whole (to continue it would be to spend its budget
/// twice), where its header is damaged, and where it was continued under another name.
pub(super) fn go_on(storage: &impl Storage, path: &Path) -> Result<PathBuf> {
    let replace = || -> io::Result<Result<PathBuf>> {
        // Not a link's place: the file's own.
        let path = &storage.followed(path)?;
        // As for beginning a ledger: what a name stands for changes under this lock alone.
        let lock_path = beside(path, ".lock");
        let _lock = opening::lock(storage, &lock_path)?;
        let mut opened = opening::open(storage, path, Access::Write)?;
        let done = match read_through(&mut opened)? {
            Ok(found) if found.retired => complete(storage, path, &mut opened, &found)?,
            Ok(found) if !found.verification.whole => succeed(storage, path, &mut opened, &found)?,
            Ok(_) => Err(Error::new(
                ErrorKind::Ledger,
                "the ledger is whole: go on charging to it; a second one with its budget would let that be spent twice",
            )),
            Err(error) => Err(error),
        };
        let _ = storage.remove(&lock_path);
        Ok(done)
    };
    replace().map_err(|error| failure::of("continued", &error))?
}

fn succeed<S: Storage>(
    storage: &S,
    path: &Path,
    opened: &mut Opened<S::File>,
    found: &Found,
) -> io::Result<Result<PathBuf>> {
    let next = match Header::begin(found.header.cap) {
        Ok(next) => next,
        Err(error) => return Ok(Err(error)),
    };
    let aside = free_name(storage, path)?;
    copy(storage, opened, &aside)?;
    let header = Header {
        opening: found.total,
        releases: found.releases,
        continues: found.header.id,
        ..next
    };
    let mut successor = storage.create(&beside(path, ".new"))?;
    successor.write_at(0, &header.encode())?;
    successor.sync()?;
    // Both are on the disk, names included, before the original is given up.
    storage.sync_folder(folder_of(path))?;
    opened.file.write_at(STATE as u64, &[RETIRED])?;
    opened.file.sync()?;
    take_the_name(storage, path)?;
    Ok(Ok(aside))
}

fn take_the_name(storage: &impl Storage, path: &Path) -> io::Result<()> {
    storage.rename(&beside(path, ".new"), path)?;
    storage.sync_folder(folder_of(path))
}

/// Gives the successor of a retired ledger its name, where whoever made it died before that.
fn complete<S: Storage>(
    storage: &S,
    path: &Path,
    opened: &mut Opened<S::File>,
    found: &Found,
) -> io::Result<Result<PathBuf>> {
    let elsewhere = || {
        Error::new(
            ErrorKind::Ledger,
            "this ledger was continued under another name, and its successor does not lie beside it: charge to that one; a second one would let the budget be spent twice",
        )
    };
    let mut block = [0; BLOCK];
    let read = match storage.open(&beside(path, ".new"), Access::Read) {
        Ok(mut file) => file.read_at(0, &mut block)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Err(elsewhere())),
        Err(error) => return Err(error),
    };
    match Header::decode(&block[..read]) {
        Ok((successor, _)) if successor.continues == found.header.id => {}
        _ => return Ok(Err(elsewhere())),
    }
    // One more copy, and not a guess which of the names the first one got.
    let aside = free_name(storage, path)?;
    copy(storage, opened, &aside)?;
    take_the_name(storage, path)?;
    Ok(Ok(aside))
}

/// `NAME.damaged`, or with a number behind it the first that is free.
fn free_name(storage: &impl Storage, path: &Path) -> io::Result<PathBuf> {
    let mut name = beside(path, ".damaged");
    let mut number = 2;
    while storage.exists(&name)? {
        name = beside(path, &format!(".damaged-{number}"));
        number += 1;
    }
    Ok(name)
}

/// Copies a ledger as it was before it was retired.
fn copy<S: Storage>(storage: &S, from: &mut Opened<S::File>, to: &Path) -> io::Result<()> {
    let mut copy = storage.create(to)?;
    let mut buffer = vec![0; 1 << 16];
    let mut at = 0;
    loop {
        let read = from.file.read_at(at, &mut buffer)?;
        if let (0, Some(first)) = (at, buffer.first_chunk_mut::<BLOCK>()) {
            let before: Block = in_use(first);
            *first = before;
        }
        copy.write_at(at, &buffer[..read])?;
        at += read as u64;
        if read < buffer.len() {
            return copy.sync();
        }
    }
}
