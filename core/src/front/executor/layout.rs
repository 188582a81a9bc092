//! Where every row of a run lies in its arena.

use std::ops::Range;

use super::block::{Block, LANES, blocks_of};
use super::kernels::LARGEST_KERNEL;
use super::schedule::{Turn, schedule};
use super::step::{Operation, Step};
use crate::error::{Error, ErrorKind, Result};

/// The most blocks that an arena may have: two gibibytes.
const MOST_BLOCKS: usize = (2 << 30) / size_of::<Block>();

/// The most turns that a run may have; a network of a hundred layers at 1000 rows takes 100,000.
const MOST_TURNS: usize = 1 << 23;

/// What makes some rows of the output: turns, and the arena that they need. It is known before
/// anything of it is allocated.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) rows: Range<usize>,
    pub(super) values: Vec<Placed>,
    pub(super) turns: Vec<Turn>,
    /// Where a row of zeros lies, as long as the longest.
    pub(super) zeros: usize,
    pub(super) scratch: usize,
    /// Blocks of the arena.
    pub(super) arena: usize,
    /// Places that a turn asks for, at most.
    pub(super) places: usize,
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

impl Placed {
    /// Of this shape, nowhere yet.
    pub(super) fn new([channels, rows, columns]: [usize; 3], flat: bool) -> Self {
        Self { channels, rows, columns, before: 0, after: 0, ring: 0, offset: 0, flat }
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

/// Decides margins: what steps read of their inputs beyond the rows' ends.
pub(super) fn margins(steps: &[Step], values: &mut [Placed]) {
    for step in steps {
        if let Some(&input) = step.inputs.first() {
            let (before, after) = step.margins(values[input].columns, values[step.output].columns);
            values[input].before = values[input].before.max(before);
            values[input].after = values[input].after.max(after);
        }
    }
}

impl Layout {
    /// Decides turns, rings and offsets, for some rows of the output.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Model`]: it would take too much memory.
    pub(super) fn new(
        steps: &[Step],
        values: &[Placed],
        output: usize,
        rows: Range<usize>,
    ) -> Result<Self> {
        let mut values = values.to_vec();
        let (mut scratch, mut places, mut turns) = (0, 0, 0);
        for step in steps {
            turns += values[step.output].rows.div_ceil(step.band);
            scratch = scratch.max(match &step.operation {
                Operation::Convolution { packed, .. } => packed.scratch(),
                Operation::Winograd { scratch, .. } => *scratch,
                Operation::Stem(stem) => stem.scratch(values[step.output].columns),
                _ => 0,
            });
            places = places.max(match &step.operation {
                Operation::Pool { rows, .. } => rows.kernel,
                _ => (step.band + 4) * (LARGEST_KERNEL + 2),
            });
        }
        if turns > MOST_TURNS {
            return Err(Error::new(
                ErrorKind::Model,
                format!("all its maps together have {turns} rows, {MOST_TURNS} are the most"),
            ));
        }
        let heights: Vec<usize> = values.iter().map(|value| value.rows).collect();
        let schedule = schedule(steps, &heights, output, rows.clone());
        // What a stem makes never lies in the arena.
        let stem = |step: &Step| matches!(step.operation, Operation::Stem(_));
        let in_rows = |value: &Placed| !value.flat && !steps.iter().any(stem);
        let row_lens = values.iter().filter(|value| in_rows(value)).map(Placed::row_len);
        let mut arena = row_lens.max().unwrap_or(0);
        let alive = values.iter_mut().zip(&schedule.alive);
        for (value, alive) in alive.filter(|(value, _)| in_rows(value)) {
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
        let (scratch, arena) = (arena, arena + scratch);
        if arena > MOST_BLOCKS {
            return Err(Error::new(
                ErrorKind::Model,
                format!(
                    "a run would keep {} MB of its maps at once, {} MB are the most; cut it earlier",
                    arena * size_of::<Block>() / 1_000_000,
                    MOST_BLOCKS * size_of::<Block>() / 1_000_000
                ),
            ));
        }
        Ok(Self { rows, values, turns: schedule.turns, zeros: 0, scratch, arena, places })
    }
}
