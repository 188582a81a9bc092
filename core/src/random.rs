//! The single source of randomness: ChaCha with 12 rounds, a fresh key from the operating system
//! for every release.
//!
//! A fresh key a release makes a forked process harmless (no state outlives a release) and lets the
//! state be wiped as soon as the release exists: the generator overwrites itself when dropped.
//! Seeding exists under the `lab` feature alone, for golden vectors.

use chacha20::ChaCha12Rng;
use chacha20::rand_core::{Rng, SeedableRng};

use crate::error::{Error, ErrorKind, Result};

/// A cryptographic generator, keyed anew for each release and wiped when dropped.
pub struct Random {
    generator: ChaCha12Rng,
}

impl Random {
    /// A generator under a fresh 256-bit key from the operating system.
    ///
    /// # Errors
    /// [`ErrorKind::System`] where the operating system gives no randomness.
    pub fn from_os() -> Result<Self> {
        let mut key = zeroize::Zeroizing::new([0u8; 32]);
        getrandom::fill(key.as_mut_slice()).map_err(|_| {
            Error::new(
                ErrorKind::System,
                "the operating system gave no randomness: no release was made",
            )
        })?;
        Ok(Self { generator: ChaCha12Rng::from_seed(*key) })
    }

    /// A reproducible generator: its key is the seed's eight bytes, least significant first, then
    /// zeros. For golden vectors and experiments; a lab build only.
    #[cfg(feature = "lab")]
    pub fn seeded(seed: u64) -> Self {
        let mut key = [0u8; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        Self { generator: ChaCha12Rng::from_seed(key) }
    }

    /// Fills `bytes` with uniform bits.
    pub(crate) fn fill(&mut self, bytes: &mut [u8]) {
        self.generator.fill_bytes(bytes);
    }

    /// The next 64 uniform bits.
    pub(crate) fn next_u64(&mut self) -> u64 {
        self.generator.next_u64()
    }
}

impl std::fmt::Debug for Random {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Random")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_generators_from_the_system_differ() {
        let (mut a, mut b) = (Random::from_os().unwrap(), Random::from_os().unwrap());
        assert_ne!([a.next_u64(), a.next_u64()], [b.next_u64(), b.next_u64()]);
        assert_eq!(format!("{a:?}"), "Random", "a generator's state is never printed");
    }

    #[cfg(feature = "lab")]
    #[test]
    fn a_seed_repeats_itself() {
        let draw = |seed| {
            let mut random = Random::seeded(seed);
            [random.next_u64(), random.next_u64()]
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }
}
