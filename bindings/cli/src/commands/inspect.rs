//! `frostglass inspect`: what a release says of itself.

use std::path::{Path, PathBuf};

use frostglass::release::Release;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::arguments::InspectArguments;
use crate::failure::Failure;
use crate::input;
use crate::output;

/// The largest release that is read: the largest map in i16, and its header.
const LARGEST_RELEASE: u64 = (1 << 28) + (1 << 20);

/// The largest receipt that is read.
const LARGEST_RECEIPT: u64 = 4 << 20;

/// What `frostglass inspect --json` prints.
#[derive(Serialize, JsonSchema)]
pub(crate) struct InspectReport {
    format: String,
    /// SHA-256 of the model's front. It does not authenticate an origin.
    model: String,
    cut: String,
    /// Channels of the cut that are here, as ranges.
    channels: String,
    /// Channels, rows, columns.
    shape: [usize; 3],
    /// i8 or i16.
    grid: String,
    /// A value is integer * step.
    step: f32,
    /// What made it, every parameter written out.
    policy: String,
    /// Bytes of the file.
    bytes: usize,
    /// The receipt that lies beside the file and speaks of such a release, if one does.
    receipt: Option<Value>,
}

pub(crate) fn run(arguments: &InspectArguments, json: bool) -> Result<(), Failure> {
    let bytes = input::read(&arguments.file, LARGEST_RELEASE)?;
    let release =
        Release::parse(bytes).map_err(|error| Failure::of(arguments.file.display(), &error))?;
    let mut report = InspectReport {
        format: frostglass::release::FORMAT.into(),
        model: release.model().into(),
        cut: release.cut().into(),
        channels: release.channels().to_string(),
        shape: release.shape(),
        grid: release.grid().integer.to_string(),
        step: release.grid().step.get(),
        policy: release.policy().to_string(),
        bytes: release.as_bytes().len(),
        receipt: None,
    };
    report.receipt = receipt_beside(&arguments.file, &report);
    output::answer(json, &report, text)
}

/// `x.receipt.json` or `x.safetensors.receipt.json` beside `x.safetensors`, if it is the receipt of
/// a release with this header. A receipt of another release is not shown: it would promise what
/// this one does not keep.
fn receipt_beside(release: &Path, report: &InspectReport) -> Option<Value> {
    let mut appended = release.as_os_str().to_owned();
    appended.push(".receipt.json");
    let candidates = [release.with_extension("receipt.json"), PathBuf::from(appended)];
    candidates.into_iter().find_map(|path| {
        let text = input::read(&path, LARGEST_RECEIPT).ok()?;
        let receipt: Value = serde_json::from_slice(&text).ok()?;
        let same = receipt["model"] == report.model
            && receipt["cut"] == report.cut
            && receipt["channels"] == report.channels
            && receipt["policy"] == report.policy;
        same.then_some(receipt)
    })
}

fn text(report: &InspectReport) -> String {
    let [channels, rows, columns] = report.shape;
    let mut text = format!(
        "format   {}\nmodel    {}\ncut      {}\nchannels {}\nshape    {channels} x {rows} x {columns}\ngrid     {}, step {}\npolicy   {}\nbytes    {}\n",
        report.format,
        report.model,
        report.cut,
        report.channels,
        report.grid,
        report.step,
        report.policy,
        report.bytes,
    );
    match &report.receipt {
        None => text += "receipt  none of this release lies beside it\n",
        Some(receipt) => {
            text += "receipt\n";
            for promise in receipt["promises"].as_array().into_iter().flatten() {
                let part = |key: &str| promise[key].as_str().unwrap_or_default().to_owned();
                text += &format!("  {:<12}{}\n", part("kind"), part("statement"));
            }
        }
    }
    text
}
