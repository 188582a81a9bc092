//! `frostglass privacy explain`: what one release under a policy costs.

use std::fmt::Write;

use frostglass::grid::GridInteger;
use frostglass::policy::{Policy, Site, Stage};
use frostglass::release::Adjacencies;
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
    delta: f64,
    grid: GridInteger,
    step: f32,
    /// The noise's standard deviation, in steps.
    sigma_steps: f64,
    /// The map's largest value without noise, in steps.
    clean_range_steps: f64,
    #[serde(flatten)]
    adjacencies: Adjacencies,
}

pub(crate) fn run(arguments: &ExplainArguments, json: bool) -> Result<(), Failure> {
    let policy: Policy = arguments.policy.parse()?;
    let dp = policy.stages().iter().find_map(|stage| match stage {
        Stage::Dp(dp) => Some(*dp),
        _ => None,
    });
    let Some(dp) = dp else {
        return Err(Failure::bad_input(
            "the policy has no dp stage, so there is no epsilon to explain; try 'dp(epsilon=5)'",
        ));
    };
    let model = ModelFiles::find(&arguments.model)?.with_card()?;
    let front = model.compile(&arguments.cut, policy.precision())?;
    let pipeline = policy.resolve(&Site::at_cut(front.cut(), *front.reach()))?;
    let mechanism = pipeline.mechanism().expect("the policy has a dp stage");
    let report = ExplainReport {
        model: model.sha256().to_string(),
        cut: arguments.cut.clone(),
        policy: pipeline.policy().to_string(),
        unit: dp.unit.to_string(),
        nominal_epsilon: dp.epsilon,
        delta: mechanism.delta(),
        grid: mechanism.integer,
        step: mechanism.step,
        sigma_steps: mechanism.sigma(),
        clean_range_steps: mechanism.clean_range,
        adjacencies: Adjacencies::of(mechanism, dp.unit),
    };
    output::answer(json, &report, text)
}

fn text(report: &ExplainReport) -> String {
    let mut text = format!(
        "policy  {}\nnoise   {} steps on {} of {}; the clean map reaches {} steps\n\none release, at delta {:e}:\n     epsilon          mu  what stays hidden",
        report.policy,
        report.sigma_steps,
        report.grid,
        figure(f64::from(report.step)),
        figure(report.clean_range_steps),
        report.delta,
    );
    for cost in report.adjacencies.iter() {
        let useless = if cost.useful { "" } else { " (no useful guarantee)" };
        let (epsilon, mu) = (figure(cost.epsilon), figure(cost.mu));
        write!(text, "\n{epsilon:>12}{mu:>12}  {}{useless}", cost.hides)
            .expect("writing to a string cannot fail");
    }
    text
}
