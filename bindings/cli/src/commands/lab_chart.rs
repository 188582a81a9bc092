//! `frostglass lab chart`: curves from a file, drawn.

use schemars::JsonSchema;
use serde::Serialize;

use crate::arguments::LabChartArguments;
use crate::chart::{self, Chart};
use crate::failure::Failure;
use crate::input;
use crate::output::{self, Outputs};

/// The largest file of curves that is read.
const LARGEST: u64 = 64 << 20;

/// What `frostglass lab chart --json` prints.
#[derive(Serialize, JsonSchema)]
pub(crate) struct LabChartReport {
    /// Curves that were drawn.
    curves: usize,
    out: Vec<String>,
}

pub(crate) fn run(arguments: &LabChartArguments, json: bool) -> Result<(), Failure> {
    let text = input::read_text(&arguments.curves, LARGEST)?;
    let chart: Chart = serde_json::from_str(&text)
        .map_err(|error| Failure::bad_input(format!("{}: {error}", arguments.curves.display())))?;
    let mut outputs = Outputs::default();
    for path in &arguments.out {
        outputs.stage(path, &chart::draw(&chart, path)?)?;
    }
    outputs.commit()?;
    let report = LabChartReport {
        curves: chart.curves.len(),
        out: arguments.out.iter().map(|path| path.display().to_string()).collect(),
    };
    output::answer(json, &report, |report| report.out.join("\n"))
}
