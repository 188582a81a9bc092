//! A run: the schedule's turns, one after the other.

use std::sync::{Mutex, PoisonError};

use super::block::{Block, LANES};
#[cfg(feature = "onnx")]
use super::kernels::numbers;
use super::kernels::{
    CombineJob, ConvolutionJob, Function, Kernels, OutputRows, PixelsJob, PlanesJob, Stem, StemJob,
    WindowJob, WinogradJob, numbers_mut,
};
use super::layout::{Layout, Placed};
use super::plan::{Plan, PlanState, Stripe};
use super::schedule::Turn;
use super::step::{Operation, Pad, Step};
use super::stripes::MOST_THREADS;
use crate::error::Result;
use crate::front::operator::PadMode;
#[cfg(feature = "onnx")]
use crate::front::tract::Tract;

impl Plan {
    /// Runs once. `input` and `out` are planes `[channel][row][column]`, as long as the graph's input
    /// and output. A state of another plan is replaced by one of this. Nothing else is allocated, but by
    /// a step that runs on tract.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Model`](crate::ErrorKind::Model) or
    /// [`ErrorKind::Internal`](crate::ErrorKind::Internal): tract failed. What is in `out` then is
    /// part of a map.
    pub(crate) fn run(&self, state: &mut PlanState, input: &[f32], out: &mut [f32]) -> Result<()> {
        if !self.has_made(state) {
            *state = self.state();
        }
        let PlanState { stripes, crew, .. } = state;
        let made = self.made();
        let mut rows = OutputRows::whole(out, [made.channels, made.rows, made.columns]);
        let Some(crew) = crew else {
            let stripe = stripes[0].get_mut().unwrap_or_else(PoisonError::into_inner);
            return self.stripe(stripe, input, &mut rows);
        };
        let lots: [Mutex<Option<Lot<'_>>>; MOST_THREADS] = Default::default();
        for (lot, stripe) in lots.iter().zip(stripes) {
            let stripe = stripe.get_mut().unwrap_or_else(PoisonError::into_inner);
            let end = stripe.layout.as_ref().map_or(made.rows, |layout| layout.rows.end);
            let own = rows.split_to(end);
            *lot.lock().unwrap_or_else(PoisonError::into_inner) =
                Some(Lot { stripe, rows: own, outcome: Ok(()) });
        }
        crew.run(&|number| {
            let mut lot = lots[number].lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(lot) = &mut *lot {
                lot.outcome = self.stripe(lot.stripe, input, &mut lot.rows);
            }
        })?;
        for lot in lots {
            if let Some(lot) = lot.into_inner().unwrap_or_else(PoisonError::into_inner) {
                lot.outcome?;
            }
        }
        Ok(())
    }

    /// Makes the rows of one stripe.
    fn stripe(&self, stripe: &mut Stripe, input: &[f32], out: &mut OutputRows<'_>) -> Result<()> {
        let Stripe { layout, arena, places } = stripe;
        let layout = layout.as_ref().unwrap_or(&self.whole);
        let run = Run { kernels: self.kernels, layout, input: (self.input, input) };
        for turn in &layout.turns {
            let step = &self.steps[turn.step];
            if let Operation::Stem(stem) = &step.operation {
                run.stem(stem, turn, arena, out);
                continue;
            }
            run.turn(step, turn, arena, places)?;
            if let Some(function) = &step.function {
                run.apply(function, step, turn, arena);
            }
            if step.output == self.output {
                run.hand_over(step, turn, arena, places, out);
            }
        }
        Ok(())
    }
}

/// What one thread does in a run.
struct Lot<'a> {
    stripe: &'a mut Stripe,
    rows: OutputRows<'a>,
    outcome: Result<()>,
}

/// One thread's way through its turns.
struct Run<'a> {
    kernels: &'static Kernels,
    layout: &'a Layout,
    /// The caller's planes, and their shape.
    input: ([usize; 3], &'a [f32]),
}

