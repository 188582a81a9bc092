//! Sums of products of some tiles' transformed inputs and of transformed filters.

use super::simd::Simd;
use super::vector::Vector;
use crate::front::executor::block::LANES;

/// What sums begin with.
#[derive(Clone, Copy)]
pub(super) enum Begin {
    Zero,
    /// With these, for every tile.
    At(*const f32),
    /// With what is there.
    There,
}

/// What is multiplied and added up for one product of some tiles. Distances are in floats.
#[derive(Clone, Copy)]
pub(super) struct Factors {
    /// `[part of the channels][tile][channel of the part]`
    pub(super) inputs: *const f32,
    /// From one part of the channels to the next.
    pub(super) input_part: usize,
    /// `[output block][channel][16 outputs]`
    pub(super) filters: *const f32,
    pub(super) filter_block: usize,
    pub(super) channels: usize,
    pub(super) begin: Begin,
}

impl Factors {
    /// Of another first tile of the same group.
    ///
    /// # Safety
    /// The group has that tile.
    #[inline(always)]
    pub(super) unsafe fn at_tile<S: Simd>(&self, tile: usize) -> Self {
        // SAFETY: the caller's promise.
        Self { inputs: unsafe { self.inputs.add(tile * S::Part::WIDTH) }, ..*self }
    }
}

/// Computes the sums of so many tiles and output blocks: `[output block][tile][16 outputs]`, one block
/// `block` floats behind the other.
///
/// # Safety
/// Every address that `factors` describes is good, and so is `to`, and the processor has `S`'s
/// instructions.
#[inline(always)]
pub(super) unsafe fn sum<S: Simd, const BLOCKS: usize, const TILES: usize>(
    factors: &Factors,
    to: *mut f32,
    block: usize,
) {
    // SAFETY: the caller's promise.
    unsafe {
        let mut sums = [[S::zero(); TILES]; BLOCKS];
        match factors.begin {
            Begin::Zero => {}
            Begin::At(biases) => {
                for (b, sums) in sums.iter_mut().enumerate() {
                    *sums = [S::load(biases.add(b * LANES)); TILES];
                }
            }
            Begin::There => {
                for (b, sums) in sums.iter_mut().enumerate() {
                    for (t, sum) in sums.iter_mut().enumerate() {
                        *sum = S::load(to.add(b * block + t * LANES));
                    }
                }
            }
        }
        let width = S::Part::WIDTH;
        let (mut input, mut filter) = (factors.inputs, factors.filters);
        let mut rest = factors.channels;
        // Two parts at a time, so that the loop itself costs less.
        while rest >= 2 * width {
            sums = S::add_channels(sums, input, width, width, filter, factors.filter_block);
            let (second, next) = (input.add(factors.input_part), filter.add(width * LANES));
            sums = S::add_channels(sums, second, width, width, next, factors.filter_block);
            input = second.add(factors.input_part);
            filter = next.add(width * LANES);
            rest -= 2 * width;
        }
        while rest > 0 {
            let some = width.min(rest);
            sums = S::add_channels(sums, input, width, some, filter, factors.filter_block);
            input = input.wrapping_add(factors.input_part);
            filter = filter.wrapping_add(width * LANES);
            rest -= some;
        }
        for (b, sums) in sums.iter().enumerate() {
            for (t, sum) in sums.iter().enumerate() {
                sum.store(to.add(b * block + t * LANES));
            }
        }
    }
}
