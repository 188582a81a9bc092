//! Winograd's convolution in two dimensions: thirty-six products a tile, whatever the filter.
//!
//! A tile has six by six inputs. Filters of 3 x 3 taps make 4 x 4 outputs of them, F(4x4, 3x3), with
//! a quarter of the direct kernel's products; 4 x 4 taps make 3 x 3 with a quarter, and 5 x 5 taps make
//! 2 x 2 with 36 of 100. Source: Lavin and Gray, *Fast algorithms for convolutional neural
//! networks* (2016), sections 4.1 and 4.2.
//!
//! Transformed filters would be 36 / taps^2 times larger than what they are made of. They are made
//! anew for each band of tiles instead, some channels at a time: it took fronts up to a tenth longer
//! (AVX-512, one machine), which the memory is worth.
//!
//! Rounding errors reach over a whole tile, so that an output depends, in its last digits, on inputs
//! outside its receptive field: `Precision::Exact` turns this kernel off, and a plan's reach counts
//! it.

pub(super) mod transform;

use std::ops::{Range, RangeInclusive};

use super::simd::Simd;
use super::store::Fused;
use super::tile::{Tile, accumulate};
use crate::front::executor::block::{Block, LANES};

/// Inputs under a tile along one axis.
pub(super) const UNDER: usize = 6;

/// Products of a tile.
pub(crate) const PRODUCTS: usize = UNDER * UNDER;

/// Taps of the filters that it takes, along both axes.
pub(crate) const TAPS: RangeInclusive<usize> = 3..=5;

/// Outputs of a tile along one axis, for filters of so many taps.
pub(crate) const fn tile_of(taps: usize) -> usize {
    UNDER + 1 - taps
}

/// Tiles whose products are computed together where there is one chunk of channels: they are
/// transformed back while they are in the first cache.
const TILES_TOGETHER: usize = 12;

/// Output blocks whose products are computed together, at most.
const TOGETHER: usize = 2;

/// Channels of a photograph.
const RGB: usize = 3;

/// Blocks of input channels whose filters are transformed together: few enough to stay in the second
/// cache until they are used.
const CHUNK: usize = 2;

/// Blocks from one product to the next where each takes so many: odd, so that the thirty-six lie in
/// different sets of the first cache and not, by a power of two, all in one.
fn apart(blocks: usize) -> usize {
    blocks | 1
}

/// A convolution of stride 1 with square filters of three to five taps.
#[derive(Clone, Debug)]
pub(crate) struct Winograd {
    /// `[group][output block][input channel][row][column][16 outputs]`.
    pub(crate) filters: Vec<Block>,
    pub(crate) taps: usize,
    pub(crate) biases: Vec<Block>,
    pub(crate) slopes: Vec<Block>,
    pub(crate) groups: usize,
    /// Of one group.
    pub(crate) input_channels: usize,
    pub(crate) output_blocks: usize,
    pub(crate) fused: Fused,
}

/// A band of tile rows; places and distances are in blocks of the arena.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WinogradJob<'a> {
    pub(crate) winograd: &'a Winograd,
    /// For each tile row, six places: where the input row begins, at the pixel under the first
    /// output's first tap.
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
        tile_of(self.taps)
    }

    fn input_blocks(&self) -> usize {
        self.groups * self.input_channels.div_ceil(LANES)
    }

    /// Input channels of a group whose filters are there at the same time.
    fn channels_at_once(&self) -> usize {
        self.input_channels.min(CHUNK * LANES)
    }

    /// Tiles of so many whose products are there at the same time: all, where products are sums over
    /// several chunks of channels.
    fn tiles_at_once(&self, tiles: usize) -> usize {
        let one_chunk = self.channels_at_once() == self.input_channels;
        if one_chunk { TILES_TOGETHER.min(tiles) } else { tiles }
    }

    /// Blocks of scratch for the inputs of so many tiles, for filters, and for products.
    fn scratches(&self, tiles: usize) -> [usize; 3] {
        let inputs = PRODUCTS * apart(tiles * self.input_blocks());
        let filters = PRODUCTS * apart(TOGETHER * self.channels_at_once());
        [inputs, filters, PRODUCTS * apart(TOGETHER * self.tiles_at_once(tiles))]
    }

    /// Blocks of scratch for so many tiles.
    pub(crate) fn scratch(&self, tiles: usize) -> usize {
        self.scratches(tiles).iter().sum()
    }

    /// Whether constants are as long as the fields say.
    pub(super) fn is_whole(&self) -> bool {
        let outputs = self.groups * self.output_blocks;
        let filters = outputs * self.input_channels * self.taps * self.taps;
        let whole_groups = self.groups == 1 || self.input_channels.is_multiple_of(LANES);
        self.filters.len() == filters
            && whole_groups
            && TAPS.contains(&self.taps)
            && self.biases.len() == outputs
            && (self.fused != Fused::Slope || self.slopes.len() == outputs)
    }
}

