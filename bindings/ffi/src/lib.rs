//! libfrostglass: the core as other languages call it.
//!
//! - **Control** goes through UniFFI: policies ([`Policy`]), fronts ([`Front`]), sessions
//!   ([`Session`]), receipts, ledgers, the choice among fronts ([`select_front`]). Calls are rare there and convenience counts.
//! - **Pixels and releases** go by address: Kotlin hands direct buffers to JNI functions ([`jni`]),
//!   Swift and C hand pointers to C functions ([`c`], `include/frostglass.h`). Nothing is copied and
//!   nothing is allocated, but for the message of an error.
//!
//! A session is named there by a number that stays safe after the session is closed,
//! from whatever thread it comes. Nothing is decided here: what may be released, at what price and
//! with which noise is the core's to say. A panic becomes an error of kind [`ErrorKind::Internal`] at
//! every entry.
//!
//! Built without the feature `lab`, as everything that ships is, there is no way to choose the noise.
#![deny(unsafe_op_in_unsafe_fn)]

pub mod c;
mod failure;
mod frames;
mod front;
mod java;
pub mod jni;
#[cfg(feature = "lab")]
pub mod lab;
mod ledger;
mod policy;
mod profile;
mod receipt;
mod release;
mod session;
mod sessions;
mod topology;

pub use failure::{ErrorKind, Failure};
pub use front::{Front, FrontDescription, ModelSource};
pub use ledger::{
    Budget, BudgetUnit, Ledger, LedgerCheck, Spent, Standing, check_ledger, continue_damaged_ledger,
};
pub use policy::{Adjacency, Calibration, Dp, GridInteger, HoldRule, HoldWithin, Policy, Stage};
pub use profile::{MeterReading, MeterSources, Meters, Profile};
pub use receipt::{Promise, PromiseKind, Receipt, ReleaseCost};
pub use release::{ReleaseDescription, describe_release};
pub use session::{PictureSize, Session, SessionOptions};
pub use topology::{Candidate, Figures, PrivacyDemand, Quantity, Selection, select_front};

uniffi::setup_scaffolding!("frostglass");
