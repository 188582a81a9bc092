//! What happens to a sum before it is stored: addition of a skip connection, then an activation.

use super::simd::Simd;

/// An activation that a store applies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fused {
    /// The sum as it is.
    None,
    /// Between these; ReLU is from 0 to infinity.
    Clip { low: f32, high: f32 },
    /// Negative sums times a slope of each channel; the slopes lie beside the biases.
    Slope,
}

impl Fused {
    /// Applies it to sixteen channels.
    ///
    /// # Safety
    /// The processor has `S`'s instructions, and `slopes` is good for sixteen floats where it is
    /// needed.
    #[inline(always)]
    pub(super) unsafe fn apply<S: Simd>(self, sum: S, slopes: *const f32) -> S {
        // SAFETY: the caller's promise.
        unsafe {
            match self {
                Self::None => sum,
                Self::Clip { low, high } => {
                    sum.maximum(S::constant(low)).minimum(S::constant(high))
                }
                Self::Slope => {
                    let negative = sum.minimum(S::zero()).multiply(S::load(slopes));
                    sum.maximum(S::zero()).add(negative)
                }
            }
        }
    }
}
