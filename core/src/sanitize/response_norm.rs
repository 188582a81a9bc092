//! Local response normalisation across channels, one tile of positions at a time.
//!
//! Source: *dp-activations*, equation 4. `alpha` is not divided by the window's size (ONNX's LRN
//! divides).

/// The constants of local response normalisation: each value is divided by
/// `(gamma + alpha * sum of squares over the window)^beta`, where the window of channel `i` is
/// `max(0, i - floor(u/2)) ..= min(m - 1, i + floor(u/2))`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ResponseNorm {
    /// `u`, the width of the window in channels; at least 1.
    pub width: usize,
    /// Weight of the sum of squares.
    pub alpha: f32,
    /// The exponent.
    pub beta: f32,
    /// The constant under the power.
    pub gamma: f32,
}

impl ResponseNorm {
    /// How many channels the window reaches to each side: `floor(u/2)`.
    pub fn reach(&self) -> usize {
        self.width / 2
    }

    /// Replaces sums of squares by what equation 4 divides by: `(gamma + alpha * sum)^beta`.
    pub(super) fn powers(&self, sums: &mut [f32]) {
        let Self { alpha, beta, gamma, .. } = *self;
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
}
