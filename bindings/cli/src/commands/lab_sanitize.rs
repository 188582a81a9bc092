//! `frostglass lab sanitize`: a policy on a feature map.

use frostglass::policy::{Policy, Site};
use frostglass::random::Random;
use schemars::JsonSchema;
use serde::Serialize;

use crate::arguments::LabSanitizeArguments;
use crate::failure::Failure;
use crate::npy::Array;
use crate::output::{self, Outputs};

/// What `frostglass lab sanitize --json` prints.
#[derive(Serialize, JsonSchema)]
pub(crate) struct LabSanitizeReport {
    /// The policy with every number written out.
    policy: String,
    /// Shape of the array written.
    shape: Vec<usize>,
    /// The size of one step, where the policy has a grid.
    step: Option<f32>,
    out: String,
}

pub(crate) fn run(arguments: &LabSanitizeArguments, json: bool) -> Result<(), Failure> {
    let policy: Policy = arguments.policy.parse()?;
    let input = Array::read(&arguments.input)?;
    let map_shape = input.map_shape().ok_or_else(|| {
        Failure::bad_input(format!(
            "{}: its shape is {:?}; a map is [1, C, H, W], [C, H, W], [1, C] or [C], no size 0",
            arguments.input.display(),
            input.shape
        ))
    })?;
    let Array { shape, values: mut map } = input;
    let pipeline = policy.resolve(&Site::bare(map_shape))?;
    let mut random = match arguments.seed {
        Some(seed) => Random::seeded(seed),
        None => Random::from_os()?,
    };
    let mut workspace = pipeline.workspace();
    pipeline.draw_noise(&mut workspace, &mut random);
    pipeline
        .apply(&mut map, &mut workspace)
        .map_err(|error| Failure::of(arguments.input.display(), &error))?;
    map.truncate(pipeline.values());
    if let Some(grid) = pipeline.grid() {
        map.iter_mut().for_each(|steps| *steps *= grid.step.get());
    }
    let out = Array { shape: with_channels(&shape, pipeline.shape()[0]), values: map };
    let mut outputs = Outputs::default();
    outputs.stage(&arguments.out, &out.to_bytes())?;
    outputs.commit()?;
    let report = LabSanitizeReport {
        policy: pipeline.policy().to_string(),
        shape: out.shape,
        step: pipeline.grid().map(|grid| grid.step.get()),
        out: arguments.out.display().to_string(),
    };
    output::answer(json, &report, |report| {
        format!("{}: {:?} under {}", report.out, report.shape, report.policy)
    })
}

/// The input's shape with the channels that are left.
fn with_channels(shape: &[usize], channels: usize) -> Vec<usize> {
    let mut shape = shape.to_vec();
    let at = match shape.len() {
        4 | 2 => 1,
        _ => 0,
    };
    shape[at] = channels;
    shape
}
