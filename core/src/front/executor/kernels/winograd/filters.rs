//! Filters, transformed: `G g G^T`.

use super::transform::Line;
use super::{Winograd, apart};
use crate::front::executor::block::{Block, LANES};
use crate::front::executor::kernels::simd::Simd;
use crate::front::executor::kernels::vector::Vector;
use crate::front::executor::kernels::weights::Source;

/// Blocks from one product of so many blocks of outputs to the next, for some blocks of inputs. A number
/// that the compiler knows: all products' addresses are then one and its offsets.
pub(super) const fn distance(output_blocks: usize, input_blocks: usize) -> usize {
    apart(output_blocks * input_blocks * LANES)
}

/// Transforms filters of this many taps along both axes: `to` gets `[product][filter]`, `apart` blocks
/// from product to product.
///
/// # Safety
/// `to` is good for `count` filters, and the processor has `S`'s instructions.
#[inline(always)]
pub(super) unsafe fn transform<S: Simd, const UNDER: usize>(
    taps: usize,
    from: Source<'_>,
    count: usize,
    to: *mut f32,
    apart: usize,
) where
    [S::Part; UNDER]: Line<S::Part>,
{
    // SAFETY: the caller's promise.
    unsafe {
        if let Source::Floats(filters) = from
            && S::filters::<UNDER>(taps, filters.as_ptr().cast(), count, to, apart * LANES)
        {
            return;
        }
        if UNDER == 8 || taps == 3 {
            return each::<S, UNDER, 3>(from, count, to, apart);
        }
        match taps {
            4 => each::<S, UNDER, 4>(from, count, to, apart),
            _ => each::<S, UNDER, 5>(from, count, to, apart),
        }
    }
}

#[inline(always)]
unsafe fn each<S: Simd, const UNDER: usize, const TAPS: usize>(
    from: Source<'_>,
    count: usize,
    to: *mut f32,
    apart: usize,
) where
    [S::Part; UNDER]: Line<S::Part>,
{
    let mut room = [[Block::ZERO; TAPS]; TAPS];
    for filter in 0..count {
        // SAFETY: the caller's promise; a filter has as many blocks as taps.
        unsafe {
            let from = from.floats::<S>(filter * TAPS * TAPS, room.as_flattened_mut());
            let (from, to) = (from.as_ptr().cast(), to.add(filter * LANES));
            if !S::filters::<UNDER>(TAPS, from, 1, to, apart * LANES) {
                one::<S, UNDER, TAPS>(from, to, apart);
            }
        }
    }
}

#[inline(always)]
unsafe fn one<S: Simd, const UNDER: usize, const TAPS: usize>(
    from: *const f32,
    to: *mut f32,
    apart: usize,
) where
    [S::Part; UNDER]: Line<S::Part>,
{
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
                let line = <[S::Part; UNDER]>::filter(taps);
                for y in 0..UNDER {
                    half[y][column] = line[y];
                }
            }
            let to = to.add(lane);
            for y in 0..UNDER {
                let line = <[S::Part; UNDER]>::filter(half[y]);
                for x in 0..UNDER {
                    line[x].store(to.add((y * UNDER + x) * apart * LANES));
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
            let to = to.add(output * channels * w.products() * LANES);
            match w.under {
                8 => transform::<S, 8>(w.taps, from, channels, to, channels),
                _ => transform::<S, 6>(w.taps, from, channels, to, channels),
            }
        }
    }
}
