//! The bytes of a ledger: a header and records of 256 bytes each, every one sealed to the one before.
//!
//! 256 divides every sector size in use, so that a record never lies across two sectors: a device
//! that writes sectors whole writes records whole. docs/formats.md lists the fields.

use sha2::{Digest as _, Sha256};

use super::cap::Cap;
use super::cost::{Cost, Costs};
use super::unit::Unit;
use crate::error::{Error, ErrorKind, Result};
use crate::privacy::PatchSide;
use crate::random::Random;

/// Bytes of the header, and of each record.
pub(super) const BLOCK: usize = 256;

/// Bytes of a block before its seal.
const SEALED: usize = BLOCK - SEAL;

const SEAL: usize = 32;

const MAGIC: &[u8; 24] = b"frostglass-ledger/1\n\0\0\0\0";

/// The byte of a header that is [`RETIRED`] once a successor has taken the ledger's place. One byte
/// is written whole or not at all; the seal is of the header as it was.
pub(super) const STATE: usize = 20;

/// Of eight bits, none is as it was: a changed bit is damage and not this.
pub(super) const RETIRED: u8 = 255;

/// What every version's magic begins with.
const FAMILY: &[u8] = b"frostglass-ledger/";

pub(super) type Block = [u8; BLOCK];

/// SHA-256 of the seal before and of the block's own bytes. It shows damage and lost order; it
/// authenticates nobody.
pub(super) type Seal = [u8; SEAL];

/// Which ledger: 16 random bytes.
pub(super) type Id = [u8; 16];

/// How a ledger begins: its cap, and what was spent before its first record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Header {
    pub(super) id: Id,
    pub(super) cap: Cap,
    /// Spent before the first record, where this ledger continues a damaged one.
    pub(super) opening: Costs,
    /// Releases before the first record.
    pub(super) releases: u64,
    /// The ledger that this one continues; zeros where it continues none.
    pub(super) continues: Id,
}

/// What a record does to the total.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Adds the cost of `count` releases.
    Spend,
    /// Takes back the cost of `count` releases of the block `of`, which were never made.
    GiveBack {
        /// The record that reserved them.
        of: u64,
    },
}

/// One line of a ledger.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Record {
    /// 1 for the first, then one more each.
    pub(super) sequence: u64,
    pub(super) kind: Kind,
    pub(super) count: u32,
    /// Of one release.
    pub(super) cost: Costs,
    /// Of everything up to and with this record.
    pub(super) total: Costs,
    /// Releases up to and with this record.
    pub(super) releases: u64,
    /// The token's digest; zeros without one.
    pub(super) token: [u8; 32],
    /// What a token stands for: the beginning of SHA-256 of the release's public header.
    pub(super) header: [u8; 16],
}

/// Writes fields one after the other.
struct Writer<'a> {
    block: &'a mut Block,
    at: usize,
}

impl Writer<'_> {
    fn bytes(&mut self, bytes: &[u8]) {
        self.block[self.at..self.at + bytes.len()].copy_from_slice(bytes);
        self.at += bytes.len();
    }

    fn costs(&mut self, costs: &Costs) {
        for cost in [&costs.activation, &costs.unit, &costs.image] {
            for part in cost.parts() {
                self.bytes(&part.to_le_bytes());
            }
        }
    }

    /// Seals the block; what no field filled stays zero.
    fn seal(self, before: &Seal) {
        let seal = seal(before, self.block);
        self.block[SEALED..].copy_from_slice(&seal);
    }
}

/// Reads fields one after the other.
struct Reader<'a> {
    block: &'a Block,
    at: usize,
}

impl Reader<'_> {
    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let bytes = std::array::from_fn(|i| self.block[self.at + i]);
        self.at += N;
        bytes
    }

    fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.bytes())
    }

    fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.bytes())
    }

    fn f64(&mut self) -> f64 {
        f64::from_le_bytes(self.bytes())
    }

    /// None where a number is no cost.
    fn costs(&mut self) -> Option<Costs> {
        let mut cost = || Cost::new([self.f64(), self.f64(), self.f64()]);
        let (activation, unit, image) = (cost(), cost(), cost());
        Some(Costs { activation: activation?, unit: unit?, image: image? })
    }

    /// Whether nothing but zeros follows before the seal.
    fn is_finished(&self) -> bool {
        self.block[self.at..SEALED].iter().all(|byte| *byte == 0)
    }
}

fn seal(before: &Seal, block: &Block) -> Seal {
    let mut hash = Sha256::new();
    hash.update(before);
    hash.update(&block[..SEALED]);
    hash.finalize().into()
}

