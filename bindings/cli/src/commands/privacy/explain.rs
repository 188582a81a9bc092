//! `frostglass privacy explain`: what one release under a policy costs.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::num::NonZeroUsize;

use frostglass::frame::Footprint;
use frostglass::front::CompileOptions;
use frostglass::grid::{GridInteger, GridStep};
use frostglass::policy::{Policy, Site};
use frostglass::privacy::{Delta, Mechanism, rounded_up};
use frostglass::release::{Adjacencies, AdjacencyCost};
use schemars::JsonSchema;
use serde::Serialize;

use super::figure;
use crate::arguments::ExplainArguments;
use crate::failure::Failure;
use crate::model::ModelFiles;
use crate::output;

/// What `frostglass privacy explain --json` prints.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ExplainReport {
    /// SHA-256 of the front.
    model: String,
    cut: String,
    /// With every parameter written out.
    policy: String,
    /// What the noise was calibrated to.
    unit: String,
    /// The epsilon that was asked for, under `unit`.
    nominal_epsilon: f64,
    delta: Delta,
    grid: GridInteger,
    step: GridStep,
    /// The noise's standard deviation, in steps.
    sigma_steps: f64,
    /// The map's largest value without noise, in steps.
    clean_range_steps: f64,
    #[serde(flatten)]
    adjacencies: Adjacencies,
    /// What it costs where so many activations change together, wherever they lie.
    group: BTreeMap<usize, AdjacencyCost>,
}

/// Sizes of the groups of activations that are spoken of.
const GROUPS: [usize; 4] = [2, 10, 100, 1000];

pub(crate) fn run(arguments: &ExplainArguments, json: bool) -> Result<(), Failure> {
    let policy: Policy = arguments.policy.parse()?;
    let model = ModelFiles::find(&arguments.model)?.with_card()?;
    let front = model.compile(&arguments.cut, CompileOptions::default())?;
    let pipeline = policy.resolve(&Site::of(&front))?;
    let Some(mechanism) = pipeline.mechanism() else {
        return Err(Failure::bad_input(
            "the policy has no dp stage, so there is no epsilon to explain; try 'dp(epsilon=5)'",
        ));
    };
    let mut adjacencies = Adjacencies::of(mechanism);
    if let (Some((width, height)), Some(input)) = (arguments.crop, front.input()) {
        adjacencies = adjacencies.for_photos(mechanism, &Footprint::new(input, width, height)?);
    }
    let target = mechanism.target();
    let report = ExplainReport {
        model: model.sha256().to_string(),
        cut: arguments.cut.clone(),
        policy: pipeline.policy().to_string(),
        unit: target.unit().to_string(),
        nominal_epsilon: target.epsilon().get(),
        delta: mechanism.delta(),
        grid: mechanism.integer(),
        step: mechanism.step(),
        sigma_steps: mechanism.sigma(),
        clean_range_steps: mechanism.clean_range(),
        adjacencies,
        group: GROUPS.into_iter().filter_map(|count| group(mechanism, count)).collect(),
    };
    output::answer(json, &report, text)
}

/// What a group of so many activations costs.
fn group(mechanism: &Mechanism, count: usize) -> Option<(usize, AdjacencyCost)> {
    let hides = format!("{count} numbers of the feature map, wherever they lie");
    let spend = mechanism.spend_of_group(NonZeroUsize::new(count)?);
    Some((count, AdjacencyCost::of(spend, hides)))
}

fn text(report: &ExplainReport) -> String {
    let mut text = format!(
        "policy  {}\nnoise   {} steps on {} of {}; the clean map reaches {} steps\n\none release, at delta {}:\n     epsilon          mu  what stays hidden",
        report.policy,
        report.sigma_steps,
        report.grid,
        figure(f64::from(report.step.get())),
        figure(report.clean_range_steps),
        report.delta,
    );
    for cost in report.adjacencies.iter().chain(report.group.values()) {
        let useless = if cost.useful { "" } else { " (no useful guarantee)" };
        let (epsilon, mu) = (rounded_up(cost.epsilon), rounded_up(cost.mu.get()));
        write!(text, "\n{epsilon:>12}{mu:>12}  {}{useless}", cost.hides)
            .expect("writing to a string cannot fail");
    }
    text
}
