//! What runs a checked graph: our own plan where its steps cover the graph, tract's executor where
//! they do not. Only [`Engine`] knows which; nothing of tract's shows outside this module. Without the
//! `onnx` feature the plan is alone.

mod choice;
#[cfg(feature = "onnx")]
mod encode;
#[cfg(feature = "onnx")]
mod tract;

#[cfg(feature = "onnx")]
pub(crate) use choice::uncovered;
pub(crate) use choice::{Engine, EngineState};
#[cfg(all(test, feature = "onnx"))]
pub(crate) use tract::Tract;
