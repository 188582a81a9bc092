//! Getting hold of the file that a name stands for.

use std::io;
use std::path::Path;

use super::record::{BLOCK, Block, is_retired};
use super::storage::{Access, Storage, StorageFile};

/// How often a name may come to stand for another file while its lock is waited for.
const ATTEMPTS: usize = 64;

/// A file that is locked, and that its name stood for once the lock was held.
#[derive(Debug)]
pub(super) struct Opened<F> {
    pub(super) file: F,
    first: Block,
    length: usize,
}

impl<F> Opened<F> {
    /// The header's block; of a shorter file, the bytes that there are.
    pub(super) fn first(&self) -> &[u8] {
        &self.first[..self.length]
    }
}

/// Opens the ledger in a file and locks it.
///
/// Whoever waits for a lock may get that of a file which has lost its name meanwhile, or of one that
/// was retired: what is charged to it then is charged to nothing. So the name is looked at again
/// under the lock, and opened anew where it stands for another file.
///
/// # Errors
/// `WouldBlock` where that never ends.
pub(super) fn open<S: Storage>(
    storage: &S,
    path: &Path,
    access: Access,
) -> io::Result<Opened<S::File>> {
    let mut retired = None;
    for _ in 0..ATTEMPTS {
        // Its lock would be waited for.
        drop(retired.take());
        let mut file = hold(storage, path, || storage.open(path, access), access)?;
        let mut first = [0; BLOCK];
        let length = file.read_at(0, &mut first)?;
        let now = Opened { file, first, length };
        // Where files cannot be told apart, this is what shows that another took the name.
        if !is_retired(&first) {
            return Ok(now);
        }
        retired = Some(now);
    }
    retired.ok_or(io::ErrorKind::WouldBlock.into())
}

/// Opens and locks a file of which nothing but the lock is used; makes it where it is missing.
pub(super) fn lock<S: Storage>(storage: &S, path: &Path) -> io::Result<S::File> {
    hold(storage, path, || storage.open_lock(path), Access::Write)
}

fn hold<S: Storage>(
    storage: &S,
    path: &Path,
    open: impl Fn() -> io::Result<S::File>,
    access: Access,
) -> io::Result<S::File> {
    for _ in 0..ATTEMPTS {
        let file = open()?;
        file.lock(access)?;
        if stands_for(storage, path, &file)? {
            return Ok(file);
        }
    }
    Err(io::ErrorKind::WouldBlock.into())
}

/// Whether `path` names the file that is open. Its number is nobody else's as long as it is open.
pub(super) fn stands_for<S: Storage>(storage: &S, path: &Path, file: &S::File) -> io::Result<bool> {
    match storage.stamp(path) {
        Ok(there) => Ok(there.file == file.stamp()?.file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
