//! `frostglass pack`: a front in one file, for devices that read no ONNX.

use frostglass::front::Digest;
use schemars::JsonSchema;
use serde::Serialize;

use crate::arguments::PackArguments;
use crate::failure::Failure;
use crate::model::ModelFiles;
use crate::output::{self, Outputs};

/// What `frostglass pack --json` prints.
#[derive(Serialize, JsonSchema)]
pub(crate) struct PackReport {
    /// SHA-256 of the model.
    model: String,
    cut: String,
    /// The packed front's path, as given.
    out: String,
    /// Bytes of the packed front.
    bytes: usize,
    /// SHA-256 of the packed front but for its last 32 bytes, which are this digest.
    digest: String,
}

pub(crate) fn run(arguments: &PackArguments, json: bool) -> Result<(), Failure> {
    let model = ModelFiles::find(&arguments.model)?.with_card()?;
    let file = model.pack(&arguments.cut)?;
    let digest = file.last_chunk().expect("a packed front ends in its digest");
    let mut outputs = Outputs::default();
    outputs.stage(&arguments.out, &file)?;
    outputs.commit()?;
    let report = PackReport {
        model: model.sha256().to_string(),
        cut: arguments.cut.clone(),
        out: arguments.out.display().to_string(),
        bytes: file.len(),
        digest: Digest::from_bytes(*digest).to_string(),
    };
    output::answer(json, &report, |report| {
        format!("{}: {} bytes, digest {}", report.out, report.bytes, report.digest)
    })
}
