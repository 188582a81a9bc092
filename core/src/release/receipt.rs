//! The receipt: what one release promises, each promise with its kind.
//!
//! It holds public parameters and nothing computed from the image, and it stays on the device: what
//! a person agreed to is nobody else's business (SPEC section 2, "Receipts stay on the device").

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::header::Header;
use super::leakage::leakage;
use crate::front::{Cut, HeldLeakage};
use crate::grid::{Grid, GridInteger};
use crate::ledger::Standing;
use crate::policy::{Pipeline, Stage};
use crate::privacy::{Adjacency, Calibration, Mechanism, odds};

/// Above this epsilon a number is printed, but called useless.
const USELESS: f64 = 20.0;

/// Sides of the patches that every receipt speaks of, in pixels of the network's input.
const PATCHES: [usize; 2] = [1, 8];

/// What one release promises. Made by a session; serialised as JSON, printed as text.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Receipt {
    format: &'static str,
    model: String,
    cut: String,
    channels: String,
    shape: [usize; 3],
    bytes: usize,
    grid: GridInteger,
    step: f32,
    policy: String,
    promises: Vec<Promise>,
    #[serde(skip_serializing_if = "Option::is_none")]
    privacy: Option<NoiseReceipt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<Standing>,
    not_protected: Vec<String>,
}

/// One promise, with its kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Promise {
    /// What sort of evidence stands behind it.
    pub kind: PromiseKind,
    /// The promise, in one sentence.
    pub statement: String,
}

/// What sort of evidence stands behind a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum PromiseKind {
    /// The code lets nothing else out.
    Mechanical,
    /// A theorem: (epsilon, delta) under a named adjacency, a clip, a sampler and a count of releases.
    Formal,
    /// Encryption, against a semi-honest server.
    Cryptographic,
    /// A measurement by a named attack on named data; not a bound.
    Empirical,
}

/// The figures of a Gaussian mechanism.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NoiseReceipt {
    mechanism: &'static str,
    unit: String,
    calibration: Calibration,
    /// What was asked for; what holds stands under `adjacency`.
    nominal_epsilon: f64,
    delta: f64,
    sigma_steps: f64,
    step: f32,
    clean_range_steps: f64,
    adjacency: Adjacencies,
}

/// What one release costs under each adjacency.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Adjacencies {
    /// One activation changes.
    pub activation: AdjacencyCost,
    /// One patch of so many pixels a side changes; empty where the front is unknown.
    pub patch: BTreeMap<usize, AdjacencyCost>,
    /// The whole image changes.
    pub image: AdjacencyCost,
}

/// What one release costs under one adjacency. *Formal*.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AdjacencyCost {
    /// What stays hidden, in words.
    pub hides: String,
    /// How far the map can move, in steps.
    pub delta_steps: f64,
    /// `delta_steps` over the noise's deviation.
    pub mu: f64,
    /// Epsilon at the receipt's delta.
    pub epsilon: f64,
    /// The best odds of telling two adjacent inputs apart from an even start, up to delta.
    pub odds: f64,
    /// Whether epsilon is small enough to mean anything.
    pub useful: bool,
}

impl Adjacencies {
    /// The costs of one release of `mechanism`: under (a), (b) for the usual patches and the one it
    /// was calibrated to, and (c).
    pub fn of(mechanism: &Mechanism, unit: Adjacency) -> Self {
        let cost = |adjacency: Adjacency| {
            let spend = mechanism.spend(adjacency)?;
            Some(AdjacencyCost {
                hides: adjacency.in_words(),
                delta_steps: spend.delta_steps,
                mu: spend.mu,
                epsilon: spend.epsilon,
                odds: odds(spend.epsilon),
                useful: spend.epsilon <= USELESS,
            })
        };
        let always = |adjacency| cost(adjacency).expect("known without a front");
        let mut patches = PATCHES.to_vec();
        if let Adjacency::Patch(side) = unit {
            patches.push(side);
        }
        Self {
            activation: always(Adjacency::Activation),
            patch: patches
                .into_iter()
                .filter_map(|side| Some((side, cost(Adjacency::Patch(side))?)))
                .collect(),
            image: always(Adjacency::Image),
        }
    }
}

