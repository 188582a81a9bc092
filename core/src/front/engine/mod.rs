//! What runs a checked graph.
//!
//! For now that is tract's own executor. Only [`Engine`] knows: nothing of tract's shows outside
//! this module.

#[cfg(not(feature = "onnx"))]
mod absent;
#[cfg(feature = "onnx")]
mod encode;
#[cfg(feature = "onnx")]
mod tract;

#[cfg(not(feature = "onnx"))]
pub(crate) use absent::{Engine, EngineState};
#[cfg(feature = "onnx")]
pub(crate) use tract::{Engine, EngineState};
