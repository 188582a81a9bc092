//! A smooth table in a sixth of its bytes: only its differences of a high order are kept.
//!
//! Neighbours of a finely sampled curve differ little, their differences less, and so on, until
//! what is left is the rounding of the table's last bits. Added up again in whole numbers they give
//! every threshold to its last bit, in order.

use super::thresholds::{Limbs, Thresholds, minus, plus};

/// The order of the differences that are kept. Lower ones are longer than 32 bits, and higher ones grow:
/// the rounding of the table, half a unit, doubles with every order.
const ORDER: usize = 26;

/// Thresholds, by their differences.
#[derive(Debug)]
pub(super) struct Differences<const KEPT: usize> {
    /// The first threshold, and what it begins every lower order with.
    first: [Limbs; ORDER],
    /// The differences of the highest order.
    kept: [i32; KEPT],
}

/// How many differences stand for these thresholds.
pub(super) const fn kept(exact: Thresholds) -> usize {
    exact.len() - ORDER
}

impl<const KEPT: usize> Differences<KEPT> {
    /// Takes the differences of a table.
    pub(super) const fn of(exact: Thresholds) -> Self {
        let (mut first, mut kept) = ([[0; 3]; ORDER], [0; KEPT]);
        // The newest difference of every order.
        let (mut newest, mut k) = ([[0; 3]; ORDER], 0);
        while k < exact.len() {
            let (mut difference, mut order) = (exact.limbs(k), 0);
            while order < ORDER {
                let before = newest[order];
                newest[order] = difference;
                difference = minus(difference, before);
                order += 1;
            }
            if k < ORDER {
                first[k] = newest[k];
            } else {
                kept[k - ORDER] = short(difference);
            }
            k += 1;
        }
        Self { first, kept }
    }

    /// The thresholds, in order.
    pub(super) fn thresholds(&self) -> impl Iterator<Item = Limbs> {
        let mut newest = self.first;
        let mut kept = self.kept.iter();
        (0..ORDER + KEPT).map(move |_| {
            let threshold = newest[0];
            for order in 1..ORDER {
                newest[order - 1] = plus(newest[order - 1], newest[order]);
            }
            // The last ones take part in nothing that is still to come.
            let highest = kept.next().map_or(0, |&kept| i64::from(kept));
            let sign = (highest >> 63) as u64;
            newest[ORDER - 1] = plus(newest[ORDER - 1], [sign, sign, highest as u64]);
            threshold
        })
    }
}

/// A number of 192 bits that is one of 32.
const fn short(limbs: Limbs) -> i32 {
    let short = limbs[2] as i32;
    let sign = (short as i64 >> 63) as u64;
    let same = limbs[0] == sign && limbs[1] == sign && limbs[2] == short as i64 as u64;
    assert!(same, "a difference of this order has more than 32 bits");
    short
}

#[cfg(test)]
mod tests {
    use super::super::{I16_DIFFERENCES, I16_EXACT};

    #[test]
    fn differences_are_the_table_again() {
        let listed = (0..I16_EXACT.len()).map(|k| I16_EXACT.limbs(k));
        assert!(I16_DIFFERENCES.thresholds().eq(listed));
    }
}
