//! Algorithm 1 for short windows, as many side by side as a register has lanes.
//!
//! The mean is what `exact` takes: a lane adds its own samples up in stream order. The sample nearest to it
//! is the last below or the first above it, and those two are found by comparing `f32`s with the
//! largest `f32` that is not above the mean, so that only two distances a window are computed in `f64`.
//! Where they are equal the first sample that is one of the two is meant. Samples beyond
//! those two are farther, but a distance in `f64` may be rounded so far that it is equal all the same:
//! only where a sample is 2^27 times smaller than its distance. Such windows, and zeros that have a
//! sign to keep, are left to `exact`.

#![allow(unsafe_code, reason = "a kernel: it is written over lanes")]
#![allow(
    clippy::needless_range_loop,
    reason = "closures have no instructions but the portable ones"
)]

use std::mem::MaybeUninit;

use super::exact::{each, exact};
use super::lanes::{Lanes, overrun};

/// Samples of the longest window that is worked on so.
pub(super) const LONGEST: usize = 160;

/// Replaces windows of 2 to [`LONGEST`] samples by their representatives, as many as make whole blocks.
/// The rest is given back.
///
/// # Safety
/// The processor has the instructions of these lanes.
#[inline(always)]
pub(super) unsafe fn hold<L: Lanes>(stream: &mut [f32], window: usize) -> &mut [f32] {
    assert!((2..=LONGEST).contains(&window), "windows side by side have 2 to {LONGEST} samples");
    let block = L::COUNT * window;
    if window == 2 {
        // SAFETY: the caller's promise.
        return unsafe { hold_pairs::<L>(stream) };
    }
    let mut columns = [MaybeUninit::<L>::uninit(); LONGEST];
    let mut at = 0;
    // Columns are read four at a time: of shorter windows some lie beyond the block.
    while at + block + 2 <= stream.len() {
        // SAFETY: the block and two samples more are the stream's, and it has COUNT windows.
        let left = unsafe { hold_block(stream.as_mut_ptr().add(at), window, &mut columns) };
        if left {
            each(&mut stream[at..at + block], window, exact);
        }
        at += block;
    }
    &mut stream[at..]
}

/// Windows of two: of two samples that are not zero both are as far from their mean, as long as neither
/// is so small that rounding matters, and the first is meant.
///
/// # Safety
/// The processor has the instructions of these lanes.
#[inline(always)]
unsafe fn hold_pairs<L: Lanes>(stream: &mut [f32]) -> &mut [f32] {
    let mut blocks = stream.chunks_exact_mut(2 * L::COUNT);
    for block in &mut blocks {
        // SAFETY: the caller's promise; a block is COUNT windows.
        let left = unsafe {
            let zero = L::splat(0.0);
            let [first, second] = L::pairs(block.as_ptr());
            let (no_first, no_second) = (L::equal(first, zero), L::equal(second, zero));
            let far = L::far([first, second], [first, second]);
            let left = L::any(L::without(far, L::or(no_first, no_second)));
            if !left {
                // Two zeros stay, whatever their signs.
                let both = [
                    L::select(L::without(no_first, no_second), second, first),
                    L::select(no_first, second, first),
                ];
                L::store_pairs(both, block.as_mut_ptr());
            }
            left
        };
        if left {
            each(block, 2, exact);
        }
    }
    blocks.into_remainder()
}

/// What is known of the columns that were read.
struct Taken<L: Lanes> {
    columns: usize,
    sums: L::Wide,
    counts: L,
}

impl<L: Lanes> Taken<L> {
    /// One column more, which is kept.
    ///
    /// # Safety
    /// The processor has the instructions of these lanes.
    #[inline(always)]
    unsafe fn take(&mut self, samples: L, columns: &mut [MaybeUninit<L>; LONGEST]) {
        columns[self.columns].write(samples);
        self.columns += 1;
        // SAFETY: the caller's promise.
        unsafe {
            self.sums = L::add(self.sums, samples);
            self.counts = L::count(self.counts, samples);
        }
    }
}

/// Whether the block was left as it is, for `exact`.
///
/// # Safety
/// As for [`hold`]; from `block` on there are as many samples as so many windows have, and two more.
#[inline(always)]
unsafe fn hold_block<L: Lanes>(
    block: *mut f32,
    window: usize,
    columns: &mut [MaybeUninit<L>; LONGEST],
) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        let (zero, infinite) = (L::splat(0.0), L::splat(f32::INFINITY));
        let mut taken = Taken { columns: 0, sums: L::no_sums(), counts: zero };
        for first in (0..window - window % 4).step_by(4) {
            let four = L::columns(block.add(first), window);
            for index in 0..4 {
                taken.take(four[index], columns);
            }
        }
        if taken.columns < window {
            // The last four, of which some are taken already, or are the next window's.
            let first = window.saturating_sub(4);
            let four = L::columns(block.add(first), window);
            for index in 0..4 {
                if (taken.columns..window).contains(&(first + index)) {
                    taken.take(four[index], columns);
                }
            }
        }
        let Taken { sums, counts, .. } = taken;
        // Every column was written above.
        let columns = &columns[..window];
        let means = L::means(sums, counts);
        let threshold = L::floor(means);
        let negative_infinite = L::splat(f32::NEG_INFINITY);
        let (mut below, mut above) = (negative_infinite, infinite);
        for column in columns {
            let samples = column.assume_init();
            (below, above) = L::neighbours(samples, threshold, below, above);
        }
        let (lower, equal) = L::nearer(below, means, above);
        let none = L::none(counts);
        let mut best = L::select(lower, below, above);
        let tied = L::without(equal, none);
        let mut left = L::far([threshold, best], [below, above]);
        if L::any(tied) {
            // Neither side has a sample.
            left = L::or(left, L::and(tied, L::equal(below, negative_infinite)));
            let mut first = best;
            for column in columns.iter().rev() {
                let samples = column.assume_init();
                let one = L::or(L::equal(samples, below), L::equal(samples, above));
                first = L::select(one, samples, first);
            }
            best = L::select(tied, first, best);
        }
        left = L::without(left, none);
        if L::any(none) {
            let mut signs = zero;
            for column in columns {
                let samples = column.assume_init();
                signs = signs.bits_of_both(samples);
            }
            left = L::or(left, L::and(none, signs.signs()));
            best = L::select(none, zero, best);
        }
        if L::any(left) {
            return true;
        }
        fill(best, block, window);
        false
    }
}

/// Replaces each window by its lane.
///
/// # Safety
/// As for [`hold_block`].
#[inline(always)]
unsafe fn fill<L: Lanes>(values: L, block: *mut f32, window: usize) {
    let mut lanes = [0f32; 16];
    // What is written beyond a window must lie in the block: its last windows are written exactly.
    let last = overrun::<L>(window).div_ceil(window);
    // SAFETY: the caller's promise; no lanes are more than sixteen.
    unsafe {
        values.store(lanes.as_mut_ptr());
        for lane in 0..L::COUNT - last {
            // What is written beyond this window is overwritten by the next.
            L::fill(lanes.as_ptr().add(lane), block.add(lane * window), window);
        }
        for lane in L::COUNT - last..L::COUNT {
            for sample in 0..window {
                block.add(lane * window + sample).write(lanes[lane]);
            }
        }
    }
}
