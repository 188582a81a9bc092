//! A plan: steps, their schedule, and where every row lies in the arena.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use super::block::{Block, blocks_of};
use super::draft::{Draft, Kind};
use super::kernels::{
    Kernels, LARGEST_KERNEL, MOST_CHANNELS, PoolColumns, Pooling, ResponseNorm, WIDEST_REACH,
};
use super::lower::lower;
use super::pack::{Loose, channels_as_blocks, fused};
use super::schedule::{Turn, schedule};
use super::step::{Operation, Rows, Step};
use super::{choice, phases};
use crate::front::graph::{Graph, ValueId};
use crate::front::operator::Window;
use crate::front::precision::Precision;

/// The plan's value that the input is.
const INPUT: usize = 0;

/// A front as steps over rows of one arena. Constant; shared by any number of runs.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(super) kernels: &'static Kernels,
    pub(super) steps: Vec<Step>,
    pub(super) values: Vec<Placed>,
    pub(super) turns: Vec<Turn>,
    /// Channels, rows and columns of the caller's planes.
    pub(super) input: [usize; 3],
    pub(super) output: usize,
    pub(super) zeros: usize,
    pub(super) scratch: usize,
    arena: usize,
    places: usize,
    identity: u64,
}

/// A tensor, and where its rows lie.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed {
    pub(super) channels: usize,
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// Columns of zeros before and after each row.
    before: usize,
    after: usize,
    /// Rows that the ring holds.
    ring: usize,
    offset: usize,
}

/// What a run changes.
pub(crate) struct PlanState {
    /// Of the plan that made it: another's margins would not be zeros where this one's are.
    plan: u64,
    pub(super) arena: Vec<Block>,
    /// Where the rows of a turn lie.
    pub(super) places: Vec<usize>,
}

impl Placed {
    /// Of this shape, nowhere yet.
    fn new([channels, rows, columns]: [usize; 3]) -> Self {
        Self { channels, rows, columns, before: 0, after: 0, ring: 0, offset: 0 }
    }

    pub(super) fn blocks(&self) -> usize {
        blocks_of(self.channels)
    }

    /// Blocks from one block of channels to the next.
    pub(super) fn plane(&self) -> usize {
        self.before + self.columns + self.after
    }

    /// Rows of it that exist at once.
    pub(super) fn kept(&self) -> usize {
        self.ring
    }

    fn row_len(&self) -> usize {
        self.blocks() * self.plane()
    }

    /// Where a row begins: its first pixel, first block.
    pub(super) fn row(&self, row: usize) -> usize {
        self.offset + row % self.ring * self.row_len() + self.before
    }

    /// Where a row of zeros of this shape begins.
    pub(super) fn zero_row(&self, zeros: usize) -> usize {
        zeros + self.before
    }
}

impl Plan {
    /// The plan of a graph; none where a node is of a kind that no step covers.
    pub(crate) fn compile(graph: &Graph, precision: Precision) -> Option<Self> {
        Self::compile_for(graph, precision, Kernels::best())
    }

    /// [`Plan::compile`] for one instruction set, which this processor has.
    pub(super) fn compile_for(
        graph: &Graph,
        precision: Precision,
        kernels: &'static Kernels,
    ) -> Option<Self> {
        let drafts = lower(graph)?;
        let &[_, channels, rows, columns] = graph.shape(graph.input) else { return None };
        let input = [channels, rows, columns];
        let phases = match precision {
            Precision::Fast => phases::of(&drafts, graph.input, channels),
            Precision::Exact => 1,
        };
        let values = vec![Placed::new(phases::shape(input, phases))];
        let ids = HashMap::from([(graph.input, 0)]);
        let mut builder = Builder { graph, kernels, precision, phases, ids, values };
        let mut steps = vec![Step {
            operation: Operation::Input { phases },
            inputs: Vec::new(),
            output: 0,
            band: 1,
            operations: 0,
        }];
        for draft in &drafts {
            steps.push(builder.step(draft)?);
        }
        let output = builder.value(graph.outputs[0]);
        let mut values = builder.values;
        Some(Self::place(kernels, steps, &mut values, input, output))
    }

    /// Decides margins, rings and offsets.
    fn place(
        kernels: &'static Kernels,
        steps: Vec<Step>,
        values: &mut [Placed],
        input: [usize; 3],
        output: usize,
    ) -> Self {
        let mut makers = vec![0; values.len()];
        let (mut scratch_len, mut places) = (0, 0);
        for (index, step) in steps.iter().enumerate() {
            makers[step.output] = index;
            if let Some(&input) = step.inputs.first() {
                let (before, after) =
                    step.margins(values[input].columns, values[step.output].columns);
                values[input].before = values[input].before.max(before);
                values[input].after = values[input].after.max(after);
            }
            if let Operation::Winograd { scratch, .. } = &step.operation {
                scratch_len = scratch_len.max(*scratch);
            }
            places = places.max((step.band + 4) * (LARGEST_KERNEL + 2));
        }
        let heights: Vec<usize> = values.iter().map(|value| value.rows).collect();
        let plan = schedule(&steps, &heights, &makers, output);
        let zeros_len = values.iter().map(Placed::row_len).max().unwrap_or(0);
        let mut arena = zeros_len;
        for (value, alive) in values.iter_mut().zip(&plan.alive) {
            value.ring = (*alive).max(1);
            value.offset = arena;
            arena += value.ring * value.row_len();
        }
        Self {
            kernels,
            steps,
            values: values.to_vec(),
            turns: plan.turns,
            input,
            output,
            zeros: 0,
            scratch: arena,
            arena: arena + scratch_len,
            places,
            identity: PLANS.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// Everything that a run changes.
    pub(crate) fn state(&self) -> PlanState {
        PlanState {
            plan: self.identity,
            arena: vec![Block::ZERO; self.arena],
            places: Vec::with_capacity(self.places),
        }
    }

    /// Whether this plan made that state.
    pub(crate) fn made(&self, state: &PlanState) -> bool {
        state.plan == self.identity
    }

    /// Bytes of the arena that each state takes.
    pub(crate) fn memory(&self) -> usize {
        self.arena * size_of::<Block>()
    }

    /// Whether a step computes outputs in tiles, so that rounding reaches past receptive fields.
    pub(crate) fn has_tiles(&self) -> bool {
        self.steps.iter().any(|step| matches!(step.operation, Operation::Winograd { .. }))
    }
}

/// How many plans were made: each gets a number of its own.
static PLANS: AtomicU64 = AtomicU64::new(0);

impl std::fmt::Debug for PlanState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PlanState").field("blocks", &self.arena.len()).finish_non_exhaustive()
    }
}

