//! Fronts: a model file, opened and made ready to run up to its cut.

use std::fs;
use std::sync::Arc;

use frostglass::front::{self as core, Digest, PackedFront};

use crate::failure::{ErrorKind, Failure, Result};
use crate::policy::Policy;

/// Where a model comes from.
#[derive(Clone, Debug, uniffi::Enum)]
pub enum ModelSource {
    /// A packed front in a file: one cut of a model, with its card.
    PackedFile {
        /// Where it lies.
        path: String,
        /// The digest that the app expects, 64 hexadecimal digits; any where none is given.
        digest: Option<String>,
    },
    /// A packed front in memory.
    PackedBytes {
        /// The whole file.
        bytes: Vec<u8>,
        /// As for a file.
        digest: Option<String>,
    },
    /// An ONNX model and its card, in files. The small library does not read ONNX.
    OnnxFile {
        /// Where `front.onnx` lies.
        path: String,
        /// Where `card.toml` lies.
        card_path: String,
        /// The cut's name on the card.
        cut: String,
    },
    /// An ONNX model and its card, in memory.
    OnnxBytes {
        /// The whole of `front.onnx`.
        bytes: Vec<u8>,
        /// The text of `card.toml`.
        card: String,
        /// The cut's name on the card.
        cut: String,
    },
}

/// A network's first layers, ready to run; any number of sessions may share one.
#[derive(Debug, uniffi::Object)]
pub struct Front(pub(crate) Arc<core::Front>);

/// What a front is.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct FrontDescription {
    /// The model hash: SHA-256 of the `front.onnx` it comes from, in hexadecimal.
    pub model: String,
    /// The cut's name.
    pub cut: String,
    /// Channels, rows and columns of the network's input.
    pub input_shape: Vec<u32>,
    /// Channels, rows and columns at the cut.
    pub shape: Vec<u32>,
    /// The instruction set that was chosen for this processor.
    pub instruction_set: String,
    /// Bytes that each session takes for a run on one thread.
    pub arena_bytes: u64,
    /// Bytes of weights, once for all sessions.
    pub weight_bytes: u64,
    /// Multiplications and additions of a run.
    pub operations: u64,
}

#[uniffi::export]
impl Front {
    /// Opens a model and makes it ready to run under this policy. A front that was opened for a
    /// policy with noise serves every policy; one opened for a policy without is faster, and noise
    /// for patches then costs more.
    #[uniffi::constructor]
    pub fn open(source: ModelSource, policy: &Policy) -> Result<Arc<Self>> {
        let precision = policy.0.precision();
        let front = match source {
            ModelSource::PackedFile { path, digest } => {
                packed(read(&path)?, digest)?.compile_with(precision)?
            }
            ModelSource::PackedBytes { bytes, digest } => {
                packed(bytes, digest)?.compile_with(precision)?
            }
            ModelSource::OnnxFile { path, card_path, cut } => {
                let card = String::from_utf8(read(&card_path)?)
                    .map_err(|_| Failure::new(ErrorKind::Model, "the card is no text"))?;
                onnx(&read(&path)?, &card, &cut, precision)?
            }
            ModelSource::OnnxBytes { bytes, card, cut } => onnx(&bytes, &card, &cut, precision)?,
        };
        Ok(Arc::new(Self(Arc::new(front))))
    }

    /// What it is.
    pub fn describe(&self) -> FrontDescription {
        let front = &self.0;
        let description = front.describe();
        FrontDescription {
            model: front.model().to_string(),
            cut: front.cut().name().to_owned(),
            input_shape: front.input_shape().map(small).to_vec(),
            shape: front.shape().map(small).to_vec(),
            instruction_set: description.instruction_set.to_owned(),
            arena_bytes: description.memory.arena_bytes as u64,
            weight_bytes: description.memory.packed_weight_bytes as u64,
            operations: description.steps.iter().map(|step| step.operations).sum(),
        }
    }
}

/// A length of a shape: models are limited far below 2^32.
pub(crate) fn small(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// Which file is missing is what the app asked for; messages name no path.
fn read(path: &str) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| {
        Failure::new(
            ErrorKind::System,
            format!("the model's file cannot be read: {}", error.kind()),
        )
    })
}

fn packed(bytes: Vec<u8>, digest: Option<String>) -> Result<PackedFront> {
    Ok(match digest {
        Some(digest) => PackedFront::open_expecting(bytes, Digest::from_hex(&digest)?)?,
        None => PackedFront::open(bytes)?,
    })
}

#[cfg(feature = "onnx")]
fn onnx(bytes: &[u8], card: &str, cut: &str, precision: core::Precision) -> Result<core::Front> {
    let model = core::Model::open(bytes, core::Card::parse(card)?)?;
    Ok(model.compile_with(cut, precision)?)
}

#[cfg(not(feature = "onnx"))]
fn onnx(_: &[u8], _: &str, _: &str, _: core::Precision) -> Result<core::Front> {
    Err(Failure::new(
        ErrorKind::Model,
        "this build opens packed fronts only: pack the model with `frostglass pack`, or use the library that reads ONNX",
    ))
}
