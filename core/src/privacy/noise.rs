//! The one fixed noise: a Gaussian of 16 or 256 steps, rounded to whole steps.
//!
//! `P(k) = Phi((k + 1/2) / sigma) - Phi((k - 1/2) / sigma)`. Added to a whole number this is exact
//! post-processing of the continuous Gaussian mechanism, so the analytic curve holds with nothing
//! added in any dimension (docs/proofs.md).
//!
//! A table holds `round(2^192 P(|Y| <= k))` for k = 0, 1, ..., computed at high precision outside
//! this crate (`models/lab`, `noise_table`), and the sampler draws from those whole numbers exactly:
//!
//! - one word (16 bits for `i8`, 32 for `i16`) is a sign, one of a number of cells, and a place in
//!   it; the cell says which magnitude that means ([`quick`]). Always the same work: a look-up, a
//!   comparison, no branch;
//! - one word in 2^9 (`i8`) or 2^21 (`i16`) leaves the magnitude undecided. What such words stand for
//!   is a distribution of its own, and is drawn by words of 64 bits in the same way: a fixed number of
//!   magnitudes for every [`BATCH`] of samples, 48 or 8, given to the undecided ones by masks ([`settle`]).
//!
//! A release and the time it took must tell no more than the release: the instructions that are run
//! are the same whatever is drawn, save where 48 (8) magnitudes were not enough, once in 2^72 (2^98)
//! batches, and more are drawn; or where one of 2^57 (2^53) words of 64 bits leaves a magnitude
//! undecided, too, and it is looked for in the whole table. What is drawn stays exact there.
//! Look-ups are addressed by secret words, in tables of a few kilobytes: who shares the processor's
//! caches is not kept from them.
//!
//! The map has not been read yet when noise is drawn: no time spent here can depend on it.

mod differences;
mod quick;
mod settle;
#[cfg(test)]
mod tests;
mod thresholds;

use std::sync::LazyLock;

use zeroize::Zeroizing;

use crate::grid::GridInteger;
use crate::random::Random;
use differences::Differences;
use quick::{Division, Layout, Quick, masses};
use settle::{BATCH, Marks, Undecided};
use thresholds::{Limbs, Thresholds, minus, plus};

/// The noise of one grid.
#[derive(Debug)]
pub struct NoiseTable {
    exact: Exact,
    words: Words,
    /// What the words leave, and what the words for that leave.
    divisions: [Division; 2],
    sigma: f64,
}

