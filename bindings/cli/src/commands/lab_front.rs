//! `frostglass lab front`: a front on a preprocessed tensor.

use frostglass::front::Precision;
use schemars::JsonSchema;
use serde::Serialize;

use crate::arguments::LabFrontArguments;
use crate::failure::Failure;
use crate::model::ModelFiles;
use crate::npy::Array;
use crate::output::{self, Outputs};

/// What `frostglass lab front --json` prints.
#[derive(Serialize, JsonSchema)]
pub(crate) struct LabFrontReport {
    /// SHA-256 of the model.
    model: String,
    cut: String,
    /// Shape of the array written: [1, C, H, W].
    shape: [usize; 4],
    out: String,
}

pub(crate) fn run(arguments: &LabFrontArguments, json: bool) -> Result<(), Failure> {
    let model = ModelFiles::find(&arguments.model)?.for_lab()?;
    let precision = if arguments.exact { Precision::Exact } else { Precision::Fast };
    let front = model.compile(&arguments.cut, precision)?;
    let input = Array::read(&arguments.input)?;
    let [channels, rows, columns] = front.input_shape();
    if input.map_shape() != Some(front.input_shape()) {
        return Err(Failure::bad_input(format!(
            "{}: its shape is {:?}; the model reads [1, {channels}, {rows}, {columns}]",
            arguments.input.display(),
            input.shape
        )));
    }
    let [channels, rows, columns] = front.shape();
    let mut map = vec![0.0; channels * rows * columns];
    front.run_in_lab(&mut front.workspace(), &input.values, &mut map)?;
    let out = Array { shape: vec![1, channels, rows, columns], values: map };
    let mut outputs = Outputs::default();
    outputs.stage(&arguments.out, &out.to_bytes())?;
    outputs.commit()?;
    let report = LabFrontReport {
        model: model.sha256().to_string(),
        cut: arguments.cut.clone(),
        shape: [1, channels, rows, columns],
        out: arguments.out.display().to_string(),
    };
    output::answer(json, &report, |report| format!("{}: {:?}", report.out, report.shape))
}
