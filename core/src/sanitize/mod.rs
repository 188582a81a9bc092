//! The stages themselves, in place on slices: no allocation, no randomness of their own, no
//! knowledge of policies or releases.
//!
//! A map is a slice of `f32` laid out `[channel][row][column]`; a *position* is one pixel of the
//! map, so that a map of C channels over P positions has `C * P` values and channel `c` at position
//! `p` is `map[c * P + p]`.
//!
//! Before a grid the values are activations. On a [grid](crate::grid) they are whole numbers of steps, held
//! exactly in `f32` (every integer up to 2^24 is): noise is added to integers, never to floats.

mod channels;
mod hold;
mod noisy_norm;
mod quantise;
mod response_norm;

pub use channels::select_channels;
pub use hold::{Hold, HoldRule, HoldWithin, sample_and_hold};
#[cfg(feature = "lab")]
pub use noisy_norm::normalise;
pub use noisy_norm::{NoisyNorm, TILE, noisy_norm, norm_of_normalised_map};
pub use quantise::{encode, quantise};
