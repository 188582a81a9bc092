//! A run: the schedule's turns, one after the other.

use super::block::{Block, LANES};
use super::kernels::{ConvolutionJob, Fused, PixelsJob, PlanesJob, WindowJob, WinogradJob};
use super::plan::{Placed, Plan, PlanState};
use super::schedule::Turn;
use super::step::{Operation, Step};

impl Plan {
    /// Runs once. `input` and `out` are planes `[channel][row][column]`, as long as the graph's input
    /// and output. Nothing is allocated.
    pub(crate) fn run(&self, state: &mut PlanState, input: &[f32], out: &mut [f32]) {
        for turn in &self.turns {
            let step = &self.steps[turn.step];
            self.turn(step, turn, state, input);
            if step.output == self.output {
                self.hand_over(turn, state, out);
            }
        }
    }

    fn turn(&self, step: &Step, turn: &Turn, state: &mut PlanState, input: &[f32]) {
        let to = &self.values[step.output];
        let PlanState { arena, places, .. } = state;
        places.clear();
        match &step.operation {
            Operation::Input { phases } => take(self.input, *phases, to, turn, arena, input),
            Operation::Convolution { packed, rows } => {
                let from = &self.values[step.inputs[0]];
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
                let from = &self.values[step.inputs[0]];
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
                    scratch: self.scratch,
                };
                self.kernels.winograd(arena, &job);
            }
            Operation::Depthwise { packed, rows } => {
                let from = &self.values[step.inputs[0]];
                for row in turn.rows.clone() {
                    places.clear();
                    for tap in 0..rows.kernel {
                        let at = (row * rows.stride + tap * rows.dilation).checked_sub(rows.before);
                        places.push(self.padded(from, at) - rows.before_columns);
                    }
                    self.kernels.depthwise(arena, packed, &window_job(from, to, row, places));
                }
            }
            Operation::Pool { pooling, columns, .. } => {
                let from = &self.values[step.inputs[0]];
                for row in turn.rows.clone() {
                    places.clear();
                    let under = step.under(0, &(row..row + 1), from.rows);
                    places.extend(under.map(|row| from.row(row)));
                    self.kernels.pool(arena, *pooling, columns, &window_job(from, to, row, places));
                }
            }
            Operation::Affine { scale, offset, slopes, fused } => {
                let from = &self.values[step.inputs[0]];
                for row in turn.rows.clone() {
                    each_pixel(from, to, row, arena, |_, block, _, value| {
                        let (scale, offset) = (&scale[block].0, &offset[block].0);
                        let slopes = slopes.get(block);
                        std::array::from_fn(|i| {
                            after(value[i] * scale[i] + offset[i], *fused, slopes, i)
                        })
                    });
                }
            }
            Operation::Add { slopes, fused } => {
                let (from, other) = (&self.values[step.inputs[0]], &self.values[step.inputs[1]]);
                for row in turn.rows.clone() {
                    let second = other.row(row);
                    each_pixel(from, to, row, arena, |arena, block, column, value| {
                        let added = arena[second + block * other.plane() + column].0;
                        let slopes = slopes.get(block);
                        std::array::from_fn(|i| after(value[i] + added[i], *fused, slopes, i))
                    });
                }
            }
            Operation::Concatenate => {
                for row in turn.rows.clone() {
                    let mut first = 0;
                    for from in step.inputs.iter().map(|input| &self.values[*input]) {
                        copy_channels(from, from.row(row), to, to.row(row), first, arena);
                        first += from.channels;
                    }
                }
            }
            Operation::Pad { before } => {
                let from = &self.values[step.inputs[0]];
                for row in turn.rows.clone() {
                    for block in 0..to.blocks() {
                        arena[to.row(row) + block * to.plane()..][..to.columns].fill(Block::ZERO);
                    }
                    let source = row.checked_sub(before[1]).filter(|source| *source < from.rows);
                    if let Some(source) = source {
                        let target = to.row(row) + before[2];
                        copy_channels(from, from.row(source), to, target, before[0], arena);
                    }
                }
            }
            Operation::ResponseNorm(norm) => {
                let from = &self.values[step.inputs[0]];
                for row in turn.rows.clone() {
                    let job = PixelsJob {
                        input: from.row(row),
                        input_plane: from.plane(),
                        output: to.row(row),
                        output_plane: to.plane(),
                        channels: to.channels,
                        columns: to.columns,
                    };
                    self.kernels.normalise(arena, norm, &job);
                }
            }
        }
    }

    /// Where an input row begins; beyond the map it is zeros.
    fn padded(&self, from: &Placed, row: Option<usize>) -> usize {
        match row.filter(|row| *row < from.rows) {
            Some(row) => from.row(row),
            None => from.zero_row(self.zeros),
        }
    }

    /// The rows that a convolution adds, and the plane of the map they are of.
    fn skip(&self, step: &Step, turn: &Turn, places: &mut Vec<usize>) -> usize {
        let Some(&skip) = step.inputs.get(1) else { return 0 };
        let skip = &self.values[skip];
        places.extend(turn.rows.clone().map(|row| skip.row(row)));
        skip.plane()
    }

    /// Copies finished rows of the output to the caller's planes.
    fn hand_over(&self, turn: &Turn, state: &mut PlanState, out: &mut [f32]) {
        let value = &self.values[self.output];
        state.places.clear();
        state.places.extend(turn.rows.clone().map(|row| value.row(row)));
        let job = PlanesJob {
            rows: &state.places,
            plane: value.plane(),
            first: turn.rows.start,
            channels: value.channels,
            height: value.rows,
            columns: value.columns,
        };
        self.kernels.hand_over(&state.arena, &job, out);
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

/// The caller's planes, of this shape, as rows of blocks. Phase after phase of an input row and
/// column becomes channels; beyond the planes they are zeros.
fn take(
    [channels, rows, columns]: [usize; 3],
    phases: usize,
    to: &Placed,
    turn: &Turn,
    arena: &mut [Block],
    input: &[f32],
) {
    for row in turn.rows.clone() {
        for channel in 0..to.channels {
            let (phase, from) = (channel / channels, channel % channels);
            let (from_row, from_column) = (row * phases + phase / phases, phase % phases);
            let (block, lane) = (channel / LANES, channel % LANES);
            let pixels = &mut arena[to.row(row) + block * to.plane()..][..to.columns];
            let numbers = match from_row < rows {
                true => &input[(from * rows + from_row) * columns..][from_column..columns],
                false => &[],
            };
            let mut numbers = numbers.iter().step_by(phases);
            for pixel in pixels {
                pixel.0[lane] = numbers.next().copied().unwrap_or(0.0);
            }
        }
    }
}

/// Makes each pixel of a row from the same pixel of another map.
fn each_pixel(
    from: &Placed,
    to: &Placed,
    row: usize,
    arena: &mut [Block],
    make: impl Fn(&[Block], usize, usize, [f32; LANES]) -> [f32; LANES],
) {
    for block in 0..to.blocks() {
        for column in 0..to.columns {
            let at = from.row(row) + block * from.plane() + column;
            let value = make(arena, block, column, arena[at].0);
            arena[to.row(row) + block * to.plane() + column] = Block(value);
        }
    }
}

fn after(value: f32, fused: Fused, slopes: Option<&Block>, lane: usize) -> f32 {
    match fused {
        Fused::None => value,
        Fused::Clip { low, high } => value.max(low).min(high),
        Fused::Slope => value.max(0.0) + value.min(0.0) * slopes.map_or(1.0, |s| s.0[lane]),
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
            arena.copy_within(at..at + from.columns, to);
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
