//! What leaves the device, and the receipt that stays.
//!
//! A release is a [safetensors] file: one tensor named `release`, shape `[1, C, H, W]`, of `I8` or
//! `I16`, where a value is `integer * step`. Its header holds public parameters only: the format,
//! the model's hash, the cut, the channels, the step, the policy. No time, no device, nothing of
//! the image: two releases of equal content are equal bytes. See [`Header`] for writing and
//! [`Release`] for reading.
//!
//! The [`Receipt`] says what one release promises, and which kind of promise each is. It is a
//! separate object that stays on the device.
//!
//! [safetensors]: https://github.com/huggingface/safetensors

mod header;
mod leakage;
mod read;
mod receipt;

pub use header::{FORMAT, Header};
pub(crate) use leakage::leakage;
pub use read::Release;
pub use receipt::{Adjacencies, AdjacencyCost, NoiseReceipt, Promise, PromiseKind, Receipt};
