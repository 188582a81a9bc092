//! A whole network: the tails that follow a front.
//!
//! On a phone there is only the front; a server holds the rest. [`Tail`] stands in for that server
//! in the demo and in the lab.

#[cfg(feature = "onnx")]
mod tail;

#[cfg(feature = "onnx")]
pub use tail::Tail;