impl Adjacencies {
    /// Every cost, from one activation to the whole image.
    pub fn iter(&self) -> impl Iterator<Item = &AdjacencyCost> {
        std::iter::once(&self.activation).chain(self.patch.values()).chain([&self.image])
    }
}

impl Receipt {
    /// The receipt of every release of a session; nothing in it depends on an image.
    pub(crate) fn new(
        model: &str,
        cut: &Cut,
        pipeline: &Pipeline,
        grid: Grid,
        header: &Header,
    ) -> Self {
        let dp = pipeline.policy().stages().iter().find_map(|stage| match stage {
            Stage::Dp(dp) => Some(*dp),
            _ => None,
        });
        let privacy = dp.zip(pipeline.mechanism()).map(|(dp, mechanism)| NoiseReceipt {
            mechanism: "Gaussian noise rounded to whole steps, on a floored map",
            unit: dp.unit.to_string(),
            calibration: dp.calibration,
            nominal_epsilon: dp.epsilon,
            delta: mechanism.delta(),
            sigma_steps: mechanism.sigma(),
            step: mechanism.step,
            clean_range_steps: mechanism.clean_range,
            adjacency: Adjacencies::of(mechanism, dp.unit),
        });
        Self {
            format: "frostglass-receipt/1",
            model: model.into(),
            cut: cut.name().into(),
            channels: pipeline.kept().to_string(),
            shape: pipeline.shape(),
            bytes: header.release_len(),
            grid: grid.integer,
            step: grid.step,
            policy: pipeline.policy().to_string(),
            promises: promises(cut, pipeline, privacy.as_ref()),
            not_protected: not_protected(privacy.as_ref()),
            privacy,
            total: None,
        }
    }

    /// This receipt with what all releases of a ledger cost together.
    pub(crate) fn with_total(mut self, total: Standing) -> Self {
        let cap = &total.cap;
        self.promises.push(Promise {
            kind: PromiseKind::Formal,
            statement: format!(
                "Together, {} stay ({}, {:e})-differentially private for adjacency {}: the budget that was fixed when the ledger was begun, its epsilon to one part in 100,000.",
                total.over,
                figure(cap.epsilon),
                cap.delta,
                cap.unit,
            ),
        });
        self.total = Some(total);
        self
    }

    /// The promises, each with its kind.
    pub fn promises(&self) -> &[Promise] {
        &self.promises
    }

    /// What this release does not protect, one sentence each.
    pub fn not_protected(&self) -> &[String] {
        &self.not_protected
    }

    /// The figures of the noise, where the policy has some.
    pub fn privacy(&self) -> Option<&Adjacencies> {
        self.privacy.as_ref().map(|privacy| &privacy.adjacency)
    }
}

fn promises(cut: &Cut, pipeline: &Pipeline, privacy: Option<&NoiseReceipt>) -> Vec<Promise> {
    let [channels, rows, columns] = pipeline.shape();
    let mut promises = vec![Promise {
        kind: PromiseKind::Mechanical,
        statement: format!(
            "Only {channels} x {rows} x {columns} whole numbers on a public grid and public parameters left; no pixel did, and no activation except through the policy."
        ),
    }];
    if let Some(privacy) = privacy {
        // `unit` is one of the adjacencies listed, so its own cost is what was promised.
        let cost = privacy.promised();
        promises.push(Promise {
            kind: PromiseKind::Formal,
            statement: format!(
                "One release is ({}, {:e})-differentially private for adjacency {}: it hides {}. {}",
                figure(cost.epsilon),
                privacy.delta,
                privacy.unit,
                cost.hides,
                verdict(cost),
            ),
        });
        if privacy.calibration == Calibration::Paper {
            promises.push(Promise {
                kind: PromiseKind::Formal,
                statement: format!(
                    "The noise follows the paper's classical formula for a nominal epsilon of {}, which is proven below 1 only; what holds is the {} above.",
                    privacy.nominal_epsilon,
                    figure(cost.epsilon),
                ),
            });
        }
    }
    for stage in pipeline.policy().stages() {
        let statement = match stage {
            Stage::Hold(hold) => format!(
                "Each window of {} values was replaced by one of its samples. This carries no formal guarantee. {}",
                hold.window,
                measured(leakage(cut, pipeline.policy())),
            ),
            Stage::Channels(_) => "Some channels were left out by a public choice. This carries no formal guarantee, and no attack has been measured at this cut.".into(),
            Stage::Dp(_) | Stage::Grid(_) => continue,
        };
        promises.push(Promise { kind: PromiseKind::Empirical, statement });
    }
    promises
}

