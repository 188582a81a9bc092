//! What runs a checked graph: its plan, and states that the plan made.

#[cfg(not(feature = "onnx"))]
mod absent;
#[cfg(feature = "onnx")]
mod present;

#[cfg(not(feature = "onnx"))]
pub(crate) use absent::{Engine, EngineState};
#[cfg(feature = "onnx")]
pub(crate) use present::{Engine, EngineState};