impl WinogradJob<'_> {
    fn tiles_across(&self) -> usize {
        self.columns.div_ceil(self.winograd.tile())
    }

    fn tile_rows(&self) -> usize {
        self.inputs.len() / UNDER
    }

    /// Whether there are as many places as rows.
    pub(super) fn is_whole(&self) -> bool {
        let skips = self.skips.len();
        self.inputs.len() == self.outputs.len().div_ceil(self.winograd.tile()) * UNDER
            && (skips == 0 || skips == self.outputs.len())
    }

    /// One past the furthest block that a run touches.
    pub(super) fn end(&self) -> usize {
        let far = |places: &[usize], planes: usize, plane: usize, pixels: usize| {
            places.iter().copied().max().unwrap_or(0) + (planes - 1) * plane + pixels
        };
        let w = self.winograd;
        let outputs = w.groups * w.output_blocks;
        let under = (self.tiles_across() - 1) * w.tile() + UNDER;
        let tiles = self.tile_rows() * self.tiles_across();
        far(self.inputs, w.input_blocks(), self.input_plane, under)
            .max(far(self.outputs, outputs, self.output_plane, self.columns))
            .max(far(self.skips, outputs, self.skip_plane, self.columns))
            .max(self.scratch + w.scratch(tiles))
    }
}

/// Transforms filters of `TAPS` by `TAPS` taps: `from` is `[filter][row][column]`, `to` gets
/// `[product][filter]`, `distance` floats from product to product.
///
/// # Safety
/// `from` and `to` are good for `count` filters, and the processor has `S`'s instructions.
#[inline(always)]
unsafe fn transform_filters<S: Simd, const TAPS: usize>(
    from: *const f32,
    count: usize,
    to: *mut f32,
    distance: usize,
) {
    for filter in 0..count {
        // SAFETY: the caller's promise.
        unsafe {
            let from = from.add(filter * TAPS * TAPS * LANES);
            let mut half = [[S::zero(); TAPS]; UNDER];
            for column in 0..TAPS {
                let mut taps = [S::zero(); TAPS];
                for (row, tap) in taps.iter_mut().enumerate() {
                    *tap = S::load(from.add((row * TAPS + column) * LANES));
                }
                for (half, value) in half.iter_mut().zip(transform::filter(taps)) {
                    half[column] = value;
                }
            }
            let to = to.add(filter * LANES);
            for (row, half) in half.into_iter().enumerate() {
                for (column, value) in transform::filter(half).into_iter().enumerate() {
                    value.store(to.add((row * UNDER + column) * distance));
                }
            }
        }
    }
}

/// [`transform_filters`] for this many taps.
///
/// # Safety
/// As there.
#[inline(always)]
unsafe fn transform<S: Simd>(
    taps: usize,
    from: *const f32,
    count: usize,
    to: *mut f32,
    distance: usize,
) {
    // SAFETY: the caller's promise.
    unsafe {
        match taps {
            3 => transform_filters::<S, 3>(from, count, to, distance),
            4 => transform_filters::<S, 4>(from, count, to, distance),
            5 => transform_filters::<S, 5>(from, count, to, distance),
            _ => unreachable!("filters have three to five taps"),
        }
    }
}

