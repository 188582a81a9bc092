//! A ledger's file in use: each call opens it, locks it, reads what others wrote, and closes it.
//!
//! Nothing is held between calls, neither a lock nor a file: a phone that suspends the app finds
//! nothing to object to, and a file that was replaced, put back from a copy or written to by anybody
//! else is noticed at the next call, as far as this process has seen it.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::Duration;

use super::cap::Cap;
use super::cost::Costs;
use super::failure;
use super::fork::Process;
use super::head::{Head, Tail};
use super::kept;
use super::opening::{self, Opened};
use super::record::{BLOCK, Block, Header, Record, seal_of};
use super::storage::{Access, Stamp, Storage, StorageFile};
use super::token::Token;
use crate::error::{Error, ErrorKind, Result};
use crate::privacy::rounded_up;

/// A ledger on some file system.
#[derive(Debug)]
pub(super) struct Book<S> {
    storage: S,
    path: PathBuf,
    header: Header,
    first: Block,
    known: Mutex<Known>,
    /// Who opened it.
    process: Process,
}

/// What this process has seen of the file.
#[derive(Debug)]
struct Known {
    head: Head,
    /// For each token that was used, what it stands for.
    tokens: HashMap<[u8; 32], [u8; 16]>,
    /// The file as this process left it; none where it does not know how.
    stamp: Option<Stamp>,
    /// What this process read and did not write, and has not seen to the disk itself.
    unsettled: Option<Tail>,
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
            let _lock = opening::lock(&storage, &lock_path)?;
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
        let read = || -> io::Result<Result<(Header, Block, Known)>> {
            let opened = opening::open(&storage, path, Access::Write)?;
            // Whoever began it may have died before its name was on the disk.
            storage.sync_folder(folder_of(path))?;
            let (header, first) = match Header::decode(opened.first()) {
                Ok(read) => read,
                Err(error) => return Ok(Err(error)),
            };
            let mut file = opened.file;
            let mut head = Head::new(&header, &first);
            let mut tokens = HashMap::new();
            let tail = head.read_on(&mut file, |record| Known::remember(&mut tokens, record))?;
            if tail == Tail::Damaged {
                return Ok(Err(failure::damaged(head.end)));
            }
            settle(&mut file, &head, tail)?;
            let stamp = Some(file.stamp()?);
            Ok(Ok((header, first, Known { head, tokens, stamp, unsettled: None })))
        };
        let (header, first, known) = read().map_err(|error| failure::of("opened", &error))??;
        let (path, known) = (path.to_owned(), Mutex::new(known));
        Ok(Self { storage, path, header, first, known, process: Process::current() })
    }

    /// The header, which never changes.
    pub(super) fn header(&self) -> &Header {
        &self.header
    }

    /// Where the ledger stands now, other processes' charges included.
    pub(super) fn head(&self) -> Result<Head> {
        let mut known = self.known()?;
        self.locked(Access::Read, &mut known)?;
        Ok(known.head.clone())
    }

    /// Pays for as many as fit of `count` releases of this cost each. When this returns, they are on
    /// the disk as spent.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`] where not one fits.
    pub(super) fn pay(&self, count: u32, cost: Costs) -> Result<Paid> {
        let mut known = self.known()?;
        let mut file = self.locked(Access::Write, &mut known)?;
        let count = self.fitting(count, cost, &known.head)?;
        let record = known.head.spend(count, cost, [0; 32], [0; 16]);
        self.append(&mut file, &mut known, &record)?;
        Ok(Paid { record: record.sequence, count })
    }

    /// Takes back what was reserved and never used. The caller has given it up already.
    pub(super) fn give_back(&self, rest: Paid, cost: Costs) -> Result<()> {
        let mut known = self.known()?;
        let mut file = self.locked(Access::Write, &mut known)?;
        let record = known.head.give_back(rest.record, rest.count, cost);
        self.append(&mut file, &mut known, &record)
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
        let mut known = self.known()?;
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
        self.append(&mut file, &mut known, &record)?;
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
        match cost.that_fit(count, head.total, head.releases == 0, cap) {
            0 => Err(refused(cap, head, cost)),
            count => Ok(count),
        }
    }

    /// A panic of another caller leaves what was last known, which the next call brings up to date.
    ///
    /// # Errors
    /// [`ErrorKind::Busy`] in a child that was forked off while another thread of its parent was at
    /// work: that thread is not in the child to finish.
    fn known(&self) -> Result<MutexGuard<'_, Known>> {
        if self.process == Process::current() {
            return Ok(self.known.lock().unwrap_or_else(PoisonError::into_inner));
        }
        for _ in 0..1000 {
            match self.known.try_lock() {
                Ok(known) => return Ok(known),
                Err(TryLockError::Poisoned(known)) => return Ok(known.into_inner()),
                Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(10)),
            }
        }
        Err(Error::new(
            ErrorKind::Busy,
            "this process was forked off while another thread used the ledger; nothing was charged: open the ledger again here",
        ))
    }

    /// Opens and locks the file, and reads it again where anybody else has written to it.
    fn locked(&self, access: Access, known: &mut Known) -> Result<S::File> {
        let mut read = || -> io::Result<Result<S::File>> {
            let opened = opening::open(&self.storage, &self.path, access)?;
            if opened.first() != self.first {
                let Err(error) = Header::decode(opened.first()) else {
                    return Ok(Err(another()));
                };
                return Ok(Err(error));
            }
            let Opened { mut file, .. } = opened;
            let stamp = file.stamp()?;
            if known.stamp != Some(stamp)
                && let Err(error) = self.read_again(&mut file, known)?
            {
                return Ok(Err(error));
            }
            known.stamp = Some(stamp);
            if access == Access::Write
                && let Some(tail) = known.unsettled
            {
                settle(&mut file, &known.head, tail)?;
                known.unsettled = None;
                known.stamp = Some(file.stamp()?);
            }
            Ok(Ok(file))
        };
        read().map_err(|error| failure::of("used", &error))?
    }

    /// Reads the whole file, what is known of it included: whoever wrote behind the last record may
    /// have written before it as well.
    fn read_again(&self, file: &mut S::File, known: &mut Known) -> io::Result<Result<()>> {
        let Known { head, tokens, .. } = known;
        let mut now = Head::new(&self.header, &self.first);
        let tail = now.read_on(file, |record| Known::remember(tokens, record))?;
        if tail == Tail::Damaged {
            return Ok(Err(failure::damaged(now.end)));
        }
        let mut last = [0; BLOCK];
        let read = file.read_at(head.end - BLOCK as u64, &mut last)?;
        if now.end < head.end || read < BLOCK || seal_of(&last) != head.seal {
            return Ok(Err(another()));
        }
        if now.end > head.end || tail == Tail::Unfinished {
            known.unsettled = Some(tail);
        }
        known.head = now;
        Ok(Ok(()))
    }

    /// Writes a record behind the last good one and waits until it is on the disk.
    fn append(&self, file: &mut S::File, known: &mut Known, record: &Record) -> Result<()> {
        let head = &mut known.head;
        let block = record.encode(&head.seal);
        let mut next = head.clone();
        // What this process would not read back, it does not write.
        if next.advance(&block).is_none() {
            return Err(Error::new(
                ErrorKind::Internal,
                "a ledger's record does not follow the one before it",
            ));
        }
        known.stamp = None;
        if let Err(error) = file.write_at(head.end, &block).and_then(|()| file.sync()) {
            // Nobody knows what of it is on the disk. It goes if it can; if it stays, it counts as
            // spent though nothing was released.
            let _ = file.truncate(head.end).and_then(|()| file.sync());
            return Err(failure::of("written", &error));
        }
        *head = next;
        let mut named = || -> io::Result<bool> {
            known.stamp = Some(file.stamp()?);
            opening::stands_for(&self.storage, &self.path, file)
        };
        if named().map_err(|error| failure::of("used", &error))? {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Ledger,
            "the ledger's file was moved or replaced while it was charged to: nothing was released",
        ))
    }
}

fn another() -> Error {
    Error::new(
        ErrorKind::Ledger,
        "the file is not the ledger that was opened, or an older copy of it was put back: nothing was charged; open it again only if that was meant",
    )
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

fn refused(cap: &Cap, head: &Head, cost: Costs) -> Error {
    let after = head.total.plus(cost);
    let (now, then) = (head.total.counted(cap), after.counted(cap));
    let reason = if then > cap.epsilon() {
        format!("this release would bring it to {}", rounded_up(then))
    } else {
        "what it keeps for the sampler's error (1/4096 of epsilon and of delta) is used up"
            .to_owned()
    };
    Error::new(
        ErrorKind::Budget,
        format!(
            "refused: the budget is {cap}; epsilon stands at {} ({} charged), and {reason}",
            rounded_up(now),
            head.releases,
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
