//! The exact distribution of a magnitude: cumulative probabilities of 192 bits.

/// A number of 192 bits, its highest limb first.
pub(super) type Limbs = [u64; 3];

/// `round(2^192 P(|Y| <= k))` for k = 0, 1, ..., strictly ascending.
///
/// Three 64-bit limbs a threshold, each least significant byte first, the highest limb first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Thresholds(&'static [[[u8; 8]; 3]]);

impl Thresholds {
    /// Reads a table's bytes.
    pub(super) const fn read(bytes: &'static [u8]) -> Self {
        let (words, rest) = bytes.as_chunks::<8>();
        assert!(rest.is_empty(), "a table is a whole number of 64-bit words");
        let (thresholds, rest) = words.as_chunks::<3>();
        assert!(rest.is_empty(), "a threshold has three words");
        Self(thresholds)
    }

    /// Magnitudes that have a threshold: `0..len`.
    pub(super) const fn len(self) -> usize {
        self.0.len()
    }

    /// The three limbs of a threshold, highest first.
    pub(super) const fn limbs(self, k: usize) -> Limbs {
        let [high, middle, low] = self.0[k];
        [u64::from_le_bytes(high), u64::from_le_bytes(middle), u64::from_le_bytes(low)]
    }
}

/// The sum, modulo `2^192`.
pub(super) const fn plus(a: Limbs, b: Limbs) -> Limbs {
    let (low, carry) = a[2].overflowing_add(b[2]);
    let (middle, over) = a[1].overflowing_add(b[1]);
    let (middle, again) = middle.overflowing_add(carry as u64);
    [a[0].wrapping_add(b[0]).wrapping_add((over | again) as u64), middle, low]
}

/// The difference, modulo `2^192`.
pub(super) const fn minus(a: Limbs, b: Limbs) -> Limbs {
    let (low, borrow) = a[2].overflowing_sub(b[2]);
    let (middle, under) = a[1].overflowing_sub(b[1]);
    let (middle, again) = middle.overflowing_sub(borrow as u64);
    [a[0].wrapping_sub(b[0]).wrapping_sub((under | again) as u64), middle, low]
}
