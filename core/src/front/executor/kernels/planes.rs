//! From rows of blocks to the caller's planes.

use super::simd::Simd;
use crate::front::executor::block::LANES;

/// Finished rows of a map, and the planes that they are copied to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlanesJob<'a> {
    /// Where each row begins, in blocks of the arena.
    pub(crate) rows: &'a [usize],
    /// From one block of channels to the next.
    pub(crate) plane: usize,
    /// The first of these rows' place in the map.
    pub(crate) first: usize,
    pub(crate) channels: usize,
    pub(crate) height: usize,
    pub(crate) columns: usize,
}

/// Copies the rows.
///
/// # Safety
/// `arena` is good for every row, `out` for `channels * height * columns` floats, and the processor
/// has `S`'s instructions.
#[inline(always)]
pub(super) unsafe fn hand_over<S: Simd>(arena: *const f32, job: &PlanesJob<'_>, out: *mut f32) {
    for block in 0..job.channels.div_ceil(LANES) {
        let inside = LANES.min(job.channels - block * LANES);
        for (row, place) in job.rows.iter().enumerate() {
            // SAFETY: the caller's promise; every pixel below is on its row.
            unsafe {
                let from = arena.add((place + block * job.plane) * LANES);
                let to = out.add((block * LANES * job.height + job.first + row) * job.columns);
                let channel = job.height * job.columns;
                let mut column = 0;
                while column < job.columns {
                    if job.columns < LANES {
                        for lane in 0..inside {
                            *to.add(lane * channel + column) = *from.add(column * LANES + lane);
                        }
                        column += 1;
                        continue;
                    }
                    // The last sixteen pixels step back over some that are done.
                    column = column.min(job.columns - LANES);
                    let mut pixels = [S::zero(); LANES];
                    for (pixel, value) in pixels.iter_mut().enumerate() {
                        *value = S::load(from.add((column + pixel) * LANES));
                    }
                    let channels = S::transpose(pixels);
                    for (lane, value) in channels.into_iter().enumerate().take(inside) {
                        value.store_anywhere(to.add(lane * channel + column));
                    }
                    column += LANES;
                }
            }
        }
    }
}
