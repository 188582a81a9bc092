//! From rows of blocks to the caller's planes.

use std::marker::PhantomData;
use std::ops::Range;

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

/// Some rows of every plane, of which nobody else writes any.
#[derive(Debug)]
pub(crate) struct OutputRows<'a> {
    planes: *mut f32,
    shape: [usize; 3],
    rows: Range<usize>,
    borrowed: PhantomData<&'a mut [f32]>,
}

// SAFETY: it is the only way to its rows, and floats can be written from any thread.
unsafe impl Send for OutputRows<'_> {}

impl<'a> OutputRows<'a> {
    /// All rows of planes of this shape.
    pub(crate) fn whole(planes: &'a mut [f32], shape: [usize; 3]) -> Self {
        assert!(planes.len() == shape[0] * shape[1] * shape[2]);
        let rows = 0..shape[1];
        Self { planes: planes.as_mut_ptr(), shape, rows, borrowed: PhantomData }
    }

    /// Takes its first rows away, up to this one.
    pub(crate) fn split_to(&mut self, end: usize) -> Self {
        assert!((self.rows.start..=self.rows.end).contains(&end));
        let rows = self.rows.start..end;
        self.rows.start = end;
        Self { rows, ..*self }
    }

    /// The planes, of this shape, for what writes no other rows than these.
    pub(super) fn planes_for(&mut self, shape: [usize; 3], rows: &Range<usize>) -> *mut f32 {
        assert!(self.shape == shape);
        assert!(rows.start >= self.rows.start && rows.end <= self.rows.end);
        self.planes
    }
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
