//! How far rounding can carry a map from what its layers are in exact arithmetic, whatever the picture.
//!
//! Every value of a plan gets, channel by channel, an interval that holds all its numbers and a bound on
//! how far any of them is from the *reference*: the same layers in real arithmetic, convolutions without
//! tiles, weights as the kernels hold them. The reference depends on receptive fields alone. Bounds hold
//! for any order of additions, fused or not, and so for every instruction set; the argument stands in
//! `docs/proofs/rounding.md`. All arithmetic is in `f64` on sums of few million positive numbers, whose own
//! error [`SLACK`] covers.

mod convolution;
mod tiles;

use super::kernels::Fused;
use super::plan::Plan;
use super::step::{Operation, Rows, Step};
use crate::front::operator::{Arithmetic, Reduction};

/// The unit roundoff of `f32`.
const UNIT: f64 = 1.0 / (1u64 << 24) as f64;

/// What the bounds' own arithmetic may lack.
const SLACK: f64 = 1.0 + 1e-9;

/// Layers in tiles for which a bound is worked out: each multiplies what those before it erred by the absolute
/// sum of its weights, so that no bound of more layers has been of use, and working it out takes time.
const MOST_IN_TILES: usize = 2;

/// What numbers too small for a normal `f32` may lose on their way through a layer.
const TINY: f64 = 1e-30;

/// What `roundings` in a row do to a number, as a share (Higham 2002, lemma 3.1).
fn gamma(roundings: usize) -> f64 {
    let many = roundings as f64 * UNIT;
    many / (1.0 - many)
}

/// What a channel's numbers can be.
#[derive(Clone, Copy, Debug)]
struct Channel {
    low: f64,
    high: f64,
    /// How far a number is from the reference, at most.
    error: f64,
}

impl Channel {
    fn largest(&self) -> f64 {
        self.high.max(-self.low)
    }

    /// What it is together with the zeros around a map.
    fn with_zero(self) -> Self {
        Self { low: self.low.min(0.0), high: self.high.max(0.0), ..self }
    }

    /// From a reference between two numbers and what rounding adds.
    fn around(low: f64, high: f64, error: f64) -> Self {
        let error = error * SLACK + TINY;
        let more = error + 1e-9 * high.max(-low);
        Self { low: low - more, high: high + more, error }
    }

    fn clipped(self, low: f64, high: f64) -> Self {
        Self { low: self.low.clamp(low, high), high: self.high.clamp(low, high), ..self }
    }
}

/// First and last input that each position may depend on, rounding included.
pub(crate) type Spans = Vec<(u32, u32)>;

#[derive(Clone, Debug)]
struct Known {
    channels: Vec<Channel>,
    /// Along rows and along columns.
    spans: [Spans; 2],
}

/// What rounding does to the numbers that a plan puts out.
#[derive(Clone, Debug)]
pub(crate) struct Bound {
    /// Of each channel: how far any number of it is from the reference.
    pub(crate) errors: Vec<f64>,
    /// Along rows and along columns.
    pub(crate) spans: [Spans; 2],
}

impl Plan {
    /// The bound for pictures whose channels lie between these numbers; none where a step has no bound.
    pub(crate) fn rounding(&self, input: &[(f64, f64)]) -> Option<Bound> {
        let in_tiles = |step: &&Step| {
            matches!(step.operation, Operation::Winograd { .. } | Operation::Stem(_))
        };
        if self.steps.iter().filter(in_tiles).count() > MOST_IN_TILES {
            return None;
        }
        let mut known: Vec<Option<Known>> = vec![None; self.whole.values.len()];
        // A step may stand before one that it reads, where a sum was fused into it.
        for _ in 0..2 {
            for step in &self.steps {
                let ready = step.inputs.iter().all(|&value| known[value].is_some());
                if ready && known[step.output].is_none() {
                    known[step.output] = Some(self.after(step, input, &known)?);
                }
            }
        }
        let made = known[self.output].take()?;
        let errors: Vec<f64> = made.channels.iter().map(|channel| channel.error).collect();
        let finite = errors.iter().all(|error| error.is_finite());
        finite.then_some(Bound { errors, spans: made.spans })
    }

