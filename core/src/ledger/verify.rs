//! Reading a ledger from end to end, damaged or not.

use std::fmt;
use std::io;
use std::path::Path;

use serde::Serialize;

use super::cost::Costs;
use super::failure;
use super::head::{Head, Tail};
use super::opening::{self, Opened};
use super::record::{
    BLOCK, Block, Header, Record, Seal, in_use, is_retired, is_unfinished, seal_of,
};
use super::standing::Standing;
use super::storage::{Access, Storage, StorageFile};
use crate::error::Result;

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
pub(super) struct Found {
    pub(super) header: Header,
    pub(super) verification: Verification,
    pub(super) total: Costs,
    pub(super) releases: u64,
    /// Whether a successor was made for it.
    pub(super) retired: bool,
}

/// Reads the ledger in `path` from end to end.
///
/// # Errors
/// [`ErrorKind::Ledger`] where the file is no ledger or its header is damaged.
pub(super) fn verify(storage: &impl Storage, path: &Path) -> Result<Verification> {
    let read = || -> io::Result<Result<Found>> {
        read_through(&mut opening::open(storage, path, Access::Read)?)
    };
    Ok(read().map_err(|error| failure::of("read", &error))??.verification)
}

pub(super) fn read_through<F: StorageFile>(opened: &mut Opened<F>) -> io::Result<Result<Found>> {
    // A ledger that was retired reads as it did before.
    let whole = opened.first().first_chunk();
    let retired = whole.is_some_and(is_retired);
    let block = whole.filter(|_| retired).map(in_use);
    let decoded = Header::decode(block.as_ref().map_or(opened.first(), |block| block));
    let (header, block) = match decoded {
        Ok(read) => read,
        Err(error) => return Ok(Err(error)),
    };
    let file = &mut opened.file;
    let bytes = file.length()?;
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
    if retired {
        damage.get_or_insert(Damage { offset: 0, blocks: 0, total_known: true });
    }
    let (total, releases) = match &damage {
        Some(Damage { total_known: false, .. }) => (Costs::exhausted(&header.cap), head.releases),
        _ => (head.total, head.releases),
    };
    let unfinished_bytes = if tail == Tail::Unfinished { bytes - head.end } else { 0 };
    let standing = Standing::of(&header, &total, releases);
    let whole = damage.is_none();
    let verification = Verification { whole, bytes, records, unfinished_bytes, damage, standing };
    Ok(Ok(Found { header, verification, total, releases, retired }))
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
