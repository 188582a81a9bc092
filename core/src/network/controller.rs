//! The controller of *Controlling the privacy loss*, Fig. 3: windows are raised until a degree of
//! sanitisation is met.

mod trial;

use std::num::NonZeroUsize;
use std::ops::RangeInclusive;

use crate::error::{Error, ErrorKind, Result};
use crate::frame::{Frame, InputSpec};
use crate::front::graph::{Graph, ValueId};
use crate::front::{CompileOptions, Output};

use super::hands::Hand;
use super::held::Input;
use super::sanitisation::{check_gamma, check_windows, meets};
use trial::{Original, Trial};

/// Looks for the window that a degree of sanitisation takes at one tap.
///
/// The part of the network before the tap runs once for a picture; then each window takes a run of what
/// follows, on a scratch copy of the map. Nothing is allocated for a window, but for nodes that run on
/// tract. Where a connection runs around the tap, what is run for each window begins before it, at
/// the last tensor through which all of the network goes.
#[derive(Debug)]
pub struct Controller {
    input: Input,
    trial: Trial,
}

/// What the controller found. It tells neither probabilities nor the class.
///
/// The window depends on the pictures: where it leaves the device, it is a release of its own, under no
/// formal promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calibration {
    /// The first window that meets the degree of sanitisation on every picture; where none does, the one
    /// whose smallest privacy loss over the pictures is largest.
    pub window: NonZeroUsize,
    /// Whether it meets it.
    pub met: bool,
    /// Trend inversions up to that window, or over all where none meets it; of all pictures together.
    pub inversions: usize,
}

/// The whole curve of one picture. A lab build only.
#[cfg(feature = "lab")]
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    /// The class of the highest probability, before anything is held.
    pub class: usize,
    /// Its probability then.
    pub before: f64,
    /// The share of zeros in the map at the tap, before anything is held.
    pub zero_share: f64,
    /// What each window leaves, in ascending order.
    pub steps: Vec<SweepStep>,
}

/// What one window leaves of a probability.
#[cfg(feature = "lab")]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SweepStep {
    /// Values in a window.
    pub window: usize,
    /// The probability of the original class, or classes.
    pub after: f64,
}

impl Controller {
    /// Of a graph that answers `to`, swept at the first of these tensors, held at the others.
    #[expect(clippy::too_many_arguments, reason = "the parts of a network, named one by one")]
    pub(super) fn new(
        graph: &Graph,
        to: ValueId,
        ids: &[ValueId],
        swept: Hand,
        others: Vec<Hand>,
        input: Option<&InputSpec>,
        output: Output,
        options: CompileOptions,
    ) -> Result<Self> {
        if output == Output::Descriptor {
            return Err(Error::new(
                ErrorKind::Model,
                "the network answers with a descriptor, which has no classes; a degree of sanitisation needs probabilities",
            ));
        }
        let numbers = graph.shape(graph.input).iter().product();
        Ok(Self {
            input: Input::new(input, numbers)?,
            trial: Trial::new(graph, to, ids, swept, others, output, options)?,
        })
    }

