//! What releases cost in privacy: noise, sensitivity, calibration, accounting.
//!
//! Every figure here is a *formal* promise: (epsilon, delta) under a named adjacency, a clip bound
//! and a sampler. Differential privacy says nothing by itself about what a picture shows: it bounds
//! how much one release can tell two *adjacent* inputs apart, and the adjacency is the promise.
//! [`Adjacency`] names the three that are told apart here.

pub mod accounting;
mod adjacency;
mod calibration;
mod curve;
mod erfcx;
mod mechanism;
mod noise;
mod normalisation;
mod quantities;
mod rounded;
mod sampler;
mod sensitivity;
mod target;
mod tiled;

pub use adjacency::{Adjacency, PatchSide};
pub use calibration::{Calibration, best_guess, classical_sigma, delta, epsilon, mu};
pub use mechanism::{Mechanism, Scope, Spend, is_useful};
pub use noise::NoiseTable;
pub use normalisation::{ClipBound, Normalisation};
pub use quantities::{Delta, Epsilon, Mu};
pub use rounded::rounded_up;
pub use sampler::SamplerError;
pub use sensitivity::{Region, Sensitivity};
pub use target::Target;
pub use tiled::Tiled;
