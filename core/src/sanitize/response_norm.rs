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

    /// Divides each value by its denominator's power, given the sum of squares of its window.
    pub(super) fn divide(&self, values: &mut [f32], sums: &[f32]) {
        let Self { alpha, beta, gamma, .. } = *self;
        // The common exponents are roots: an order of magnitude faster than a general power.
        if beta == 0.5 {
            for (value, sum) in values.iter_mut().zip(sums) {
                *value /= (gamma + alpha * sum).sqrt();
            }
        } else if beta == 0.75 {
            for (value, sum) in values.iter_mut().zip(sums) {
                let root = (gamma + alpha * sum).sqrt();
                *value /= root * root.sqrt();
            }
        } else {
            for (value, sum) in values.iter_mut().zip(sums) {
                *value /= (gamma + alpha * sum).powf(beta);
            }
        }
    }
}
