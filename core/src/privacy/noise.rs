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
//! - one word in 2^9 (`i8`) or 2^21 (`i16`) leaves the magnitude undecided. It is then found in the
//!   table, with 64 further bits, or with 192 where those tie. The table of `i8` is bisected. That of
//!   `i16` is long and seldom asked: it is kept as its differences ([`differences`]) and added up as far
//!   as the magnitude.
//!
//! The map has not been read yet when noise is drawn: no time spent here can depend on it. What is
//! undecided depends on the generator alone.

mod differences;
mod quick;
#[cfg(test)]
mod tests;
mod thresholds;

use zeroize::Zeroizing;

use crate::grid::GridInteger;
use crate::random::Random;
use differences::Differences;
use quick::{Layout, Quick};
use thresholds::{Limbs, Thresholds};

/// The noise of one grid.
#[derive(Debug)]
pub struct NoiseTable {
    exact: Exact,
    words: Words,
    sigma: f64,
}

/// The exact distribution, as a library carries it.
#[derive(Debug)]
enum Exact {
    Listed(Thresholds),
    Differences(&'static Differences<{ differences::kept(I16_EXACT) }>),
}

/// What decides most samples, by the width of its words.
#[derive(Debug)]
enum Words {
    Narrow(&'static Quick<128>, &'static [u16; 128]),
    Wide(&'static Quick<2048>),
}

const NARROW: Layout = Layout { cell_bits: 7, word_bits: 16 };
const WIDE: Layout = Layout { cell_bits: 11, word_bits: 32 };

const I8_EXACT: Thresholds = Thresholds::read(include_bytes!("noise/i8.table"));
const I16_EXACT: Thresholds = Thresholds::read(include_bytes!("noise/i16.table"));

static I16_DIFFERENCES: Differences<{ differences::kept(I16_EXACT) }> = Differences::of(I16_EXACT);

static I8_QUICK: Quick<128> = Quick::split(I8_EXACT, NARROW);
static I16_QUICK: Quick<2048> = Quick::split(I16_EXACT, WIDE);

static I8_CELLS: [u16; 128] = {
    let (mut narrow, mut i) = ([0; 128], 0);
    while i < 128 {
        narrow[i] = I8_QUICK.cells[i] as u16;
        i += 1;
    }
    narrow
};

static I8: NoiseTable = NoiseTable {
    exact: Exact::Listed(I8_EXACT),
    words: Words::Narrow(&I8_QUICK, &I8_CELLS),
    sigma: 16.0,
};

static I16: NoiseTable = NoiseTable {
    exact: Exact::Differences(&I16_DIFFERENCES),
    words: Words::Wide(&I16_QUICK),
    sigma: 256.0,
};

/// Both tables keep `|ln p~(k) / p(k)|` below this at every magnitude they hold; a test recomputes
/// it from their own integers.
const ETA: f64 = 1.0 / (1u64 << 40) as f64;

/// Samples whose words are drawn together.
const GROUP: usize = 1024;

/// Samples that are worked on together, and looked at again where one of them is undecided.
const LANES: usize = 64;

impl NoiseTable {
    /// The table of a grid's noise.
    pub fn of(integer: GridInteger) -> &'static Self {
        match integer {
            GridInteger::I8 => &I8,
            GridInteger::I16 => &I16,
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
            Words::Narrow(_, cells) => self.fill_narrow(cells, random, noise),
            Words::Wide(quick) => self.fill_wide(&quick.cells, random, noise),
        }
    }

    /// A magnitude, given that its first word left it undecided: the smallest k below whose rests,
    /// summed up, a uniform number lies.
    #[cold]
    fn decide(&self, random: &mut Random) -> u16 {
        let first = random.next_u64();
        let mut tie = false;
        let magnitude = self.exact.first(|k, threshold| {
            let sum = self.rests_up_to(k, threshold)[0];
            tie |= first == sum;
            first < sum
        });
        if tie {
            return self.decide_tie([first, random.next_u64(), random.next_u64()]);
        }
        magnitude
    }

