//! Mini-batches of a fixed size, drawn in secret.

use super::super::{Delta, Epsilon};
use crate::error::{Error, ErrorKind, Result};

/// A batch that is a fixed share of a set, drawn without replacement for each round.
///
/// Amplification by sampling holds only where all of this does, and the caller answers for it: the
/// draw is made on the device from [`random`](crate::random), anew and uniformly for each round; the
/// server sees neither indices nor an order that tells them, and no label that identifies a member;
/// two adjacent sets differ in one member *replaced* by another. Otherwise an image used T times
/// pays T times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FixedSizeSampling {
    rate: f64,
}

impl FixedSizeSampling {
    /// Batches of this share of the set, above 0 and at most 1.
    ///
    /// # Errors
    /// [`ErrorKind::Policy`] for any other rate.
    pub fn new(rate: f64) -> Result<Self> {
        if rate > 0.0 && rate <= 1.0 {
            return Ok(Self { rate });
        }
        let message = format!("a sampling rate must be above 0 and at most 1, not {rate}");
        Err(Error::new(ErrorKind::Policy, message))
    }

    /// The share that a batch is of the set.
    pub fn rate(self) -> f64 {
        self.rate
    }

    /// What one round costs, given what it would cost the batch's own members:
    /// `(ln(1 + q (e^epsilon - 1)), q delta)` (Balle, Barthe and Gaboardi 2018, Theorem 9; exact for
    /// replacing one member).
    pub fn amplify(self, epsilon: Epsilon, delta: Delta) -> (f64, f64) {
        let epsilon = epsilon.get();
        // q (e^epsilon - 1) overflows where 1 - q is nothing beside it.
        let amplified = if epsilon > 700.0 {
            epsilon + self.rate.ln()
        } else {
            (self.rate * epsilon.exp_m1()).ln_1p()
        };
        (amplified.max(0.0), self.rate * delta.get())
    }
}