    /// Raises the window until it meets the degree of sanitisation `gamma` on every one of these
    /// pictures: until of the original probability of `classes` at most `2^-gamma` is left. Without
    /// classes it is that of each picture's own top class.
    ///
    /// *Empirical*: it holds for these pictures.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Tap`]: there is no picture, `gamma` or the windows are none
    /// ([`check_gamma`], [`check_windows`]), a class does not exist, or nothing is left of a
    /// probability before anything is held. Kind [`ErrorKind::Frame`]: a frame cannot be read. Kind
    /// [`ErrorKind::Activations`]: a map or the answer holds a value that is no finite number.
    pub fn calibrate(
        &mut self,
        frames: &[Frame<'_>],
        classes: Option<&[usize]>,
        gamma: f64,
        windows: RangeInclusive<usize>,
    ) -> Result<Calibration> {
        check_gamma(gamma)?;
        check_windows(&windows)?;
        if frames.is_empty() {
            return Err(Error::new(ErrorKind::Tap, "calibration needs at least one picture"));
        }
        let result = self.trace(frames, classes, gamma, &windows);
        self.wipe();
        result.map(|traces| summary(&traces, gamma, *windows.start()))
    }

    /// The curve of each picture, as far as it is needed.
    fn trace(
        &mut self,
        frames: &[Frame<'_>],
        classes: Option<&[usize]>,
        gamma: f64,
        windows: &RangeInclusive<usize>,
    ) -> Result<Vec<Trace>> {
        let mut traces = Vec::with_capacity(frames.len());
        // Windows that all pictures so far meet.
        let mut met = vec![true; windows.clone().count()];
        for (index, frame) in frames.iter().enumerate() {
            self.input.prepare(frame)?;
            let Original { before, .. } = self.trial.begin(&self.input.tensor, classes)?;
            let mut after = Vec::with_capacity(met.len());
            for (window, met) in windows.clone().zip(&mut met) {
                let left = self.trial.hold(window)?;
                after.push(left);
                *met &= meets(gamma, before, left);
                if *met && index + 1 == frames.len() {
                    break;
                }
            }
            traces.push(Trace { before, after });
        }
        Ok(traces)
    }

    /// The whole curve of a preprocessed picture, of the given classes or its own top one; `progress` is
    /// called with each window that is done. A lab build only.
    ///
    /// # Errors
    /// As [`Controller::calibrate`].
    #[cfg(feature = "lab")]
    pub fn sweep(
        &mut self,
        tensor: &[f32],
        classes: Option<&[usize]>,
        windows: RangeInclusive<usize>,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Sweep> {
        check_windows(&windows)?;
        let result = self.curve(tensor, classes, windows, progress);
        self.wipe();
        result
    }

    #[cfg(feature = "lab")]
    fn curve(
        &mut self,
        tensor: &[f32],
        classes: Option<&[usize]>,
        windows: RangeInclusive<usize>,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Sweep> {
        self.input.take(tensor)?;
        let Original { class, before, zero_share } =
            self.trial.begin(&self.input.tensor, classes)?;
        let mut steps = Vec::with_capacity(windows.clone().count());
        for window in windows {
            steps.push(SweepStep { window, after: self.trial.hold(window)? });
            progress(window);
        }
        Ok(Sweep { class, before, zero_share, steps })
    }

    /// How long so many runs of what follows the tap take together, on the map as it is: what that many
    /// windows cost at least. A lab build only.
    ///
    /// # Errors
    /// As [`Controller::sweep`].
    #[cfg(feature = "lab")]
    pub fn time_tail(&mut self, tensor: &[f32], runs: usize) -> Result<std::time::Duration> {
        self.input.take(tensor)?;
        self.trial.begin(&self.input.tensor, None)?;
        let begun = std::time::Instant::now();
        for _ in 0..runs {
            self.trial.follow()?;
        }
        let took = begun.elapsed();
        self.wipe();
        Ok(took)
    }

    /// Overwrites what the last picture left.
    fn wipe(&mut self) {
        self.input.wipe();
        self.trial.wipe();
    }
}

/// What windows left of one picture's probability.
struct Trace {
    before: f64,
    after: Vec<f64>,
}

/// What all curves come to.
fn summary(traces: &[Trace], gamma: f64, first: usize) -> Calibration {
    let windows = traces.iter().map(|trace| trace.after.len()).min().unwrap_or(0);
    let all_meet =
        |step: &usize| traces.iter().all(|trace| meets(gamma, trace.before, trace.after[*step]));
    // The largest share that any picture keeps.
    let kept = |step: &usize| {
        traces.iter().map(|trace| trace.after[*step] / trace.before).fold(0.0, f64::max)
    };
    let found = (0..windows).find(all_meet);
    let best = || (0..windows).min_by(|a, b| kept(a).total_cmp(&kept(b))).unwrap_or(0);
    let upto = found.unwrap_or(windows.saturating_sub(1));
    let inversions = |trace: &Trace| super::Trend::of(&trace.after[..=upto]).inversions;
    Calibration {
        window: NonZeroUsize::new(first + found.unwrap_or_else(best)).unwrap_or(NonZeroUsize::MIN),
        met: found.is_some(),
        inversions: traces.iter().map(inversions).sum(),
    }
}