/// What is known of maps held so.
fn measured(known: Option<&HeldLeakage>) -> String {
    match known {
        None => "No attack on maps held so has been measured at this cut.".into(),
        Some(known) => format!(
            "Measured on {}, with windows of {}: {} rebuilt {} at a PSNR of {:.1} dB (deviation {:.1}) and an SSIM of {:.2} on average. This is not a bound.",
            known.date,
            known.window,
            known.attack,
            known.data,
            known.psnr,
            known.psnr_deviation,
            known.ssim,
        ),
    }
}

fn not_protected(privacy: Option<&NoiseReceipt>) -> Vec<String> {
    let mut list = Vec::new();
    match privacy {
        None => list.push(
            "This release carries no differential privacy: assume that a server with a trained inverter sees much of the picture.".into(),
        ),
        Some(privacy) => {
            if privacy.unit == "activation" {
                list.push("The promise is about one number of the map. It does not make the photograph private.".into());
            }
            if !privacy.adjacency.image.useful {
                list.push("The whole photograph is not hidden by this noise: its epsilon is too large to mean anything.".into());
            }
            list.push(
                "The figures are for one release. Every further release adds to them, one of the same photograph included.".into(),
            );
        }
    }
    list.push("Who sent the release, when, and that it was sent are visible to the server.".into());
    list
}

impl NoiseReceipt {
    /// The cost under the adjacency that the noise was calibrated to.
    fn promised(&self) -> &AdjacencyCost {
        let adjacency = &self.adjacency;
        match self.unit.as_str() {
            "activation" => &adjacency.activation,
            "image" => &adjacency.image,
            _ => adjacency
                .patch
                .iter()
                .find(|(side, _)| Adjacency::Patch(**side).to_string() == self.unit)
                .map_or(&adjacency.image, |(_, cost)| cost),
        }
    }
}

fn verdict(cost: &AdjacencyCost) -> String {
    if cost.useful {
        format!("Odds of telling: at most {:.1} %, from 50 %, up to delta.", 100.0 * cost.odds)
    } else {
        "No useful guarantee.".into()
    }
}

/// Four significant digits.
fn figure(value: f64) -> String {
    if value >= 1000.0 {
        format!("{value:.0}")
    } else if value >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.3}")
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [channels, rows, columns] = self.shape;
        writeln!(f, "model   {:.12}  cut {}", self.model, self.cut)?;
        writeln!(f, "policy  {}", self.policy)?;
        writeln!(
            f,
            "left    {channels} x {rows} x {columns} values of {}, step {}, {} bytes in all",
            self.grid, self.step, self.bytes
        )?;
        for promise in &self.promises {
            let kind = format!("{:?}", promise.kind).to_lowercase();
            writeln!(f, "{kind:<12}{}", promise.statement)?;
        }
        if let Some(privacy) = &self.privacy {
            writeln!(
                f,
                "noise   {}: {} steps, where the clean map reaches {}",
                privacy.mechanism,
                privacy.sigma_steps,
                figure(privacy.clean_range_steps)
            )?;
            writeln!(f, "at delta {:e}, one release costs epsilon", privacy.delta)?;
            for cost in privacy.adjacency.iter() {
                writeln!(f, "  {:>9}  {}. {}", figure(cost.epsilon), cost.hides, verdict(cost))?;
            }
        }
        if let Some(total) = &self.total {
            total.fmt(f)?;
        }
        for limit in &self.not_protected {
            writeln!(f, "not protected: {limit}")?;
        }
        Ok(())
    }
}
