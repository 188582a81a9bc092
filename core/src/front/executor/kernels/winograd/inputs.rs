//! What lies under each tile, transformed: `B^T d B`.

use super::{UNDER, WinogradJob, apart, transform};
use crate::front::executor::block::LANES;
use crate::front::executor::kernels::simd::Simd;
use crate::front::executor::kernels::vector::Vector;

/// The transformed inputs of a band: `[product][input block][part of a block][tile][channel]`. A
/// part's channels of all tiles lie together, so that tiles' numbers are loaded by whole registers.
#[derive(Clone, Copy)]
pub(super) struct Inputs {
    pub(super) at: *mut f32,
    pub(super) blocks: usize,
    pub(super) tiles: usize,
}

impl Inputs {
    /// Where a product's numbers begin, for tiles from this one on and channels from this block on.
    ///
    /// # Safety
    /// The product, the block and the tile are of this band.
    #[inline(always)]
    pub(super) unsafe fn product<V: Vector>(
        &self,
        product: usize,
        block: usize,
        tile: usize,
    ) -> *const f32 {
        let place = product * apart(self.blocks * self.tiles) + block * self.tiles;
        // SAFETY: the caller's promise.
        unsafe { self.at.add(place * LANES + tile * V::WIDTH) }
    }

    /// Floats from one part of a tile's channels to the next.
    #[inline(always)]
    pub(super) fn part<V: Vector>(&self) -> usize {
        self.tiles * V::WIDTH
    }
}

/// Transforms all tiles of a job.
///
/// # Safety
/// As for [`super::convolve`]; there is room at `to`.
#[inline(always)]
pub(super) unsafe fn transform<S: Simd>(arena: *const f32, job: &WinogradJob<'_>, to: &Inputs) {
    let (across, tile) = (job.tiles_across(), job.winograd.tile());
    let last = (job.winograd.input_channels - 1) % LANES + 1;
    for block in 0..to.blocks {
        let channels = if block + 1 == to.blocks { last } else { LANES };
        for part in 0..channels.div_ceil(S::Part::WIDTH) {
            for (row, places) in job.inputs.chunks_exact(UNDER).enumerate() {
                for column in 0..across {
                    let at = block * job.input_plane + column * tile;
                    // SAFETY: the caller's promise.
                    unsafe {
                        let mut half = [[S::Part::zero(); UNDER]; UNDER];
                        for x in 0..UNDER {
                            let mut d = [S::Part::zero(); UNDER];
                            for (d, place) in d.iter_mut().zip(places) {
                                let from = (place + at + x) * LANES + part * S::Part::WIDTH;
                                *d = S::Part::load(arena.add(from));
                            }
                            for (half, value) in half.iter_mut().zip(transform::input(d)) {
                                half[x] = value;
                            }
                        }
                        let from = row * across + column;
                        let from = to.product::<S::Part>(0, block, from).cast_mut();
                        let from = from.add(part * to.part::<S::Part>());
                        for (y, half) in half.into_iter().enumerate() {
                            for (x, value) in transform::input(half).into_iter().enumerate() {
                                let product = (y * UNDER + x) * apart(to.blocks * to.tiles);
                                value.store(from.add(product * LANES));
                            }
                        }
                    }
                }
            }
        }
    }
}
