//! A pre-trained network, read, checked, cut and run up to the cut.
//!
//! A [`Card`] says what a model is and where it may be cut. A `Model` is a model file that was
//! found sound and that its card describes; a [`PackedFront`] is as much of it as one [`Cut`]
//! needs, in one file. Compiling either gives a [`Front`]: the nodes which the cut needs, ready to
//! run, shared by any number of sessions.
//!
//! What a front puts out never leaves this crate as it is. A session hands it to a policy, and only
//! what the policy made of it is released; the `lab` feature opens this for measurements.
//!
//! Reading ONNX takes the `onnx` feature. Without it there is no `Model`, and packed fronts are what
//! a device opens.

mod card;
mod cut;
mod depth;
mod description;
mod digest;
mod executor;
pub(crate) mod graph;
mod leakage;
mod limits;
#[cfg(feature = "onnx")]
pub(crate) mod model;
mod numbers;
#[cfg(feature = "onnx")]
pub(crate) mod onnx;
#[cfg_attr(
    not(feature = "onnx"),
    allow(dead_code, reason = "a packed front holds fewer operators than ONNX has")
)]
pub(crate) mod operator;
mod options;
mod packed;
mod precision;
mod reach;
mod run;
mod shape;
mod shared_bytes;
mod sign;
mod tally;
#[cfg(feature = "onnx")]
mod tract;

pub use card::{Card, Demo, Output};
pub use cut::Cut;
pub use description::{Description, Memory, StepDescription};
pub use digest::Digest;
pub use leakage::HeldLeakage;
#[cfg(feature = "onnx")]
pub use model::Model;
pub use options::CompileOptions;
pub use packed::PackedFront;
pub use precision::Precision;
pub use reach::{AxisReach, Reach};
pub use run::{Front, Workspace};

pub(crate) use executor::Bound;
#[cfg(feature = "onnx")]
pub(crate) use executor::{Plan, PlanState};
