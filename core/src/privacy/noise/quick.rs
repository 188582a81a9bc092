//! A distribution split in two, so that nearly every sample is decided by one short word.
//!
//! Every probability is written in units of `2^-B`, B being the bits of a word less one for the
//! sign: `P(k) = n_k 2^-B + rest_k`, `n_k` a whole number. The whole parts are drawn by Walker's
//! alias method (1977): a word names one of `CELLS` equal cells and a place in it, and each cell is
//! shared by at most two outcomes. That is exact, with one look-up and one comparison a sample,
//! whatever comes out. What the rests sum to, `2^-B` times a power of two, is an outcome of its own:
//! *undecided*, which the caller resolves with more bits.
//!
//! Everything is worked out by the compiler from the table of the exact distribution.

use super::thresholds::{Limbs, Thresholds, minus};

/// The whole parts of a distribution, drawn by one word each, and what is left.
#[derive(Debug)]
pub(super) struct Quick<const CELLS: usize> {
    /// Each cell's border, where a word has its place, and its second outcome, where a word has its
    /// cell: places below the border mean the cell's own outcome.
    pub(super) cells: [u32; CELLS],
    /// `n_0 + ... + n_k` for every outcome k; the last stands for all that follow.
    pub(super) below: [u32; CELLS],
    /// An undecided word has probability `2^(undecided_bits - B)`.
    pub(super) undecided_bits: u32,
}

/// Where a word's parts lie: the cell in its lowest bits, then one bit for the sign, above it the
/// place in the cell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    /// Bits that name a cell.
    pub(super) cell_bits: u32,
    /// Bits of a word.
    pub(super) word_bits: u32,
}

impl Layout {
    /// `B`: all bits but the sign's.
    pub(super) const fn bits(self) -> u32 {
        self.word_bits - 1
    }

    /// The lowest bit of the place in a cell.
    pub(super) const fn place_shift(self) -> u32 {
        self.cell_bits + 1
    }

    /// Places in a cell.
    const fn places(self) -> u32 {
        1 << (self.word_bits - self.place_shift())
    }
}

impl<const CELLS: usize> Quick<CELLS> {
    /// Splits the distribution of a magnitude. Outcomes below `CELLS - 1` are magnitudes, that one
    /// is *undecided*.
    pub(super) const fn split(exact: Thresholds, layout: Layout) -> Self {
        assert!(CELLS == 1 << layout.cell_bits);
        let mut counts = [0; CELLS];
        let (mut total, mut before, mut k) = (0u64, [0; 3], 0);
        while k < CELLS - 1 && k < exact.len() {
            let up_to = exact.limbs(k);
            counts[k] = whole_part(up_to, before, layout.bits());
            total += counts[k] as u64;
            before = up_to;
            k += 1;
        }
        let left = (1u64 << layout.bits()) - total;
        let undecided = left.next_power_of_two();
        // A power of two: a few counts give one more of theirs away.
        let mut surplus = undecided - left;
        k = 0;
        while surplus > 0 {
            if counts[k] > 0 {
                counts[k] -= 1;
                surplus -= 1;
            }
            k = if k + 2 < CELLS { k + 1 } else { 0 };
        }
        let mut below = counts;
        k = 1;
        while k < CELLS {
            below[k] += below[k - 1];
            k += 1;
        }
        counts[CELLS - 1] = undecided as u32;
        Self { cells: alias(counts, layout), below, undecided_bits: undecided.trailing_zeros() }
    }
}

/// The highest `bits` bits of `larger - smaller`.
const fn whole_part(larger: Limbs, smaller: Limbs, bits: u32) -> u32 {
    (minus(larger, smaller)[0] >> (64 - bits)) as u32
}

/// Vose's construction in whole numbers: cells that are not full take what they lack from an outcome
/// that has too much. `counts` sum to `CELLS * layout.places()`.
const fn alias<const CELLS: usize>(counts: [u32; CELLS], layout: Layout) -> [u32; CELLS] {
    let places = layout.places();
    let (mut cells, mut left) = ([0; CELLS], counts);
    let (mut small, mut large) = ([0usize; CELLS], [0usize; CELLS]);
    let (mut smalls, mut larges, mut k) = (0, 0, 0);
    while k < CELLS {
        // A cell that nobody shares: it is its own second outcome, and the border does not matter.
        cells[k] = k as u32;
        if left[k] < places {
            small[smalls] = k;
            smalls += 1;
        } else {
            large[larges] = k;
            larges += 1;
        }
        k += 1;
    }
    while smalls > 0 {
        smalls -= 1;
        let (poor, rich) = (small[smalls], large[larges - 1]);
        cells[poor] = left[poor] << layout.place_shift() | rich as u32;
        left[rich] -= places - left[poor];
        if left[rich] < places {
            larges -= 1;
            small[smalls] = rich;
            smalls += 1;
        }
    }
    cells
}
