//! A ledger's file in use: each call opens it, locks it, reads what others wrote, and closes it.
//!
//! Nothing is held between calls, neither a lock nor a file: a phone that suspends the app finds
//! nothing to object to, and a file that was replaced or put back from a copy is noticed at the next
//! call, as far as this process has seen it.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::cap::Cap;
use super::cost::Costs;
use super::failure;
use super::head::{Head, Tail};
use super::kept;
use super::record::{BLOCK, Header, Record, seal_of};
use super::storage::{Access, Storage, StorageFile};
use super::token::Token;
use crate::error::{Error, ErrorKind, Result};

/// A ledger on some file system.
#[derive(Debug)]
pub(super) struct Book<S> {
    storage: S,
    path: PathBuf,
    header: Header,
    known: Mutex<Known>,
}

/// What this process has seen of the file.
#[derive(Debug)]
struct Known {
    head: Head,
    /// For each token that was used, what it stands for.
    tokens: HashMap<[u8; 32], [u8; 16]>,
}

impl Known {
    fn remember(tokens: &mut HashMap<[u8; 32], [u8; 16]>, record: &Record) {
        if record.token != [0; 32] {
            tokens.insert(record.token, record.header);
        }
    }
}

/// Releases that are paid for and belong to whoever holds this.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Paid {
    /// The record that reserved them.
    pub(super) record: u64,
    /// How many.
    pub(super) count: u32,
}

/// What became of a token.
#[derive(Debug)]
pub(super) enum Tokened {
    /// It was new; its release is now paid for.
    Paid,
    /// It was used: these bytes were released under it.
    Kept(Vec<u8>),
}

impl<S: Storage> Book<S> {
    /// Begins a ledger where there is no file yet.
    ///
    /// The file appears under its name whole and on the disk, or not at all. Beside it, a file
    /// `NAME.lock` keeps two beginners apart and goes when the ledger is there.
    pub(super) fn create(storage: S, path: &Path, header: Header) -> Result<Self> {
        let begun = || -> io::Result<bool> {
            let lock_path = beside(path, ".lock");
            let lock = storage.open_lock(&lock_path)?;
            lock.lock(Access::Write)?;
            let vacant = !storage.exists(path)?;
            if vacant {
                let new = beside(path, ".new");
                let mut file = storage.create(&new)?;
                file.write_at(0, &header.encode())?;
                file.sync()?;
                storage.rename(&new, path)?;
                storage.sync_folder(folder_of(path))?;
            }
            // Whoever holds the lock from now on finds the ledger: its file has served. One that
            // stays behind does no harm.
            let _ = storage.remove(&lock_path);
            Ok(vacant)
        };
        if begun().map_err(|error| failure::of("begun", &error))? {
            return Self::open(storage, path);
        }
        Err(Error::new(
            ErrorKind::Ledger,
            "there is a file of this name already: open it, or name another to begin a ledger",
        ))
    }

    /// Opens the ledger in a file that exists, and reads it whole.
    pub(super) fn open(storage: S, path: &Path) -> Result<Self> {
        let read = || -> io::Result<Result<(Header, Known)>> {
            let mut file = storage.open(path, Access::Write)?;
            file.lock(Access::Write)?;
            // Whoever began it may have died before its name was on the disk.
            storage.sync_folder(folder_of(path))?;
            let mut block = [0; BLOCK];
            let length = file.read_at(0, &mut block)?;
            let header = match Header::decode(&block[..length]) {
                Ok(header) => header,
                Err(error) => return Ok(Err(error)),
            };
            let mut head = Head::new(&header, &block);
            let mut tokens = HashMap::new();
            let tail = head.read_on(&mut file, |record| Known::remember(&mut tokens, record))?;
            if tail == Tail::Damaged {
                return Ok(Err(failure::damaged(head.end)));
            }
            settle(&mut file, &head, tail)?;
            Ok(Ok((header, Known { head, tokens })))
        };
        let (header, known) = read().map_err(|error| failure::of("opened", &error))??;
        Ok(Self { storage, path: path.to_owned(), header, known: Mutex::new(known) })
    }

    /// The header, which never changes.
    pub(super) fn header(&self) -> &Header {
        &self.header
    }

    /// Where the ledger stands now, other processes' charges included.
    pub(super) fn head(&self) -> Result<Head> {
        let mut known = self.known();
        self.locked(Access::Read, &mut known)?;
        Ok(known.head.clone())
    }

    /// Pays for as many as fit of `count` releases of this cost each. When this returns, they are on
    /// the disk as spent.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`] where not one fits.
    pub(super) fn pay(&self, count: u32, cost: Costs) -> Result<Paid> {
        let mut known = self.known();
        let mut file = self.locked(Access::Write, &mut known)?;
        let count = self.fitting(count, cost, &known.head)?;
        let record = known.head.spend(count, cost, [0; 32], [0; 16]);
        append(&mut file, &mut known.head, &record)?;
        Ok(Paid { record: record.sequence, count })
    }

    /// Takes back what was reserved and never used. The caller has given it up already.
    pub(super) fn give_back(&self, rest: Paid, cost: Costs) -> Result<()> {
        let mut known = self.known();
        let mut file = self.locked(Access::Write, &mut known)?;
        let record = known.head.give_back(rest.record, rest.count, cost);
        append(&mut file, &mut known.head, &record)
    }

