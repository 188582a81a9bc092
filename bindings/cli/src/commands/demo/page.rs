//! The page that the demo writes: one file, nothing fetched, nothing run.

use askama::Template;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use frostglass::frame::{Picture, Rect};
use frostglass::release::{AdjacencyCost, PromiseKind};

use image::RgbImage;

use super::mosaic::{self, Tile};
use super::trial::{CutTrials, POLICIES, SAME_PERSON, Trial};
use crate::failure::Failure;

/// What the page is about.
pub(super) struct Subject<'a> {
    pub(super) title: &'a str,
    pub(super) licence: &'a str,
    pub(super) photo: &'a [u8],
    pub(super) credit: &'a str,
}

/// The distance at which a gauge is full.
const GAUGE_FULL: f64 = 1.5;

#[derive(Template)]
#[template(path = "demo.html")]
struct Page<'a> {
    subject: Subject<'a>,
    photo: String,
    photo_size: [usize; 2],
    face: FaceBox,
    crop: String,
    threshold: f64,
    threshold_percent: f64,
    policies: Vec<PolicyRow>,
    cuts: Vec<CutView<'a>>,
}

/// A rectangle in percent of the picture.
struct FaceBox {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

/// A row of the summary: one policy at every cut.
struct PolicyRow {
    title: &'static str,
    explanation: &'static str,
    promise: &'static str,
    cells: Vec<Cell>,
}

struct Cell {
    anchor: String,
    distance: String,
    gauge_percent: f64,
    recognised: bool,
}

struct CutView<'a> {
    name: &'a str,
    shape: String,
    notes: &'a str,
    raw_bytes: String,
    before: String,
    trials: Vec<TrialView<'a>>,
}

struct TrialView<'a> {
    anchor: String,
    title: &'static str,
    explanation: &'static str,
    policy: &'a str,
    after: String,
    bytes: String,
    milliseconds: String,
    distance: String,
    gauge_percent: f64,
    recognised: bool,
    promises: Vec<(&'static str, &'a str)>,
    costs: Vec<Cost<'a>>,
    not_protected: &'a [String],
}

/// A line of what a noisy release costs.
struct Cost<'a> {
    hides: &'a str,
    epsilon: String,
    useful: bool,
    odds: String,
}

pub(super) fn render(
    subject: Subject<'_>,
    photo: &Picture,
    face: Rect,
    cuts: &[CutTrials],
) -> Result<String, Failure> {
    let percent = |part: usize, whole: usize| 100.0 * part as f64 / whole as f64;
    let views: Vec<CutView> = cuts.iter().map(cut_view).collect::<Result<_, Failure>>()?;
    let policies = POLICIES.iter().enumerate().map(|(index, policy)| PolicyRow {
        title: policy.title,
        explanation: policy.explanation,
        promise: policy.promise,
        cells: cuts.iter().map(|cut| cell(cut, &cut.trials[index])).collect(),
    });
    let page = Page {
        photo: data_uri(subject.photo),
        photo_size: [photo.width(), photo.height()],
        face: FaceBox {
            left: percent(face.x, photo.width()),
            top: percent(face.y, photo.height()),
            width: percent(face.width, photo.width()),
            height: percent(face.height, photo.height()),
        },
        crop: data_uri(&mosaic::encode(&cut_out(photo, face))?),
        threshold: SAME_PERSON,
        threshold_percent: 100.0 * SAME_PERSON / GAUGE_FULL,
        policies: policies.collect(),
        cuts: views,
        subject,
    };
    page.render().map_err(|error| Failure::bad_input(format!("the page: {error}")))
}

fn cell(cut: &CutTrials, trial: &Trial) -> Cell {
    Cell {
        anchor: anchor(cut, trial),
        distance: format!("{:.2}", trial.distance),
        gauge_percent: gauge_percent(trial.distance),
        recognised: trial.recognised(),
    }
}

fn anchor(cut: &CutTrials, trial: &Trial) -> String {
    format!("{}-{}", cut.name, trial.policy.short)
}

