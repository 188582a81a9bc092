//! `frostglass privacy sigma`: how much noise a promise takes.

use frostglass::grid::GridInteger;
use frostglass::privacy::{
    Delta, Epsilon, Mu, NoiseTable, classical_sigma, epsilon, is_useful, mu, rounded_up,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{LARGEST, between, figure};
use crate::arguments::SigmaArguments;
use crate::failure::Failure;
use crate::output;

/// What `frostglass privacy sigma --json` prints.
#[derive(Serialize, JsonSchema)]
pub(crate) struct SigmaReport {
    /// Standard deviation of the continuous Gaussian, in the sensitivity's unit.
    sigma: f64,
    /// The step of the grid on which this is the fixed noise, before flooring is paid for.
    step: f64,
    /// The grid.
    grid: GridInteger,
    /// Sensitivity over sigma.
    mu: f64,
    /// The formula: `analytic`, or the paper's `classical`.
    formula: &'static str,
    /// What this much noise truly promises at delta: what was asked for, or under the paper's formula
    /// something else.
    true_epsilon: f64,
    delta: Delta,
    /// Whether that means anything: an epsilon of at most 20, at a delta of at most 0.001.
    useful: bool,
}

pub(crate) fn run(arguments: &SigmaArguments, json: bool) -> Result<(), Failure> {
    let asked = Epsilon::new(arguments.epsilon)?;
    let delta = Delta::new(arguments.delta)?;
    let sensitivity = between("sensitivity", arguments.sensitivity, 0.0, LARGEST)?;
    let unit_sigma =
        if arguments.paper { classical_sigma(asked, delta) } else { 1.0 / mu(asked, delta).get() };
    // The classical formula gives no number where delta passes 1.25, which is out of range here.
    let sigma = sensitivity * unit_sigma;
    let grid = GridInteger::I8;
    let true_epsilon = epsilon(Mu::new(1.0 / unit_sigma)?, delta);
    let report = SigmaReport {
        sigma,
        step: sigma / NoiseTable::of(grid).sigma(),
        grid,
        mu: 1.0 / unit_sigma,
        formula: if arguments.paper { "classical" } else { "analytic" },
        true_epsilon,
        delta,
        useful: is_useful(true_epsilon, delta),
    };
    output::answer(json, &report, |report| {
        format!(
            "sigma         {}\nmu            {}\nstep on {}    {}\ntrue epsilon  {} at delta {}{}",
            figure(report.sigma),
            figure(report.mu),
            report.grid,
            figure(report.step),
            rounded_up(report.true_epsilon),
            report.delta,
            if report.useful { "" } else { " (no useful guarantee)" },
        )
    })
}