impl Run<'_> {
    fn turn(
        &self,
        step: &Step,
        turn: &Turn,
        arena: &mut [Block],
        places: &mut Vec<usize>,
    ) -> Result<()> {
        let to = &self.layout.values[step.output];
        places.clear();
        match &step.operation {
            Operation::Stem(_) => unreachable!("its output is the caller's, not the arena's"),
            Operation::Input { phases } => {
                take(self.input.0, *phases, to, turn, arena, self.input.1);
            }
            Operation::Constant(numbers) => {
                take([to.channels, to.rows, to.columns], 1, to, turn, arena, numbers);
            }
            Operation::Convolution { packed, rows } => {
                let from = &self.layout.values[step.inputs[0]];
                for row in turn.rows.clone() {
                    for tap in 0..rows.kernel {
                        let at = (row * rows.stride + tap * rows.dilation).checked_sub(rows.before);
                        places.push(self.padded(from, at) - rows.before_columns);
                    }
                }
                let inputs = places.len();
                places.extend(turn.rows.clone().map(|row| to.row(row)));
                let skip = self.skip(step, turn, places);
                let (inputs, outputs) = places.split_at(inputs);
                let (outputs, skips) = outputs.split_at(turn.rows.len());
                let job = ConvolutionJob {
                    convolution: packed,
                    inputs,
                    input_plane: from.plane(),
                    outputs,
                    output_plane: to.plane(),
                    skips,
                    skip_plane: skip,
                    columns: to.columns,
                };
                self.kernels.convolve(arena, &job);
            }
            Operation::Winograd { packed, before, .. } => {
                let from = &self.layout.values[step.inputs[0]];
                for first in turn.rows.clone().step_by(packed.tile()) {
                    for under in 0..packed.tile() + packed.taps - 1 {
                        let at = (first + under).checked_sub(before[0]);
                        places.push(self.padded(from, at) - before[1]);
                    }
                }
                let inputs = places.len();
                places.extend(turn.rows.clone().map(|row| to.row(row)));
                let skip = self.skip(step, turn, places);
                let (inputs, outputs) = places.split_at(inputs);
                let (outputs, skips) = outputs.split_at(turn.rows.len());
                let job = WinogradJob {
                    winograd: packed,
                    inputs,
                    input_plane: from.plane(),
                    outputs,
                    output_plane: to.plane(),
                    skips,
                    skip_plane: skip,
                    columns: to.columns,
                    scratch: self.layout.scratch,
                };
                self.kernels.winograd(arena, &job);
            }
            Operation::Depthwise { packed, rows } => {
                let from = &self.layout.values[step.inputs[0]];
                for row in turn.rows.clone() {
                    places.clear();
                    for tap in 0..rows.kernel {
                        let at = (row * rows.stride + tap * rows.dilation).checked_sub(rows.before);
                        places.push(self.padded(from, at) - rows.before_columns);
                    }
                    self.kernels.depthwise(arena, packed, &window_job(from, to, row, places));
                }
            }
            Operation::Pool { reduction, columns, rows } => {
                let from = &self.layout.values[step.inputs[0]];
                for row in turn.rows.clone() {
                    places.clear();
                    for tap in 0..rows.kernel {
                        let at = (row * rows.stride + tap * rows.dilation).checked_sub(rows.before);
                        places.extend(at.filter(|at| *at < from.rows).map(|at| from.row(at)));
                    }
                    let job = window_job(from, to, row, places);
                    self.kernels.pool(arena, *reduction, columns, &job);
                }
            }
            Operation::Affine(affine) => {
                let from = &self.layout.values[step.inputs[0]];
                for row in turn.rows.clone() {
                    self.kernels.affine(arena, affine, &pixels_job(from, to, row));
                }
            }
            Operation::Combine(combine) => {
                let maps = [0, 1].map(|input| &self.layout.values[step.inputs[input]]);
                for row in turn.rows.clone() {
                    let job = CombineJob {
                        // A map of one row or column stretches over all.
                        inputs: maps.map(|map| map.row(row.min(map.rows - 1))),
                        input_planes: maps.map(Placed::plane),
                        input_steps: maps.map(|map| usize::from(map.columns > 1)),
                        output: to.row(row),
                        output_plane: to.plane(),
                        blocks: to.blocks(),
                        columns: to.columns,
                    };
                    self.kernels.combine(arena, combine, &job);
                }
            }
            Operation::Concatenate => {
                for row in turn.rows.clone() {
                    let mut first = 0;
                    for from in step.inputs.iter().map(|input| &self.layout.values[*input]) {
                        copy_channels(from, from.row(row), to, to.row(row), first, arena);
                        first += from.channels;
                    }
                }
            }
            Operation::Pad(pad) => {
                let from = &self.layout.values[step.inputs[0]];
                for row in turn.rows.clone() {
                    surround(pad, from, to, row, arena);
                }
            }
            Operation::ResponseNorm(norm) => {
                let from = &self.layout.values[step.inputs[0]];
                for row in turn.rows.clone() {
                    self.kernels.normalise(arena, norm, &pixels_job(from, to, row));
                }
            }
            Operation::Softmax { logarithm } => {
                let from = &self.layout.values[step.inputs[0]];
                for row in turn.rows.clone() {
                    self.kernels.softmax(arena, *logarithm, &pixels_job(from, to, row));
                }
            }
            Operation::Flatten => {
                let from = &self.layout.values[step.inputs[0]];
                places.extend(turn.rows.clone().map(|row| from.row(row)));
                let (rows, planes) = arena.split_at_mut(to.offset());
                let job = planes_job(from, turn, places);
                let planes = &mut numbers_mut(planes)[..to.numbers()];
                let shape = [to.channels, to.rows, to.columns];
                self.kernels.hand_over(rows, &job, &mut OutputRows::whole(planes, shape));
            }
            Operation::Spread { first, strides } => {
                let from = &self.layout.values[step.inputs[0]];
                spread(from, *first, *strides, to, turn, arena);
            }
            #[cfg(feature = "onnx")]
            Operation::Tract { node, operator } => self.tract(step, node, operator, arena)?,
        }
        Ok(())
    }

    /// Makes rows of a front that is a stem and no more.
    fn stem(&self, stem: &Stem, turn: &Turn, arena: &mut [Block], out: &mut OutputRows<'_>) {
        let ([_, rows, columns], planes) = self.input;
        let to = &self.layout.values[0];
        let job = StemJob {
            stem,
            planes,
            input: [rows, columns],
            rows: turn.rows.clone(),
            output: [to.rows, to.columns],
            scratch: self.layout.scratch,
        };
        self.kernels.stem(arena, &job, out);
    }

    /// Runs a node on tract.
    #[cfg(feature = "onnx")]
    fn tract(&self, step: &Step, node: &Tract, operator: &str, arena: &mut [Block]) -> Result<()> {
        let failed = |error: crate::Error| {
            crate::Error::new(error.kind(), format!("{operator}, which runs on tract: {error}"))
        };
        let planes = step.inputs.iter().map(|input| {
            let from = &self.layout.values[*input];
            &numbers(&arena[from.offset()..])[..from.numbers()]
        });
        let answer = node.run(planes).map_err(failed)?;
        let to = &self.layout.values[step.output];
        let planes = &mut numbers_mut(&mut arena[to.offset()..])[..to.numbers()];
        answer.copy_to(planes).map_err(failed)
    }

    /// Applies a step's function to the rows that it has just made.
    fn apply(&self, function: &Function, step: &Step, turn: &Turn, arena: &mut [Block]) {
        let to = &self.layout.values[step.output];
        for row in turn.rows.clone() {
            for block in 0..to.blocks() {
                let at = to.row(row) + block * to.plane();
                self.kernels.apply(&mut arena[at..at + to.columns], function);
            }
        }
    }

    /// Where an input row begins; beyond the map it is zeros.
    fn padded(&self, from: &Placed, row: Option<usize>) -> usize {
        match row.filter(|row| *row < from.rows) {
            Some(row) => from.row(row),
            None => from.zero_row(self.layout.zeros),
        }
    }

    /// The rows that a convolution adds, and the plane of the map they are of.
    fn skip(&self, step: &Step, turn: &Turn, places: &mut Vec<usize>) -> usize {
        let Some(&skip) = step.inputs.get(1) else { return 0 };
        let skip = &self.layout.values[skip];
        places.extend(turn.rows.clone().map(|row| skip.row(row)));
        skip.plane()
    }

    /// Copies finished rows of the output to the caller's planes.
    fn hand_over(
        &self,
        step: &Step,
        turn: &Turn,
        arena: &[Block],
        places: &mut Vec<usize>,
        out: &mut OutputRows<'_>,
    ) {
        let value = &self.layout.values[step.output];
        places.clear();
        places.extend(turn.rows.clone().map(|row| value.row(row)));
        self.kernels.hand_over(arena, &planes_job(value, turn, places), out);
    }
}