/// The exact distribution, as a library carries it.
#[derive(Debug)]
enum Exact {
    Listed(Thresholds),
    Differences(&'static Differences<{ differences::kept(I16_EXACT) }>),
}

/// What decides most samples, by the width of its words; and what decides the others.
#[derive(Debug)]
enum Words {
    Narrow(&'static [u16; 128], &'static Quick<256>),
    Wide(&'static [u32; 2048], &'static LazyLock<Box<Quick<4096>>>),
}

const NARROW: Layout = Layout { cell_bits: 7, sign_bits: 1, word_bits: 16 };
const NARROW_RESTS: Layout = Layout { cell_bits: 8, sign_bits: 0, word_bits: 64 };
const WIDE: Layout = Layout { cell_bits: 11, sign_bits: 1, word_bits: 32 };
const WIDE_RESTS: Layout = Layout { cell_bits: 12, sign_bits: 0, word_bits: 64 };

const I8_EXACT: Thresholds = Thresholds::read(include_bytes!("noise/i8.table"));
const I16_EXACT: Thresholds = Thresholds::read(include_bytes!("noise/i16.table"));

static I16_DIFFERENCES: Differences<{ differences::kept(I16_EXACT) }> = Differences::of(I16_EXACT);

const I8_MASSES: [Limbs; I8_EXACT.len() + 1] = masses(I8_EXACT);
#[allow(clippy::large_const_arrays, reason = "only the compiler reads it: a static would ship")]
const I16_MASSES: [Limbs; I16_EXACT.len() + 1] = masses(I16_EXACT);

const I8_QUICK: Quick<128> = Quick::split(&I8_MASSES, NARROW);
const I16_QUICK: Quick<2048> = Quick::split(&I16_MASSES, WIDE);

static I8_RESTS: Quick<256> = Quick::split(&I8_QUICK.division.rests(&I8_MASSES), NARROW_RESTS);

/// Worked out where it is first asked for, when a mechanism on `i16` is calibrated: 32 kilobytes that a library
/// need not carry.
static I16_RESTS: LazyLock<Box<Quick<4096>>> = LazyLock::new(|| {
    let thresholds = I16_DIFFERENCES.thresholds().chain([[0; 3]]);
    let (mut before, mut rests) = ([0; 3], Vec::with_capacity(I16_EXACT.len() + 1));
    for (k, up_to) in thresholds.enumerate() {
        rests.push(I16_DIVISIONS[0].rest(k, minus(up_to, before)));
        before = up_to;
    }
    Box::new(Quick::split(&rests, WIDE_RESTS))
});

const I16_DIVISIONS: [Division; 2] = {
    let first = I16_QUICK.division;
    [first, Division::of(&first.rests(&I16_MASSES), WIDE_RESTS.bits())]
};

static I8_CELLS: [u16; 128] = {
    let (mut narrow, mut i) = ([0; 128], 0);
    while i < 128 {
        narrow[i] = I8_QUICK.cells[i] as u16;
        i += 1;
    }
    narrow
};

static I16_CELLS: [u32; 2048] = {
    let (mut wide, mut i) = ([0; 2048], 0);
    while i < 2048 {
        wide[i] = I16_QUICK.cells[i] as u32;
        i += 1;
    }
    wide
};

static I8: NoiseTable = NoiseTable {
    exact: Exact::Listed(I8_EXACT),
    words: Words::Narrow(&I8_CELLS, &I8_RESTS),
    divisions: [I8_QUICK.division, I8_RESTS.division],
    sigma: 16.0,
};

static I16: NoiseTable = NoiseTable {
    exact: Exact::Differences(&I16_DIFFERENCES),
    words: Words::Wide(&I16_CELLS, &I16_RESTS),
    divisions: I16_DIVISIONS,
    sigma: 256.0,
};

/// Both tables keep `|ln p~(k) / p(k)|` below this at every magnitude they hold; a test recomputes
/// it from their own integers.
const ETA: f64 = 1.0 / (1u64 << 40) as f64;

/// Samples whose words are drawn together.
const GROUP: usize = 1024;

/// Samples that are worked on together.
const LANES: usize = 64;

impl NoiseTable {
    /// The table of a grid's noise.
    pub fn of(integer: GridInteger) -> &'static Self {
        match integer {
            GridInteger::I8 => &I8,
            GridInteger::I16 => {
                // So that nothing is left to work out when noise is drawn.
                LazyLock::force(&I16_RESTS);
                &I16
            }
        }
    }

    /// The standard deviation of the Gaussian that is rounded, in steps.
    pub fn sigma(&self) -> f64 {
        self.sigma
    }

    /// A bound on the relative error of every probability: `|ln p~(k) / p(k)| <= eta`.
    pub fn eta(&self) -> f64 {
        ETA
    }

    /// The largest magnitude whose probability the table holds; what lies past it is drawn as the first
    /// past it.
    pub fn largest(&self) -> usize {
        self.exact.held() - 1
    }

    /// Fills `noise` with independent samples, in steps. Nothing is allocated, and what the samples
    /// were made from is overwritten.
    pub fn fill(&self, random: &mut Random, noise: &mut [i16]) {
        match self.words {
            Words::Narrow(cells, rests) => self.fill_narrow(cells, rests, random, noise),
            Words::Wide(cells, rests) => self.fill_wide(cells, rests, random, noise),
        }
    }

    /// Draws the magnitudes that undecided samples may need.
    fn draw_rests<const CELLS: usize>(
        &self,
        rests: &Quick<CELLS>,
        random: &mut Random,
        magnitudes: &mut [u16],
    ) {
        let cells = CELLS as u64;
        let undecided = cells - 1;
        let mut any = false;
        for magnitude in magnitudes.iter_mut() {
            let word = random.next_u64();
            let cell = rests.cells[(word & undecided) as usize];
            // All ones where the word's place lies below the cell's border.
            let own = u64::from(word / cells < cell / cells).wrapping_neg();
            let outcome = (cell ^ ((cell ^ word) & own)) & undecided;
            any |= outcome == undecided;
            *magnitude = outcome as u16;
        }
        if any {
            for magnitude in magnitudes {
                if u64::from(*magnitude) == undecided {
                    *magnitude = self.decide(random);
                }
            }
        }
    }

    /// A magnitude, given that two words left it undecided.
    #[cold]
    fn decide(&self, random: &mut Random) -> u16 {
        self.exact_magnitude([random.next_u64(), random.next_u64(), random.next_u64()])
    }

