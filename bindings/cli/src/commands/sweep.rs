//! `frostglass sweep`: what each window of sample-and-hold leaves of a network's answer.

use frostglass::frame::Preparer;
use frostglass::front::Precision;
use frostglass::network::{Place, Sweep, Tap, Trend, meets, privacy_loss};
use frostglass::policy::Hold;
use schemars::JsonSchema;
use serde::Serialize;

use crate::arguments::SweepArguments;
use crate::chart::{self, Chart, Curve};
use crate::failure::Failure;
use crate::model::ModelFiles;
use crate::npy::{self, Array};
use crate::output::{self, Outputs};
use crate::{photo, progress};

/// What `frostglass sweep --json` prints. It tells what a shipped library does not: it stays with you.
#[derive(Serialize, JsonSchema)]
pub(crate) struct SweepReport {
    /// The class of the highest probability before anything is held, counted from 0.
    class: usize,
    /// Its probability then.
    p0: f64,
    /// The share of zeros in the map at the tap that is swept, before anything is held.
    zero_share: f64,
    /// One for each window.
    steps: Vec<StepReport>,
    /// Distinct probabilities over 149.
    eff_san: f64,
    /// How many of them lie in [0, 0.2).
    low: usize,
    /// How many in [0.2, 0.8).
    mid: usize,
    /// How many in [0.8, 1].
    high: usize,
    /// How often the probability rises from one window to the next.
    inversions: usize,
    /// The sum of these rises.
    total_rise: f64,
    /// The first window that meets gamma; null where none does, and where no gamma was given.
    chosen: Option<usize>,
}

#[derive(Serialize, JsonSchema)]
struct StepReport {
    window: usize,
    /// The probability that is left of the original class.
    p: f64,
    /// The privacy loss ln(p0 / p); null where p is 0.
    epsilon: Option<f64>,
}

pub(crate) fn run(arguments: &SweepArguments, json: bool) -> Result<(), Failure> {
    if let Some(gamma) = arguments.gamma {
        frostglass::network::check_gamma(gamma)?;
    }
    let (swept, others) = taps(arguments)?;
    if let Some(picture) = &arguments.picture {
        chart::check(picture)?;
        Outputs::check(picture)?;
    }
    let files = ModelFiles::find(&arguments.model)?;
    let network = files.network(arguments.output)?;
    let like = hold(arguments, std::num::NonZeroUsize::MIN);
    // As the network computes it, to the last rounding: curves are compared with others'.
    let mut controller = network.controller(&swept, like, &others, Precision::Exact)?;
    let tensor = tensor(arguments, &files, network.input_shape())?;

    let bar = progress::bar(arguments.windows.clone().count() as u64);
    bar.set_message(format!("windows at {swept}"));
    let sweep = controller
        .sweep(&tensor, None, arguments.windows.clone(), &mut |_| bar.inc(1))
        .map_err(|error| Failure::of(arguments.input.display(), &error));
    bar.finish_and_clear();
    let sweep = sweep?;

    let report = report(&sweep, arguments.gamma);
    if let Some(picture) = &arguments.picture {
        let mut outputs = Outputs::default();
        outputs.stage(picture, &chart::draw(&curve(&sweep, &swept), picture)?)?;
        outputs.commit()?;
    }
    output::answer(json, &report, |report| text(report, arguments))
}

/// The place that is swept, and the taps that are not.
fn taps(arguments: &SweepArguments) -> Result<(Place, Vec<Tap>), Failure> {
    let mut swept = arguments.taps.iter().filter(|tap| tap.window.is_none());
    let (Some(place), None) = (swept.next(), swept.next()) else {
        return Err(Failure::bad_input(
            "one --tap is swept, and stands without =WINDOW; every other has one",
        ));
    };
    let others = arguments.taps.iter().filter_map(|tap| {
        Some(Tap { place: tap.place.clone(), hold: hold(arguments, tap.window?) })
    });
    Ok((place.place.clone(), others.collect()))
}

fn hold(arguments: &SweepArguments, window: std::num::NonZeroUsize) -> Hold {
    Hold { window, rule: arguments.rule, within: arguments.within }
}

