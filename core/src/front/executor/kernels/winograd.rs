//! Winograd's F(4x4, 3x3): sixteen outputs from thirty-six products instead of a hundred and
//! forty-four.
//!
//! Source: Lavin and Gray, *Fast algorithms for convolutional neural networks* (2016), with points
//! 0, 1, -1, 2, -2. Rounding errors reach over a whole tile, so that an output depends, in its last
//! digits, on inputs outside its receptive field: `Precision::Exact` turns this kernel off, and a
//! plan's reach counts it.

use super::simd::Simd;
use super::store::Fused;
use super::tile::{Tile, accumulate};
use crate::front::executor::block::{Block, LANES};

/// Outputs of a tile along one axis, and inputs under it.
pub(crate) const TILE: usize = 4;
const UNDER: usize = 6;

/// Products of a tile.
pub(crate) const PRODUCTS: usize = UNDER * UNDER;

/// Output blocks that are transformed back together: their products take this much scratch.
pub(crate) const TOGETHER: usize = 2;

/// A 3 x 3 convolution of stride 1, its weights transformed.
#[derive(Clone, Debug)]
pub(crate) struct Winograd {
    /// `[product][output block][input channel][16 outputs]`.
    pub(crate) weights: Vec<Block>,
    pub(crate) biases: Vec<Block>,
    pub(crate) slopes: Vec<Block>,
    pub(crate) input_channels: usize,
    pub(crate) output_blocks: usize,
    pub(crate) fused: Fused,
}

/// Transforms the 3 x 3 kernels between one input and sixteen outputs, tap by tap: `G g G^T`, in double
/// precision.
pub(crate) fn transform_weights(taps: &[Block; 9]) -> [Block; PRODUCTS] {
    let mut products = [Block::ZERO; PRODUCTS];
    for lane in 0..LANES {
        let tap = |index: usize| f64::from(taps[index].0[lane]);
        let columns = [0, 1, 2].map(|column| spread([0, 3, 6].map(|row| tap(row + column))));
        for row in 0..UNDER {
            let spread = spread(columns.map(|column| column[row]));
            for (column, product) in spread.into_iter().enumerate() {
                products[row * UNDER + column].0[lane] = product as f32;
            }
        }
    }
    products
}

/// `G` times a vector. Its rows are [1/4, 0, 0], [-1/6, -1/6, -1/6], [-1/6, 1/6, -1/6],
/// [1/24, 1/12, 1/6], [1/24, -1/12, 1/6] and [0, 0, 1].
#[inline(always)]
fn spread([a, b, c]: [f64; 3]) -> [f64; UNDER] {
    let [a6, b6, c6] = [a, b, c].map(|value| value * (1.0 / 6.0));
    let (a24, b12) = (a * (1.0 / 24.0), b * (1.0 / 12.0));
    [a * 0.25, -(a6 + b6 + c6), b6 - a6 - c6, a24 + b12 + c6, a24 - b12 + c6, c]
}

/// A band of tile rows; places and distances are in blocks of the arena.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WinogradJob<'a> {
    pub(crate) winograd: &'a Winograd,
    /// For each tile row, six places: where the input row begins, at the pixel under the first
    /// output's first tap.
    pub(crate) inputs: &'a [usize],
    pub(crate) input_plane: usize,
    /// For each tile row, four places: where the output row begins. Rows beyond the map are left
    /// out, at the end.
    pub(crate) outputs: &'a [usize],
    pub(crate) output_plane: usize,
    pub(crate) skips: &'a [usize],
    pub(crate) skip_plane: usize,
    pub(crate) columns: usize,
    /// Room for [`WinogradJob::scratch`] blocks.
    pub(crate) scratch: usize,
}

impl Winograd {
    fn input_blocks(&self) -> usize {
        self.input_channels.div_ceil(LANES)
    }

    /// Blocks of scratch for so many tiles.
    pub(crate) fn scratch(&self, tiles: usize) -> usize {
        PRODUCTS * tiles * (self.input_blocks() + TOGETHER)
    }
}