    /// The smallest k below whose rests, summed up, a uniform number lies; the first past the table
    /// where there is none. All of the table is looked at.
    fn exact_magnitude(&self, drawn: Limbs) -> u16 {
        let (mut magnitude, mut sum) = (0, [0; 3]);
        self.exact.for_each_mass(|k, mass| {
            let [first, second] = self.divisions;
            sum = plus(sum, second.rest(k, first.rest(k, mass)));
            magnitude += u16::from(drawn >= sum);
        });
        magnitude
    }
}

impl Exact {
    /// Magnitudes whose probabilities are held, from 0 on.
    fn held(&self) -> usize {
        match self {
            Self::Listed(thresholds) => thresholds.len(),
            Self::Differences(_) => I16_EXACT.len(),
        }
    }

    /// Walks through the magnitudes and their probabilities, in units of `2^-192`.
    fn for_each_mass(&self, mut visit: impl FnMut(usize, Limbs)) {
        let mut before = [0; 3];
        let mut visit = |(k, threshold)| {
            visit(k, minus(threshold, before));
            before = threshold;
        };
        match self {
            Self::Listed(listed) => {
                (0..listed.len()).map(|k| (k, listed.limbs(k))).for_each(&mut visit)
            }
            Self::Differences(differences) => {
                differences.thresholds().enumerate().for_each(&mut visit)
            }
        }
    }
}

/// The two samplers differ in the width of their words, and in how many of them are undecided.
macro_rules! sampler {
    ($name:ident, $word:ty, $place:ty, $cells:literal, $rests:literal, $spares:literal, $layout:ident) => {
        impl NoiseTable {
            fn $name(
                &self,
                cells: &[$word; $cells],
                rests: &Quick<$rests>,
                random: &mut Random,
                noise: &mut [i16],
            ) {
                const CELL: $word = $cells - 1;
                const PLACE: u32 = $layout.place_shift();
                // -1 flips the two's complement, 0 keeps it.
                let signed = |magnitude: i16, word: $word| {
                    let sign = -((word >> (PLACE - 1) & 1) as i16);
                    (magnitude ^ sign) - sign
                };
                let mut bytes = Zeroizing::new([[0u8; size_of::<$word>()]; GROUP]);
                let mut drawn = Zeroizing::new([0i16; GROUP]);
                let mut words = Zeroizing::new([0; LANES]);
                let mut found = Zeroizing::new([0; LANES]);
                let mut magnitudes = Zeroizing::new([0u16; $spares]);
                for batch in noise.chunks_mut(BATCH) {
                    let mut marks = Zeroizing::new([[0; LANES]; BATCH / GROUP]);
                    for (noise, marks) in batch.chunks_mut(GROUP).zip(marks.iter_mut()) {
                        let marks: &mut Marks = marks;
                        let lanes = noise.len().next_multiple_of(LANES);
                        random.fill(bytes[..lanes].as_flattened_mut());
                        let groups = bytes[..lanes].as_chunks::<LANES>().0.iter();
                        let samples = drawn.as_chunks_mut::<LANES>().0;
                        for (row, (bytes, samples)) in groups.zip(samples).enumerate() {
                            for (word, bytes) in words.iter_mut().zip(bytes) {
                                *word = <$word>::from_le_bytes(*bytes);
                            }
                            for (found, word) in found.iter_mut().zip(words.iter()) {
                                *found = cells[usize::from((word & CELL) as u16)];
                            }
                            let bit = 1 << row;
                            for lane in 0..LANES {
                                let (word, cell) = (words[lane], found[lane]);
                                // Signed numbers are what vector units compare.
                                let first = ((word >> PLACE) as $place) < (cell >> PLACE) as $place;
                                let outcome = if first { word } else { cell } & CELL;
                                samples[lane] = signed(outcome as i16, word);
                                marks[lane] |= u16::from(outcome == CELL).wrapping_neg() & bit;
                            }
                        }
                        noise.copy_from_slice(&drawn[..noise.len()]);
                        for past in noise.len()..lanes {
                            marks[past % LANES] &= !(1 << (past / LANES));
                        }
                    }
                    let mut undecided = Undecided::marked(&marks);
                    loop {
                        self.draw_rests(rests, random, &mut *magnitudes);
                        undecided.settle(&*magnitudes, batch);
                        if !undecided.any() {
                            break;
                        }
                    }
                }
            }
        }
    };
}

sampler!(fill_narrow, u16, i16, 128, 256, 48, NARROW);
sampler!(fill_wide, u32, i32, 2048, 4096, 8, WIDE);
