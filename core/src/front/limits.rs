//! What a network may ask for, in one place, whatever file it comes from.
//!
//! Chosen so that the largest model that passes is opened, compiled and run within 4 GiB of
//! address space, and far above what any front for a phone needs.

/// The largest file, in bytes.
pub(crate) const MAX_FILE: usize = 512 << 20;

/// The most elements a tensor may have, on a card as in a model: 512 MiB of 32-bit floats.
pub(crate) const MAX_TENSOR_ELEMENTS: usize = 1 << 27;

/// The most nodes a graph may have.
pub(crate) const MAX_NODES: usize = 20_000;

/// The most tensors that one node may join: compilers take quadratic time over them.
pub(crate) const MAX_JOINED: usize = 1_024;

/// The most rows or columns of a map.
pub(crate) const MAX_SIDE: usize = 8_192;

/// The most dimensions of a tensor.
pub(crate) const MAX_RANK: usize = 8;

/// The most weights over a whole model, after dequantising.
pub(crate) const MAX_WEIGHTS: usize = 1 << 27;

/// The most activations over all tensors that a run computes.
pub(crate) const MAX_ACTIVATIONS: usize = 1 << 28;

/// The most numbers a convolution may gather before it multiplies: patch size times positions.
pub(crate) const MAX_PATCHES: usize = 1 << 28;

/// The most multiplications over a whole run, some thousand times a phone's front.
pub(crate) const MAX_MULTIPLICATIONS: u128 = 1 << 40;

/// The largest stride, dilation, padding or kernel size.
pub(crate) const MAX_EXTENT: usize = 1 << 16;

/// The number of elements, where it is within the limit.
pub(crate) fn elements(shape: &[usize]) -> Option<usize> {
    let product = shape.iter().try_fold(1usize, |product, &size| product.checked_mul(size));
    product.filter(|&product| product <= MAX_TENSOR_ELEMENTS)
}