impl WinogradJob<'_> {
    fn tiles_across(&self) -> usize {
        self.columns.div_ceil(TILE)
    }

    fn tile_rows(&self) -> usize {
        self.inputs.len() / UNDER
    }

    /// One past the furthest block that a run touches.
    pub(crate) fn end(&self) -> usize {
        let far = |places: &[usize], planes: usize, plane: usize, pixels: usize| {
            places.iter().copied().max().unwrap_or(0) + (planes - 1) * plane + pixels
        };
        let w = self.winograd;
        let under = self.tiles_across() * TILE + UNDER - TILE;
        let tiles = self.tile_rows() * self.tiles_across();
        far(self.inputs, w.input_blocks(), self.input_plane, under)
            .max(far(self.outputs, w.output_blocks, self.output_plane, self.columns))
            .max(far(self.skips, w.output_blocks, self.skip_plane, self.columns))
            .max(self.scratch + w.scratch(tiles))
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
    // SAFETY: the caller's promise: scratch has room for both.
    unsafe {
        let transformed = arena.add(job.scratch * LANES);
        let products = transformed.add(PRODUCTS * tiles * w.input_blocks() * LANES);
        transform_inputs::<S>(arena, job, transformed);
        let mut output = 0;
        while output < w.output_blocks {
            let blocks = if output + BLOCKS <= w.output_blocks { BLOCKS } else { 1 };
            if blocks == BLOCKS {
                multiply::<S, BLOCKS, PIXELS>(w, tiles, output, transformed, products);
            } else {
                multiply::<S, 1, PIXELS>(w, tiles, output, transformed, products);
            }
            for block in 0..blocks {
                let products = products.add(block * tiles * LANES).cast_const();
                transform_outputs::<S>(
                    arena,
                    job,
                    output + block,
                    products,
                    blocks * tiles * LANES,
                );
            }
            output += blocks;
        }
    }
}

