//! One suite for every instruction set and both precisions: random networks of each kind of step,
//! and random small networks of all of them, against double precision.

#[cfg(feature = "onnx")]
mod fallback;
mod levels;
mod naive;
mod networks;
mod rounding;
mod sketch;
mod stem;
mod steps;
mod threads;
mod tiles;
