//! Putting magnitudes where samples are undecided, in steps that are the same wherever these lie and
//! however many they are.
//!
//! Which samples a word leaves undecided has to do with how large they turn out, and time must not:
//! magnitudes are drawn for a fixed number of them, and each takes its place, or none, by masks.

use zeroize::Zeroize as _;

use super::{GROUP, LANES};

/// Samples whose undecided ones are settled together.
pub(super) const BATCH: usize = 4 * GROUP;

/// Blocks of lanes in a group: one bit each.
const ROWS: usize = GROUP / LANES;

/// A group's undecided samples: a bit for each block, by lanes.
pub(super) type Marks = [u16; LANES];

/// The undecided samples of a batch, by their places.
pub(super) struct Undecided {
    /// The lanes' bits, four lanes a word.
    words: [u64; 64],
    /// Which of the words have any.
    open: u64,
}

impl Drop for Undecided {
    /// Where they lay tells of the noise.
    fn drop(&mut self) {
        self.words.zeroize();
        self.open.zeroize();
    }
}

impl Undecided {
    /// Those that are marked. Nothing past the end is.
    pub(super) fn marked(marks: &[Marks; BATCH / GROUP]) -> Self {
        let (mut words, mut open) = ([0; 64], 0);
        for (at, (word, lanes)) in
            words.iter_mut().zip(marks.as_flattened().as_chunks::<4>().0).enumerate()
        {
            for (lane, bits) in lanes.iter().enumerate() {
                *word |= u64::from(*bits) << (ROWS * lane);
            }
            open |= u64::from(*word != 0) << at;
        }
        Self { words, open }
    }

    /// Whether there are more.
    pub(super) fn any(&self) -> bool {
        self.open != 0
    }

    /// Gives the magnitudes, in order, to as many undecided samples; each keeps its sign.
    pub(super) fn settle(&mut self, magnitudes: &[u16], noise: &mut [i16]) {
        for &magnitude in magnitudes {
            // All ones while there is an undecided sample, else zero. A bit above stands in for none.
            let any = u64::from(self.open != 0).wrapping_neg();
            let at = (self.open | 1 << 63).trailing_zeros() as usize;
            let word = self.words[at];
            let bit = (word | 1 << 63).trailing_zeros() as usize;
            let (group, lane) = (at / (LANES / 4), at % (LANES / 4) * 4 + bit / ROWS);
            let place = (group * GROUP + bit % ROWS * LANES + lane) & any as usize;

            let sample = noise[place];
            let sign = sample >> 15;
            let settled = (magnitude as i16 ^ sign) - sign;
            noise[place] = sample ^ ((sample ^ settled) & any as i16);

            let rest = word & word.wrapping_sub(1);
            self.words[at] = rest;
            self.open &= !(u64::from(rest == 0) << at);
        }
    }
}
