//! `frostglass steps`: how a front runs.

use frostglass::front::{CompileOptions, Description, Precision};
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
    let options = CompileOptions { precision, no_alloc: arguments.no_alloc };
    let front = model.compile(&arguments.cut, options)?;
    let report = StepsReport {
        model: model.sha256().to_string(),
        cut: arguments.cut.clone(),
        description: front.describe(),
    };
    output::answer(json, &report, text)
}

fn text(report: &StepsReport) -> String {
    let described = &report.description;
    let allocating = described.steps.iter().filter(|step| step.allocates).count();
    let besides = match allocating {
        0 => "nothing else in a run".to_owned(),
        1 => "and more in every run: one step runs on tract".to_owned(),
        many => format!("and more in every run: {many} steps run on tract"),
    };
    let memory = described.memory;
    let mut text = format!(
        "{}; {:.1} kB a session, allocated when it opens, {besides}; {:.1} kB of weights for all, {:.2} times the model's\n",
        described.instruction_set,
        memory.arena_bytes as f64 / 1e3,
        memory.packed_weight_bytes as f64 / 1e3,
        memory.packed_weight_bytes as f64 / memory.weight_bytes.max(1) as f64,
    );
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
