//! Turns: a step makes some rows.

use super::block::{Block, LANES};
use super::copies::{copy_channels, spread, surround, take};
#[cfg(feature = "onnx")]
use super::kernels::numbers;
use super::kernels::{
    CombineJob, ConvolutionJob, Function, Kernels, OutputRows, PixelsJob, PlanesJob, Stem, StemJob,
    WindowJob, WinogradJob, numbers_mut,
};
use super::layout::{Layout, Placed};
use super::schedule::Turn;
use super::step::{Operation, Rows, Step};
use crate::error::Result;
#[cfg(feature = "onnx")]
use crate::front::tract::Tract;

/// Is given the number of each tap that a run passes and the map there, in memory order, to change.
pub(crate) type Visitor<'a> = dyn FnMut(usize, &mut [f32]) -> Result<()> + 'a;

/// One thread's way through its turns.
pub(super) struct Turns<'a> {
    pub(super) kernels: &'static Kernels,
    pub(super) layout: &'a Layout,
    /// The caller's planes, and their shape.
    pub(super) input: ([usize; 3], &'a [f32]),
}

impl Turns<'_> {
    /// Makes the rows of one turn.
    pub(super) fn make(
        &self,
        step: &Step,
        turn: &Turn,
        arena: &mut [Block],
        places: &mut Vec<usize>,
        visitor: &mut Visitor<'_>,
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
                    places.extend(self.under(rows, from, row));
                }
                let Made { inputs, outputs, skips, skip_plane } = self.made(step, turn, places);
                let job = ConvolutionJob {
                    convolution: packed,
                    inputs,
                    input_plane: from.plane(),
                    outputs,
                    output_plane: to.plane(),
                    skips,
                    skip_plane,
                    columns: to.columns,
                    scratch: self.layout.scratch,
                };
                self.kernels.convolve(arena, &job);
            }
            Operation::Winograd { packed, before, .. } => {
                let from = &self.layout.values[step.inputs[0]];
                let tile = Rows::of_taps(packed.tile() + packed.taps - 1, *before);
                for row in turn.rows.clone().step_by(packed.tile()) {
                    places.extend(self.under(&tile, from, row));
                }
                let Made { inputs, outputs, skips, skip_plane } = self.made(step, turn, places);
                let job = WinogradJob {
                    winograd: packed,
                    inputs,
                    input_plane: from.plane(),
                    outputs,
                    output_plane: to.plane(),
                    skips,
                    skip_plane,
                    columns: to.columns,
                    scratch: self.layout.scratch,
                };
                self.kernels.winograd(arena, &job);
            }
            Operation::Depthwise { packed, rows } => {
                let from = &self.layout.values[step.inputs[0]];
                for row in turn.rows.clone() {
                    places.clear();
                    places.extend(self.under(rows, from, row));
                    self.kernels.depthwise(arena, packed, &window_job(from, to, row, places));
                }
            }
            Operation::Pool { reduction, columns, rows } => {
                let from = &self.layout.values[step.inputs[0]];
                for row in turn.rows.clone() {
                    places.clear();
                    places.extend(rows.taps(row, from.rows).flatten().map(|at| from.row(at)));
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
            Operation::Tap(tap) => {
                let from = &self.layout.values[step.inputs[0]];
                let blocks = to.numbers().div_ceil(LANES);
                arena.copy_within(from.offset()..from.offset() + blocks, to.offset());
                let planes = numbers_mut(&mut arena[to.offset()..]);
                visitor(*tap, &mut planes[..to.numbers()])?;
            }
            #[cfg(feature = "onnx")]
            Operation::Tract { node, operator } => self.tract(step, node, operator, arena)?,
        }
        Ok(())
    }

    /// Makes rows of a front that is a stem and no more.
    pub(super) fn stem(
        &self,
        stem: &Stem,
        turn: &Turn,
        arena: &mut [Block],
        out: &mut OutputRows<'_>,
    ) {
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
    pub(super) fn apply(&self, function: &Function, step: &Step, turn: &Turn, arena: &mut [Block]) {
        let to = &self.layout.values[step.output];
        for row in turn.rows.clone() {
            for block in 0..to.blocks() {
                let at = to.row(row) + block * to.plane();
                self.kernels.apply(&mut arena[at..at + to.columns], function);
            }
        }
    }

    /// Where the input row under each tap of an output row begins, at the pixel under the first
    /// column's first tap. Beyond the map it is zeros.
    fn under(&self, window: &Rows, from: &Placed, row: usize) -> impl Iterator<Item = usize> {
        window.taps(row, from.rows).map(|at| match at {
            Some(at) => from.row(at) - window.before_columns,
            None => from.zero_row(self.layout.zeros) - window.before_columns,
        })
    }

    /// What a convolution makes, and adds, when the places of its inputs are already there.
    fn made<'p>(&self, step: &Step, turn: &Turn, places: &'p mut Vec<usize>) -> Made<'p> {
        let inputs = places.len();
        let to = &self.layout.values[step.output];
        places.extend(turn.rows.clone().map(|row| to.row(row)));
        let skip = step.inputs.get(1).map(|&skip| &self.layout.values[skip]);
        if let Some(skip) = skip {
            places.extend(turn.rows.clone().map(|row| skip.row(row)));
        }
        let (inputs, rest) = places.split_at(inputs);
        let (outputs, skips) = rest.split_at(turn.rows.len());
        Made { inputs, outputs, skips, skip_plane: skip.map_or(0, Placed::plane) }
    }

    /// Copies finished rows of the output to the caller's planes.
    pub(super) fn hand_over(
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

/// Where the rows of a convolution begin.
struct Made<'a> {
    inputs: &'a [usize],
    outputs: &'a [usize],
    /// The rows that are added, and the plane of the map they are of; none where nothing is.
    skips: &'a [usize],
    skip_plane: usize,
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
