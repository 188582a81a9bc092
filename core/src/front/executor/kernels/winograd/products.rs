//! The products of transformed inputs and filters, and the order that everything is done in.

use std::ops::Range;

use super::inputs::Inputs;
use super::outputs::{Products, TILE};
use super::{PRODUCTS, UNDER, Winograd, WinogradJob, filters, inputs, outputs};
use crate::front::executor::block::LANES;
use crate::front::executor::kernels::for_pixels;
use crate::front::executor::kernels::simd::Simd;
use crate::front::executor::kernels::vector::Vector;

/// The product that a bias is added to: both axes' at the point 1.
const BIASED: usize = UNDER + 1;

/// Computes the band.
///
/// # Safety
/// `arena` is good for every block up to [`WinogradJob::end`], the constants are as long as their
/// fields say, outputs overlap no input, and the processor has `S`'s instructions.
#[inline(always)]
pub(in super::super) unsafe fn convolve<S: Simd, const BLOCKS: usize, const PIXELS: usize>(
    arena: *mut f32,
    job: &WinogradJob<'_>,
) {
    let w = job.winograd;
    let tiles = job.tile_rows() * job.tiles_across();
    let [inputs, filters, _] = w.scratches(tiles);
    // SAFETY: the caller's promise: scratch has room for all three.
    unsafe {
        let scratch = arena.add(job.scratch * LANES);
        let band = Band {
            inputs: Inputs { at: scratch, blocks: w.input_blocks(), tiles },
            filters: scratch.add(inputs * LANES),
            products: scratch.add((inputs + filters) * LANES),
        };
        inputs::transform::<S>(arena, job, &band.inputs);
        for group in 0..w.groups {
            let mut output = 0;
            while output < w.output_blocks {
                if output + BLOCKS <= w.output_blocks {
                    blocks::<S, BLOCKS, PIXELS>(arena, job, &band, group, output);
                    output += BLOCKS;
                } else {
                    blocks::<S, 1, PIXELS>(arena, job, &band, group, output);
                    output += 1;
                }
            }
        }
    }
}

/// Where a band's intermediate numbers are.
struct Band {
    inputs: Inputs,
    /// `[product][output block][input channel]`
    filters: *mut f32,
    products: *mut f32,
}

/// What is multiplied together: tiles of a band times some channels of a group.
struct Part {
    group: usize,
    /// The first block of outputs, counted over all groups.
    output: usize,
    chunk: Range<usize>,
    tiles: Range<usize>,
    filters: Filters,
}

/// Transformed filters of some output blocks and channels; distances are in floats.
#[derive(Clone, Copy)]
struct Filters {
    at: *const f32,
    product: usize,
    block: usize,
}

/// The filters of a chunk of channels: those that are kept, or made now.
#[inline(always)]
unsafe fn filters<S: Simd, const BLOCKS: usize>(
    w: &Winograd,
    band: &Band,
    output: usize,
    chunk: &Range<usize>,
) -> Filters {
    let channels = w.input_channels;
    // SAFETY: the caller's promise.
    unsafe {
        if output + BLOCKS <= w.kept {
            let at = w.transformed.as_ptr().add(output * channels * PRODUCTS).cast();
            return Filters { at, product: channels * LANES, block: channels * PRODUCTS * LANES };
        }
        let distance = const { filters::distance(BLOCKS) };
        for block in 0..BLOCKS {
            let from = w.raw(output + block, chunk.start);
            let to = band.filters.add(block * chunk.len() * LANES);
            filters::transform::<S>(w.taps, from, chunk.len(), to, distance);
        }
        let block = chunk.len() * LANES;
        Filters { at: band.filters, product: distance * LANES, block }
    }
}

