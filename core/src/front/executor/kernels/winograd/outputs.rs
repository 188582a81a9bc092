//! From products to outputs: `A^T m A`.

use std::ops::Range;

use super::{UNDER, WinogradJob, apart, transform};
use crate::front::executor::block::LANES;
use crate::front::executor::kernels::simd::Simd;
use crate::front::executor::kernels::vector::Vector;

/// The products of some tiles and output blocks: `[row][output block][tile][column][output]`.
#[derive(Clone, Copy)]
pub(super) struct Products {
    pub(super) at: *mut f32,
    pub(super) blocks: usize,
    pub(super) tiles: usize,
}

/// Floats from one tile to the next.
pub(super) const TILE: usize = UNDER * LANES;

impl Products {
    /// Blocks that so many take.
    pub(super) const fn scratch(blocks: usize, tiles: usize) -> usize {
        UNDER * apart(blocks * tiles * UNDER)
    }

    /// Floats from one row to the next.
    #[inline(always)]
    pub(super) fn row(&self) -> usize {
        apart(self.blocks * self.tiles * UNDER) * LANES
    }

    /// Floats from one block of outputs to the next.
    #[inline(always)]
    pub(super) fn block(&self) -> usize {
        self.tiles * TILE
    }
}

/// Transforms these tiles' products of one of their blocks, which is the job's block `output`, and
/// stores them.
///
/// # Safety
/// As for [`super::convolve`].
#[inline(always)]
pub(super) unsafe fn transform<S: Simd, const TILE_SIDE: usize>(
    arena: *mut f32,
    job: &WinogradJob<'_>,
    output: usize,
    tiles: &Range<usize>,
    (products, block): (&Products, usize),
) {
    for (index, tile) in tiles.clone().enumerate() {
        for part in 0..LANES / S::Part::WIDTH {
            let lane = part * S::Part::WIDTH;
            // SAFETY: the caller's promise.
            unsafe {
                let from = products.at.add(block * products.block() + index * TILE + lane);
                let mut half = [[S::Part::zero(); UNDER]; TILE_SIDE];
                for x in 0..UNDER {
                    let mut m = [S::Part::zero(); UNDER];
                    for (y, m) in m.iter_mut().enumerate() {
                        *m = S::Part::load(from.add(y * products.row() + x * LANES));
                    }
                    let column = transform::output::<S::Part, TILE_SIDE>(m);
                    for (half, value) in half.iter_mut().zip(column) {
                        half[x] = value;
                    }
                }
                store(arena, job, output, tile, lane, half);
            }
        }
    }
}

/// Stores some channels of a tile whose columns are transformed, with skip and activation.
///
/// # Safety
/// As for [`super::convolve`].
#[inline(always)]
pub(super) unsafe fn store<V: Vector, const TILE_SIDE: usize>(
    arena: *mut f32,
    job: &WinogradJob<'_>,
    output: usize,
    tile: usize,
    lane: usize,
    half: [[V; UNDER]; TILE_SIDE],
) {
    let (w, across) = (job.winograd, job.tiles_across());
    let (row, column) = (tile / across * TILE_SIDE, tile % across * TILE_SIDE);
    let columns = TILE_SIDE.min(job.columns - column);
    let rows = TILE_SIDE.min(job.outputs.len() - row);
    // SAFETY: the caller's promise; pixels beyond the map are not stored.
    unsafe {
        let slopes = w.slopes.as_ptr().wrapping_add(output).cast::<f32>().wrapping_add(lane);
        let at = (output * job.output_plane + column) * LANES + lane;
        let skip_at = (output * job.skip_plane + column) * LANES + lane;
        let mut values = [[V::zero(); TILE_SIDE]; TILE_SIDE];
        for (values, half) in values.iter_mut().zip(half) {
            *values = transform::output::<V, TILE_SIDE>(half);
        }
        let whole = columns == TILE_SIDE && rows == TILE_SIDE;
        // Indices below are constants once loops are written out, and what is beyond the map is asked
        // for one by one: an array that is indexed by what a run knows does not stay in registers.
        if !job.skips.is_empty() {
            let skips = row_starts::<TILE_SIDE>(arena, &job.skips[row..row + rows], skip_at);
            for y in 0..TILE_SIDE {
                for x in 0..TILE_SIDE {
                    if whole || (y < rows && x < columns) {
                        values[y][x] = values[y][x].add(V::load(skips[y].add(x * LANES)));
                    }
                }
            }
        }
        let values = w.fused.apply_all(values, slopes);
        let to = row_starts::<TILE_SIDE>(arena, &job.outputs[row..row + rows], at);
        for y in 0..TILE_SIDE {
            for x in 0..TILE_SIDE {
                if whole || (y < rows && x < columns) {
                    values[y][x].store(to[y].add(x * LANES));
                }
            }
        }
    }
}

/// Where rows begin, read before anything is written; null beyond the map.
#[inline(always)]
unsafe fn row_starts<const ROWS: usize>(
    arena: *mut f32,
    places: &[usize],
    at: usize,
) -> [*mut f32; ROWS] {
    let mut starts = [std::ptr::null_mut(); ROWS];
    for y in 0..ROWS {
        if let Some(place) = places.get(y) {
            // SAFETY: the caller's promise.
            starts[y] = unsafe { arena.add(place * LANES + at) };
        }
    }
    starts
}
