//! Steps of a plan: what each computes, packed, and which rows of its inputs each row needs.

use std::ops::Range;
use std::sync::Arc;

use super::block::{Block, LANES};
use super::kernels::{
    Affine, Combine, Convolution, Depthwise, Function, PoolColumns, ResponseNorm, STEM_TILE, Stem,
    Winograd,
};
use crate::front::operator::{PadMode, Reduction};
#[cfg(feature = "onnx")]
use crate::front::tract::Tract;

/// A step: its inputs and output are values of the plan.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) operation: Operation,
    pub(super) inputs: Vec<usize>,
    pub(super) output: usize,
    /// What each number becomes last, in place.
    pub(super) function: Option<Function>,
    /// How many rows are made at a time.
    pub(super) band: usize,
    /// Multiplications and additions of a whole run.
    pub(super) operations: u64,
}

/// What a step does.
#[derive(Debug)]
pub(super) enum Operation {
    /// The caller's planes become rows of blocks; each pixel of several phases stands for as many
    /// rows and columns of the planes.
    Input {
        phases: usize,
    },
    /// The caller's planes to the caller's planes.
    Stem(Stem),
    /// Numbers of the model's own, in planes.
    Constant(Arc<[f32]>),
    Convolution {
        packed: Convolution,
        rows: Rows,
    },
    Winograd {
        packed: Winograd,
        before: [usize; 2],
        scratch: usize,
    },
    Depthwise {
        packed: Depthwise,
        rows: Rows,
    },
    Pool {
        reduction: Reduction,
        rows: Rows,
        columns: PoolColumns,
    },
    Affine(Affine),
    /// One of a single pixel stretches over the other.
    Combine(Combine),
    Concatenate,
    Pad(Pad),
    ResponseNorm(ResponseNorm),
    Softmax {
        logarithm: bool,
    },
    /// Rows of blocks become planes.
    Flatten,
    /// Rows of blocks from planes: channel c, row y and column x is the number at
    /// `first + c * strides[0] + y * strides[1] + x * strides[2]`.
    Spread {
        first: usize,
        strides: [usize; 3],
    },
    /// Planes to planes, which the caller of the run may change in between.
    Tap(usize),
    /// A node that runs on tract, from planes to planes. The only operation that allocates.
    #[cfg(feature = "onnx")]
    Tract {
        node: Box<Tract>,
        operator: &'static str,
    },
}

/// A window along rows, and what stands before the first column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows {
    pub(super) kernel: usize,
    pub(super) stride: usize,
    pub(super) dilation: usize,
    pub(super) before: usize,
    /// Columns of padding before the first pixel.
    pub(super) before_columns: usize,
}

impl Rows {
    /// So many taps, one after the other, of stride 1, with padding before rows and columns.
    pub(super) fn of_taps(taps: usize, [before, before_columns]: [usize; 2]) -> Self {
        Self { kernel: taps, stride: 1, dilation: 1, before, before_columns }
    }

    /// The input row, of so many, under each tap of an output row; none beyond the map.
    pub(super) fn taps(&self, row: usize, height: usize) -> impl Iterator<Item = Option<usize>> {
        let Self { kernel, stride, dilation, before, .. } = *self;
        (0..kernel).map(move |tap| {
            (row * stride + tap * dilation).checked_sub(before).filter(|&at| at < height)
        })
    }

    /// Input rows under these output rows, padding left out.
    fn under(&self, rows: &Range<usize>, height: usize) -> Range<usize> {
        let first = (rows.start * self.stride).saturating_sub(self.before);
        let span = self.dilation * (self.kernel - 1) + 1;
        let past = ((rows.end - 1) * self.stride + span).saturating_sub(self.before);
        first.min(height)..past.min(height)
    }
}

/// What stands around a map.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pad {
    pub(super) mode: PadMode,
    /// Channels, rows and columns before the map.
    pub(super) before: [usize; 3],
    /// Rows after it.
    pub(super) rows_after: usize,
}

impl Pad {
    /// Where the number at a place along an axis of this size comes from; none where it is the
    /// constant.
    pub(super) fn source(&self, at: usize, before: usize, size: usize) -> Option<usize> {
        let last = size - 1;
        match self.mode {
            PadMode::Constant(_) => at.checked_sub(before).filter(|&at| at <= last),
            PadMode::Edge => Some(at.saturating_sub(before).min(last)),
            PadMode::Reflect => {
                let from_edge = at.abs_diff(before);
                Some(if from_edge > last { 2 * last - from_edge } else { from_edge })
            }
        }
    }

