//! The products of transformed inputs and filters, and the order that everything is done in.

use std::ops::Range;

use super::inputs::Inputs;
use super::outputs::Products;
use super::transform::Line;
use super::{Winograd, WinogradJob, filters, inputs, outputs};
use crate::front::executor::block::LANES;
use crate::front::executor::kernels::factors::{Begin, Factors};
use crate::front::executor::kernels::for_pixels;
use crate::front::executor::kernels::simd::Simd;

/// Computes the band.
///
/// # Safety
/// `arena` is good for every block up to [`WinogradJob::end`], the constants are as long as their
/// fields say and made for this set, outputs overlap no input, and the processor has `S`'s
/// instructions.
#[inline(always)]
pub(in super::super) unsafe fn convolve<S: Simd, const BLOCKS: usize, const PIXELS: usize>(
    arena: *mut f32,
    job: &WinogradJob<'_>,
) {
    // SAFETY: the caller's promise.
    unsafe {
        match job.winograd.under {
            8 => in_tiles::<S, 8, BLOCKS, PIXELS>(arena, job),
            _ => in_tiles::<S, 6, BLOCKS, PIXELS>(arena, job),
        }
    }
}

#[inline(always)]
unsafe fn in_tiles<S: Simd, const UNDER: usize, const BLOCKS: usize, const PIXELS: usize>(
    arena: *mut f32,
    job: &WinogradJob<'_>,
) where
    [S::Part; UNDER]: Line<S::Part>,
{
    let w = job.winograd;
    let tiles = job.tile_rows() * job.tiles_across();
    let [inputs, filters, _] = w.scratches(tiles);
    // SAFETY: the caller's promise: scratch has room for all three.
    unsafe {
        let scratch = arena.add(job.scratch * LANES);
        let band = Band {
            inputs: Inputs { at: scratch, blocks: w.input_blocks() },
            tiles,
            filters: scratch.add(inputs * LANES),
            products: scratch.add((inputs + filters) * LANES),
        };
        inputs::transform::<S, UNDER>(arena, job, &band.inputs);
        for group in 0..w.groups {
            let mut output = 0;
            while output < w.output_blocks {
                // Where blocks are computed one by one there are no fewer left: one copy of the code.
                if BLOCKS == 1 || output + BLOCKS <= w.output_blocks {
                    blocks::<S, UNDER, BLOCKS, PIXELS>(arena, job, &band, group, output);
                    output += BLOCKS;
                } else {
                    blocks::<S, UNDER, 1, PIXELS>(arena, job, &band, group, output);
                    output += 1;
                }
            }
        }
    }
}