/// Some output blocks of a group.
#[inline(always)]
unsafe fn blocks<S: Simd, const BLOCKS: usize, const PIXELS: usize>(
    arena: *mut f32,
    job: &WinogradJob<'_>,
    band: &Band,
    group: usize,
    output: usize,
) {
    let w = job.winograd;
    let tiles = band.inputs.tiles;
    let (channels, tiles_at_once) = (w.input_channels, w.tiles_at_once(tiles));
    let output = group * w.output_blocks + output;
    let channels_at_once = w.channels_at_once(output + BLOCKS <= w.kept);
    for first in (0..channels).step_by(channels_at_once) {
        let chunk = first..(first + channels_at_once).min(channels);
        // SAFETY: the caller's promise.
        unsafe {
            let filters = filters::<S, BLOCKS>(w, band, output, &chunk);
            for start in (0..tiles).step_by(tiles_at_once) {
                let tiles = start..(start + tiles_at_once).min(tiles);
                let to = Products { at: band.products, blocks: BLOCKS, tiles: tiles.len() };
                let part =
                    Part { group, output, chunk: chunk.clone(), tiles: tiles.clone(), filters };
                for product in 0..PRODUCTS {
                    multiply::<S, BLOCKS, PIXELS>(w, band, &part, product, &to);
                }
                if chunk.end < channels {
                    continue;
                }
                for block in 0..BLOCKS {
                    let (output, from) = (output + block, (&to, block));
                    match w.taps {
                        3 => outputs::transform::<S, 4>(arena, job, output, &tiles, from),
                        4 => outputs::transform::<S, 3>(arena, job, output, &tiles, from),
                        _ => outputs::transform::<S, 2>(arena, job, output, &tiles, from),
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
    to: &Products,
) {
    let first_block = part.group * w.input_channels.div_ceil(LANES) + part.chunk.start / LANES;
    let count = part.tiles.len();
    let runs = count.div_ceil(PIXELS);
    for run in 0..runs {
        let start = run * count / runs;
        let pixels = (run + 1) * count / runs - start;
        // SAFETY: the caller's promise.
        unsafe {
            let tile = part.tiles.start + start;
            let factors = Factors {
                inputs: band.inputs.product::<S::Part>(product, first_block, tile),
                input_part: band.inputs.part::<S::Part>(),
                filters: part.filters.at.add(product * part.filters.product),
                filter_block: part.filters.block,
                channels: part.chunk.len(),
                begin: match (part.chunk.start, product) {
                    (0, BIASED) => Begin::At(w.biases.as_ptr().add(part.output).cast()),
                    (0, _) => Begin::Zero,
                    _ => Begin::There,
                },
            };
            let (row, column) = (product / UNDER, product % UNDER);
            let at = to.at.add(row * to.row() + start * TILE + column * LANES);
            for_pixels!(pixels, sum, S, BLOCKS, 1, (&factors, at, to.block()));
        }
    }
}

/// What a product's sums begin with.
enum Begin {
    Zero,
    /// With these, for every tile.
    At(*const f32),
    /// With what is there.
    There,
}

/// What is multiplied and added up for one product.
struct Factors {
    inputs: *const f32,
    /// From one part of the channels to the next.
    input_part: usize,
    /// `[output block][channel]`
    filters: *const f32,
    filter_block: usize,
    channels: usize,
    begin: Begin,
}

/// The constant that [`for_pixels`] passes on as the distance of pixels is not needed: tiles lie beside
/// each other.
#[inline(always)]
unsafe fn sum<S: Simd, const BLOCKS: usize, const TILES: usize, const STRIDE: usize>(
    factors: &Factors,
    to: *mut f32,
    block: usize,
) {
    // SAFETY: the caller's promise.
    unsafe {
        let mut sums = [[S::zero(); TILES]; BLOCKS];
        match factors.begin {
            Begin::Zero => {}
            Begin::At(biases) => {
                for (b, sums) in sums.iter_mut().enumerate() {
                    *sums = [S::load(biases.add(b * LANES)); TILES];
                }
            }
            Begin::There => {
                for (b, sums) in sums.iter_mut().enumerate() {
                    for (t, sum) in sums.iter_mut().enumerate() {
                        *sum = S::load(to.add(b * block + t * TILE));
                    }
                }
            }
        }
        let width = S::Part::WIDTH;
        let (mut input, mut filter) = (factors.inputs, factors.filters);
        let mut rest = factors.channels;
        // Two parts at a time, so that the loop itself costs less.
        while rest >= 2 * width {
            sums = S::add_channels(sums, input, width, width, filter, factors.filter_block);
            let (second, next) = (input.add(factors.input_part), filter.add(width * LANES));
            sums = S::add_channels(sums, second, width, width, next, factors.filter_block);
            input = second.add(factors.input_part);
            filter = next.add(width * LANES);
            rest -= 2 * width;
        }
        while rest > 0 {
            let some = width.min(rest);
            sums = S::add_channels(sums, input, width, some, filter, factors.filter_block);
            input = input.wrapping_add(factors.input_part);
            filter = filter.wrapping_add(width * LANES);
            rest -= some;
        }
        for (b, sums) in sums.iter().enumerate() {
            for (t, sum) in sums.iter().enumerate() {
                sum.store(to.add(b * block + t * TILE));
            }
        }
    }
}
