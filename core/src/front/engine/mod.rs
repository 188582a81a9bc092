//! What runs a checked graph: our own plan where its steps cover the graph, tract's executor where
//! they do not. Only [`Engine`] knows which; nothing of tract's shows outside this module.

#[cfg(not(feature = "onnx"))]
mod absent;
#[cfg(feature = "onnx")]
mod encode;
#[cfg(feature = "onnx")]
mod present;
#[cfg(feature = "onnx")]
mod tract;

#[cfg(not(feature = "onnx"))]
pub(crate) use absent::{Engine, EngineState};
#[cfg(feature = "onnx")]
pub(crate) use present::{Engine, EngineState};
#[cfg(all(test, feature = "onnx"))]
pub(crate) use tract::Tract;