fn gauge_percent(distance: f64) -> f64 {
    (100.0 * distance / GAUGE_FULL).min(100.0)
}

fn cut_view(cut: &CutTrials) -> Result<CutView<'_>, Failure> {
    let [channels, rows, columns] = cut.cut.shape();
    let shown = mosaic::telling_channels(&cut.activations, channels);
    let positions = rows * columns;
    let before: Vec<Tile> = shown
        .iter()
        .map(|channel| Some(cut.activations[channel * positions..][..positions].to_vec()))
        .collect();
    let trials = cut.trials.iter().map(|trial| trial_view(cut, trial, &shown));
    Ok(CutView {
        name: &cut.name,
        shape: format!("{channels} × {rows} × {columns}"),
        notes: cut.cut.notes(),
        raw_bytes: bytes(4 * cut.cut.activations()),
        before: data_uri(&mosaic::png(&before, columns)?),
        trials: trials.collect::<Result<_, _>>()?,
    })
}

fn trial_view<'a>(
    cut: &CutTrials,
    trial: &'a Trial,
    shown: &[usize],
) -> Result<TrialView<'a>, Failure> {
    let [_, rows, columns] = cut.cut.shape();
    let positions = rows * columns;
    let values: Vec<f32> = trial.release.values().collect();
    let kept = trial.release.channels().keep();
    let after: Vec<Tile> = shown
        .iter()
        .map(|channel| {
            let at = kept.binary_search(channel).ok()?;
            Some(values[at * positions..][..positions].to_vec())
        })
        .collect();
    let promises = trial.receipt.promises().iter();
    Ok(TrialView {
        anchor: anchor(cut, trial),
        title: trial.policy.title,
        explanation: trial.policy.explanation,
        policy: &trial.text,
        after: data_uri(&mosaic::png(&after, columns)?),
        bytes: bytes(trial.release.as_bytes().len()),
        milliseconds: format!("{:.1}", trial.milliseconds),
        distance: format!("{:.2}", trial.distance),
        gauge_percent: gauge_percent(trial.distance),
        recognised: trial.recognised(),
        promises: promises.map(|p| (kind(p.kind), p.statement.as_str())).collect(),
        costs: trial.receipt.privacy().into_iter().flat_map(|all| all.iter()).map(cost).collect(),
        not_protected: trial.receipt.not_protected(),
    })
}

fn kind(kind: PromiseKind) -> &'static str {
    match kind {
        PromiseKind::Mechanical => "mechanical",
        PromiseKind::Formal => "formal",
        PromiseKind::Cryptographic => "cryptographic",
        PromiseKind::Empirical => "empirical",
    }
}

fn cost(cost: &AdjacencyCost) -> Cost<'_> {
    Cost {
        hides: &cost.hides,
        epsilon: match cost.epsilon {
            // Up: a formal figure is never printed smaller than it is.
            small if small < 100.0 => format!("{:.2}", (100.0 * small).ceil() / 100.0),
            large => grouped(large.ceil() as u64),
        },
        useful: cost.useful,
        odds: format!("{:.1} %", (1000.0 * cost.odds).ceil() / 10.0),
    }
}

/// The part of the picture that the network sees.
fn cut_out(photo: &Picture, face: Rect) -> RgbImage {
    RgbImage::from_fn(face.width as u32, face.height as u32, |x, y| {
        let at = 3 * ((face.y + y as usize) * photo.width() + face.x + x as usize);
        let rgb = photo.rgb();
        image::Rgb([rgb[at], rgb[at + 1], rgb[at + 2]])
    })
}

fn data_uri(png: &[u8]) -> String {
    format!("data:image/png;base64,{}", BASE64_STANDARD.encode(png))
}

fn bytes(count: usize) -> String {
    if count < 10_000 {
        return format!("{} bytes", grouped(count as u64));
    }
    format!("{} kB", grouped((count as f64 / 1000.0).round() as u64))
}

/// Digits in groups of three.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}
