//! Weights in blocks of sixteen outputs, floats or of 8 bits.

use super::simd::Simd;
use crate::front::executor::block::{Block, LANES};

/// Sixteen outputs' weights of 8 bits.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(16))]
pub(crate) struct LevelBlock(pub(crate) [u8; LANES]);

/// A convolution's weights, output block by output block, each in the order that its kernel reads.
#[derive(Clone, Debug)]
pub(crate) enum Weights {
    Floats(Vec<Block>),
    /// A quarter of the memory: `(level - zero) * scale`, with a zero, a whole number, and a scale of each
    /// output.
    Levels {
        levels: Vec<LevelBlock>,
        zeros: Vec<Block>,
        scales: Vec<Block>,
    },
}

impl Weights {
    /// Sixteen outputs' weights, counted over all.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Floats(floats) => floats.len(),
            Self::Levels { levels, .. } => levels.len(),
        }
    }

    /// Blocks of memory that so many of them take, without what is there once for each output block.
    pub(crate) fn blocks(&self, weights: usize) -> usize {
        match self {
            Self::Floats(_) => weights,
            Self::Levels { .. } => weights.div_ceil(size_of::<Block>() / size_of::<LevelBlock>()),
        }
    }

    pub(crate) fn are_levels(&self) -> bool {
        matches!(self, Self::Levels { .. })
    }

    /// Whether each of so many output blocks has what belongs to it, so many weights each.
    pub(super) fn are_whole(&self, output_blocks: usize, weights: usize) -> bool {
        self.len() == output_blocks * weights
            && match self {
                Self::Floats(_) => true,
                Self::Levels { zeros, scales, .. } => {
                    zeros.len() == output_blocks && scales.len() == output_blocks
                }
            }
    }

    /// Those of all output blocks but the first so many, of so many weights each.
    pub(super) fn after(&self, output_blocks: usize, weights: usize) -> Self {
        match self {
            Self::Floats(floats) => Self::Floats(floats[output_blocks * weights..].to_vec()),
            Self::Levels { levels, zeros, scales } => Self::Levels {
                levels: levels[output_blocks * weights..].to_vec(),
                zeros: zeros[output_blocks..].to_vec(),
                scales: scales[output_blocks..].to_vec(),
            },
        }
    }

    /// Those of one output block of so many weights, from the `first` of them on.
    pub(super) fn of_output(
        &self,
        output_block: usize,
        weights: usize,
        first: usize,
    ) -> Source<'_> {
        let place = output_block * weights + first..(output_block + 1) * weights;
        match self {
            Self::Floats(floats) => Source::Floats(&floats[place]),
            Self::Levels { levels, zeros, scales } => Source::Levels {
                levels: &levels[place],
                zero: &zeros[output_block],
                scale: &scales[output_block],
            },
        }
    }

    /// Those of some output blocks, of so many weights each: where they are, or else in `room`.
    ///
    /// # Safety
    /// The processor has `S`'s instructions.
    #[inline(always)]
    pub(super) unsafe fn floats<'a, S: Simd, const BLOCKS: usize>(
        &'a self,
        output_block: usize,
        weights: usize,
        room: &'a mut [Block],
    ) -> &'a [Block] {
        match self {
            Self::Floats(floats) => &floats[output_block * weights..][..BLOCKS * weights],
            Self::Levels { levels, zeros, scales } => {
                for (output, room) in (output_block..).zip(room.chunks_exact_mut(weights)) {
                    let levels = &levels[output * weights..][..weights];
                    // SAFETY: the caller's promise.
                    unsafe { dequantise::<S>(levels, &zeros[output], &scales[output], room) };
                }
                room
            }
        }
    }
}

/// Weights of one output block.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    Floats(&'a [Block]),
    Levels { levels: &'a [LevelBlock], zero: &'a Block, scale: &'a Block },
}

impl Source<'_> {
    /// As many weights as there is room for, from the `first` on: where they are, or else in `room`.
    ///
    /// # Safety
    /// The processor has `S`'s instructions.
    #[inline(always)]
    pub(super) unsafe fn floats<'a, S: Simd>(
        &'a self,
        first: usize,
        room: &'a mut [Block],
    ) -> &'a [Block] {
        let place = first..first + room.len();
        match self {
            Self::Floats(floats) => &floats[place],
            Self::Levels { levels, zero, scale } => {
                // SAFETY: the caller's promise.
                unsafe { dequantise::<S>(&levels[place], zero, scale, room) };
                room
            }
        }
    }
}

/// # Safety
/// The processor has `S`'s instructions.
#[inline(always)]
unsafe fn dequantise<S: Simd>(
    levels: &[LevelBlock],
    zero: &Block,
    scale: &Block,
    floats: &mut [Block],
) {
    // SAFETY: the caller's promise; every block has sixteen numbers.
    unsafe {
        let (zero, scale) = (S::load(zero.0.as_ptr()), S::load(scale.0.as_ptr()));
        for (LevelBlock(levels), Block(floats)) in levels.iter().zip(floats) {
            let number = S::levels(levels.as_ptr()).subtract(zero).multiply(scale);
            number.store(floats.as_mut_ptr());
        }
    }
}