/// `B^T d B` of every tile: `[product][input block][tile]`.
#[inline(always)]
unsafe fn transform_inputs<S: Simd>(arena: *mut f32, job: &WinogradJob<'_>, to: *mut f32) {
    let across = job.tiles_across();
    let blocks = job.winograd.input_blocks();
    let tiles = job.tile_rows() * across;
    for block in 0..blocks {
        for (row, places) in job.inputs.chunks_exact(UNDER).enumerate() {
            for column in 0..across {
                // SAFETY: the caller's promise.
                unsafe {
                    let mut half = [[S::zero(); UNDER]; UNDER];
                    for x in 0..UNDER {
                        let at = block * job.input_plane + column * TILE + x;
                        let d = |y: usize| S::load(arena.add((places[y] + at) * LANES));
                        let column = input_transform([d(0), d(1), d(2), d(3), d(4), d(5)]);
                        for y in 0..UNDER {
                            half[y][x] = column[y];
                        }
                    }
                    let tile = row * across + column;
                    for (y, half) in half.iter().enumerate() {
                        for (x, value) in input_transform(*half).into_iter().enumerate() {
                            let product = (y * UNDER + x) * blocks + block;
                            value.store(to.add((product * tiles + tile) * LANES));
                        }
                    }
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn input_transform<S: Simd>(d: [S; UNDER]) -> [S; UNDER] {
    // SAFETY: registers only.
    unsafe {
        let (four, five, two) = (S::constant(4.0), S::constant(-5.0), S::constant(2.0));
        let minus_four = S::constant(-4.0);
        let even = d[4].multiply_add(minus_four, d[2]);
        let odd = d[3].multiply_add(minus_four, d[1]);
        let even_two = d[4].subtract(d[2]);
        let odd_two = d[3].subtract(d[1]).multiply(two);
        [
            d[4].multiply_add(five, d[2]).multiply_add(four, d[0]),
            even.add(odd),
            even.subtract(odd),
            even_two.add(odd_two),
            even_two.subtract(odd_two),
            d[5].multiply_add(five, d[3]).multiply_add(four, d[1]),
        ]
    }
}

/// The products of some output blocks: `[product][output block][tile]`.
#[inline(always)]
unsafe fn multiply<S: Simd, const BLOCKS: usize, const PIXELS: usize>(
    w: &Winograd,
    tiles: usize,
    output: usize,
    transformed: *const f32,
    products: *mut f32,
) {
    let channels = w.input_channels;
    let runs = tiles.div_ceil(PIXELS);
    for product in 0..PRODUCTS {
        for run in 0..runs {
            let start = run * tiles / runs;
            let pixels = (run + 1) * tiles / runs - start;
            // SAFETY: the caller's promise.
            unsafe {
                let input = transformed.add((product * w.input_blocks() * tiles + start) * LANES);
                let rows = [input];
                let tile = Tile {
                    rows: &rows,
                    input_block: tiles * LANES,
                    pixel: LANES,
                    taps: 1,
                    tap: 0,
                    input_blocks: w.input_blocks(),
                    last_channels: (channels - 1) % LANES + 1,
                    weights: w
                        .weights
                        .as_ptr()
                        .add((product * w.output_blocks + output) * channels)
                        .cast(),
                    weight_block: channels * LANES,
                };
                let to = products.add((product * BLOCKS * tiles + start) * LANES);
                super::for_pixels!(pixels, keep, S, BLOCKS, 1, (&tile, to, tiles * LANES));
            }
        }
    }
}

#[inline(always)]
unsafe fn keep<S: Simd, const BLOCKS: usize, const PIXELS: usize, const STRIDE: usize>(
    tile: &Tile<'_>,
    to: *mut f32,
    block: usize,
) {
    // SAFETY: the caller's promise.
    unsafe {
        let sums = [[S::zero(); PIXELS]; BLOCKS];
        let sums = accumulate::<S, BLOCKS, PIXELS, STRIDE>(tile, sums);
        for (b, sums) in sums.iter().enumerate() {
            for (p, sum) in sums.iter().enumerate() {
                sum.store(to.add(b * block + p * LANES));
            }
        }
    }
}

/// `A^T m A` of every tile of one output block, stored with bias, skip and activation.
#[inline(always)]
unsafe fn transform_outputs<S: Simd>(
    arena: *mut f32,
    job: &WinogradJob<'_>,
    output: usize,
    products: *const f32,
    product: usize,
) {
    let w = job.winograd;
    let across = job.tiles_across();
    for row in 0..job.tile_rows() {
        let rows = row * TILE..job.outputs.len().min((row + 1) * TILE);
        for column in 0..across {
            // SAFETY: the caller's promise; pixels beyond the row are not stored.
            unsafe {
                let bias = S::load(w.biases.as_ptr().add(output).cast());
                let slopes = w.slopes.as_ptr().wrapping_add(output).cast();
                let from = products.add((row * across + column) * LANES);
                let mut half = [[S::zero(); UNDER]; TILE];
                for x in 0..UNDER {
                    let m = |y: usize| S::load(from.add((y * UNDER + x) * product));
                    let column = output_transform([m(0), m(1), m(2), m(3), m(4), m(5)]);
                    for y in 0..TILE {
                        half[y][x] = column[y];
                    }
                }
                let columns = TILE.min(job.columns - column * TILE);
                for (half, y) in half.iter().zip(rows.clone()) {
                    let values = output_transform(*half);
                    let at = output * job.output_plane + column * TILE;
                    let to = arena.add((job.outputs[y] + at) * LANES);
                    let skip = job.skips.get(y).map(|skip| {
                        let at = output * job.skip_plane + column * TILE;
                        arena.add((skip + at) * LANES)
                    });
                    for (x, value) in values.iter().enumerate().take(columns) {
                        let mut sum = value.add(bias);
                        if let Some(skip) = skip {
                            sum = sum.add(S::load(skip.add(x * LANES)));
                        }
                        w.fused.apply(sum, slopes).store(to.add(x * LANES));
                    }
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn output_transform<S: Simd>(m: [S; UNDER]) -> [S; TILE] {
    // SAFETY: registers only.
    unsafe {
        let (sum, difference) = (m[1].add(m[2]), m[1].subtract(m[2]));
        let (sum_two, difference_two) = (m[3].add(m[4]), m[3].subtract(m[4]));
        [
            m[0].add(sum).add(sum_two),
            difference.multiply_add(S::constant(2.0), difference_two),
            sum.multiply_add(S::constant(4.0), sum_two),
            difference.multiply_add(S::constant(8.0), difference_two).add(m[5]),
        ]
    }
}
