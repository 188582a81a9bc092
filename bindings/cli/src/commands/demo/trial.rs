//! Each policy of the demo, tried at one cut.

use std::sync::Arc;
use std::time::Instant;

use frostglass::frame::{Frame, Preparer};
use frostglass::front::{Cut, Front, Model};
use frostglass::policy::Policy;
use frostglass::release::{Receipt, Release};
use frostglass::session::Frostglass;
use indicatif::ProgressBar;

use super::server::{StandInServer, distance};
use crate::failure::Failure;

/// Two descriptors closer than this are taken for the same person: the figure that the dlib model
/// was published with.
pub(super) const SAME_PERSON: f64 = 0.6;

/// A policy of the demo.
pub(super) struct DemoPolicy {
    /// In file names.
    pub(super) short: &'static str,
    pub(super) title: &'static str,
    pub(super) explanation: &'static str,
    /// What kind of promise it carries, in a word or two.
    pub(super) promise: &'static str,
    /// Its text at a cut of so many channels.
    text: fn(usize) -> String,
}

pub(super) static POLICIES: [DemoPolicy; 5] = [
    DemoPolicy {
        short: "plain",
        title: "Nothing hidden",
        explanation: "The activations on an 8-bit grid: what a split network sends that protects nothing.",
        promise: "no promise",
        text: |_| "grid(i8)".into(),
    },
    DemoPolicy {
        short: "channels",
        title: "Half the channels",
        explanation: "A public choice of channels; the others are never released.",
        promise: "empirical",
        text: |channels| format!("channels(0-{})", channels / 2 - 1),
    },
    DemoPolicy {
        short: "hold",
        title: "Sample-and-hold",
        explanation: "Each window of eight values becomes one of its own samples.",
        promise: "empirical",
        text: |_| "hold(8)".into(),
    },
    DemoPolicy {
        short: "dp-activation",
        title: "Noise for one activation",
        explanation: "Clipped, normalised, and Gaussian noise at epsilon 5 for one number of the map.",
        promise: "formal: one activation",
        text: |_| "dp(epsilon=5, delta=1e-5)".into(),
    },
    DemoPolicy {
        short: "dp-image",
        title: "Noise for the whole image",
        explanation: "The same epsilon, promised for the photograph against any other.",
        promise: "formal: the image",
        text: |_| "dp(epsilon=5, delta=1e-5, unit=image)".into(),
    },
];

/// What one policy left at one cut.
pub(super) struct Trial {
    pub(super) policy: &'static DemoPolicy,
    pub(super) text: String,
    pub(super) release: Release,
    pub(super) receipt: Receipt,
    pub(super) milliseconds: f64,
    pub(super) distance: f64,
}

impl Trial {
    pub(super) fn recognised(&self) -> bool {
        self.distance < SAME_PERSON
    }
}

/// Every policy at one cut.
pub(super) struct CutTrials {
    pub(super) name: String,
    pub(super) cut: Cut,
    /// The activations before any policy; a lab build can show them.
    pub(super) activations: Vec<f32>,
    pub(super) trials: Vec<Trial>,
}

impl CutTrials {
    pub(super) fn run(
        model: &Model,
        cut: &str,
        frame: &Frame<'_>,
        server: &mut StandInServer<'_>,
        clean: &[f32],
        bar: &ProgressBar,
    ) -> Result<Self, Failure> {
        let mut trials = Vec::new();
        for policy in &POLICIES {
            bar.set_message(format!("{cut}: {}", policy.title));
            let text = (policy.text)(model.cut(cut)?.shape()[0]);
            let parsed: Policy = text.parse()?;
            let front = Arc::new(model.compile(cut)?);
            let session = Frostglass::open(front, &parsed)?;
            let (release, milliseconds) = timed(&session, frame)?;
            let distance = distance(&server.descriptor(release.as_bytes())?, clean);
            let receipt = session.receipt().clone();
            trials.push(Trial { policy, text, release, receipt, milliseconds, distance });
            bar.inc(1);
        }
        Ok(Self {
            name: cut.into(),
            cut: model.cut(cut)?.clone(),
            activations: activations(&model.compile(cut)?, frame)?,
            trials,
        })
    }
}

/// The last of three releases, and the median of their times.
fn timed(session: &Frostglass, frame: &Frame<'_>) -> Result<(Release, f64), Failure> {
    let run = || -> Result<(Release, f64), Failure> {
        let start = Instant::now();
        let release = session.sanitize(frame)?;
        Ok((release, start.elapsed().as_secs_f64() * 1e3))
    };
    let mut times = [run()?.1, run()?.1, 0.0];
    let (release, last) = run()?;
    times[2] = last;
    times.sort_by(f64::total_cmp);
    Ok((release, times[1]))
}

/// The clean photograph's descriptor, through the whole network.
pub(super) fn clean_descriptor(
    model: &Model,
    server: &mut StandInServer<'_>,
    frame: &Frame<'_>,
    cut: &str,
) -> Result<Vec<f32>, Failure> {
    let front = model.compile(cut)?;
    server.descriptor_of_activations(cut, &activations(&front, frame)?)
}

/// The activations that no policy has touched.
fn activations(front: &Front, frame: &Frame<'_>) -> Result<Vec<f32>, Failure> {
    let spec = front.input().ok_or_else(|| Failure::bad_input("the demo's model has no card"))?;
    let mut input = vec![0.0; spec.shape.iter().product()];
    Preparer::new(spec)?.prepare(frame, &mut input)?;
    let mut activations = vec![0.0; front.cut().activations()];
    front.run_in_lab(&mut front.workspace(), &input, &mut activations)?;
    Ok(activations)
}
