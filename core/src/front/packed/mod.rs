//! Packed fronts: what one cut needs of a model, in one file that opens without ONNX.
//!
//! A packed front holds the checked graph up to its cut, before anything is fused or packed for a
//! processor, and the card as it was written. It is as hostile as any other file until shown
//! otherwise; opening it passes through the same rules and limits as ONNX does
//! ([`super::shape`], [`super::tally`]). Nothing that follows from something else is written: no shape
//! but the input's, no receptive field, no gain but the card's. What is not written cannot lie.
//!
//! [`container`] is the file's outline: header, parts, digest. [`steps`] is the graph without its
//! numbers, [`weights`] the numbers.

mod container;
mod front;
mod steps;
#[cfg(test)]
mod tests;
mod weights;
#[cfg(feature = "onnx")]
mod write;

pub use front::PackedFront;
#[cfg(feature = "onnx")]
pub(super) use write::write;

use crate::error::{Error, ErrorKind};

fn refusal(what: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Model, format!("the packed front cannot be used: {what}"))
}
