//! From products to outputs: `A^T m A`.

use std::mem::MaybeUninit;
use std::ops::Range;

use super::transform::Line;
use super::{WinogradJob, apart, lines};
use crate::front::executor::block::LANES;
use crate::front::executor::kernels::simd::Simd;
use crate::front::executor::kernels::store::Fused;
use crate::front::executor::kernels::vector::Vector;

/// Blocks that the products of a group of so many tiles take, for one block of outputs.
pub(super) const fn scratch(products: usize, tiles: usize) -> usize {
    apart(products * tiles)
}

/// The products of a group of tiles and some output blocks: `[output block][product][tile][output]`.
#[derive(Clone, Copy)]
pub(super) struct Products<const UNDER: usize> {
    pub(super) at: *mut f32,
}

impl<const UNDER: usize> Products<UNDER> {
    /// Floats from one product to the next.
    #[inline(always)]
    pub(super) const fn product<S: Simd>() -> usize {
        S::TILES * LANES
    }

    /// Floats from one block of outputs to the next.
    #[inline(always)]
    pub(super) const fn block<S: Simd>() -> usize {
        scratch(UNDER * UNDER, S::TILES) * LANES
    }
}

/// Transforms these tiles' products of one of their blocks, which is the job's block `output`, and
/// stores them.
///
/// # Safety
/// As for [`super::convolve`].
#[inline(always)]
pub(super) unsafe fn transform<S: Simd, const UNDER: usize, const SIDE: usize>(
    arena: *mut f32,
    job: &WinogradJob<'_>,
    output: usize,
    tiles: &Range<usize>,
    (products, block): (&Products<UNDER>, usize),
) where
    [S::Part; UNDER]: Line<S::Part>,
{
    let across = job.tiles_across();
    let at_least = matches!(job.winograd.fused, Fused::AtLeast(_)) && job.skips.is_empty();
    let (mut row, mut column) = (tiles.start / across * SIDE, tiles.start % across * SIDE);
    for index in 0..tiles.len() {
        // SAFETY: the caller's promise.
        unsafe {
            let to = Tile::<SIDE>::new(arena, job, output, row, column);
            let from = products.at.add(block * Products::<UNDER>::block::<S>() + index * LANES);
            for part in 0..LANES / S::Part::WIDTH {
                let lane = part * S::Part::WIDTH;
                let mut half = MaybeUninit::<[[S::Part; UNDER]; SIDE]>::uninit();
                let half = half.as_mut_ptr().cast();
                columns::<S, UNDER, SIDE>(from.add(lane), half);
                if to.whole && at_least {
                    store_at_least::<S, UNDER, SIDE>(job, lane, &to, half);
                } else {
                    store::<S, UNDER, SIDE>(job, output, lane, &to, half);
                }
            }
        }
        column += SIDE;
        if column >= job.columns {
            (row, column) = (row + SIDE, 0);
        }
    }
}

/// Transforms the columns of some outputs' products: `[row of outputs][column of products]`.
#[inline(always)]
unsafe fn columns<S: Simd, const UNDER: usize, const SIDE: usize>(
    from: *const f32,
    half: *mut S::Part,
) where
    [S::Part; UNDER]: Line<S::Part>,
{
    // SAFETY: the caller's promise.
    unsafe {
        for x in 0..lines(UNDER, UNDER) {
            let from = from.add(x * Products::<UNDER>::product::<S>());
            let mut m = [S::Part::zero(); UNDER];
            for y in 0..UNDER {
                m[y] = S::Part::load(from.add(y * UNDER * Products::<UNDER>::product::<S>()));
            }
            let m = m.output::<SIDE>();
            for y in 0..SIDE {
                half.add(y * UNDER + x).write(m[y]);
            }
        }
    }
}

/// A line, number by number: read as a whole it would not stay in registers.
#[inline(always)]
unsafe fn line<V: Vector, const UNDER: usize>(from: *const V) -> [V; UNDER] {
    // SAFETY: the caller's promise.
    unsafe {
        let mut line = [V::zero(); UNDER];
        for x in 0..UNDER {
            line[x] = from.add(x).read();
        }
        line
    }
}