fn window_job<'a>(from: &Placed, to: &Placed, row: usize, inputs: &'a [usize]) -> WindowJob<'a> {
    WindowJob {
        inputs,
        input_plane: from.plane(),
        output: to.row(row),
        output_plane: to.plane(),
        blocks: to.blocks(),
        columns: to.columns,
    }
}

fn pixels_job(from: &Placed, to: &Placed, row: usize) -> PixelsJob {
    PixelsJob {
        input: from.row(row),
        input_plane: from.plane(),
        output: to.row(row),
        output_plane: to.plane(),
        channels: to.channels,
        columns: to.columns,
    }
}

fn planes_job<'a>(from: &Placed, turn: &Turn, rows: &'a [usize]) -> PlanesJob<'a> {
    PlanesJob {
        rows,
        plane: from.plane(),
        first: turn.rows.start,
        channels: from.channels,
        height: from.rows,
        columns: from.columns,
    }
}

/// Planes of this shape as rows of blocks. What of each plane's row belongs to one pixel, a number a
/// phase, becomes channels next to one another; beyond the planes they are zeros.
fn take(
    [channels, rows, columns]: [usize; 3],
    phases: usize,
    to: &Placed,
    turn: &Turn,
    arena: &mut [Block],
    planes: &[f32],
) {
    for row in turn.rows.clone() {
        for source in 0..phases * channels {
            let (phase, plane) = (source / channels, source % channels);
            let from_row = row * phases + phase;
            let numbers = match from_row < rows {
                true => &planes[(plane * rows + from_row) * columns..][..columns],
                false => &[],
            };
            let first = source * phases;
            let pixels = |channel: usize| to.row(row) + channel / LANES * to.plane();
            let lane = first % LANES;
            match phases {
                1 => take_row::<1>(numbers, &mut arena[pixels(first)..][..to.columns], lane),
                2 => take_row::<2>(numbers, &mut arena[pixels(first)..][..to.columns], lane),
                4 => take_row::<4>(numbers, &mut arena[pixels(first)..][..to.columns], lane),
                _ => {
                    for column in 0..to.columns {
                        for (phase, channel) in (first..first + phases).enumerate() {
                            let number = numbers.get(column * phases + phase);
                            arena[pixels(channel) + column].0[channel % LANES] =
                                number.copied().unwrap_or(0.0);
                        }
                    }
                }
            }
        }
    }
}

