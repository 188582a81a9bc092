//! The one fixed noise: a Gaussian of 16 or 256 steps, rounded to whole steps.
//!
//! `P(k) = Phi((k + 1/2) / sigma) - Phi((k - 1/2) / sigma)`. Added to a whole number this is exact
//! post-processing of the continuous Gaussian mechanism, so the analytic curve holds with nothing
//! added in any dimension (SPEC section 2, "The noise is one fixed distribution").
//!
//! A sample's magnitude is drawn by inverting a table of cumulative probabilities, its sign by one
//! more bit. The table holds `round(2^192 P(|Y| <= k))` for k = 0, 1, ..., computed at high precision
//! outside this crate (`models/lab`, `noise_table`). A sampler draws 64 bits and looks at further
//! ones only where those tie with a threshold, once in some 2^56 samples: in the common case the
//! work is one draw and a short scan, and never depends on the map, which is not yet read.

use crate::grid::GridInteger;
use crate::random::Random;

/// Cumulative thresholds of one rounded Gaussian's magnitude.
#[derive(Debug)]
pub struct NoiseTable {
    /// Three 64-bit limbs a threshold, each least significant byte first, the highest limb first.
    thresholds: &'static [[[u8; 8]; 3]],
    sigma: f64,
    eta: f64,
}

static I8: NoiseTable =
    NoiseTable { thresholds: limbs(include_bytes!("noise/i8.table")), sigma: 16.0, eta: ETA };

static I16: NoiseTable =
    NoiseTable { thresholds: limbs(include_bytes!("noise/i16.table")), sigma: 256.0, eta: ETA };

/// Both tables keep `|ln p~(k) / p(k)|` below this at every magnitude they hold; a test recomputes
/// it from their own integers.
const ETA: f64 = 1.0 / (1u64 << 40) as f64;

/// Both tables leave out less than this much of the distribution: magnitudes past the last are drawn
/// as the first past it.
const LEFT_OUT: f64 = 1.0 / (1u128 << 127) as f64 / (1u64 << 20) as f64;

const fn limbs(bytes: &'static [u8]) -> &'static [[[u8; 8]; 3]] {
    let (words, rest) = bytes.as_chunks::<8>();
    assert!(rest.is_empty(), "a table is a whole number of 64-bit words");
    let (thresholds, rest) = words.as_chunks::<3>();
    assert!(rest.is_empty(), "a threshold has three words");
    thresholds
}

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
        self.eta
    }

    /// The probability that the table leaves out; it is part of every delta.
    pub fn left_out(&self) -> f64 {
        LEFT_OUT
    }

    /// Fills `noise` with independent samples, in steps. Nothing is allocated.
    pub fn fill(&self, random: &mut Random, noise: &mut [i16]) {
        let guide = self.guide();
        for chunk in noise.chunks_mut(64) {
            let mut signs = random.next_u64();
            for sample in chunk {
                let magnitude = self.magnitude(random, &guide);
                // Branch-free: -1 flips the two's complement, 0 keeps it.
                let sign = -((signs & 1) as i16);
                *sample = (magnitude ^ sign) - sign;
                signs >>= 1;
            }
        }
    }

    /// The smallest k whose threshold exceeds a uniform 192-bit number.
    fn magnitude(&self, random: &mut Random, guide: &[u16; 256]) -> i16 {
        let high = random.next_u64();
        let mut k = usize::from(guide[(high >> 56) as usize]);
        while k < self.thresholds.len() && high > self.limb(k, 0) {
            k += 1;
        }
        if k < self.thresholds.len() && high == self.limb(k, 0) {
            k = self.resolve_tie(k, high, random);
        }
        k as i16
    }

    /// Decides a tie in the highest limb with two further words, the same for every threshold.
    #[cold]
    fn resolve_tie(&self, mut k: usize, high: u64, random: &mut Random) -> usize {
        let drawn = [high, random.next_u64(), random.next_u64()];
        while k < self.thresholds.len() && drawn >= [0, 1, 2].map(|i| self.limb(k, i)) {
            k += 1;
        }
        k
    }

    fn limb(&self, k: usize, limb: usize) -> u64 {
        u64::from_le_bytes(self.thresholds[k][limb])
    }

    /// For each value of the top byte, the first k that a number beginning with it can mean.
    fn guide(&self) -> [u16; 256] {
        let mut k = 0;
        std::array::from_fn(|byte| {
            while k < self.thresholds.len() && self.limb(k, 0) < (byte as u64) << 56 {
                k += 1;
            }
            k as u16
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: [GridInteger; 2] = [GridInteger::I8, GridInteger::I16];

    /// `P(|Y| <= k)` of the continuous distribution, to f64.
    fn cumulative(k: usize, sigma: f64) -> f64 {
        libm::erf((k as f64 + 0.5) / (sigma * std::f64::consts::SQRT_2))
    }

    #[test]
    fn thresholds_are_the_distributions_own() {
        for integer in BOTH {
            let table = NoiseTable::of(integer);
            for k in 0..table.thresholds.len() {
                let got = table.limb(k, 0) as f64 / 2f64.powi(64);
                let wanted = cumulative(k, table.sigma);
                assert!((got - wanted).abs() < 4e-16, "{integer} k = {k}: {got} {wanted}");
            }
            let limbs = |k: usize| [0, 1, 2].map(|i| table.limb(k, i));
            assert!((1..table.thresholds.len()).all(|k| limbs(k - 1) <= limbs(k)));
        }
    }

    #[test]
    fn ties_are_resolved_by_the_lower_limbs() {
        let table = NoiseTable::of(GridInteger::I8);
        let mut random = Random::from_os().unwrap();
        // Drawing exactly threshold k's highest limb can only mean k or k + 1 while limbs differ.
        for _ in 0..100 {
            let k = table.resolve_tie(3, table.limb(3, 0), &mut random);
            assert!(k == 3 || k == 4, "{k}");
        }
    }

    /// Pearson's chi-square against the exact mass, at a level that fails once in a million runs,
    /// by Wilson and Hilferty's cube-root approximation.
    #[test]
    fn samples_follow_the_exact_mass() {
        const SAMPLES: usize = 1 << 20;
        for integer in BOTH {
            let table = NoiseTable::of(integer);
            let mut noise = vec![0i16; SAMPLES];
            table.fill(&mut Random::from_os().unwrap(), &mut noise);
            let half = (4.0 * table.sigma) as i32;
            let cells = 2 * half as usize + 1;
            let mut seen = vec![0f64; cells];
            for sample in noise {
                seen[(i32::from(sample).clamp(-half, half) + half) as usize] += 1.0;
            }
            let mass = |k: i32| {
                let at = |edge: f64| libm::erfc(edge / table.sigma / 2f64.sqrt()) / 2.0;
                let low = f64::from(k.abs()) - 0.5;
                if k.abs() == half { at(low) } else { at(low) - at(low + 1.0) }
            };
            let chi_square: f64 = (-half..=half)
                .zip(&seen)
                .map(|(k, seen)| {
                    let expected = mass(k) * SAMPLES as f64;
                    (seen - expected).powi(2) / expected
                })
                .sum();
            let freedom = (cells - 1) as f64;
            let normal = ((chi_square / freedom).cbrt() - (1.0 - 2.0 / (9.0 * freedom)))
                / (2.0 / (9.0 * freedom)).sqrt();
            assert!(normal.abs() < 4.9, "{integer}: chi-square {chi_square} over {freedom}");
        }
    }
}
