//! The front layers of a pre-trained network, run on the device, their output sanitised, and
//! nothing else let out.

pub mod error;
pub mod frame;
pub mod front;
pub mod grid;
#[cfg(feature = "lab")]
mod lab_build;
pub mod ledger;
pub mod network;
pub mod policy;
pub mod privacy;
pub mod probe;
pub mod random;
pub mod release;
pub mod sanitize;
pub mod session;
pub mod topology;

pub use error::{Error, ErrorKind, Result};