/// Where a tile's outputs go.
struct Tile<const SIDE: usize> {
    /// Where its rows begin; null beyond the map.
    rows: [*mut f32; SIDE],
    /// Where the rows begin that are added to it; null where nothing is.
    skips: [*mut f32; SIDE],
    /// Columns of it that are on the map.
    columns: usize,
    /// Whether all of it is.
    whole: bool,
}

impl<const SIDE: usize> Tile<SIDE> {
    #[inline(always)]
    unsafe fn new(
        arena: *mut f32,
        job: &WinogradJob<'_>,
        output: usize,
        row: usize,
        column: usize,
    ) -> Self {
        let begin = |places: &[usize], plane: usize| {
            let mut rows = [std::ptr::null_mut(); SIDE];
            for y in 0..SIDE {
                if let Some(place) = places.get(row + y) {
                    // SAFETY: the caller's promise.
                    rows[y] = unsafe { arena.add((place + output * plane + column) * LANES) };
                }
            }
            rows
        };
        let columns = SIDE.min(job.columns - column);
        Self {
            rows: begin(job.outputs, job.output_plane),
            skips: begin(job.skips, job.skip_plane),
            columns,
            whole: columns == SIDE && row + SIDE <= job.outputs.len(),
        }
    }
}

/// [`store`] for most tiles: all of it on the map, nothing added, an activation of one comparison.
///
/// # Safety
/// As there.
#[inline(always)]
unsafe fn store_at_least<S: Simd, const UNDER: usize, const SIDE: usize>(
    job: &WinogradJob<'_>,
    lane: usize,
    to: &Tile<SIDE>,
    half: *const S::Part,
) where
    [S::Part; UNDER]: Line<S::Part>,
{
    let Fused::AtLeast(low) = job.winograd.fused else { return };
    // SAFETY: the caller's promise.
    unsafe {
        let low = S::Part::constant(low);
        for y in 0..lines(SIDE, UNDER) {
            let values = line::<S::Part, UNDER>(half.add(y * UNDER)).output::<SIDE>();
            let row = to.rows.as_ptr().add(y).read().add(lane);
            for x in 0..SIDE {
                values[x].maximum(low).store(row.add(x * LANES));
            }
        }
    }
}

/// Stores some channels of a tile whose columns are transformed, with skip and activation.
///
/// Indices are constants once loops are written out, and what is beyond the map is asked for one by
/// one: an array that is indexed by what a run knows does not stay in registers.
///
/// # Safety
/// As for [`super::convolve`].
#[inline(always)]
unsafe fn store<S: Simd, const UNDER: usize, const SIDE: usize>(
    job: &WinogradJob<'_>,
    output: usize,
    lane: usize,
    to: &Tile<SIDE>,
    half: *const S::Part,
) where
    [S::Part; UNDER]: Line<S::Part>,
{
    let w = job.winograd;
    let slopes = w.slopes.as_ptr().wrapping_add(output).cast::<f32>().wrapping_add(lane);
    for y in 0..SIDE {
        // SAFETY: the caller's promise; pixels beyond the map are not stored.
        unsafe {
            if !to.whole && to.rows[y].is_null() {
                return;
            }
            let mut values = line::<S::Part, UNDER>(half.add(y * UNDER)).output::<SIDE>();
            if !to.skips[y].is_null() {
                for x in 0..SIDE {
                    if to.whole || x < to.columns {
                        values[x] = values[x].add(S::Part::load(to.skips[y].add(x * LANES + lane)));
                    }
                }
            }
            let [values] = w.fused.apply_all([values], slopes);
            let row = to.rows[y].add(lane);
            if to.whole {
                for x in 0..SIDE {
                    values[x].store(row.add(x * LANES));
                }
            } else {
                for x in 0..SIDE {
                    if x < to.columns {
                        values[x].store(row.add(x * LANES));
                    }
                }
            }
        }
    }
}
