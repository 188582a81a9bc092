//! What releases cost in privacy: noise, sensitivity, calibration, accounting.
//!
//! Every figure here is a *formal* promise: (epsilon, delta) under a named adjacency, a clip bound
//! and a sampler. Differential privacy says nothing by itself about what a picture shows: it bounds
//! how much one release can tell two *adjacent* inputs apart, and the adjacency is the promise.
//! [`Adjacency`] names the three that are told apart here.

pub mod accounting;
mod adjacency;
mod calibration;
mod erfcx;
mod mechanism;
mod noise;
mod sensitivity;

pub use adjacency::Adjacency;
pub use calibration::{Calibration, classical_sigma, delta, epsilon, mu, odds};
pub use mechanism::{Mechanism, Scope, Spend, calibrate};
pub use noise::NoiseTable;
pub use sensitivity::{Region, Sensitivity};