/// Computes the band.
///
/// # Safety
/// As for [`super::convolution::convolve`], with [`WinogradJob::end`].
#[inline(always)]
pub(super) unsafe fn convolve<S: Simd, const BLOCKS: usize, const PIXELS: usize>(
    arena: *mut f32,
    job: &WinogradJob<'_>,
) {
    let w = job.winograd;
    let tiles = job.tile_rows() * job.tiles_across();
    let [inputs, filters, _] = w.scratches(tiles);
    // SAFETY: the caller's promise: scratch has room for all three.
    unsafe {
        let band = Band {
            tiles,
            inputs: arena.add(job.scratch * LANES),
            filters: arena.add((job.scratch + inputs) * LANES),
            products: arena.add((job.scratch + inputs + filters) * LANES),
        };
        transform_inputs::<S>(arena, job, band.inputs);
        for group in 0..w.groups {
            let mut output = 0;
            while output < w.output_blocks {
                if output + BLOCKS <= w.output_blocks {
                    outputs::<S, BLOCKS, PIXELS>(arena, job, &band, group, output);
                    output += BLOCKS;
                } else {
                    outputs::<S, 1, PIXELS>(arena, job, &band, group, output);
                    output += 1;
                }
            }
        }
    }
}

/// Where a band's intermediate numbers are.
struct Band {
    tiles: usize,
    /// `[product][input block][tile]`
    inputs: *mut f32,
    /// `[product][output block][input channel]`
    filters: *mut f32,
    /// `[product][output block][tile]`
    products: *mut f32,
}

/// Some output blocks of a group.
#[inline(always)]
unsafe fn outputs<S: Simd, const BLOCKS: usize, const PIXELS: usize>(
    arena: *mut f32,
    job: &WinogradJob<'_>,
    band: &Band,
    group: usize,
    output: usize,
) {
    let w = job.winograd;
    let (channels, tiles_at_once) = (w.input_channels, w.tiles_at_once(band.tiles));
    for first in (0..channels).step_by(w.channels_at_once()) {
        let chunk = first..(first + w.channels_at_once()).min(channels);
        // SAFETY: the caller's promise.
        unsafe {
            let distance = apart(BLOCKS * chunk.len()) * LANES;
            for block in 0..BLOCKS {
                let filter = (group * w.output_blocks + output + block) * channels + first;
                let from = w.filters.as_ptr().add(filter * w.taps * w.taps).cast();
                let to = band.filters.add(block * chunk.len() * LANES);
                transform::<S>(w.taps, from, chunk.len(), to, distance);
            }
            if (channels, w.taps) == (RGB, 3) {
                for block in 0..BLOCKS {
                    let filters = band.filters.add(block * chunk.len() * LANES);
                    let filters = (filters.cast_const(), distance);
                    colours::<S>(arena, job, band, output + block, filters);
                }
                return;
            }
            for start in (0..band.tiles).step_by(tiles_at_once) {
                let tiles = start..(start + tiles_at_once).min(band.tiles);
                let part = Part { group, chunk: chunk.clone(), tiles: tiles.clone() };
                for product in 0..PRODUCTS {
                    multiply::<S, BLOCKS, PIXELS>(w, band, &part, product);
                }
                if chunk.end < channels {
                    continue;
                }
                for block in 0..BLOCKS {
                    let output = group * w.output_blocks + output + block;
                    let products = band.products.add(block * tiles.len() * LANES);
                    let from = (products.cast_const(), apart(BLOCKS * tiles.len()) * LANES);
                    match w.taps {
                        3 => transform_outputs::<S, 4>(arena, job, output, &tiles, from),
                        4 => transform_outputs::<S, 3>(arena, job, output, &tiles, from),
                        _ => transform_outputs::<S, 2>(arena, job, output, &tiles, from),
                    }
                }
            }
        }
    }
}

