//! The receipt: what one release promises, each promise with its kind.
//!
//! It holds public parameters and nothing computed from the image, and it stays on the device: what
//! a person agreed to is nobody else's business.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::header::Header;
use super::leakage::leakage;
use crate::frame::Footprint;
use crate::front::{Cut, HeldLeakage};
use crate::grid::{Grid, GridInteger, GridStep};
use crate::ledger::Standing;
use crate::policy::{Pipeline, Stage};
use crate::privacy::{
    Adjacency, Calibration, Delta, Mechanism, Mu, PatchSide, Spend, is_useful, rounded_up,
};

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
    step: GridStep,
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
    #[serde(serialize_with = "as_text")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    unit: Adjacency,
    calibration: Calibration,
    /// What was asked for; what holds stands under `adjacency`.
    nominal_epsilon: f64,
    delta: Delta,
    sigma_steps: f64,
    step: GridStep,
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
    /// One patch of so many pixels a side of the *photograph* changes, which is more of the network's
    /// input where a crop is enlarged; empty where the photograph's size is not known.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub photo: BTreeMap<usize, AdjacencyCost>,
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
    pub mu: Mu,
    /// Epsilon at the receipt's delta; null in JSON where it is infinite.
    #[cfg_attr(feature = "schema", schemars(with = "Option<f64>"))]
    pub epsilon: f64,
    /// How often the best guesser of all is right who must tell two adjacent inputs apart, from an even
    /// start: Phi(mu/2), whatever the delta.
    pub odds: f64,
    /// Whether the promise means anything: an epsilon of at most 20, at a delta of at most 0.001.
    pub useful: bool,
}

impl AdjacencyCost {
    /// What a release spends, and what that hides.
    pub fn of(spend: Spend, hides: String) -> Self {
        let Spend { delta_steps, mu, epsilon, odds, useful } = spend;
        Self { hides, delta_steps, mu, epsilon, odds, useful }
    }
}

impl Adjacencies {
    /// The costs of one release of `mechanism`: under (a), (b) for the usual patches and the one it
    /// was calibrated to, and (c).
    pub fn of(mechanism: &Mechanism) -> Self {
        let cost = |adjacency: Adjacency| {
            Some(AdjacencyCost::of(mechanism.spend(adjacency)?, adjacency.in_words()))
        };
        let always = |adjacency| cost(adjacency).expect("known without a front");
        let mut patches = PatchSide::USUAL.to_vec();
        if let Adjacency::Patch(side) = mechanism.target().unit() {
            patches.push(side);
        }
        Self {
            activation: always(Adjacency::Activation),
            patch: patches
                .into_iter()
                .filter_map(|side| Some((side.get(), cost(Adjacency::Patch(side))?)))
                .collect(),
            photo: BTreeMap::new(),
            image: always(Adjacency::Image),
        }
    }

    /// These, and what one pixel and a patch of photographs cost that all have one size; none is added
    /// where it takes a front to know.
    #[must_use]
    pub fn for_photos(mut self, mechanism: &Mechanism, footprint: &Footprint) -> Self {
        let (width, height) = footprint.size();
        let cost = |side: usize| {
            let (rows, columns) = footprint.patch(side);
            let what = match side {
                1 => "one pixel".into(),
                _ => format!("one patch of {side} x {side} pixels"),
            };
            let hides = format!("{what} of the photograph, cropped at {width} x {height}");
            Some((side, AdjacencyCost::of(mechanism.spend_within(rows, columns)?, hides)))
        };
        self.photo = PatchSide::USUAL.iter().filter_map(|side| cost(side.get())).collect();
        self
    }

    /// The cost under one adjacency, where it is listed.
    pub fn under(&self, adjacency: Adjacency) -> Option<&AdjacencyCost> {
        match adjacency {
            Adjacency::Activation => Some(&self.activation),
            Adjacency::Patch(side) => self.patch.get(&side.get()),
            Adjacency::Image => Some(&self.image),
        }
    }
}

impl Adjacencies {
    /// Every cost, from one activation to the whole image.
    pub fn iter(&self) -> impl Iterator<Item = &AdjacencyCost> {
        let patches = self.patch.values().chain(self.photo.values());
        std::iter::once(&self.activation).chain(patches).chain([&self.image])
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
        let privacy = pipeline.mechanism().map(NoiseReceipt::of);
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

    /// This receipt of releases of photographs that all have one size.
    pub(crate) fn for_photos(
        mut self,
        mechanism: Option<&Mechanism>,
        footprint: &Footprint,
    ) -> Self {
        if let (Some(privacy), Some(mechanism)) = (&mut self.privacy, mechanism) {
            privacy.adjacency = privacy.adjacency.clone().for_photos(mechanism, footprint);
        }
        self
    }

    /// This receipt with what all releases of a ledger cost together.
    pub(crate) fn with_total(mut self, total: Standing) -> Self {
        let cap = &total.cap;
        let useful = Delta::new(cap.delta).is_ok_and(|delta| is_useful(cap.epsilon, delta));
        let verdict = if useful { "" } else { " No useful guarantee." };
        self.promises.push(Promise {
            kind: PromiseKind::Formal,
            statement: format!(
                "Together, {}, stay ({}, {})-differentially private for adjacency {}: the budget that was fixed when the ledger was begun.{verdict}",
                total.over,
                rounded_up(cap.epsilon),
                rounded_up(cap.delta),
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
        let cost = privacy.promised();
        let in_tiles = match pipeline.mechanism() {
            Some(mechanism) if mechanism.is_in_tiles() => {
                " The front computes in tiles: what their rounding moves outside receptive fields is counted in the figures for patches."
            }
            _ => " The front computes without tiles that reach past receptive fields.",
        };
        promises.push(Promise {
            kind: PromiseKind::Formal,
            statement: format!(
                "One release is ({}, {})-differentially private for adjacency {}: it hides {}. {}{in_tiles}",
                rounded_up(cost.epsilon),
                rounded_up(privacy.delta.get()),
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
                    rounded_up(cost.epsilon),
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
            if privacy.unit == Adjacency::Activation {
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
    fn of(mechanism: &Mechanism) -> Self {
        let target = mechanism.target();
        Self {
            mechanism: "Gaussian noise rounded to whole steps, on a floored map",
            unit: target.unit(),
            calibration: target.rule(),
            nominal_epsilon: target.epsilon().get(),
            delta: mechanism.delta(),
            sigma_steps: mechanism.sigma(),
            step: mechanism.step(),
            clean_range_steps: mechanism.clean_range(),
            adjacency: Adjacencies::of(mechanism),
        }
    }

    /// The cost under the adjacency that the noise was calibrated to.
    fn promised(&self) -> &AdjacencyCost {
        self.adjacency.under(self.unit).expect("what noise was calibrated to is listed")
    }
}

fn as_text<S: serde::Serializer>(unit: &Adjacency, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(unit)
}

fn verdict(cost: &AdjacencyCost) -> String {
    if cost.useful {
        // Rounded up, to a tenth of a per cent.
        let right = (1000.0 * cost.odds).ceil() / 10.0;
        format!("The best guesser is right at most {right:.1} % of the time, where 50 % is blind.")
    } else {
        "No useful guarantee.".into()
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
            self.grid,
            self.step.get(),
            self.bytes
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
                rounded_up(privacy.clean_range_steps)
            )?;
            writeln!(f, "at delta {}, one release costs epsilon", privacy.delta)?;
            for cost in privacy.adjacency.iter() {
                let epsilon = rounded_up(cost.epsilon);
                writeln!(f, "  {epsilon:>9}  {}. {}", cost.hides, verdict(cost))?;
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
