//! `frostglass cuts`: where a model may be cut.

use schemars::JsonSchema;
use serde::Serialize;

use crate::arguments::CutsArguments;
use crate::failure::Failure;
use crate::model::ModelFiles;
use crate::output;

/// What `frostglass cuts --json` prints.
#[derive(Serialize, JsonSchema)]
pub(crate) struct CutsReport {
    /// SHA-256 of the front.
    model: String,
    /// In the card's order, shallow to deep.
    cuts: Vec<CutReport>,
}

#[derive(Serialize, JsonSchema)]
struct CutReport {
    name: String,
    /// The tensor's name in the model.
    tensor: String,
    /// Channels, rows, columns.
    shape: [usize; 3],
    /// Bytes of the integers of a plain i8 release there.
    bytes: usize,
    /// What the card says about it.
    notes: String,
}

pub(crate) fn run(arguments: &CutsArguments, json: bool) -> Result<(), Failure> {
    let model = ModelFiles::find(&arguments.model)?.with_card()?;
    let cuts = model.cuts().iter().map(|cut| CutReport {
        name: cut.name().into(),
        tensor: cut.tensor().into(),
        shape: cut.shape(),
        bytes: cut.activations(),
        notes: cut.notes().into(),
    });
    let report = CutsReport { model: model.sha256().to_string(), cuts: cuts.collect() };
    output::answer(json, &report, text)
}

fn text(report: &CutsReport) -> String {
    let width = |of: fn(&CutReport) -> &str| report.cuts.iter().map(|cut| of(cut).len()).max();
    let name = width(|cut| &cut.name).unwrap_or(0);
    let mut text = format!("model {}\n", report.model);
    for cut in &report.cuts {
        let [channels, rows, columns] = cut.shape;
        let shape = format!("{channels} x {rows} x {columns}");
        text +=
            &format!("  {:name$}  {shape:>14}  {:>7} bytes  {}\n", cut.name, cut.bytes, cut.notes);
    }
    text
}