/// What is multiplied together: tiles of a band times some channels of a group.
struct Part {
    group: usize,
    chunk: Range<usize>,
    tiles: Range<usize>,
}

/// `B^T d B` of every tile: `[product][input block][tile]`.
#[inline(always)]
unsafe fn transform_inputs<S: Simd>(arena: *mut f32, job: &WinogradJob<'_>, to: *mut f32) {
    let across = job.tiles_across();
    let (blocks, tile) = (job.winograd.input_blocks(), job.winograd.tile());
    let tiles = job.tile_rows() * across;
    for block in 0..blocks {
        for (row, places) in job.inputs.chunks_exact(UNDER).enumerate() {
            for column in 0..across {
                // SAFETY: the caller's promise.
                unsafe {
                    let mut half = [[S::zero(); UNDER]; UNDER];
                    for x in 0..UNDER {
                        let at = block * job.input_plane + column * tile + x;
                        let d = |y: usize| S::load(arena.add((places[y] + at) * LANES));
                        let column = transform::input([d(0), d(1), d(2), d(3), d(4), d(5)]);
                        for y in 0..UNDER {
                            half[y][x] = column[y];
                        }
                    }
                    let at = block * tiles + row * across + column;
                    let distance = apart(blocks * tiles);
                    for (y, half) in half.iter().enumerate() {
                        for (x, value) in transform::input(*half).into_iter().enumerate() {
                            let product = (y * UNDER + x) * distance;
                            value.store(to.add((product + at) * LANES));
                        }
                    }
                }
            }
        }
    }
}

/// One product of a part, for some output blocks: added to what chunks before it gave.
#[inline(always)]
unsafe fn multiply<S: Simd, const BLOCKS: usize, const PIXELS: usize>(
    w: &Winograd,
    band: &Band,
    part: &Part,
    product: usize,
) {
    let group = part.group * w.input_channels.div_ceil(LANES);
    let first_block = group + part.chunk.start / LANES;
    let count = part.tiles.len();
    let runs = count.div_ceil(PIXELS);
    for run in 0..runs {
        let start = run * count / runs;
        let pixels = (run + 1) * count / runs - start;
        // SAFETY: the caller's promise.
        unsafe {
            let first = product * apart(w.input_blocks() * band.tiles);
            let at = first + first_block * band.tiles + part.tiles.start + start;
            let input = band.inputs.add(at * LANES);
            let rows = [input.cast_const()];
            let tile = Tile {
                rows: &rows,
                input_block: band.tiles * LANES,
                pixel: LANES,
                taps: 1,
                tap: 0,
                input_blocks: part.chunk.len().div_ceil(LANES),
                last_channels: (part.chunk.len() - 1) % LANES + 1,
                weights: band.filters.add(product * apart(BLOCKS * part.chunk.len()) * LANES),
                weight_block: part.chunk.len() * LANES,
            };
            let to = band.products.add((product * apart(BLOCKS * count) + start) * LANES);
            let more = part.chunk.start > 0;
            super::for_pixels!(pixels, keep, S, BLOCKS, 1, (&tile, to, count * LANES, more));
        }
    }
}

#[inline(always)]
unsafe fn keep<S: Simd, const BLOCKS: usize, const PIXELS: usize, const STRIDE: usize>(
    tile: &Tile<'_>,
    to: *mut f32,
    block: usize,
    more: bool,
) {
    // SAFETY: the caller's promise.
    unsafe {
        let mut sums = [[S::zero(); PIXELS]; BLOCKS];
        if more {
            for (b, sums) in sums.iter_mut().enumerate() {
                for (p, sum) in sums.iter_mut().enumerate() {
                    *sum = S::load(to.add(b * block + p * LANES));
                }
            }
        }
        let sums = accumulate::<S, BLOCKS, PIXELS, STRIDE>(tile, sums);
        for (b, sums) in sums.iter().enumerate() {
            for (p, sum) in sums.iter().enumerate() {
                sum.store(to.add(b * block + p * LANES));
            }
        }
    }
}

