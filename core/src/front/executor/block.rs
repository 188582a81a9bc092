//! The unit of memory: sixteen channels of one pixel.

/// Channels in a block.
pub(crate) const LANES: usize = 16;

/// Sixteen consecutive channels of one pixel, as wide as the widest vector register; shorter
/// registers take it in parts.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
pub(crate) struct Block(pub(crate) [f32; LANES]);

impl Block {
    /// Nothing but zeros.
    pub(crate) const ZERO: Self = Self([0.0; LANES]);
}

/// Blocks that so many channels take.
pub(crate) fn blocks_of(channels: usize) -> usize {
    channels.div_ceil(LANES)
}
