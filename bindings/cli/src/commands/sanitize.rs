//! `frostglass sanitize`: a photograph becomes a release.

use std::path::Path;
use std::sync::Arc;

use frostglass::front::CompileOptions;
use frostglass::policy::Policy;
use frostglass::release::Receipt;
use frostglass::session::Frostglass;
use schemars::JsonSchema;
use serde::Serialize;

use crate::arguments::SanitizeArguments;
use crate::failure::Failure;
use crate::model::ModelFiles;
use crate::output::{self, Outputs};
use crate::photo;

/// What `frostglass sanitize --json` prints.
#[derive(Serialize, JsonSchema)]
pub(crate) struct SanitizeReport {
    /// The release's path, as given.
    out: String,
    /// Bytes of the release.
    bytes: usize,
    /// What it promises. This answer stays with you, as the receipt does.
    receipt: Receipt,
}

pub(crate) fn run(arguments: &SanitizeArguments, json: bool) -> Result<(), Failure> {
    // What was typed is checked before anything is read, the small before the large.
    let policy: Policy = arguments.policy.parse()?;
    let model = ModelFiles::find(&arguments.model)?.with_card()?;
    model.cut(&arguments.cut)?;
    let picture = photo::read(&arguments.photo)?;
    let frame = photo::frame(&picture, arguments.crop)
        .map_err(|error| Failure::of(arguments.photo.display(), &error))?;
    let options = CompileOptions { precision: policy.precision(), no_alloc: arguments.no_alloc };
    let front = model.compile(&arguments.cut, options)?;
    let session = Frostglass::open_with_threads(Arc::new(front), &policy, arguments.threads)?;
    let release =
        session.sanitize(&frame).map_err(|error| Failure::of(arguments.photo.display(), &error))?;

    let mut outputs = Outputs::default();
    outputs.stage(&arguments.out, release.as_bytes())?;
    if let Some(path) = &arguments.receipt {
        outputs.stage(path, &receipt_file(session.receipt()))?;
    }
    outputs.commit()?;
    let report = SanitizeReport {
        out: arguments.out.display().to_string(),
        bytes: release.as_bytes().len(),
        receipt: session.receipt().clone(),
    };
    output::answer(json, &report, |report| text(report, &arguments.out))
}

/// A receipt as the file that `--receipt` writes.
pub(crate) fn receipt_file(receipt: &Receipt) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(receipt).expect("receipts are always JSON");
    bytes.push(b'\n');
    bytes
}

fn text(report: &SanitizeReport, out: &Path) -> String {
    format!("{}: {} bytes\n\n{}", out.display(), report.bytes, report.receipt)
}