    /// Input rows under these output rows and, as rows that are mirrored come once more, all that
    /// still come under later ones.
    fn under(&self, rows: &Range<usize>, height: usize) -> Range<usize> {
        let [_, before, _] = self.before;
        let first = rows.start.saturating_sub(before);
        let past = || {
            let sources = rows.clone().filter_map(|row| self.source(row, before, height));
            sources.max().map_or(0, |last| last + 1)
        };
        match self.mode {
            PadMode::Constant(_) => first.min(height)..rows.end.saturating_sub(before).min(height),
            PadMode::Edge => first.min(height - 1)..past(),
            PadMode::Reflect => first.min((height - 1).saturating_sub(self.rows_after))..past(),
        }
    }
}

impl Step {
    /// Whether it allocates in every run.
    pub(super) fn allocates(&self) -> bool {
        #[cfg(feature = "onnx")]
        if matches!(self.operation, Operation::Tract { .. }) {
            return true;
        }
        false
    }

    /// Whether each run must take it once alone: no second thread may.
    pub(super) fn stands_alone(&self) -> bool {
        self.allocates() || matches!(self.operation, Operation::Tap(_))
    }

    /// Blocks that its weights take.
    pub(super) fn weight_blocks(&self) -> usize {
        match &self.operation {
            Operation::Stem(stem) => stem.weight_bytes().div_ceil(size_of::<Block>()),
            Operation::Constant(numbers) => numbers.len().div_ceil(LANES),
            Operation::Convolution { packed, .. } => packed.weights.blocks(packed.weights.len()),
            Operation::Winograd { packed, .. } => packed.filter_blocks(),
            Operation::Depthwise { packed, .. } => packed.weights.len(),
            _ => 0,
        }
    }

    /// Rows that are only made together: those of a tile.
    pub(super) fn grain(&self) -> usize {
        match &self.operation {
            Operation::Winograd { packed, .. } => packed.tile(),
            Operation::Stem(_) => STEM_TILE,
            Operation::Tap(_) => self.band,
            #[cfg(feature = "onnx")]
            Operation::Tract { .. } => self.band,
            _ => 1,
        }
    }

    /// The rows of its `input`-th input, of so many rows, that these output rows need.
    pub(super) fn under(&self, input: usize, rows: &Range<usize>, height: usize) -> Range<usize> {
        match &self.operation {
            // The second input of a convolution is added to its output, row by row.
            Operation::Convolution { rows: window, .. } if input == 0 => window.under(rows, height),
            Operation::Winograd { packed, before, .. } if input == 0 => {
                // Whole tiles are read, whatever of them is kept.
                let whole = rows.start..rows.start + rows.len().next_multiple_of(packed.tile());
                Rows::of_taps(packed.taps, *before).under(&whole, height)
            }
            Operation::Depthwise { rows: window, .. } | Operation::Pool { rows: window, .. } => {
                window.under(rows, height)
            }
            Operation::Pad(pad) => pad.under(rows, height),
            // A map of one pixel that stretches over all rows has but one.
            Operation::Combine(_) => rows.start.min(height - 1)..rows.end.min(height),
            Operation::Spread { .. } | Operation::Tap(_) => 0..height,
            #[cfg(feature = "onnx")]
            Operation::Tract { .. } => 0..height,
            _ => rows.clone(),
        }
    }

    /// Columns of padding that it reads before and after its first input's rows.
    pub(super) fn margins(&self, input_columns: usize, output_columns: usize) -> (usize, usize) {
        let after = |reads: usize, before: usize| reads.saturating_sub(before + input_columns);
        match &self.operation {
            Operation::Convolution { packed, rows } => {
                let reads = (output_columns - 1) * packed.stride
                    + (packed.kernel[1] - 1) * packed.dilation
                    + 1;
                (rows.before_columns, after(reads, rows.before_columns))
            }
            Operation::Depthwise { packed, rows } => {
                let reads = (output_columns - 1) * packed.stride
                    + (packed.kernel[1] - 1) * packed.dilation
                    + 1;
                (rows.before_columns, after(reads, rows.before_columns))
            }
            Operation::Winograd { packed, before, .. } => {
                let reads = output_columns.next_multiple_of(packed.tile()) + packed.taps - 1;
                (before[1], after(reads, before[1]))
            }
            _ => (0, 0),
        }
    }
}
