//! Fronts as a lab sees them: what a hostile file meets, what each operator computes, how far a
//! pixel reaches, and the networks we know.
#![cfg(all(feature = "onnx", feature = "lab"))]

mod depth;
mod fallback;
mod hostile;
#[cfg(target_os = "linux")]
mod limited;
mod networks;
mod operators;
mod packed;
mod reach;
mod sketch;
mod tails;
