//! Winograd's convolution in two dimensions: a product for each input of a tile, whatever the filter.
//!
//! A tile has six by six inputs, or eight by eight. Filters of 3 x 3 taps make 4 x 4 outputs of six,
//! F(4x4, 3x3), with 36 of the direct kernel's 144 products, and 6 x 6 of eight, with 64 of 324; of six,
//! 4 x 4 taps make 3 x 3 outputs and 5 x 5 taps 2 x 2. Larger tiles have fewer products, dearer
//! transforms, and more of them beyond the map. Source: Lavin and Gray, *Fast algorithms for
//! convolutional neural networks* (2016), sections 4.1 and 4.2.
//!
//! Transformed filters are 36 / taps^2 or 64 / taps^2 times larger than what they are made of. A plan
//! keeps them where they are used most; others are made anew for each band of tiles, some channels at a
//! time. Tiles are taken in groups, whose products are transformed back while they are in the first
//! cache.
//!
//! Rounding errors reach over a whole tile, so that an output depends, in its last digits, on inputs
//! outside its receptive field: `Precision::Exact` turns this kernel off, a plan's reach counts it, and
//! `docs/proofs/rounding.md` bounds it.

mod filters;
mod inputs;
mod outputs;
mod products;
pub(super) mod transform;

use std::ops::RangeInclusive;

pub(super) use self::filters::first as transform_filters;
pub(super) use self::products::convolve;
use super::store::Fused;
use super::weights::{Source, Weights};
use crate::front::executor::block::{Block, LANES};

/// Inputs under a tile along one axis that filters of so many taps may have, the fewest first. With four
/// taps and eight inputs, rounding errors of random networks passed 3e-5 of a map's largest number.
pub(crate) const fn unders(taps: usize) -> &'static [usize] {
    if taps == 3 { &[6, 8] } else { &[6] }
}

/// Taps of the filters that it takes, along both axes.
pub(crate) const TAPS: RangeInclusive<usize> = 3..=5;

/// What filters are multiplied with before they are transformed, once for each axis.
pub(crate) const fn filter_scale(under: usize) -> f32 {
    (transform::scale(under) * transform::scale(under)) as f32
}

/// Outputs of a tile along one axis, for so many inputs and for filters of so many taps.
pub(crate) const fn tile_of(under: usize, taps: usize) -> usize {
    under + 1 - taps
}

/// So many lines of a tile, for loops over them. A tile of eight by eight fits no register file, and the
/// compiler must not learn how often such a loop runs: unrolled, most numbers would go to memory twice.
#[inline(always)]
fn lines(count: usize, under: usize) -> usize {
    if under == 8 { std::hint::black_box(count) } else { count }
}

/// What an instruction set computes together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Batch {
    /// Tiles of a group.
    pub(super) tiles: usize,
    /// Output blocks, at most.
    pub(super) blocks: usize,
    /// Blocks of input channels whose filters are transformed together.
    pub(super) chunk: usize,
}

/// Blocks from one thing to the next where each takes so many: odd, so that many of them lie in
/// different sets of the first cache and not, by a power of two, all in one.
const fn apart(blocks: usize) -> usize {
    blocks | 1
}

/// A convolution of stride 1 with square filters of three to five taps.
#[derive(Clone, Debug)]
pub(crate) struct Winograd {
    /// Filters of the first output blocks, which are kept transformed: `[output
    /// block][product][input channel]`.
    pub(crate) transformed: Vec<Block>,
    /// How many output blocks they are of, counted over all groups.
    pub(crate) kept: usize,
    /// All other filters: `[group][output block][input channel][row][column]`, times
    /// [`filter_scale`].
    pub(crate) raw: Weights,
    /// Inputs under a tile along one axis: one of [`unders`].
    pub(crate) under: usize,
    pub(crate) taps: usize,
    pub(crate) biases: Vec<Block>,
    pub(crate) slopes: Vec<Block>,
    pub(crate) groups: usize,
    /// Of one group.
    pub(crate) input_channels: usize,
    pub(crate) output_blocks: usize,
    pub(crate) fused: Fused,
    /// Of the instruction set that it is packed for.
    pub(crate) batch: Batch,
}

/// A band of tile rows; places and distances are in blocks of the arena.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WinogradJob<'a> {
    pub(crate) winograd: &'a Winograd,
    /// For each tile row, a place for each input row under it: where that row begins, at the pixel under
    /// the first output's first tap.
    pub(crate) inputs: &'a [usize],
    pub(crate) input_plane: usize,
    /// For each tile row, a place for each row of a tile: where the output row begins. Rows beyond
    /// the map are left out, at the end.
    pub(crate) outputs: &'a [usize],
    pub(crate) output_plane: usize,
    pub(crate) skips: &'a [usize],
    pub(crate) skip_plane: usize,
    pub(crate) columns: usize,
    /// Room for [`Winograd::scratch`] blocks.
    pub(crate) scratch: usize,
}

