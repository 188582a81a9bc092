//! A plan: steps, their schedule, and where every row lies in the arena.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::block::{Block, LANES, blocks_of};
use super::draft::{Draft, Drafts, Kind};
use super::kernels::{Affine, Combine, Kernels, LARGEST_KERNEL, PoolColumns, ResponseNorm, TILE};
use super::lower::lower;
use super::pack::{Loose, channels_as_blocks, fused};
use super::schedule::{Turn, schedule};
use super::shape::row_major;
use super::step::{Operation, Pad, Rows, Step};
use crate::error::{Error, ErrorKind, Result};
use crate::front::graph::{Graph, ValueId};
use crate::front::operator::{Reduction, Window};
use crate::front::options::CompileOptions;
use crate::front::precision::Precision;
#[cfg(feature = "onnx")]
use crate::front::tract::Tract;

/// The most blocks that an arena may have: two gibibytes.
const MOST_BLOCKS: usize = (2 << 30) / size_of::<Block>();

/// The most turns that a run may have; a network of a hundred layers at 1000 rows takes 100,000.
const MOST_TURNS: usize = 1 << 23;

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
    /// Whether its numbers lie in planes, all of them, rather than in rows of blocks.
    flat: bool,
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

    /// Numbers of the whole tensor.
    pub(super) fn numbers(&self) -> usize {
        self.channels * self.rows * self.columns
    }

    /// Where it begins in the arena.
    pub(super) fn offset(&self) -> usize {
        self.offset
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
    /// The plan of a graph with one output.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Model`]: a node runs on tract alone and tract does not take it, or nothing
    /// may allocate; or a run would take too much memory. Kind [`ErrorKind::Internal`]: tract
    /// panicked.
    pub(crate) fn compile(graph: &Graph, options: CompileOptions) -> Result<Self> {
        let drafts = lower(graph);
        if options.no_alloc
            && let Some((operator, value)) = drafts.allocating()
        {
            let tensor = graph.names.iter().find(|(_, id)| *id == value);
            return Err(Error::new(
                ErrorKind::Model,
                format!(
                    "{operator}, which makes the tensor {:?}, has no step and would run on tract, which allocates; cut before it, or allow allocation",
                    tensor.map_or("", |(name, _)| name)
                ),
            ));
        }
        Self::of(&drafts, options.precision, Kernels::best())
    }

    /// The plan of drafts for one instruction set, which this processor has.
    pub(super) fn of(
        drafts: &Drafts,
        precision: Precision,
        kernels: &'static Kernels,
    ) -> Result<Self> {
        let mut builder = Builder {
            sizes: &drafts.sizes,
            precision,
            ids: HashMap::new(),
            flat: HashMap::new(),
            values: Vec::new(),
            steps: Vec::new(),
        };
        let input = builder.value(drafts.input);
        builder.add(Operation::Input, Vec::new(), input);
        for draft in &drafts.drafts {
            builder.draft(draft)?;
        }
        let output = builder.value(drafts.output);
        Self::place(kernels, builder.steps, builder.values, output)
    }

    /// Decides margins, rings and offsets.
    fn place(
        kernels: &'static Kernels,
        steps: Vec<Step>,
        mut values: Vec<Placed>,
        output: usize,
    ) -> Result<Self> {
        let mut makers = vec![0; values.len()];
        let (mut scratch_len, mut places, mut turns) = (0, 0, 0);
        for (index, step) in steps.iter().enumerate() {
            makers[step.output] = index;
            turns += values[step.output].rows.div_ceil(step.band);
            if let Some(&input) = step.inputs.first() {
                let (before, after) =
                    step.margins(values[input].columns, values[step.output].columns);
                values[input].before = values[input].before.max(before);
                values[input].after = values[input].after.max(after);
            }
            if let Operation::Winograd { scratch, .. } = &step.operation {
                scratch_len = scratch_len.max(*scratch);
            }
            places = places.max(match &step.operation {
                Operation::Pool { rows, .. } => rows.kernel,
                _ => (step.band + TILE) * (LARGEST_KERNEL + 2),
            });
        }
        if turns > MOST_TURNS {
            return Err(Error::new(
                ErrorKind::Model,
                format!("all its maps together have {turns} rows, {MOST_TURNS} are the most"),
            ));
        }
        let heights: Vec<usize> = values.iter().map(|value| value.rows).collect();
        let plan = schedule(&steps, &heights, &makers, output);
        let zeros_len = values.iter().map(Placed::row_len).max().unwrap_or(0);
        let mut arena = zeros_len;
        for (value, alive) in values.iter_mut().zip(&plan.alive).filter(|(value, _)| !value.flat) {
            value.ring = (*alive).max(1);
            value.offset = arena;
            arena += value.ring * value.row_len();
        }
        // Planes come last, so that a row and the planes that it goes to can be borrowed apart.
        for value in values.iter_mut().filter(|value| value.flat) {
            value.ring = value.rows;
            value.offset = arena;
            arena += value.numbers().div_ceil(LANES);
        }
        if arena + scratch_len > MOST_BLOCKS {
            return Err(Error::new(
                ErrorKind::Model,
                format!(
                    "a run would keep {} MB of its maps at once, {} MB are the most; cut it earlier",
                    (arena + scratch_len) * size_of::<Block>() / 1_000_000,
                    MOST_BLOCKS * size_of::<Block>() / 1_000_000
                ),
            ));
        }
        Ok(Self {
            kernels,
            steps,
            values,
            turns: plan.turns,
            output,
            zeros: 0,
            scratch: arena,
            arena: arena + scratch_len,
            places,
            identity: PLANS.fetch_add(1, Ordering::Relaxed),
        })
    }

    /// How many numbers a run puts out.
    pub(crate) fn outputs(&self) -> usize {
        self.values[self.output].numbers()
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
    sizes: &'a [[usize; 3]],
    precision: Precision,
    ids: HashMap<ValueId, usize>,
    /// The planes of values that are read as planes.
    flat: HashMap<usize, usize>,
    values: Vec<Placed>,
    steps: Vec<Step>,
}

impl Builder<'_> {
    /// The plan's value of a draft's, made when first asked for.
    fn value(&mut self, id: ValueId) -> usize {
        if let Some(&value) = self.ids.get(&id) {
            return value;
        }
        let value = self.new_value(self.sizes[id.0], false);
        self.ids.insert(id, value);
        value
    }

    fn new_value(&mut self, [channels, rows, columns]: [usize; 3], flat: bool) -> usize {
        let (before, after, ring, offset) = (0, 0, 0, 0);
        self.values.push(Placed { channels, rows, columns, before, after, ring, offset, flat });
        self.values.len() - 1
    }

    /// The planes of a value, made when first asked for.
    fn flat(&mut self, value: usize) -> usize {
        if let Some(&flat) = self.flat.get(&value) {
            return flat;
        }
        let Placed { channels, rows, columns, .. } = self.values[value];
        let flat = self.new_value([channels, rows, columns], true);
        self.add(Operation::Flatten, vec![value], flat);
        self.flat.insert(value, flat);
        flat
    }

    fn add(&mut self, operation: Operation, inputs: Vec<usize>, output: usize) -> &mut Step {
        self.steps.push(Step { operation, inputs, output, function: None, band: 1, operations: 0 });
        self.steps.last_mut().expect("a step was just added")
    }

    fn draft(&mut self, draft: &Draft) -> Result<()> {
        let mut inputs: Vec<usize> = draft.inputs.iter().map(|id| self.value(*id)).collect();
        let output = self.value(draft.output);
        let to = self.values[output];
        let mut band = 1;
        let mut operations = 0;
        let operation = match &draft.kind {
            Kind::Constant(numbers) => Operation::Constant(Arc::clone(numbers)),
            Kind::Convolution { weights, biases, window, groups, after } => {
                let channels = self.values[inputs[0]].channels;
                let loose =
                    Loose { weights, biases, window, inputs: channels, groups: *groups, after };
                operations = 2 * (weights.len() * to.rows * to.columns) as u64;
                let rows = rows_of(window);
                if loose.is_depthwise() {
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
                Operation::Affine(Affine { scale, offset, slopes, fused })
            }
            Kind::Combine { arithmetic, after } => {
                let (fused, slopes) = fused(after);
                Operation::Combine(Combine { arithmetic: *arithmetic, slopes, fused })
            }
            Kind::Pool { reduction, window } => pool(*reduction, window, self.values[inputs[0]]),
            Kind::Concatenate => Operation::Concatenate,
            Kind::Pad { mode, before } => {
                let rows_after = to.rows - before[1] - self.values[inputs[0]].rows;
                Operation::Pad(Pad { mode: *mode, before: *before, rows_after })
            }
            Kind::ResponseNorm { size, alpha, beta, bias } => {
                Operation::ResponseNorm(ResponseNorm {
                    reach: size / 2,
                    alpha: alpha / *size as f32,
                    beta: *beta,
                    bias: *bias,
                })
            }
            Kind::Softmax { logarithm } => Operation::Softmax { logarithm: *logarithm },
            Kind::Rearrange { first, strides } => {
                inputs = vec![self.flat(inputs[0])];
                Operation::Spread { first: *first, strides: *strides }
            }
            #[cfg(feature = "onnx")]
            Kind::Tract { node } => {
                let flat = inputs.iter().map(|input| self.flat(*input)).collect();
                let sizes = [to.channels, to.rows, to.columns];
                let answer = self.new_value(sizes, true);
                let operator = node.nodes[0].operator.name();
                let firsts: Vec<ValueId> = (0..inputs.len()).map(ValueId).collect();
                let node = Box::new(Tract::compile(node, &firsts)?);
                self.add(Operation::Tract { node, operator }, flat, answer).band = to.rows;
                inputs = vec![answer];
                let strides = row_major(&sizes);
                Operation::Spread { first: 0, strides: [strides[0], strides[1], strides[2]] }
            }
        };
        let step = self.add(operation, inputs, output);
        step.function = draft.function;
        step.band = band.min(to.rows);
        step.operations = operations;
        Ok(())
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

fn pool(reduction: Reduction, window: &Window, from: Placed) -> Operation {
    let columns = PoolColumns {
        kernel: window.kernel[1],
        stride: window.strides[1],
        dilation: window.dilations[1],
        before: window.before[1],
        input: from.columns,
    };
    Operation::Pool { reduction, rows: rows_of(window), columns }
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