/// The seal that a block bears.
pub(super) fn seal_of(block: &Block) -> Seal {
    std::array::from_fn(|i| block[SEALED + i])
}

/// Whether a block was begun and never finished: a file that was lengthened before its bytes arrived
/// ends in zeros, where the seal belongs. A seal that is there and wrong is damage.
pub(super) fn is_unfinished(block: &Block) -> bool {
    block[SEALED..].iter().all(|byte| *byte == 0)
}

/// Whether a header's block is of a ledger whose place a successor takes; nothing may be charged to
/// it any more.
pub(super) fn is_retired(block: &Block) -> bool {
    block[STATE] == RETIRED && seal_of(block) == seal(&Seal::default(), &in_use(block))
}

/// A header's block as it was before it was retired.
pub(super) fn in_use(block: &Block) -> Block {
    let mut block = *block;
    if block[STATE] == RETIRED {
        block[STATE] = MAGIC[STATE];
    }
    block
}

fn wrong(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Ledger, message)
}

impl Header {
    /// A new ledger's header, under a fresh random name.
    ///
    /// # Errors
    /// [`ErrorKind::System`] where the operating system gives no randomness.
    pub(super) fn begin(cap: Cap) -> Result<Self> {
        let mut random = Random::from_os()?;
        let mut id = Id::default();
        id[..8].copy_from_slice(&random.next_u64().to_le_bytes());
        id[8..].copy_from_slice(&random.next_u64().to_le_bytes());
        Ok(Self { id, cap, opening: Costs::default(), releases: 0, continues: Id::default() })
    }

    pub(super) fn encode(&self) -> Block {
        let mut block = [0; BLOCK];
        let mut writer = Writer { block: &mut block, at: 0 };
        writer.bytes(MAGIC);
        writer.bytes(&self.id);
        writer.bytes(&self.cap.epsilon().to_le_bytes());
        writer.bytes(&self.cap.delta().to_le_bytes());
        let (unit, side) = match self.cap.unit() {
            Unit::Activation => (1u32, 0),
            // At most 65536: `Cap` says so.
            Unit::Patch(side) => (2, side.get() as u32),
            Unit::Image => (3, 0u32),
            Unit::Person => (4, 0),
        };
        writer.bytes(&unit.to_le_bytes());
        writer.bytes(&side.to_le_bytes());
        writer.costs(&self.opening);
        writer.bytes(&self.releases.to_le_bytes());
        writer.bytes(&self.continues);
        writer.seal(&Seal::default());
        block
    }

    /// Reads the first bytes of a file, as many as there are, and says which block they are.
    ///
    /// # Errors
    /// [`ErrorKind::Ledger`] says which of the ways it is not a ledger's beginning.
    pub(super) fn decode(bytes: &[u8]) -> Result<(Self, Block)> {
        if bytes.is_empty() {
            return Err(wrong(
                "the file is empty, which a ledger never is: what it held is lost; put the ledger back, or name another file to begin a new one",
            ));
        }
        if bytes.first_chunk().is_some_and(is_retired) {
            return Err(super::failure::retired());
        }
        let known = bytes.len().min(MAGIC.len());
        if bytes[..known] != MAGIC[..known] {
            let this = bytes.starts_with(&MAGIC[..STATE]);
            if let Some(version) = bytes.strip_prefix(FAMILY).filter(|_| !this) {
                let version = version.iter().take_while(|byte| byte.is_ascii_digit()).take(9);
                let version: String = version.map(|byte| char::from(*byte)).collect();
                return Err(wrong(format!(
                    "written in format frostglass-ledger/{version}; this version reads frostglass-ledger/1: update it"
                )));
            }
            if !this {
                return Err(wrong("not a ledger: it does not begin as one; nothing was changed"));
            }
        }
        let damaged = || {
            wrong(
                "the ledger's first 256 bytes, which hold its cap, are damaged: nothing can be charged to it; put a whole copy back, or begin a new one knowing that the old budget counts as spent",
            )
        };
        let block: &Block = bytes.first_chunk().ok_or_else(damaged)?;
        if seal_of(block) != seal(&Seal::default(), block) {
            return Err(damaged());
        }
        let mut reader = Reader { block, at: MAGIC.len() };
        let id = reader.bytes();
        let (epsilon, delta) = (reader.f64(), reader.f64());
        let unit = match (reader.u32(), reader.u32()) {
            (1, 0) => Unit::Activation,
            (2, side) => Unit::Patch(PatchSide::new(side as usize).map_err(|_| damaged())?),
            (3, 0) => Unit::Image,
            (4, 0) => Unit::Person,
            _ => return Err(damaged()),
        };
        let cap = Cap::new(epsilon, delta, unit)?;
        let (opening, releases) = (reader.costs(), reader.u64());
        let continues = reader.bytes();
        let opening = opening.filter(|_| reader.is_finished()).ok_or_else(damaged)?;
        Ok((Self { id, cap, opening, releases, continues }, *block))
    }
}

