//! Steps of a plan: what each computes, packed, and which rows of its inputs each row needs.

use std::ops::Range;

use super::block::Block;
use super::kernels::{Convolution, Depthwise, Fused, PoolColumns, Pooling, ResponseNorm, Winograd};

/// A step: its inputs and output are values of the plan.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) operation: Operation,
    pub(super) inputs: Vec<usize>,
    pub(super) output: usize,
    /// How many rows are made at a time.
    pub(super) band: usize,
    /// Multiplications and additions of a whole run.
    pub(super) operations: u64,
}

/// What a step does.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    /// The caller's planes become rows of blocks; each pixel of several phases stands for as many
    /// rows and columns of the planes.
    Input {
        phases: usize,
    },
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
        pooling: Pooling,
        rows: Rows,
        columns: PoolColumns,
    },
    Affine {
        scale: Vec<Block>,
        offset: Vec<Block>,
        slopes: Vec<Block>,
        fused: Fused,
    },
    Add {
        slopes: Vec<Block>,
        fused: Fused,
    },
    Concatenate,
    Pad {
        before: [usize; 3],
    },
    ResponseNorm(ResponseNorm),
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
    /// Input rows under these output rows, padding left out.
    fn under(&self, rows: &Range<usize>, height: usize) -> Range<usize> {
        let first = (rows.start * self.stride).saturating_sub(self.before);
        let span = self.dilation * (self.kernel - 1) + 1;
        let past = ((rows.end - 1) * self.stride + span).saturating_sub(self.before);
        first.min(height)..past.min(height)
    }
}

impl Step {
    /// The rows of its `input`-th input, of so many rows, that these output rows need.
    pub(super) fn under(&self, input: usize, rows: &Range<usize>, height: usize) -> Range<usize> {
        match &self.operation {
            // The second input of a convolution is added to its output, row by row.
            Operation::Convolution { rows: window, .. } if input == 0 => window.under(rows, height),
            Operation::Winograd { packed, before, .. } if input == 0 => {
                let window = Rows {
                    kernel: packed.taps,
                    stride: 1,
                    dilation: 1,
                    before: before[0],
                    before_columns: 0,
                };
                // Whole tiles are read, whatever of them is kept.
                let whole = rows.start..rows.start + rows.len().next_multiple_of(packed.tile());
                window.under(&whole, height)
            }
            Operation::Depthwise { rows: window, .. } | Operation::Pool { rows: window, .. } => {
                window.under(rows, height)
            }
            Operation::Pad { before } => {
                rows.start.saturating_sub(before[1]).min(height)
                    ..rows.end.saturating_sub(before[1]).min(height)
            }
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
