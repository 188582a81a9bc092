//! What happens to a sum before it is stored: addition of a skip connection, then an activation.

use super::vector::Vector;

/// An activation that a store applies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fused {
    /// The sum as it is.
    None,
    /// At least this; ReLU is at least 0.
    AtLeast(f32),
    /// Between these.
    Clip { low: f32, high: f32 },
    /// Negative sums times a slope of each channel; the slopes lie beside the biases.
    Slope,
}

impl Fused {
    /// Applies it to some channels.
    ///
    /// # Safety
    /// The processor has `V`'s instructions, and `slopes` is good for as many floats where it is
    /// needed.
    #[inline(always)]
    pub(super) unsafe fn apply<V: Vector>(self, sum: V, slopes: *const f32) -> V {
        // SAFETY: the caller's promise.
        unsafe {
            match self {
                Self::None => sum,
                Self::AtLeast(low) => sum.maximum(V::constant(low)),
                Self::Clip { low, high } => {
                    sum.maximum(V::constant(low)).minimum(V::constant(high))
                }
                Self::Slope => {
                    let negative = sum.minimum(V::zero()).multiply(V::load(slopes));
                    sum.maximum(V::zero()).add(negative)
                }
            }
        }
    }

    /// [`Fused::apply`] to a tile of pixels, of the same channels.
    ///
    /// # Safety
    /// As there.
    #[inline(always)]
    pub(super) unsafe fn apply_all<V: Vector, const ROWS: usize, const COLUMNS: usize>(
        self,
        mut sums: [[V; COLUMNS]; ROWS],
        slopes: *const f32,
    ) -> [[V; COLUMNS]; ROWS] {
        // SAFETY: the caller's promise.
        unsafe {
            match self {
                Self::None => {}
                Self::AtLeast(low) => {
                    let low = V::constant(low);
                    for sum in sums.as_flattened_mut() {
                        *sum = sum.maximum(low);
                    }
                }
                Self::Clip { .. } | Self::Slope => {
                    for sum in sums.as_flattened_mut() {
                        *sum = self.apply(*sum, slopes);
                    }
                }
            }
        }
        sums
    }
}
