//! What lies under each tile, transformed: `B^T d B`.

use std::mem::MaybeUninit;

use super::transform::Line;
use super::{WinogradJob, lines};
use crate::front::executor::block::LANES;
use crate::front::executor::kernels::simd::Simd;
use crate::front::executor::kernels::vector::Vector;

/// Blocks that the transformed inputs of a group of so many tiles take, for one block of channels.
///
/// Each part of a block, of which there are four at most, is followed by a block that nothing is
/// in: parts lie in different sets of the first cache then, and not, by a power of two, all in one.
pub(super) const fn scratch(products: usize, tiles: usize) -> usize {
    products * tiles + 4
}

/// The transformed inputs of a band:
/// `[group of tiles][input block][part of a block][product][tile][channel]`. A part's channels of a
/// group lie together, so that tiles' numbers are loaded by whole registers, and all distances but
/// those of groups are numbers that the compiler knows.
#[derive(Clone, Copy)]
pub(super) struct Inputs<const UNDER: usize> {
    pub(super) at: *mut f32,
    pub(super) blocks: usize,
}

impl<const UNDER: usize> Inputs<UNDER> {
    /// Floats from one product to the next.
    #[inline(always)]
    pub(super) const fn product<S: Simd>() -> usize {
        S::TILES * S::Part::WIDTH
    }

    /// Floats from one part of the channels to the next.
    #[inline(always)]
    pub(super) const fn part<S: Simd>() -> usize {
        UNDER * UNDER * Self::product::<S>() + LANES
    }

    /// Where a group's numbers begin, for channels from this block on.
    ///
    /// # Safety
    /// The group and the block are of this band.
    #[inline(always)]
    pub(super) unsafe fn group<S: Simd>(&self, group: usize, block: usize) -> *mut f32 {
        let place = (group * self.blocks + block) * (LANES / S::Part::WIDTH);
        // SAFETY: the caller's promise.
        unsafe { self.at.add(place * Self::part::<S>()) }
    }
}

/// Transforms all tiles of a job.
///
/// # Safety
/// As for [`super::convolve`]; there is room at `to`.
#[inline(always)]
pub(super) unsafe fn transform<S: Simd, const UNDER: usize>(
    arena: *const f32,
    job: &WinogradJob<'_>,
    to: &Inputs<UNDER>,
) where
    [S::Part; UNDER]: Line<S::Part>,
{
    let last = (job.winograd.input_channels - 1) % LANES + 1;
    let tile = job.winograd.tile();
    let (mut group, mut place) = (0, 0);
    for places in job.inputs.chunks_exact(UNDER) {
        for column in 0..job.tiles_across() {
            // SAFETY: the caller's promise.
            unsafe {
                let mut rows = [arena; UNDER];
                for y in 0..UNDER {
                    rows[y] = arena.add((places[y] + column * tile) * LANES);
                }
                for block in 0..to.blocks {
                    let channels = if block + 1 == to.blocks { last } else { LANES };
                    let mut from = block * job.input_plane * LANES;
                    let mut to = to.group::<S>(group, block).add(place * S::Part::WIDTH);
                    for _ in 0..channels.div_ceil(S::Part::WIDTH) {
                        one::<S, UNDER>(&rows, from, to);
                        from += S::Part::WIDTH;
                        to = to.add(Inputs::<UNDER>::part::<S>());
                    }
                }
            }
            place += 1;
            if place == S::TILES {
                (group, place) = (group + 1, 0);
            }
        }
    }
}

/// Transforms some channels of a tile, `from` floats after where its rows begin.
#[inline(always)]
unsafe fn one<S: Simd, const UNDER: usize>(rows: &[*const f32; UNDER], from: usize, to: *mut f32)
where
    [S::Part; UNDER]: Line<S::Part>,
{
    // SAFETY: the caller's promise.
    unsafe {
        let mut half = MaybeUninit::<[[S::Part; UNDER]; UNDER]>::uninit();
        let half: *mut S::Part = half.as_mut_ptr().cast();
        for y in 0..lines(UNDER, UNDER) {
            let row = rows.as_ptr().add(y).read().add(from);
            let mut d = [S::Part::zero(); UNDER];
            for x in 0..UNDER {
                d[x] = S::Part::load(row.add(x * LANES));
            }
            let d = d.input();
            for x in 0..UNDER {
                half.add(y * UNDER + x).write(d[x]);
            }
        }
        for x in 0..lines(UNDER, UNDER) {
            let mut d = [S::Part::zero(); UNDER];
            for y in 0..UNDER {
                d[y] = half.add(y * UNDER + x).read();
            }
            let d = d.input();
            let to = to.add(x * Inputs::<UNDER>::product::<S>());
            for y in 0..UNDER {
                d[y].store(to.add(y * UNDER * Inputs::<UNDER>::product::<S>()));
            }
        }
    }
}
