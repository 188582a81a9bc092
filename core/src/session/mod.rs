//! The object an app holds: a front, a policy, and the buffers of both.

mod activations;
mod frostglass;
mod profile;

pub use frostglass::{Delivery, Frostglass};