impl Record {
    pub(super) fn encode(&self, before: &Seal) -> Block {
        let mut block = [0; BLOCK];
        let mut writer = Writer { block: &mut block, at: 0 };
        writer.bytes(&self.sequence.to_le_bytes());
        let (kind, of) = match self.kind {
            Kind::Spend => (1u32, 0),
            Kind::GiveBack { of } => (2u32, of),
        };
        writer.bytes(&kind.to_le_bytes());
        writer.bytes(&self.count.to_le_bytes());
        writer.costs(&self.cost);
        writer.costs(&self.total);
        writer.bytes(&self.releases.to_le_bytes());
        writer.bytes(&of.to_le_bytes());
        writer.bytes(&self.token);
        writer.bytes(&self.header);
        writer.seal(before);
        block
    }

    /// The record in a block that follows the one with this seal; none where the block is anything
    /// else.
    pub(super) fn decode(block: &Block, before: &Seal) -> Option<Self> {
        if seal_of(block) != seal(before, block) {
            return None;
        }
        let mut reader = Reader { block, at: 0 };
        let sequence = reader.u64();
        let (kind, count) = (reader.u32(), reader.u32());
        let (cost, total) = (reader.costs(), reader.costs());
        let (releases, of) = (reader.u64(), reader.u64());
        let kind = match (kind, of) {
            (1, 0) => Kind::Spend,
            (2, 1..) => Kind::GiveBack { of },
            _ => return None,
        };
        let (token, header) = (reader.bytes(), reader.bytes());
        let (cost, total) = (cost?, total?);
        (count > 0).then_some(Self { sequence, kind, count, cost, total, releases, token, header })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn costs(seed: f64) -> Costs {
        let cost = |mu_squared| Cost::new([mu_squared, seed / 3.0, 1e-40]).unwrap();
        Costs { activation: cost(seed), unit: cost(seed * 2.0), image: cost(seed * 4.0) }
    }

    fn header() -> Header {
        let cap = Cap::new(8.0, 1e-6, Unit::Patch(PatchSide::new(16).unwrap())).unwrap();
        let header = Header::begin(cap).unwrap();
        Header { opening: costs(0.1), releases: 7, continues: [5; 16], ..header }
    }

    fn record() -> Record {
        Record {
            sequence: 3,
            kind: Kind::Spend,
            count: 64,
            cost: costs(0.25),
            total: costs(17.0),
            releases: 71,
            token: [9; 32],
            header: [4; 16],
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        assert_eq!(
            Header::decode(&header().encode()).map(|(read, _)| read.opening),
            Ok(costs(0.1))
        );
        let header = header();
        assert_eq!(Header::decode(&header.encode()), Ok((header, header.encode())));
        let before = [6; 32];
        for kind in [Kind::Spend, Kind::GiveBack { of: 2 }] {
            let record = Record { kind, ..record() };
            assert_eq!(Record::decode(&record.encode(&before), &before), Some(record));
        }
    }

    #[test]
    fn every_changed_bit_shows() {
        let (whole, before) = (record().encode(&[6; 32]), [6; 32]);
        let first = header().encode();
        for bit in 0..BLOCK * 8 {
            let (mut block, mut head) = (whole, first);
            block[bit / 8] ^= 1 << (bit % 8);
            head[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Record::decode(&block, &before), None, "bit {bit}");
            assert!(Header::decode(&head).is_err(), "bit {bit}");
            let mut other = before;
            other[bit / 8 % 32] ^= 1 << (bit % 8);
            assert_eq!(Record::decode(&whole, &other), None, "another seal before");
        }
    }

    #[test]
    fn what_is_no_ledger_says_in_which_way() {
        let whole = header().encode();
        let says = |bytes: &[u8]| {
            let error = Header::decode(bytes).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Ledger);
            error.message().to_owned()
        };
        assert!(says(b"").contains("empty"));
        assert!(says(b"a letter, renamed").contains("not a ledger"));
        assert!(says(b"frostglass-ledger/2\n").contains("update it"));
        for length in 1..BLOCK {
            assert!(says(&whole[..length]).contains("damaged"), "{length}");
        }
    }

    #[test]
    fn a_record_lies_within_a_sector() {
        assert!([512, 4096].iter().all(|sector| sector % BLOCK == 0));
    }
}