impl Winograd {
    /// Outputs of a tile along one axis.
    pub(crate) fn tile(&self) -> usize {
        tile_of(self.under, self.taps)
    }

    /// Products of a tile.
    pub(crate) fn products(&self) -> usize {
        self.under * self.under
    }

    fn input_blocks(&self) -> usize {
        self.groups * self.input_channels.div_ceil(LANES)
    }

    /// Input channels of a group whose filters are there at the same time.
    fn channels_at_once(&self, kept: bool) -> usize {
        let chunk = self.batch.chunk * LANES;
        if kept { self.input_channels } else { self.input_channels.min(chunk) }
    }

    /// Whether no sums wait for another chunk of channels.
    fn has_one_chunk(&self) -> bool {
        self.channels_at_once(self.kept == self.all_outputs()) == self.input_channels
    }

    /// Output blocks, counted over all groups.
    pub(crate) fn all_outputs(&self) -> usize {
        self.groups * self.output_blocks
    }

    /// An output block's filters, which are not kept transformed, from an input channel on.
    fn raw(&self, output: usize, channel: usize) -> Source<'_> {
        let first = channel * self.taps * self.taps;
        self.raw.of_output(output - self.kept, self.raw_per_output(), first)
    }

    /// Raw weights of one output block.
    pub(crate) fn raw_per_output(&self) -> usize {
        self.taps * self.taps * self.input_channels
    }

    /// Blocks of memory that all filters take.
    pub(crate) fn filter_blocks(&self) -> usize {
        self.transformed.len() + self.raw.blocks(self.raw.len())
    }

    /// Blocks that the filters of one output block grow by when they are transformed.
    pub(crate) fn growth(&self) -> usize {
        self.products() * self.input_channels - self.raw.blocks(self.raw_per_output())
    }

    /// Whether one row of tiles, over so many columns, is as cheap for each tile as several are: nothing is
    /// transformed for all of them, and it is a whole group.
    pub(crate) fn needs_no_band(&self, columns: usize) -> bool {
        self.kept == self.all_outputs() && columns.div_ceil(self.tile()) >= self.batch.tiles
    }

    /// Blocks of scratch for the inputs of so many tiles, for filters, and for products.
    fn scratches(&self, tiles: usize) -> [usize; 3] {
        let (products, batch) = (self.products(), &self.batch);
        let groups = tiles.div_ceil(batch.tiles);
        let inputs = groups * self.input_blocks() * inputs::scratch(products, batch.tiles);
        let groups_at_once = if self.has_one_chunk() { 1 } else { groups };
        let group = batch.blocks * outputs::scratch(products, batch.tiles);
        let all_kept = self.kept == self.all_outputs();
        let filters = products * filters::distance(batch.blocks, batch.chunk);
        [inputs, if all_kept { 0 } else { filters }, groups_at_once * group]
    }

    /// Blocks of scratch for a band of so many output rows and columns.
    pub(crate) fn scratch(&self, rows: usize, columns: usize) -> usize {
        let tiles = rows.div_ceil(self.tile()) * columns.div_ceil(self.tile());
        self.scratches(tiles).iter().sum()
    }

    /// Whether constants are as long as the fields say.
    pub(super) fn is_whole(&self) -> bool {
        let outputs = self.all_outputs();
        let whole_groups = self.groups == 1 || self.input_channels.is_multiple_of(LANES);
        self.kept <= outputs
            && self.transformed.len() == self.kept * self.products() * self.input_channels
            && self.raw.are_whole(outputs - self.kept, self.raw_per_output())
            && whole_groups
            && TAPS.contains(&self.taps)
            && unders(self.taps).contains(&self.under)
            && self.biases.len() == outputs
            && (self.fused != Fused::Slope || self.slopes.len() == outputs)
    }
}

impl WinogradJob<'_> {
    fn tiles_across(&self) -> usize {
        self.columns.div_ceil(self.winograd.tile())
    }

    fn tile_rows(&self) -> usize {
        self.inputs.len() / self.winograd.under
    }

    /// Whether there are as many places as rows.
    pub(super) fn is_whole(&self) -> bool {
        let skips = self.skips.len();
        let w = self.winograd;
        self.inputs.len() == self.outputs.len().div_ceil(w.tile()) * w.under
            && (skips == 0 || skips == self.outputs.len())
    }

    /// One past the furthest block that a run touches.
    pub(super) fn end(&self) -> usize {
        let far = |places: &[usize], planes: usize, plane: usize, pixels: usize| {
            places.iter().copied().max().unwrap_or(0) + (planes - 1) * plane + pixels
        };
        let w = self.winograd;
        let outputs = w.groups * w.output_blocks;
        let under = (self.tiles_across() - 1) * w.tile() + w.under;
        far(self.inputs, w.input_blocks(), self.input_plane, under)
            .max(far(self.outputs, outputs, self.output_plane, self.columns))
            .max(far(self.skips, outputs, self.skip_plane, self.columns))
            .max(self.scratch + w.scratch(self.outputs.len(), self.columns))
    }
}
