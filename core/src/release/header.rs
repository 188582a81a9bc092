//! Writing a release: the header is public and the same for every release of a session, so it is
//! made once and copied.

use serde::Serialize;

use crate::grid::{Grid, GridInteger};
use crate::policy::Pipeline;

/// The format that this version writes.
pub const FORMAT: &str = "frostglass/1";

/// Bytes before the integers are a whole number of these: one header is as long as the next of the
/// same policy, whatever the digits of its step, and the integers are aligned.
const BLOCK: usize = 1024;

/// The header's JSON; keys are written in this order.
#[derive(Serialize)]
struct HeaderJson<'a> {
    #[serde(rename = "__metadata__")]
    metadata: Metadata<'a>,
    release: Tensor,
}

#[derive(Serialize)]
struct Metadata<'a> {
    format: &'a str,
    model: &'a str,
    cut: &'a str,
    channels: String,
    step: String,
    policy: String,
}

#[derive(Serialize)]
struct Tensor {
    dtype: &'static str,
    shape: [usize; 4],
    data_offsets: [usize; 2],
}

/// The bytes of a release before its integers.
#[derive(Clone, Debug)]
pub struct Header {
    bytes: Vec<u8>,
    payload: usize,
}

impl Header {
    /// The header of every release that `pipeline` makes at `cut` of the model with this SHA-256
    /// (in hexadecimal), on `grid`.
    ///
    /// Keys stand in a fixed order and the whole is padded with spaces, as safetensors allows, to a
    /// fixed length.
    pub fn new(model: &str, cut: &str, pipeline: &Pipeline, grid: Grid) -> Self {
        let [channels, rows, columns] = pipeline.shape();
        let payload = pipeline.values() * grid.integer.bytes();
        let text = serde_json::to_string(&HeaderJson {
            metadata: Metadata {
                format: FORMAT,
                model,
                cut,
                channels: pipeline.kept().to_string(),
                step: crate::policy::print_number(grid.step.get()),
                policy: pipeline.policy().to_string(),
            },
            release: Tensor {
                dtype: dtype(grid.integer),
                shape: [1, channels, rows, columns],
                data_offsets: [0, payload],
            },
        })
        .expect("strings and numbers are always JSON");
        let total = (8 + text.len()).next_multiple_of(BLOCK);
        let mut bytes = Vec::with_capacity(total);
        bytes.extend_from_slice(&((total - 8) as u64).to_le_bytes());
        bytes.extend_from_slice(text.as_bytes());
        bytes.resize(total, b' ');
        Self { bytes, payload }
    }

    /// The bytes before the integers.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes of a whole release.
    pub fn release_len(&self) -> usize {
        self.bytes.len() + self.payload
    }
}

/// safetensors' name of the integers.
pub(super) fn dtype(integer: GridInteger) -> &'static str {
    match integer {
        GridInteger::I8 => "I8",
        GridInteger::I16 => "I16",
    }
}
