//! Algorithm 1 on NEON: what is nearest is found in `f32`, wherever that leaves no doubt.
//!
//! Of two samples the first is meant, and of three the one in the middle, whatever the mean is. For longer
//! windows, four at a time, sums are taken in `f32` and in parts, so that a mean is known to within an
//! error that is bounded; the samples next to it on either side are exact. Where both are farther from
//! the mean than the error, and their distances differ by more than it could change, the nearer one is
//! meant. Any window that is left in doubt is given to `exact`.
#![allow(unsafe_code, reason = "a kernel: the instructions are the processor's own")]
#![allow(clippy::needless_range_loop, reason = "loops over registers")]

mod decide;
mod few;
mod fill;
mod find;
mod opaque;
mod short;
mod sides;

use super::exact::{each, exact};
use super::finite::Magnitudes;

/// Samples of a register.
const LANES: usize = 4;

/// Windows that are worked on at a time.
const TOGETHER: usize = 4;

/// Samples beyond which parts of a sum are so long that too many windows would be in doubt.
pub(super) const LONGEST: usize = 512;

/// Replaces each window of 2 to [`LONGEST`] samples by its representative.
pub(super) fn hold(stream: &mut [f32], window: usize, magnitudes: Magnitudes) {
    assert!((2..=LONGEST).contains(&window), "windows of 2 to {LONGEST} samples");
    if magnitudes.signed {
        hold_blocks::<true>(stream, window, magnitudes.largest);
    } else {
        hold_blocks::<false>(stream, window, magnitudes.largest);
    }
}

/// Without SIGNED no sample's sign is set. No magnitude is larger than `largest`.
fn hold_blocks<const SIGNED: bool>(stream: &mut [f32], window: usize, largest: f32) {
    match window {
        2 => each_block(stream, 2, few::TWOS, |block| {
            // SAFETY: a block is so many windows.
            unsafe { few::two(block.as_mut_ptr()) }
        }),
        3 => each_block(stream, 3, few::THREES, |block| {
            // SAFETY: a block is so many windows.
            unsafe { few::three::<SIGNED>(block.as_mut_ptr()) }
        }),
        4 => each_short::<4, SIGNED>(stream, largest),
        5 => each_short::<5, SIGNED>(stream, largest),
        6 => each_short::<6, SIGNED>(stream, largest),
        7 => each_short::<7, SIGNED>(stream, largest),
        8 => each_short::<8, SIGNED>(stream, largest),
        _ => each_block(stream, window, TOGETHER, |block| {
            // SAFETY: a block is four windows, which are longer than eight samples.
            unsafe {
                let found = find::find::<SIGNED>(block.as_ptr(), window, largest);
                if found.all_certain() {
                    fill::fill(found.representatives, block.as_mut_ptr(), window);
                } else {
                    found.lanes().replace(block, window);
                }
            }
            true
        }),
    }
}

fn each_short<const N: usize, const SIGNED: bool>(stream: &mut [f32], largest: f32) {
    each_block(stream, N, TOGETHER, |block| {
        // SAFETY: a block is four windows.
        unsafe { short::hold::<N, SIGNED>(block, largest) };
        true
    });
}

/// Where each of four windows begins.
///
/// # Safety
/// From the address on there are four windows.
#[inline(always)]
unsafe fn windows(block: *const f32, window: usize) -> [*const f32; TOGETHER] {
    // SAFETY: the caller's promise.
    unsafe { [block, block.add(window), block.add(2 * window), block.add(3 * window)] }
}

/// Gives each block of so many windows to the kernel, and what it leaves, and the last windows, to
/// `exact`.
#[inline(always)]
fn each_block(
    stream: &mut [f32],
    window: usize,
    together: usize,
    kernel: impl Fn(&mut [f32]) -> bool,
) {
    let mut blocks = stream.chunks_exact_mut(together * window);
    for block in &mut blocks {
        if !kernel(block) {
            each(block, window, exact);
        }
    }
    each(blocks.into_remainder(), window, exact);
}