/// A row of a plane, `PHASES` numbers a pixel, into as many lanes of these pixels.
fn take_row<const PHASES: usize>(numbers: &[f32], pixels: &mut [Block], lane: usize) {
    let (whole, rest) = numbers.as_chunks::<PHASES>();
    let (inside, beyond) = pixels.split_at_mut(whole.len().min(pixels.len()));
    for (pixel, numbers) in inside.iter_mut().zip(whole) {
        pixel.0[lane..lane + PHASES].copy_from_slice(numbers);
    }
    for (index, pixel) in beyond.iter_mut().enumerate() {
        let lanes = &mut pixel.0[lane..lane + PHASES];
        lanes.fill(0.0);
        if index == 0 {
            lanes[..rest.len()].copy_from_slice(rest);
        }
    }
}

/// One row of a map with something around it.
fn surround(pad: &Pad, from: &Placed, to: &Placed, row: usize, arena: &mut [Block]) {
    let [channels, rows, columns] = pad.before;
    let source = pad.source(row, rows, from.rows);
    if let PadMode::Constant(value) = pad.mode {
        for block in 0..to.blocks() {
            let at = to.row(row) + block * to.plane();
            arena[at..at + to.columns].fill(Block([value; LANES]));
        }
    }
    let Some(source) = source else { return };
    copy_channels(from, from.row(source), to, to.row(row) + columns, channels, arena);
    if !matches!(pad.mode, PadMode::Constant(_)) {
        for column in (0..columns).chain(columns + from.columns..to.columns) {
            let inside = pad.source(column, columns, from.columns).unwrap_or(0);
            for block in 0..to.blocks() {
                let at = from.row(source) + block * from.plane() + inside;
                arena[to.row(row) + block * to.plane() + column] = arena[at];
            }
        }
    }
}

/// Rows of blocks from planes, which are read with these strides from this number on.
fn spread(
    from: &Placed,
    first: usize,
    [channel_stride, row_stride, column_stride]: [usize; 3],
    to: &Placed,
    turn: &Turn,
    arena: &mut [Block],
) {
    for row in turn.rows.clone() {
        for channel in 0..to.channels {
            let start = first + channel * channel_stride + row * row_stride;
            let target = to.row(row) + channel / LANES * to.plane();
            for column in 0..to.columns {
                let at = start + column * column_stride;
                let number = arena[from.offset() + at / LANES].0[at % LANES];
                arena[target + column].0[channel % LANES] = number;
            }
        }
    }
}

/// Copies all channels of a row to another map's, from this channel on.
fn copy_channels(
    from: &Placed,
    source: usize,
    to: &Placed,
    target: usize,
    first: usize,
    arena: &mut [Block],
) {
    if first.is_multiple_of(LANES) {
        for block in 0..from.blocks() {
            let at = source + block * from.plane();
            let to = target + (first / LANES + block) * to.plane();
            let inside = LANES.min(from.channels - block * LANES);
            if inside == LANES {
                arena.copy_within(at..at + from.columns, to);
                continue;
            }
            // Other channels of the last block are not this map's to write.
            for column in 0..from.columns {
                let value = arena[at + column].0;
                arena[to + column].0[..inside].copy_from_slice(&value[..inside]);
            }
        }
        return;
    }
    for channel in 0..from.channels {
        let (at, lane) = (source + channel / LANES * from.plane(), channel % LANES);
        let channel = first + channel;
        let (to, to_lane) = (target + channel / LANES * to.plane(), channel % LANES);
        for column in 0..from.columns {
            arena[to + column].0[to_lane] = arena[at + column].0[lane];
        }
    }
}