/// Where a band's intermediate numbers are.
struct Band<const UNDER: usize> {
    inputs: Inputs<UNDER>,
    tiles: usize,
    /// `[product][output block][input channel]`
    filters: *mut f32,
    products: *mut f32,
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
unsafe fn filters<S: Simd, const UNDER: usize, const BLOCKS: usize>(
    w: &Winograd,
    to: *mut f32,
    output: usize,
    chunk: &Range<usize>,
) -> Filters
where
    [S::Part; UNDER]: Line<S::Part>,
{
    let channels = w.input_channels;
    // SAFETY: the caller's promise.
    unsafe {
        if output + BLOCKS <= w.kept {
            let block = channels * UNDER * UNDER * LANES;
            let at = w.transformed.as_ptr().cast::<f32>().add(output * block);
            return Filters { at, product: channels * LANES, block };
        }
        let distance = const { filters::distance(BLOCKS, S::CHUNK) };
        for block in 0..BLOCKS {
            let from = w.raw(output + block, chunk.start);
            let to = to.add(block * chunk.len() * LANES);
            filters::transform::<S, UNDER>(w.taps, from, chunk.len(), to, distance);
        }
        Filters { at: to, product: distance * LANES, block: chunk.len() * LANES }
    }
}

/// Some output blocks of a group of channels.
#[inline(always)]
unsafe fn blocks<S: Simd, const UNDER: usize, const BLOCKS: usize, const PIXELS: usize>(
    arena: *mut f32,
    job: &WinogradJob<'_>,
    band: &Band<UNDER>,
    group: usize,
    output: usize,
) where
    [S::Part; UNDER]: Line<S::Part>,
{
    let w = job.winograd;
    let channels = w.input_channels;
    let first_block = group * channels.div_ceil(LANES);
    let output = group * w.output_blocks + output;
    let channels_at_once = w.channels_at_once(output + BLOCKS <= w.kept);
    // Sums over several chunks of channels wait for the last.
    let distance = if w.has_one_chunk() { 0 } else { BLOCKS * Products::<UNDER>::block::<S>() };
    for first in (0..channels).step_by(channels_at_once) {
        let chunk = first..(first + channels_at_once).min(channels);
        // SAFETY: the caller's promise.
        unsafe {
            let filters = filters::<S, UNDER, BLOCKS>(w, band.filters, output, &chunk);
            let biases = w.biases.as_ptr().add(output).cast();
            for (group, start) in (0..band.tiles).step_by(S::TILES).enumerate() {
                let tiles = start..(start + S::TILES).min(band.tiles);
                let to = Products { at: band.products.add(group * distance) };
                let inputs = band.inputs.group::<S>(group, first_block + chunk.start / LANES);
                let begin = if first == 0 { Begin::Zero } else { Begin::There };
                let factors = Factors {
                    inputs,
                    input_part: Inputs::<UNDER>::part::<S>(),
                    filters: filters.at,
                    filter_block: filters.block,
                    channels: chunk.len(),
                    begin,
                };
                multiply::<S, UNDER, BLOCKS, PIXELS>(
                    factors,
                    filters.product,
                    biases,
                    tiles.len(),
                    &to,
                );
                if chunk.end < channels {
                    continue;
                }
                for block in 0..BLOCKS {
                    transform_outputs::<S, UNDER>(arena, job, output + block, &tiles, (&to, block));
                }
            }
        }
    }
}

/// Transforms the products of a group of tiles to outputs.
#[inline(always)]
unsafe fn transform_outputs<S: Simd, const UNDER: usize>(
    arena: *mut f32,
    job: &WinogradJob<'_>,
    output: usize,
    tiles: &Range<usize>,
    from: (&Products<UNDER>, usize),
) where
    [S::Part; UNDER]: Line<S::Part>,
{
    // SAFETY: the caller's promise.
    unsafe {
        if UNDER == 8 {
            return outputs::transform::<S, UNDER, 6>(arena, job, output, tiles, from);
        }
        match job.winograd.taps {
            3 => outputs::transform::<S, UNDER, 4>(arena, job, output, tiles, from),
            4 => outputs::transform::<S, UNDER, 3>(arena, job, output, tiles, from),
            _ => outputs::transform::<S, UNDER, 2>(arena, job, output, tiles, from),
        }
    }
}

/// Every product of a group of tiles, for some output blocks: added to what chunks before it gave.
/// `factors` are the first product's for the first tile.
#[inline(always)]
unsafe fn multiply<S: Simd, const UNDER: usize, const BLOCKS: usize, const PIXELS: usize>(
    mut factors: Factors,
    filter_product: usize,
    biases: *const f32,
    tiles: usize,
    to: &Products<UNDER>,
) {
    const { assert!(S::TILES.is_multiple_of(PIXELS), "groups are whole runs") };
    let begin = factors.begin;
    let block = Products::<UNDER>::block::<S>();
    let mut to = to.at;
    for product in 0..UNDER * UNDER {
        // A bias is added to the product of both axes' point 1.
        factors.begin = match begin {
            Begin::Zero if product == UNDER + 1 => Begin::At(biases),
            begin => begin,
        };
        // SAFETY: the caller's promise.
        unsafe {
            if tiles == S::TILES {
                for start in (0..S::TILES).step_by(PIXELS) {
                    let factors = factors.at_tile::<S>(start);
                    S::sum::<BLOCKS, PIXELS>(&factors, to.add(start * LANES), block);
                }
            } else {
                some::<S, BLOCKS, PIXELS>(&factors, tiles, to, block);
            }
            to = to.add(Products::<UNDER>::product::<S>());
            factors.inputs = factors.inputs.add(Inputs::<UNDER>::product::<S>());
            factors.filters = factors.filters.add(filter_product);
        }
    }
}

/// A product of fewer tiles than a group has.
#[inline(always)]
unsafe fn some<S: Simd, const BLOCKS: usize, const PIXELS: usize>(
    factors: &Factors,
    tiles: usize,
    to: *mut f32,
    block: usize,
) {
    let runs = tiles.div_ceil(PIXELS);
    let mut start = 0;
    for rest in (1..=runs).rev() {
        let pixels = (tiles - start).div_ceil(rest);
        // SAFETY: the caller's promise.
        unsafe {
            let factors = factors.at_tile::<S>(start);
            for_pixels!(pixels, sum, S, BLOCKS, 1, (&factors, to.add(start * LANES), block));
        }
        start += pixels;
    }
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
    unsafe { S::sum::<BLOCKS, TILES>(factors, to, block) }
}
