//! Filters, transformed: `G g G^T`.

use super::{CHUNK, PRODUCTS, UNDER, Winograd, apart, transform};
use crate::front::executor::block::{Block, LANES};
use crate::front::executor::kernels::simd::Simd;
use crate::front::executor::kernels::vector::Vector;
use crate::front::executor::kernels::weights::Source;

/// Blocks from one product of so many blocks of outputs to the next. A number that the compiler
/// knows: thirty-six addresses are then one and its offsets.
pub(super) const fn distance(output_blocks: usize) -> usize {
    apart(output_blocks * CHUNK * LANES)
}

/// Blocks that the transformed filters take.
pub(super) const fn scratch(output_blocks: usize) -> usize {
    PRODUCTS * distance(output_blocks)
}

/// Transforms filters of this many taps along both axes: `to` gets `[product][filter]`, `apart` blocks
/// from product to product.
///
/// # Safety
/// `to` is good for `count` filters, and the processor has `S`'s instructions.
#[inline(always)]
pub(super) unsafe fn transform<S: Simd>(
    taps: usize,
    from: Source<'_>,
    count: usize,
    to: *mut f32,
    apart: usize,
) {
    // SAFETY: the caller's promise.
    unsafe {
        match taps {
            3 => each::<S, 3>(from, count, to, apart),
            4 => each::<S, 4>(from, count, to, apart),
            5 => each::<S, 5>(from, count, to, apart),
            _ => unreachable!("filters have three to five taps"),
        }
    }
}

#[inline(always)]
unsafe fn each<S: Simd, const TAPS: usize>(
    from: Source<'_>,
    count: usize,
    to: *mut f32,
    apart: usize,
) {
    let mut room = [[Block::ZERO; TAPS]; TAPS];
    for filter in 0..count {
        // SAFETY: the caller's promise; a filter has as many blocks as taps.
        unsafe {
            let from = from.floats::<S>(filter * TAPS * TAPS, room.as_flattened_mut());
            one::<S, TAPS>(from.as_ptr().cast(), to.add(filter * LANES), apart);
        }
    }
}

#[inline(always)]
unsafe fn one<S: Simd, const TAPS: usize>(from: *const f32, to: *mut f32, apart: usize) {
    for lane in (0..LANES).step_by(S::Part::WIDTH) {
        // SAFETY: the caller's promise.
        unsafe {
            let from = from.add(lane);
            let mut half = [[S::Part::zero(); TAPS]; UNDER];
            for column in 0..TAPS {
                let mut taps = [S::Part::zero(); TAPS];
                for (row, tap) in taps.iter_mut().enumerate() {
                    *tap = S::Part::load(from.add((row * TAPS + column) * LANES));
                }
                for (half, value) in half.iter_mut().zip(transform::filter(taps)) {
                    half[column] = value;
                }
            }
            let to = to.add(lane);
            for (row, half) in half.into_iter().enumerate() {
                for (column, value) in transform::filter(half).into_iter().enumerate() {
                    value.store(to.add((row * UNDER + column) * apart * LANES));
                }
            }
        }
    }
}

/// The filters of the first output blocks of a convolution that keeps none yet:
/// `[output block][product][input channel]`.
///
/// # Safety
/// `to` is good for these blocks' filters, `w` is whole and has as many, and the processor has `S`'s
/// instructions.
#[inline(always)]
pub(in super::super) unsafe fn first<S: Simd>(w: &Winograd, outputs: usize, to: *mut f32) {
    let channels = w.input_channels;
    for output in 0..outputs {
        // SAFETY: the caller's promise.
        unsafe {
            let from = w.raw(output, 0);
            let to = to.add(output * channels * PRODUCTS * LANES);
            transform::<S>(w.taps, from, channels, to, channels);
        }
    }
}