/// The network's input: a photograph, preprocessed as the card says, or a tensor that was.
fn tensor(
    arguments: &SweepArguments,
    files: &ModelFiles,
    expected: &[usize],
) -> Result<Vec<f32>, Failure> {
    let path = &arguments.input;
    if npy::recognises(path) {
        if arguments.crop.is_some() {
            return Err(Failure::bad_input("--crop is for photographs; a tensor is taken whole"));
        }
        let array = Array::read(path)?;
        if array.shape != expected && array.shape != expected[1..] {
            return Err(Failure::bad_input(format!(
                "{}: its shape is {:?}; the network reads {expected:?}",
                path.display(),
                array.shape
            )));
        }
        return Ok(array.values);
    }
    let spec = files.card().map(frostglass::front::Card::input).ok_or_else(|| {
        Failure::bad_input(format!(
            "{}: no card says how a photograph becomes its input; give the preprocessed tensor as IN.npy",
            arguments.model
        ))
    })?;
    let picture = photo::read(path)?;
    let fail = |error: frostglass::Error| Failure::of(path.display(), &error);
    let frame = photo::frame(&picture, arguments.crop).map_err(fail)?;
    let mut tensor = vec![0.0; spec.shape.iter().product()];
    Preparer::new(spec)?.prepare(&frame, &mut tensor).map_err(fail)?;
    Ok(tensor)
}

fn report(sweep: &Sweep, gamma: Option<f64>) -> SweepReport {
    let after: Vec<f64> = sweep.steps.iter().map(|step| step.after).collect();
    let Trend { eff_san, low, mid, high, inversions, total_rise } = Trend::of(&after);
    let first = |gamma| sweep.steps.iter().find(|step| meets(gamma, sweep.before, step.after));
    SweepReport {
        class: sweep.class,
        p0: sweep.before,
        zero_share: sweep.zero_share,
        steps: sweep
            .steps
            .iter()
            .map(|step| StepReport {
                window: step.window,
                p: step.after,
                epsilon: privacy_loss(sweep.before, step.after),
            })
            .collect(),
        eff_san,
        low,
        mid,
        high,
        inversions,
        total_rise,
        chosen: gamma.and_then(first).map(|step| step.window),
    }
}

fn curve(sweep: &Sweep, place: &Place) -> Chart {
    let points = sweep.steps.iter().map(|step| [step.window as f64, step.after]);
    Chart {
        title: format!("What sample-and-hold at {place} leaves"),
        x: "window".into(),
        y: "probability of the original class".into(),
        range: Some([0.0, 1.0]),
        curves: vec![Curve { name: place.to_string(), points: points.collect() }],
    }
}

fn text(report: &SweepReport, arguments: &SweepArguments) -> String {
    let mut text = format!(
        "class {}, probability {:.6}; {:.1} % of the map are zeros\n\n  window  probability   epsilon\n",
        report.class,
        report.p0,
        100.0 * report.zero_share
    );
    for step in &report.steps {
        let epsilon = step.epsilon.map_or("-".into(), |epsilon| format!("{epsilon:.4}"));
        let mark = match arguments.gamma {
            Some(gamma) if report.chosen == Some(step.window) => {
                format!("  chosen: the first that meets gamma {gamma}")
            }
            Some(gamma) if meets(gamma, report.p0, step.p) => "  meets gamma".into(),
            _ => String::new(),
        };
        text += &format!("  {:>6}  {:>11.6}  {epsilon:>8}{mark}\n", step.window, step.p);
    }
    text += &format!(
        "\neff_san {:.3}: {} distinct probabilities below 0.2, {} below 0.8, {} above; {} trend inversions, {:.4} in all\n",
        report.eff_san, report.low, report.mid, report.high, report.inversions, report.total_rise
    );
    if let (Some(gamma), None) = (arguments.gamma, report.chosen) {
        let best = report.steps.iter().min_by(|a, b| a.p.total_cmp(&b.p));
        let best = best.map_or(String::new(), |best| {
            format!("; the best is window {}, with probability {:.6}", best.window, best.p)
        });
        text += &format!("no window meets gamma {gamma}{best}\n");
    }
    text + "Measured on this picture alone: no formal guarantee.\n"
}
