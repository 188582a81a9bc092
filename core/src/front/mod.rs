//! A pre-trained network, read, checked, cut and run up to the cut.
//!
//! A [`Card`] says what a model is and where it may be cut. A `Model` is a model file that was
//! found sound and that its card describes. Compiling it for one [`Cut`] gives a [`Front`]: the
//! nodes which that cut needs, ready to run, shared by any number of sessions.
//!
//! What a front puts out never leaves this crate as it is. A session hands it to a policy, and only
//! what the policy made of it is released; the `lab` feature opens this for measurements.
//!
//! Reading ONNX takes the `onnx` feature. Without it there is no `Model`, and nothing yet that makes
//! a [`Front`].

mod card;
mod cut;
mod description;
mod digest;
mod engine;
#[cfg(feature = "onnx")]
mod executor;
#[cfg(feature = "onnx")]
pub(crate) mod graph;
#[cfg(feature = "onnx")]
pub(crate) mod model;
mod numbers;
#[cfg(feature = "onnx")]
pub(crate) mod onnx;
#[cfg(feature = "onnx")]
pub(crate) mod operator;
mod precision;
mod reach;
mod run;

pub use card::{Card, Demo, Output};
pub use cut::Cut;
pub use description::{Description, StepDescription};
pub use digest::Digest;
#[cfg(feature = "onnx")]
pub use model::Model;
pub use precision::Precision;
pub use reach::{AxisReach, Reach};
pub use run::{Front, Workspace};

#[cfg(feature = "onnx")]
pub(crate) use engine::Engine;