    fn after(&self, step: &Step, input: &[(f64, f64)], known: &[Option<Known>]) -> Option<Known> {
        if step.function.is_some() {
            return None;
        }
        let to = &self.whole.values[step.output];
        let sizes = [to.rows, to.columns];
        let from = step.inputs.first().and_then(|&value| known[value].as_ref());
        let all = |make: &dyn Fn(&Channel) -> Channel| {
            let from = from?;
            let channels = from.channels.iter().map(make).collect();
            Some(Known { channels, spans: from.spans.clone() })
        };
        match &step.operation {
            Operation::Input { phases } => Some(self.picture(*phases, input, sizes)),
            Operation::Convolution { packed, rows } => {
                let columns = Rows {
                    kernel: packed.kernel[1],
                    stride: packed.stride,
                    dilation: packed.dilation,
                    before: rows.before_columns,
                    ..*rows
                };
                let from = from?;
                let spans = [(0, rows), (1, &columns)]
                    .map(|(axis, window)| slid(&from.spans[axis], window, sizes[axis]));
                let sums = convolution::direct(packed, &from.channels, to.channels)?;
                finished(sums, packed.fused, step, known, spans)
            }
            Operation::Winograd { packed, before, .. } => {
                let from = from?;
                let spans = [0, 1].map(|axis| {
                    tiled(&from.spans[axis], packed.tile(), packed.under, before[axis], sizes[axis])
                });
                let sums = tiles::in_tiles(packed, &from.channels, to.channels)?;
                finished(sums, packed.fused, step, known, spans)
            }
            Operation::Pool { reduction, rows, columns } => {
                let columns = Rows {
                    kernel: columns.kernel,
                    stride: columns.stride,
                    dilation: columns.dilation,
                    before: columns.before,
                    ..*rows
                };
                let roundings = match reduction {
                    Reduction::Maximum | Reduction::Minimum => 0,
                    Reduction::Mean => rows.kernel * columns.kernel + 2,
                    Reduction::Sum => return None,
                };
                let pooled = all(&|channel| {
                    // A mean may count the zeros around a map.
                    let channel = match reduction {
                        Reduction::Mean => channel.with_zero(),
                        _ => *channel,
                    };
                    let rounding = gamma(roundings) * channel.largest();
                    Channel::around(channel.low, channel.high, channel.error + rounding)
                })?;
                let spans = [(0, rows), (1, &columns)]
                    .map(|(axis, window)| slid(&pooled.spans[axis], window, sizes[axis]));
                Some(Known { spans, ..pooled })
            }
            Operation::Combine(combine) if combine.arithmetic == Arithmetic::Add => {
                let from = from?;
                let spans = from.spans.clone();
                finished(from.channels.clone(), combine.fused, step, known, spans)
            }
            _ => None,
        }
    }

    /// The caller's planes, in so many phases.
    fn picture(&self, phases: usize, input: &[(f64, f64)], sizes: [usize; 2]) -> Known {
        let channels = (0..input.len() * phases * phases).map(|channel| {
            let (low, high) = input[channel / phases % input.len()];
            Channel { low, high, error: 0.0 }.with_zero()
        });
        let spans = [0, 1].map(|axis| {
            let last = self.input[1 + axis] - 1;
            let place = |at: usize| at.min(last) as u32;
            (0..sizes[axis]).map(|at| (place(at * phases), place((at + 1) * phases - 1))).collect()
        });
        Known { channels: channels.collect(), spans }
    }
}

/// Sums, what is added to them and what their store does with them.
fn finished(
    mut channels: Vec<Channel>,
    fused: Fused,
    step: &Step,
    known: &[Option<Known>],
    mut spans: [Spans; 2],
) -> Option<Known> {
    if let Some(&added) = step.inputs.get(1) {
        let added = known[added].as_ref()?;
        if added.channels.len() != channels.len() {
            return None;
        }
        for (channel, other) in channels.iter_mut().zip(&added.channels) {
            let rounding = UNIT * (channel.largest() + other.largest());
            *channel = Channel::around(
                channel.low + other.low,
                channel.high + other.high,
                channel.error + other.error + rounding,
            );
        }
        for (spans, others) in spans.iter_mut().zip(&added.spans) {
            if spans.len() != others.len() {
                return None;
            }
            for (span, other) in spans.iter_mut().zip(others) {
                *span = hull(*span, *other);
            }
        }
    }
    // Comparisons do not round, and bring no two numbers further apart.
    let channels = channels.into_iter();
    let channels = match fused {
        Fused::None => channels.collect(),
        Fused::AtLeast(low) => {
            channels.map(|channel| channel.clipped(f64::from(low), f64::INFINITY)).collect()
        }
        Fused::Clip { low, high } if low <= high => {
            channels.map(|channel| channel.clipped(f64::from(low), f64::from(high))).collect()
        }
        Fused::Clip { .. } | Fused::Slope => return None,
    };
    Some(Known { channels, spans })
}

fn hull(a: (u32, u32), b: (u32, u32)) -> (u32, u32) {
    (a.0.min(b.0), a.1.max(b.1))
}

/// What positions from one on depend on, so many; something near where they lie off the map.
fn covered(spans: &Spans, reads: impl Iterator<Item = i64>) -> (u32, u32) {
    let last = spans.len() as i64 - 1;
    let near = reads.map(|at| spans[at.clamp(0, last) as usize]);
    near.reduce(hull).unwrap_or(spans[0])
}

fn slid(spans: &Spans, window: &Rows, size: usize) -> Spans {
    let taps = |at: usize| {
        let start = (at * window.stride) as i64 - window.before as i64;
        (0..window.kernel).map(move |tap| start + (tap * window.dilation) as i64)
    };
    (0..size).map(|at| covered(spans, taps(at))).collect()
}

/// An output of a tile may depend on every input under it, but for the first input, which goes into the
/// product at the point 0 and with it into the first output alone, and the last, which goes by the product at
/// infinity into the last output alone.
fn tiled(spans: &Spans, tile: usize, under: usize, before: usize, size: usize) -> Spans {
    let inputs = |at: usize| {
        let start = (at / tile * tile) as i64 - before as i64;
        let (first, last) = (at.is_multiple_of(tile), at % tile + 1 == tile);
        start + i64::from(!first)..start + under as i64 - i64::from(!last)
    };
    (0..size).map(|at| covered(spans, inputs(at))).collect()
}