    /// [`NoiseTable::decide`] where 64 bits are not enough.
    fn decide_tie(&self, drawn: Limbs) -> u16 {
        self.exact.first(|k, threshold| drawn < self.rests_up_to(k, threshold))
    }

    /// `rest_0 + ... + rest_k` as a fraction of all rests, in units of `2^-192`, from the threshold of k.
    ///
    /// That is `T_k - 2^(192 - B) (n_0 + ... + n_k)`, scaled by the power of two that makes the sum
    /// of all rests `2^192`. It lies below `2^192` at every k, so that arithmetic modulo `2^192` is
    /// exact.
    fn rests_up_to(&self, k: usize, threshold: Limbs) -> Limbs {
        let (below, undecided_bits, bits) = match self.words {
            Words::Narrow(quick, _) => {
                (quick.below[k.min(quick.below.len() - 1)], quick.undecided_bits, NARROW.bits())
            }
            Words::Wide(quick) => {
                (quick.below[k.min(quick.below.len() - 1)], quick.undecided_bits, WIDE.bits())
            }
        };
        let shift = bits - undecided_bits;
        let [high, middle, low] = threshold;
        let shifted = [
            high << shift | middle >> (64 - shift),
            middle << shift | low >> (64 - shift),
            low << shift,
        ];
        let whole = u64::from(below) << (64 - undecided_bits);
        [shifted[0].wrapping_sub(whole), shifted[1], shifted[2]]
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

    /// The first magnitude that is reached, given its threshold; all that follow are. It is asked about
    /// the one before, and no more of them than it takes. The first past the table where none is.
    fn first(&self, mut reached: impl FnMut(usize, Limbs) -> bool) -> u16 {
        let found = match self {
            Self::Listed(thresholds) => {
                let (mut low, mut high) = (0, thresholds.len());
                while low < high {
                    let middle = (low + high) / 2;
                    if reached(middle, thresholds.limbs(middle)) {
                        high = middle;
                    } else {
                        low = middle + 1;
                    }
                }
                low
            }
            Self::Differences(differences) => {
                let thresholds = differences.thresholds().enumerate();
                thresholds.take_while(|&(k, threshold)| !reached(k, threshold)).count()
            }
        };
        found as u16
    }
}

/// The two samplers differ in the width of their words alone.
macro_rules! sampler {
    ($name:ident, $word:ty, $place:ty, $cells:literal, $layout:ident) => {
        impl NoiseTable {
            fn $name(&self, cells: &[$word; $cells], random: &mut Random, noise: &mut [i16]) {
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
                for noise in noise.chunks_mut(GROUP) {
                    random.fill(bytes.as_flattened_mut());
                    let groups = bytes.as_chunks::<LANES>().0.iter();
                    for (bytes, samples) in groups.zip(drawn.as_chunks_mut::<LANES>().0) {
                        for (word, bytes) in words.iter_mut().zip(bytes) {
                            *word = <$word>::from_le_bytes(*bytes);
                        }
                        for (found, word) in found.iter_mut().zip(words.iter()) {
                            *found = cells[usize::from((word & CELL) as u16)];
                        }
                        let mut undecided = 0;
                        for lane in 0..LANES {
                            let (word, cell) = (words[lane], found[lane]);
                            // Signed numbers are what vector units compare.
                            let first = ((word >> PLACE) as $place) < (cell >> PLACE) as $place;
                            let outcome = if first { word } else { cell } & CELL;
                            samples[lane] = signed(outcome as i16, word);
                            undecided |= <$place>::from(outcome == CELL);
                        }
                        if undecided != 0 {
                            for (sample, word) in samples.iter_mut().zip(words.iter().copied()) {
                                if sample.unsigned_abs() == CELL as u16 {
                                    *sample = signed(self.decide(random) as i16, word);
                                }
                            }
                        }
                    }
                    noise.copy_from_slice(&drawn[..noise.len()]);
                }
            }
        }
    };
}

sampler!(fill_narrow, u16, i16, 128, NARROW);
sampler!(fill_wide, u32, i32, 2048, WIDE);