/// All of an output block where the inputs are three colours: so few that a tile's products stay in
/// registers, column by column, instead of going through memory.
#[inline(always)]
unsafe fn colours<S: Simd>(
    arena: *mut f32,
    job: &WinogradJob<'_>,
    band: &Band,
    output: usize,
    (filters, distance): (*const f32, usize),
) {
    let apart = apart(band.tiles) * LANES;
    for tile in 0..band.tiles {
        // SAFETY: the caller's promise.
        unsafe {
            let mut half = [[S::zero(); UNDER]; tile_of(3)];
            for x in 0..UNDER {
                let mut products = [S::zero(); UNDER];
                for (y, sum) in products.iter_mut().enumerate() {
                    let product = y * UNDER + x;
                    let filter = filters.add(product * distance);
                    let input = band.inputs.add(product * apart + tile * LANES);
                    for colour in 0..RGB {
                        let (filter, input) = (filter.add(colour * LANES), input.add(colour));
                        *sum = sum.multiply_add(S::load(filter), S::splat(input));
                    }
                }
                let column = transform::output::<S, { tile_of(3) }>(products);
                for (half, value) in half.iter_mut().zip(column) {
                    half[x] = value;
                }
            }
            store(arena, job, output, tile, half);
        }
    }
}

/// `A^T m A` of these tiles, for one output block. `products` are where they begin and how far apart
/// they are.
#[inline(always)]
unsafe fn transform_outputs<S: Simd, const TILE: usize>(
    arena: *mut f32,
    job: &WinogradJob<'_>,
    output: usize,
    tiles: &Range<usize>,
    (products, distance): (*const f32, usize),
) {
    for (index, tile) in tiles.clone().enumerate() {
        // SAFETY: the caller's promise.
        unsafe {
            let from = products.add(index * LANES);
            let mut half = [[S::zero(); UNDER]; TILE];
            for x in 0..UNDER {
                let m = |y: usize| S::load(from.add((y * UNDER + x) * distance));
                let column = transform::output::<S, TILE>([m(0), m(1), m(2), m(3), m(4), m(5)]);
                for y in 0..TILE {
                    half[y][x] = column[y];
                }
            }
            store(arena, job, output, tile, half);
        }
    }
}

/// Stores a tile whose columns are transformed, with bias, skip and activation.
#[inline(always)]
unsafe fn store<S: Simd, const TILE: usize>(
    arena: *mut f32,
    job: &WinogradJob<'_>,
    output: usize,
    tile: usize,
    half: [[S; UNDER]; TILE],
) {
    let (w, across) = (job.winograd, job.tiles_across());
    let (row, column) = (tile / across, tile % across);
    let columns = TILE.min(job.columns - column * TILE);
    let rows = row * TILE..job.outputs.len().min((row + 1) * TILE);
    // SAFETY: the caller's promise; pixels beyond the map are not stored.
    unsafe {
        let bias = S::load(w.biases.as_ptr().add(output).cast());
        let slopes = w.slopes.as_ptr().wrapping_add(output).cast();
        for (half, y) in half.into_iter().zip(rows) {
            let mut values = transform::output::<S, TILE>(half);
            if let Some(skip) = job.skips.get(y) {
                let at = output * job.skip_plane + column * TILE;
                let skip = arena.add((skip + at) * LANES);
                for (x, value) in values.iter_mut().enumerate().take(columns) {
                    *value = value.add(S::load(skip.add(x * LANES)));
                }
            }
            let at = output * job.output_plane + column * TILE;
            let to = arena.add((job.outputs[y] + at) * LANES);
            if columns == TILE {
                // The usual case, without a question a pixel.
                for (x, value) in values.into_iter().enumerate() {
                    w.fused.apply(value.add(bias), slopes).store(to.add(x * LANES));
                }
            } else {
                for (x, value) in values.into_iter().enumerate().take(columns) {
                    w.fused.apply(value.add(bias), slopes).store(to.add(x * LANES));
                }
            }
        }
    }
}
