//! `frostglass privacy account`: what several releases cost together.

mod schedule;

use frostglass::privacy::accounting::{RenyiTotal, Total, paper};
use frostglass::privacy::{Delta, epsilon, is_useful, rounded_up};
use schemars::JsonSchema;
use serde::Serialize;

use super::figure;
use crate::arguments::AccountArguments;
use crate::failure::Failure;
use crate::{input, output};
use schedule::Releases;

/// What `frostglass privacy account --json` prints.
#[derive(Serialize, JsonSchema)]
pub(crate) struct AccountReport {
    /// Delta of every epsilon, unless it says otherwise.
    delta: Delta,
    /// Gaussian differential privacy: exact, with nothing amplified.
    gdp: GaussianTotal,
    /// Zero-concentrated differential privacy, with nothing amplified.
    zcdp: ConcentratedTotal,
    /// Rényi differential privacy, with the sampling that was named.
    rdp: RenyiReport,
    /// The paper's own formulas, where all releases are alike: calculators that back no promise.
    paper: Option<PaperReport>,
}

#[derive(Serialize, JsonSchema)]
struct GaussianTotal {
    mu: f64,
    epsilon: f64,
    /// Whether that means anything: an epsilon of at most 20, at a delta of at most 0.001.
    useful: bool,
}

#[derive(Serialize, JsonSchema)]
struct ConcentratedTotal {
    rho: f64,
    epsilon: f64,
    /// Whether that means anything: an epsilon of at most 20, at a delta of at most 0.001.
    useful: bool,
}

#[derive(Serialize, JsonSchema)]
struct RenyiReport {
    epsilon: f64,
    /// Whether that means anything: an epsilon of at most 20, at a delta of at most 0.001.
    useful: bool,
    /// The order that gives it.
    order: f64,
    /// Whether sampling was counted; it holds only for batches drawn on the device, anew and in
    /// secret, of members that one may replace.
    sampled: bool,
}

#[derive(Serialize, JsonSchema)]
struct PaperReport {
    /// Epsilon of one release, which the formulas start from.
    epsilon: f64,
    /// p_b.
    rate: f64,
    /// T.
    rounds: u64,
    equation_9: PaperPair,
    /// The epsilon of one release with which equation 10 would meet the epsilon of `gdp`.
    equation_10: f64,
    /// Of the order of this; the constant is not given.
    corollary_2: f64,
}

#[derive(Serialize, JsonSchema)]
struct PaperPair {
    epsilon: f64,
    delta: f64,
}

/// The largest file that is read.
const LARGEST_FILE: u64 = 1 << 20;

pub(crate) fn run(arguments: &AccountArguments, json: bool) -> Result<(), Failure> {
    let delta = Delta::new(arguments.delta)?;
    let text = input::read_text(&arguments.file, LARGEST_FILE)?;
    let schedule = schedule::parse(&text)
        .map_err(|line| Failure::bad_input(format!("{}: {line}", arguments.file.display())))?;
    let (mut total, mut renyi) = (Total::default(), RenyiTotal::default());
    for releases in &schedule {
        total.add(releases.mu, releases.count);
        match releases.sampling {
            Some(sampling) => renyi.add_sampled(releases.mu, releases.count, sampling),
            None => renyi.add(releases.mu, releases.count),
        }
    }
    let (renyi_epsilon, order) = renyi.epsilon(delta);
    let useful = |epsilon| is_useful(epsilon, delta);
    let (exact, zcdp) = (total.epsilon(delta), total.zcdp_epsilon(delta));
    let gdp = GaussianTotal { mu: total.mu(), epsilon: exact, useful: useful(exact) };
    let report = AccountReport {
        delta,
        paper: match schedule.as_slice() {
            [alike] => Some(paper_report(alike, delta, gdp.epsilon)),
            _ => None,
        },
        gdp,
        zcdp: ConcentratedTotal { rho: total.rho(), epsilon: zcdp, useful: useful(zcdp) },
        rdp: RenyiReport {
            epsilon: renyi_epsilon,
            useful: useful(renyi_epsilon),
            order,
            sampled: schedule.iter().any(|releases| releases.sampling.is_some()),
        },
    };
    output::answer(json, &report, words)
}

/// The formulas at delta' = delta.
fn paper_report(releases: &Releases, delta: Delta, total: f64) -> PaperReport {
    let rate = releases.sampling.map_or(1.0, |sampling| sampling.rate());
    let (each, rounds) = (epsilon(releases.mu, delta), releases.count);
    let delta = delta.get();
    PaperReport {
        epsilon: each,
        rate,
        rounds,
        equation_9: PaperPair {
            epsilon: paper::composed_epsilon(each, rate, rounds, delta),
            delta: paper::composed_delta(delta, rate, rounds, delta),
        },
        equation_10: paper::release_epsilon(total, rate, rounds, delta),
        corollary_2: paper::order_of_epsilon(each, rate, rounds),
    }
}

fn words(report: &AccountReport) -> String {
    let AccountReport { delta, gdp, zcdp, rdp, paper } = report;
    let sampled = if rdp.sampled {
        "Rényi, sampling counted: batches drawn in secret on the device"
    } else {
        "Rényi"
    };
    let line = |epsilon: f64, useful: bool, what: &str| {
        let verdict = if useful { "" } else { " (no useful guarantee)" };
        format!("\n{:>12}  {what}{verdict}", rounded_up(epsilon))
    };
    let mut text = format!("epsilon at delta {delta}, all releases together");
    text += &line(
        gdp.epsilon,
        gdp.useful,
        &format!("exact (Gaussian DP): mu {}; nothing amplified", figure(gdp.mu)),
    );
    text += &line(
        zcdp.epsilon,
        zcdp.useful,
        &format!("zCDP: rho {}; nothing amplified", figure(zcdp.rho)),
    );
    text += &line(rdp.epsilon, rdp.useful, &format!("{sampled}; order {}", rdp.order));
    if let Some(paper) = paper {
        text += &format!(
            "\nthe paper's own formulas, which back no promise:\n{:>12}  equation 9, at delta {:e}\n{:>12}  equation 10: one release's epsilon for the exact total\n{:>12}  Corollary 2: its order of magnitude",
            figure(paper.equation_9.epsilon),
            paper.equation_9.delta,
            figure(paper.equation_10),
            figure(paper.corollary_2),
        );
    }
    text
}