impl PlanState {
    /// Overwrites every row that the last run left.
    pub(crate) fn wipe(&mut self) {
        self.arena.fill(Block::ZERO);
    }
}

struct Builder<'a> {
    graph: &'a Graph,
    kernels: &'static Kernels,
    precision: Precision,
    /// Of the input's rows and columns, each a channel of its own.
    phases: usize,
    ids: HashMap<ValueId, usize>,
    values: Vec<Placed>,
}

impl Builder<'_> {
    /// The plan's value of a graph's, made when first asked for.
    fn value(&mut self, id: ValueId) -> usize {
        let shape = self.graph.shape(id);
        let values = &mut self.values;
        *self.ids.entry(id).or_insert_with(|| {
            values.push(Placed::new([shape[1], shape[2], shape[3]]));
            values.len() - 1
        })
    }

    fn step(&mut self, draft: &Draft) -> Option<Step> {
        let inputs: Vec<usize> = draft.inputs.iter().map(|id| self.value(*id)).collect();
        let output = self.value(draft.output);
        let (from, to) = (self.values[inputs[0]], self.values[output]);
        let mut band = 1;
        let mut operations = 0;
        let operation = match &draft.kind {
            Kind::Convolution { weights, biases, window, groups, after } => {
                operations = 2 * (weights.len() * to.rows * to.columns) as u64;
                let unfolded;
                let (weights, window) = if self.phases > 1 && inputs[0] == INPUT {
                    unfolded = phases::filters(weights, biases.len(), window, self.phases);
                    (&unfolded.0, &unfolded.1)
                } else {
                    (weights, window)
                };
                let groups = *groups;
                let loose = Loose { weights, biases, window, inputs: from.channels, groups, after };
                let rows = rows_of(window);
                if window.kernel[0] > LARGEST_KERNEL {
                    return None;
                }
                if loose.is_depthwise() {
                    if inputs.len() > 1 {
                        return None;
                    }
                    Operation::Depthwise { packed: loose.depthwise(), rows }
                } else if self.precision == Precision::Fast
                    && let Some(tiles) = choice::winograd(&loose, to)
                {
                    let mut packed = loose.winograd(tiles.together);
                    if tiles.transformed {
                        packed.transform(self.kernels);
                    }
                    band = packed.tile() * tiles.rows;
                    let scratch = packed.scratch(tiles.rows * to.columns.div_ceil(packed.tile()));
                    Operation::Winograd { packed, before: window.before, scratch }
                } else {
                    let packed = loose.convolution();
                    band = choice::rows_together(packed.weights.len(), to);
                    Operation::Convolution { packed, rows }
                }
            }
            Kind::Affine { scale, offset, after } => {
                let (fused, slopes) = fused(after);
                let [scale, offset] = [scale, offset].map(|values| channels_as_blocks(values));
                Operation::Affine { scale, offset, slopes, fused }
            }
            Kind::Add { after } => {
                let (fused, slopes) = fused(after);
                Operation::Add { slopes, fused }
            }
            Kind::MaxPool(window) => pool(Pooling::Maximum, window, from),
            Kind::AveragePool(window) => pool(Pooling::Mean, window, from),
            Kind::Concatenate => Operation::Concatenate,
            Kind::Pad { before } => Operation::Pad { before: *before },
            Kind::ResponseNorm { size, alpha, beta, bias } => {
                let reach = size / 2;
                if to.channels > MOST_CHANNELS || reach > WIDEST_REACH {
                    return None;
                }
                Operation::ResponseNorm(ResponseNorm {
                    reach,
                    alpha: alpha / *size as f32,
                    beta: *beta,
                    bias: *bias,
                })
            }
        };
        Some(Step { operation, inputs, output, band: band.min(to.rows), operations })
    }
}

fn rows_of(window: &Window) -> Rows {
    Rows {
        kernel: window.kernel[0],
        stride: window.strides[0],
        dilation: window.dilations[0],
        before: window.before[0],
        before_columns: window.before[1],
    }
}

fn pool(pooling: Pooling, window: &Window, from: Placed) -> Operation {
    let columns = PoolColumns {
        kernel: window.kernel[1],
        stride: window.strides[1],
        before: window.before[1],
        input: from.columns,
    };
    Operation::Pool { pooling, rows: rows_of(window), columns }
}
