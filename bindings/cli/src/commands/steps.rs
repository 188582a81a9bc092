//! `frostglass steps`: how a front runs.

use frostglass::front::{Description, Precision};
use schemars::JsonSchema;
use serde::Serialize;

use crate::arguments::StepsArguments;
use crate::failure::Failure;
use crate::model::ModelFiles;
use crate::output;

/// What `frostglass steps --json` prints.
#[derive(Serialize, JsonSchema)]
pub(crate) struct StepsReport {
    /// SHA-256 of the model.
    model: String,
    cut: String,
    #[serde(flatten)]
    description: Description,
}

pub(crate) fn run(arguments: &StepsArguments, json: bool) -> Result<(), Failure> {
    let model = ModelFiles::find(&arguments.model)?.for_lab()?;
    let precision = if arguments.exact { Precision::Exact } else { Precision::Fast };
    let front = model.compile(&arguments.cut, precision)?;
    let report = StepsReport {
        model: model.sha256().to_string(),
        cut: arguments.cut.clone(),
        description: front.describe(),
    };
    output::answer(json, &report, text)
}

fn text(report: &StepsReport) -> String {
    let described = &report.description;
    let memory = match described.memory {
        Some(memory) => format!(
            "{:.1} kB a session, allocated when it opens; {:.1} kB of weights for all, {:.2} times the model's",
            memory.arena_bytes as f64 / 1e3,
            memory.packed_weight_bytes as f64 / 1e3,
            memory.packed_weight_bytes as f64 / memory.weight_bytes.max(1) as f64,
        ),
        None => "allocated in every run: some node has no step of ours".into(),
    };
    let mut text = format!("{}, {}; {memory}\n", described.executor, described.instruction_set);
    let widest = described.steps.iter().map(|step| step.operation.len()).max().unwrap_or(0);
    for step in &described.steps {
        let [channels, rows, columns] = step.shape;
        text += &format!(
            "  {:widest$}  {:>15}  {:>3} rows at a time, {:>3} kept  {:>8.1} MFLOP {:>9.1} kB  {}\n",
            step.operation,
            format!("{channels} x {rows} x {columns}"),
            step.rows_at_a_time,
            step.rows_kept,
            step.operations as f64 / 1e6,
            step.weight_bytes as f64 / 1e3,
            step.kernel,
        );
    }
    text
}