    /// Pays for the one release of `token`, or finds what it was. `header` is what the token is to
    /// stand for, `length` the bytes to make room for.
    ///
    /// # Errors
    /// [`ErrorKind::Token`] where the token stands for another kind of release, or is used up: paid
    /// for, and its release never kept.
    pub(super) fn pay_with_token(
        &self,
        token: &Token,
        header: [u8; 16],
        length: usize,
        cost: Costs,
    ) -> Result<Tokened> {
        let digest = token.digest(&self.header.id);
        let mut known = self.known();
        let mut file = self.locked(Access::Write, &mut known)?;
        match known.tokens.get(&digest) {
            Some(stands_for) if *stands_for != header => {
                return Err(Error::new(
                    ErrorKind::Token,
                    "this token was used for a release of another model, cut or policy; nothing was released: choose another token",
                ));
            }
            Some(_) => {
                return kept::read(&self.storage, &self.path, &digest).map(Tokened::Kept);
            }
            None => {}
        }
        self.fitting(1, cost, &known.head)?;
        // A full disk is met before the spend, not after it. Whoever comes here holds the lock and
        // has found the token unused, so that nobody else writes this file.
        kept::make_room(&self.storage, &self.path, &digest, length)?;
        let record = known.head.spend(1, cost, digest, header);
        append(&mut file, &mut known.head, &record)?;
        Known::remember(&mut known.tokens, &record);
        Ok(Tokened::Paid)
    }

    /// Keeps what was released under a token, before anybody sees it.
    pub(super) fn keep(&self, token: &Token, release: &[u8]) -> Result<()> {
        kept::write(&self.storage, &self.path, &token.digest(&self.header.id), release)
    }

    /// Removes what was kept under a token; the token stays used.
    pub(super) fn forget(&self, token: &Token) -> Result<()> {
        kept::remove(&self.storage, &self.path, &token.digest(&self.header.id))
    }

    fn fitting(&self, count: u32, cost: Costs, head: &Head) -> Result<u32> {
        let cap = &self.header.cap;
        match cost.that_fit(count, head.total, cap) {
            0 => Err(refused(cap, head, cost)),
            count => Ok(count),
        }
    }

    /// A panic of another caller leaves what was last known, which the next call brings up to date.
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens and locks the file and reads what others wrote since.
    fn locked(&self, access: Access, known: &mut Known) -> Result<S::File> {
        let Known { head, tokens } = known;
        let end = head.end;
        let mut read = || -> io::Result<Option<(S::File, Tail)>> {
            let mut file = self.storage.open(&self.path, access)?;
            file.lock(access)?;
            let mut last = [0; BLOCK];
            let at = head.end - BLOCK as u64;
            if file.read_at(at, &mut last)? < BLOCK || seal_of(&last) != head.seal {
                return Ok(None);
            }
            let tail = head.read_on(&mut file, |record| Known::remember(tokens, record))?;
            if access == Access::Write && (head.end > end || tail == Tail::Unfinished) {
                settle(&mut file, head, tail)?;
            }
            Ok(Some((file, tail)))
        };
        match read().map_err(|error| failure::of("used", &error))? {
            Some((_, Tail::Damaged)) => Err(failure::damaged(head.end)),
            Some((file, _)) => Ok(file),
            None => Err(Error::new(
                ErrorKind::Ledger,
                "the file is not the ledger that was opened, or an older copy of it was put back: nothing was charged; open it again only if that was meant",
            )),
        }
    }
}

/// Leaves nothing unsettled for the next record to be written on: what others wrote is on the disk,
/// though they may have died before they saw to it, and what was begun and never finished is gone.
/// So at any moment one record at most can be missing or half there.
fn settle(file: &mut impl StorageFile, head: &Head, tail: Tail) -> io::Result<()> {
    if tail == Tail::Unfinished {
        file.truncate(head.end)?;
    }
    file.sync()
}

/// Writes a record behind the last good one and waits until it is on the disk.
fn append(file: &mut impl StorageFile, head: &mut Head, record: &Record) -> Result<()> {
    let block = record.encode(&head.seal);
    let mut next = head.clone();
    // What this process would not read back, it does not write.
    if next.advance(&block).is_none() {
        return Err(Error::new(
            ErrorKind::Internal,
            "a ledger's record does not follow the one before it",
        ));
    }
    if let Err(error) = file.write_at(head.end, &block).and_then(|()| file.sync()) {
        // Nobody knows what of it is on the disk. It goes if it can; if it stays, it counts as spent
        // though nothing was released.
        let _ = file.truncate(head.end).and_then(|()| file.sync());
        return Err(failure::of("written", &error));
    }
    *head = next;
    Ok(())
}

fn refused(cap: &Cap, head: &Head, cost: Costs) -> Error {
    let at = |costs: Costs| costs.unit.epsilon(cap.delta());
    let after = head.total.plus(cost);
    Error::new(
        ErrorKind::Budget,
        format!(
            "refused: the budget is {cap}; epsilon stands at {:.6} ({} charged), and this release would bring it to {:.6}",
            at(head.total),
            head.releases,
            at(after),
        ),
    )
}

/// The name of a file beside this one.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The folder that a file lies in.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
