//! Reading a ledger from end to end, damaged or not, and going on behind damage.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::book::{beside, folder_of};
use super::cost::Costs;
use super::failure;
use super::head::{Head, Tail};
use super::record::{BLOCK, Block, Header, Record, Seal, is_unfinished, seal_of};
use super::standing::Standing;
use super::storage::{Access, Storage, StorageFile};
use crate::error::{Error, ErrorKind, Result};

/// The state that a ledger's file was found in.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Verification {
    /// Whether charges can go on. An unfinished record at the end is no hindrance.
    pub whole: bool,
    /// Bytes in the file.
    pub bytes: u64,
    /// Records that verify.
    pub records: u64,
    /// Bytes of a record at the end that was begun and never finished; no release came of it.
    pub unfinished_bytes: u64,
    /// What is wrong, where something is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub damage: Option<Damage>,
    /// The total; where the damage hides it, the whole budget, which is what must be assumed.
    pub standing: Standing,
}

/// Damage in a ledger.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Damage {
    /// Where the first block lies that does not verify.
    pub offset: u64,
    /// Blocks of 256 bytes that do not verify.
    pub blocks: u64,
    /// Whether a good record behind the damage still tells the total, so that nothing is lost.
    pub total_known: bool,
}

/// What reading from end to end found.
struct Found {
    header: Header,
    verification: Verification,
    total: Costs,
    releases: u64,
}

/// Reads the ledger in `path` from end to end.
///
/// # Errors
/// [`ErrorKind::Ledger`] where the file is no ledger or its header is damaged.
pub(super) fn verify(storage: &impl Storage, path: &Path) -> Result<Verification> {
    let read = || -> io::Result<Result<Found>> {
        let mut file = storage.open(path, Access::Read)?;
        file.lock(Access::Read)?;
        read_through(&mut file)
    };
    Ok(read().map_err(|error| failure::of("read", &error))??.verification)
}

fn read_through(file: &mut impl StorageFile) -> io::Result<Result<Found>> {
    let bytes = file.length()?;
    let mut block = [0; BLOCK];
    let length = file.read_at(0, &mut block)?;
    let header = match Header::decode(&block[..length]) {
        Ok(header) => header,
        Err(error) => return Ok(Err(error)),
    };
    let mut head = Head::new(&header, &block);
    let mut records = 0;
    let mut damage: Option<Damage> = None;
    let mut tail = head.read_on(file, |_| records += 1)?;
    while tail == Tail::Damaged {
        let damage =
            damage.get_or_insert(Damage { offset: head.end, blocks: 0, total_known: true });
        match find_record(file, &mut head, &mut damage.blocks)? {
            Some(record) => {
                debug_assert_eq!(record.sequence, head.sequence);
                records += 1;
                tail = head.read_on(file, |_| records += 1)?;
            }
            None => {
                damage.total_known = false;
                break;
            }
        }
    }
    let (total, releases) = match &damage {
        Some(Damage { total_known: false, .. }) => (Costs::exhausted(&header.cap), head.releases),
        _ => (head.total, head.releases),
    };
    let unfinished_bytes = if tail == Tail::Unfinished { bytes - head.end } else { 0 };
    let standing = Standing::of(&header, &total, releases);
    let whole = damage.is_none();
    let verification = Verification { whole, bytes, records, unfinished_bytes, damage, standing };
    Ok(Ok(Found { header, verification, total, releases }))
}

/// Looks behind damage for a record that follows the block before it, and moves `head` past it.
/// Blocks that are none are counted in `lost`.
fn find_record(
    file: &mut impl StorageFile,
    head: &mut Head,
    lost: &mut u64,
) -> io::Result<Option<Record>> {
    let length = file.length()?;
    let mut at = head.end;
    let mut before: Option<Seal> = None;
    let mut block: Block = [0; BLOCK];
    loop {
        let read = file.read_at(at, &mut block)?;
        if read == 0 || (read < BLOCK && at > head.end) {
            return Ok(None);
        }
        let last = at + read as u64 == length;
        let record = before.and_then(|seal| Record::decode(&block, &seal));
        // The n-th record begins n blocks from the file's beginning.
        let record = record.filter(|record| record.sequence == at / BLOCK as u64);
        if let Some(record) = record {
            head.end = at;
            head.move_past(&record, &block);
            return Ok(Some(record));
        }
        if !(last && is_unfinished(&block)) {
            *lost += 1;
        }
        before = Some(seal_of(&block));
        at += BLOCK as u64;
    }
}

