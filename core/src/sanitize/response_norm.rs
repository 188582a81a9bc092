//! Local response normalisation across channels, one tile of positions at a time.
//!
//! Source: *dp-activations*, equation 4; its constants are [`Normalisation`]'s.

use crate::privacy::Normalisation;

/// Replaces sums of squares by what equation 4 divides by: `(gamma + alpha * sum)^beta`.
pub(super) fn powers(constants: &Normalisation, sums: &mut [f32]) {
    let (alpha, beta, gamma) = (constants.alpha(), constants.beta(), constants.gamma());
    // The common exponents are roots: an order of magnitude faster than a general power.
    if beta == 0.5 {
        for sum in sums {
            *sum = (gamma + alpha * *sum).sqrt();
        }
    } else if beta == 0.75 {
        for sum in sums {
            let root = (gamma + alpha * *sum).sqrt();
            *sum = root * root.sqrt();
        }
    } else {
        for sum in sums {
            *sum = (gamma + alpha * *sum).powf(beta);
        }
    }
}
