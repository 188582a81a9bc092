//! A plan: steps, their schedule, and where every row lies in the arena.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use super::block::{Block, LANES, blocks_of};
use super::draft::{Draft, Kind};
use super::kernels::{
    Kernels, LARGEST_KERNEL, MOST_CHANNELS, PoolColumns, Pooling, ResponseNorm, TILE, WIDEST_REACH,
};
use super::lower::lower;
use super::pack::{Loose, channels_as_blocks, fused};
use super::schedule::{Turn, schedule};
use super::step::{Operation, Rows, Step};
use crate::front::graph::{Graph, ValueId};
use crate::front::operator::Window;
use crate::front::precision::Precision;

/// A front as steps over rows of one arena. Constant; shared by any number of runs.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(super) kernels: &'static Kernels,
    pub(super) steps: Vec<Step>,
    pub(super) values: Vec<Placed>,
    pub(super) turns: Vec<Turn>,
    pub(super) output: usize,
    pub(super) zeros: usize,
    pub(super) scratch: usize,
    arena: usize,
    places: usize,
    /// Numbers in the model's convolutions, before they are packed.
    pub(super) weights: usize,
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
    /// The plan of a graph; otherwise the value that no step makes.
    pub(crate) fn compile(graph: &Graph, precision: Precision) -> Result<Self, ValueId> {
        Self::compile_for(graph, precision, Kernels::best())
    }

    /// [`Plan::compile`] for one instruction set, which this processor has.
    pub(super) fn compile_for(
        graph: &Graph,
        precision: Precision,
        kernels: &'static Kernels,
    ) -> Result<Self, ValueId> {
        let drafts = lower(graph)?;
        let mut builder = Builder { graph, precision, ids: HashMap::new(), values: Vec::new() };
        let mut steps = vec![Step {
            operation: Operation::Input,
            inputs: Vec::new(),
            output: builder.value(graph.input),
            band: 1,
            operations: 0,
        }];
        for draft in &drafts {
            steps.push(builder.step(draft).ok_or(draft.output)?);
        }
        let output = builder.value(graph.outputs[0]);
        let mut values = builder.values;
        let weights = drafts.iter().map(Draft::weights).sum();
        Ok(Self { weights, ..Self::place(kernels, steps, &mut values, output) })
    }

    /// Decides margins, rings and offsets.
    fn place(
        kernels: &'static Kernels,
        steps: Vec<Step>,
        values: &mut [Placed],
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
            places = places.max((step.band + TILE) * (LARGEST_KERNEL + 2));
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
            output,
            zeros: 0,
            scratch: arena,
            arena: arena + scratch_len,
            places,
            weights: 0,
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
    pub(super) fn arena_bytes(&self) -> usize {
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
    precision: Precision,
    ids: HashMap<ValueId, usize>,
    values: Vec<Placed>,
}

impl Builder<'_> {
    /// The plan's value of a graph's, made when first asked for.
    fn value(&mut self, id: ValueId) -> usize {
        let shape = self.graph.shape(id);
        let values = &mut self.values;
        *self.ids.entry(id).or_insert_with(|| {
            let (channels, rows, columns) = (shape[1], shape[2], shape[3]);
            values.push(Placed {
                channels,
                rows,
                columns,
                before: 0,
                after: 0,
                ring: 0,
                offset: 0,
            });
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
            Kind::Convolution { weights, scale, biases, window, groups, after } => {
                let channels = from.channels;
                let loose = Loose {
                    weights,
                    scale,
                    biases,
                    window,
                    inputs: channels,
                    groups: *groups,
                    after,
                };
                operations = 2 * (weights.len() * to.rows * to.columns) as u64;
                let rows = rows_of(window);
                if window.kernel[0] > LARGEST_KERNEL {
                    return None;
                }
                if loose.is_depthwise() {
                    if inputs.len() > 1 {
                        return None;
                    }
                    Operation::Depthwise { packed: loose.depthwise(), rows }
                } else if self.precision == Precision::Fast && suits_winograd(&loose, to) {
                    let packed = loose.winograd();
                    let across = to.columns.div_ceil(TILE);
                    let tile_rows = tiles_together(packed.weights.len()).div_ceil(across);
                    let tile_rows = tile_rows.min(to.rows.div_ceil(TILE));
                    band = TILE * tile_rows;
                    let scratch = packed.scratch(tile_rows * across);
                    Operation::Winograd { packed, before: window.before, scratch }
                } else {
                    let packed = loose.convolution();
                    band = rows_together(packed.weights.len(), to);
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

/// Winograd's kernel pays where its products and its four times larger weights cost less than the
/// direct kernel's.
///
/// Per pair of channels, in multiply-adds: thirty-six a tile, and a fifth more for the transforms,
/// against nine a pixel; and for each byte of weights that does not stay in the second cache as
/// many as are computed while it is fetched. Fitted to VGG's layers at 8 to 224 pixels.
fn suits_winograd(loose: &Loose<'_>, to: Placed) -> bool {
    const PER_BYTE: f64 = 7.0;
    let window = loose.window;
    let possible = window.kernel == [3, 3]
        && window.strides == [1, 1]
        && window.dilations == [1, 1]
        && loose.groups == 1
        && loose.inputs >= LANES
        && to.channels >= LANES;
    let tiles = to.rows.div_ceil(TILE) * to.columns.div_ceil(TILE);
    let bytes = |numbers: usize| (4 * numbers) as f64;
    let fetched = |numbers: usize| {
        let all = bytes(numbers * loose.inputs * to.channels);
        bytes(numbers) * PER_BYTE * if all > (1 << 20) as f64 { 1.0 } else { 0.35 }
    };
    let winograd = 1.2 * (36 * tiles) as f64 + fetched(36);
    let direct = (9 * to.rows * to.columns) as f64 + fetched(9);
    possible && winograd < direct
}

/// Tiles whose products are computed together: the more weights there are, the more tiles must share
/// one reading of them.
fn tiles_together(weights: usize) -> usize {
    match weights * size_of::<Block>() {
        small if small <= 1 << 20 => 32,
        middle if middle <= 4 << 20 => 64,
        _ => 128,
    }
}

/// Output rows that a direct convolution makes at a time, for the same reason.
fn rows_together(weights: usize, to: Placed) -> usize {
    let pixels = match weights * size_of::<Block>() {
        small if small <= 64 << 10 => 1,
        middle if middle <= 512 << 10 => 64,
        _ => 256,
    };
    usize::div_ceil(pixels, to.columns)
}