/// Puts a new ledger in the place of a damaged one: under the same cap, with everything that may be
/// spent counted as spent. The damaged file stays beside it, under a name that is returned.
///
/// At every moment `path` names either the damaged ledger, which nobody can charge to, or its whole
/// successor.
///
/// # Errors
/// [`ErrorKind::Ledger`] where the ledger is whole (to continue it would be to spend its budget
/// twice) or its header is damaged.
pub(super) fn go_on(storage: &impl Storage, path: &Path) -> Result<PathBuf> {
    let replace = || -> io::Result<Result<PathBuf>> {
        // As for beginning a ledger: what a name stands for changes under this lock alone.
        let lock_path = beside(path, ".lock");
        let lock = storage.open_lock(&lock_path)?;
        lock.lock(Access::Write)?;
        let mut file = storage.open(path, Access::Write)?;
        file.lock(Access::Write)?;
        let found = match read_through(&mut file)? {
            Ok(found) if !found.verification.whole => found,
            Ok(_) => {
                let _ = storage.remove(&lock_path);
                return Ok(Err(Error::new(
                    ErrorKind::Ledger,
                    "the ledger is whole: go on charging to it; a second one with its budget would let that be spent twice",
                )));
            }
            Err(error) => return Ok(Err(error)),
        };
        let aside = free_name(storage, path)?;
        copy(storage, &mut file, &aside)?;
        let next = match Header::begin(found.header.cap) {
            Ok(next) => next,
            Err(error) => return Ok(Err(error)),
        };
        let header = Header {
            opening: found.total,
            releases: found.releases,
            continues: found.header.id,
            ..next
        };
        let new = beside(path, ".new");
        let mut successor = storage.create(&new)?;
        successor.write_at(0, &header.encode())?;
        successor.sync()?;
        // The copy's name is on the disk before the original loses its own.
        storage.sync_folder(folder_of(path))?;
        storage.rename(&new, path)?;
        storage.sync_folder(folder_of(path))?;
        let _ = storage.remove(&lock_path);
        Ok(Ok(aside))
    };
    replace().map_err(|error| failure::of("continued", &error))?
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

fn copy<S: Storage>(storage: &S, from: &mut S::File, to: &Path) -> io::Result<()> {
    let mut copy = storage.create(to)?;
    let mut buffer = vec![0; 1 << 16];
    let mut at = 0;
    loop {
        let read = from.read_at(at, &mut buffer)?;
        copy.write_at(at, &buffer[..read])?;
        at += read as u64;
        if read < buffer.len() {
            return copy.sync();
        }
    }
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.damage {
            None => writeln!(f, "whole: {} records in {} bytes", self.records, self.bytes)?,
            Some(damage) => {
                writeln!(
                    f,
                    "DAMAGED at byte {}: {} blocks of 256 bytes do not verify, {} records do",
                    damage.offset, damage.blocks, self.records
                )?;
                f.write_str(if damage.total_known {
                    "records behind the damage still tell the total: nothing is lost\n"
                } else {
                    "nothing behind the damage tells the total: the whole budget counts as spent\n"
                })?;
                writeln!(
                    f,
                    "nothing can be charged; put a whole copy back, or go on with --continue"
                )?;
            }
        }
        if self.unfinished_bytes > 0 {
            writeln!(
                f,
                "the last {} bytes were begun and never finished: no release came of them",
                self.unfinished_bytes
            )?;
        }
        self.standing.fmt(f)
    }
}
