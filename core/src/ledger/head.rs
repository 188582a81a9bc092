//! Following a ledger's records from its header to its last good one.

use std::io;

use super::cost::Costs;
use super::record::{BLOCK, Block, Header, Kind, Record, Seal, is_unfinished, seal_of};
use super::storage::StorageFile;

/// Where a ledger stands after its last good record.
#[derive(Clone, Debug)]
pub(super) struct Head {
    /// Bytes up to here are good.
    pub(super) end: u64,
    /// The seal of the last good block.
    pub(super) seal: Seal,
    /// The sequence number of the last good record; 0 before the first.
    pub(super) sequence: u64,
    /// What everything up to here cost.
    pub(super) total: Costs,
    /// Releases up to here, those that are reserved and not yet made included.
    pub(super) releases: u64,
}

/// What stands behind the last good record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tail {
    /// Nothing.
    Clean,
    /// A record that was begun and never finished. No release came of it, since a release is made
    /// only once its record is on the disk; it is cut off before the next one is written.
    Unfinished,
    /// Something else: the disk, or a stranger, changed what was written.
    Damaged,
}

impl Head {
    /// Before the first record.
    pub(super) fn new(header: &Header, block: &Block) -> Self {
        Self {
            end: BLOCK as u64,
            seal: seal_of(block),
            sequence: 0,
            total: header.opening,
            releases: header.releases,
        }
    }

    /// The record of `count` releases of this cost each, to follow here.
    pub(super) fn spend(
        &self,
        count: u32,
        cost: Costs,
        token: [u8; 32],
        header: [u8; 16],
    ) -> Record {
        let kind = Kind::Spend;
        let (total, releases) = self.with(kind, count, cost);
        Record { sequence: self.sequence + 1, kind, count, cost, total, releases, token, header }
    }

    /// The record that takes back what a block reserved and nobody used, to follow here.
    pub(super) fn give_back(&self, of: u64, count: u32, cost: Costs) -> Record {
        let kind = Kind::GiveBack { of };
        let (total, releases) = self.with(kind, count, cost);
        let (sequence, token, header) = (self.sequence + 1, [0; 32], [0; 16]);
        Record { sequence, kind, count, cost, total, releases, token, header }
    }

    /// The total and the number of releases after such a record.
    fn with(&self, kind: Kind, count: u32, cost: Costs) -> (Costs, u64) {
        let change = cost.times(count);
        match kind {
            Kind::Spend => {
                (self.total.plus(change), self.releases.saturating_add(u64::from(count)))
            }
            Kind::GiveBack { .. } => {
                (self.total.minus(change), self.releases.saturating_sub(u64::from(count)))
            }
        }
    }

    /// Moves past the record in `block`; stays, and says none, where the block is not the record
    /// that follows.
    pub(super) fn advance(&mut self, block: &Block) -> Option<Record> {
        let record = Record::decode(block, &self.seal)?;
        let (total, releases) = self.with(record.kind, record.count, record.cost);
        let in_order = record.sequence == self.sequence + 1
            && record.total == total
            && record.releases == releases
            && !matches!(record.kind, Kind::GiveBack { of } if of > self.sequence);
        if !in_order {
            return None;
        }
        self.move_past(&record, block);
        Some(record)
    }

    /// Moves past a record whose own word is taken for the total: behind damage there is no other.
    pub(super) fn move_past(&mut self, record: &Record, block: &Block) {
        self.end += BLOCK as u64;
        self.seal = seal_of(block);
        self.sequence = record.sequence;
        self.total = record.total;
        self.releases = record.releases;
    }

    /// Reads on from here to the last good record, and says what stands behind it.
    pub(super) fn read_on(
        &mut self,
        file: &mut impl StorageFile,
        mut each: impl FnMut(&Record),
    ) -> io::Result<Tail> {
        let length = file.length()?;
        // On the stack: a charge allocates nothing.
        let mut buffer = [0; 16 * BLOCK];
        loop {
            let read = file.read_at(self.end, &mut buffer)?;
            let (blocks, rest) = buffer[..read].as_chunks::<BLOCK>();
            for block in blocks {
                match self.advance(block) {
                    Some(record) => each(&record),
                    // Records are written one at a time, so that one at most can be unfinished.
                    None if length == self.end + BLOCK as u64 && is_unfinished(block) => {
                        return Ok(Tail::Unfinished);
                    }
                    None => return Ok(Tail::Damaged),
                }
            }
            if read < buffer.len() {
                return Ok(if rest.is_empty() { Tail::Clean } else { Tail::Unfinished });
            }
        }
    }
}
