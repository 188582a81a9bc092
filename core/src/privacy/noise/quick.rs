//! A distribution split in two, so that nearly every sample is decided by one word.
//!
//! Every probability is written in units of `2^-B`, B being the bits of a word that choose:
//! `P(k) = n_k 2^-B + rest_k`, `n_k` a whole number ([`Division`]). The whole parts are drawn by
//! Walker's alias method (1977): a word names one of `CELLS` equal cells and a place in it, and each
//! cell is shared by at most two outcomes. That is exact, with one look-up and one comparison a
//! sample, whatever comes out. What the rests sum to, `2^-B` times a power of two, is an outcome of
//! its own: *undecided*. The rests, scaled up to a distribution again, can be split in the same way.
//!
//! Everything is worked out by the compiler from the table of the exact distribution.

use super::thresholds::{Limbs, minus};

/// Where a word's parts lie: the cell in its lowest bits, above it one bit for the sign where there is
/// one, then the place in the cell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    /// Bits that name a cell.
    pub(super) cell_bits: u32,
    /// Bits that are a sign: one, or none.
    pub(super) sign_bits: u32,
    /// Bits of a word, 64 at most.
    pub(super) word_bits: u32,
}

impl Layout {
    /// `B`: all bits but the sign's.
    pub(super) const fn bits(self) -> u32 {
        self.word_bits - self.sign_bits
    }

    /// The lowest bit of the place in a cell.
    pub(super) const fn place_shift(self) -> u32 {
        self.cell_bits + self.sign_bits
    }

    /// Places in a cell.
    pub(super) const fn places(self) -> u64 {
        1 << (self.word_bits - self.place_shift())
    }
}

/// What every outcome gives to the words, and what it keeps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Division {
    /// `B`.
    pub(super) bits: u32,
    /// An undecided word has probability `2^(undecided_bits - B)`.
    pub(super) undecided_bits: u32,
    /// Outcomes below this one keep one unit more than they need, so that the rests sum to a power of
    /// two.
    given: usize,
}

impl Division {
    /// Divides probabilities, in units of `2^-192`, that sum to one.
    pub(super) const fn of(masses: &[Limbs], bits: u32) -> Self {
        let (mut total, mut k) = (0u128, 0);
        while k < masses.len() {
            total += highest(masses[k], bits) as u128;
            k += 1;
        }
        let left = (1u128 << bits) - total;
        let undecided = left.next_power_of_two();
        let (mut surplus, mut given) = (undecided - left, 0);
        while surplus > 0 {
            if highest(masses[given], bits) > 0 {
                surplus -= 1;
            }
            given += 1;
        }
        Self { bits, undecided_bits: undecided.trailing_zeros(), given }
    }

    /// `n_k`.
    pub(super) const fn whole(self, k: usize, mass: Limbs) -> u64 {
        let highest = highest(mass, self.bits);
        highest - (k < self.given && highest > 0) as u64
    }

    /// `rest_k` as a fraction of all rests, in units of `2^-192`.
    pub(super) const fn rest(self, k: usize, mass: Limbs) -> Limbs {
        let shift = self.bits - self.undecided_bits;
        let high = mass[0] - (self.whole(k, mass) << (64 - self.bits));
        let [_, middle, low] = mass;
        [
            high << shift | middle >> (64 - shift),
            middle << shift | low >> (64 - shift),
            low << shift,
        ]
    }

    /// The rests of all outcomes: a distribution again.
    pub(super) const fn rests<const OUTCOMES: usize>(
        self,
        masses: &[Limbs; OUTCOMES],
    ) -> [Limbs; OUTCOMES] {
        let (mut rests, mut k) = ([[0; 3]; OUTCOMES], 0);
        while k < OUTCOMES {
            rests[k] = self.rest(k, masses[k]);
            k += 1;
        }
        rests
    }
}

/// The highest bits of a number.
const fn highest(number: Limbs, bits: u32) -> u64 {
    number[0] >> (64 - bits)
}

/// The probability of every outcome, in units of `2^-192`: the table's magnitudes, and what lies past
/// them.
pub(super) const fn masses<const OUTCOMES: usize>(
    exact: super::thresholds::Thresholds,
) -> [Limbs; OUTCOMES] {
    assert!(OUTCOMES == exact.len() + 1);
    let (mut masses, mut before, mut k) = ([[0; 3]; OUTCOMES], [0; 3], 0);
    while k < OUTCOMES {
        // One, modulo one, is where the last of them ends.
        let up_to = if k < exact.len() { exact.limbs(k) } else { [0; 3] };
        masses[k] = minus(up_to, before);
        before = up_to;
        k += 1;
    }
    masses
}

/// The whole parts of a distribution, drawn by one word each.
#[derive(Debug)]
pub(super) struct Quick<const CELLS: usize> {
    /// Each cell's border, where a word has its place, and its second outcome, where a word has its
    /// cell: places below the border mean the cell's own outcome. Outcomes below `CELLS - 1` are those
    /// of the distribution, that one is *undecided*.
    pub(super) cells: [u64; CELLS],
    pub(super) division: Division,
}

impl<const CELLS: usize> Quick<CELLS> {
    /// Splits a distribution of magnitudes.
    pub(super) const fn split(masses: &[Limbs], layout: Layout) -> Self {
        assert!(CELLS == 1 << layout.cell_bits);
        let division = Division::of(masses, layout.bits());
        let (mut counts, mut k) = ([0; CELLS], 0);
        while k < masses.len() {
            let whole = division.whole(k, masses[k]);
            if k < CELLS - 1 {
                counts[k] = whole;
            } else {
                assert!(whole == 0, "an outcome without a cell has a word");
            }
            k += 1;
        }
        counts[CELLS - 1] = 1 << division.undecided_bits;
        Self { cells: alias(counts, layout), division }
    }
}

/// Vose's construction in whole numbers: cells that are not full take what they lack from an outcome
/// that has too much. `counts` sum to `CELLS * layout.places()`.
const fn alias<const CELLS: usize>(counts: [u64; CELLS], layout: Layout) -> [u64; CELLS] {
    let places = layout.places();
    let (mut cells, mut left) = ([0; CELLS], counts);
    let (mut small, mut large) = ([0usize; CELLS], [0usize; CELLS]);
    let (mut smalls, mut larges, mut k) = (0, 0, 0);
    while k < CELLS {
        // A cell that nobody shares: it is its own second outcome, and the border does not matter.
        cells[k] = k as u64;
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
        cells[poor] = left[poor] << layout.place_shift() | rich as u64;
        left[rich] -= places - left[poor];
        if left[rich] < places {
            larges -= 1;
            small[smalls] = rich;
            smalls += 1;
        }
    }
    cells
}
