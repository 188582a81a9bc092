//! What a model may ask for, in one place.
//!
//! Chosen so that the largest model that passes is opened, compiled and run within 4 GiB of
//! address space, and far above what any front for a phone needs.

pub(super) use crate::front::cut::MAX_TENSOR_ELEMENTS;

/// The largest file, in bytes.
pub(super) const MAX_FILE: usize = 512 << 20;

/// The most nodes a graph may have.
pub(super) const MAX_NODES: usize = 20_000;

/// The most initialisers, tensors in attributes, and described values, each.
pub(super) const MAX_TENSORS: usize = 40_000;

/// The most attributes in a model.
pub(super) const MAX_ATTRIBUTES: usize = 200_000;

/// The most names of inputs and outputs over all nodes.
pub(super) const MAX_EDGES: usize = 200_000;

/// The most tensors that one node may join: compilers take quadratic time over them.
pub(super) const MAX_JOINED: usize = 1_024;

/// The longest name, in bytes.
pub(super) const MAX_NAME: usize = 1_024;

/// The most entries of any other kind: metadata, operator sets, annotations.
pub(super) const MAX_ENTRIES: usize = 10_000;

/// The most integers and floats in attributes and shapes, over a whole model.
pub(super) const MAX_NUMBERS: usize = 1 << 20;

/// The most tensor elements written as variable-length integers, over a whole model; what is
/// larger comes as raw bytes.
pub(super) const MAX_VARINTS: usize = 1 << 24;

/// The most rows or columns of a map.
pub(super) const MAX_SIDE: usize = 8_192;

/// The most dimensions of a tensor.
pub(super) const MAX_RANK: usize = 8;

/// The most weights over a whole model, after dequantising.
pub(super) const MAX_WEIGHTS: usize = 1 << 27;

/// The most activations over all tensors that a run computes.
pub(super) const MAX_ACTIVATIONS: usize = 1 << 28;

/// The most numbers a convolution may gather before it multiplies: patch size times positions.
pub(super) const MAX_PATCHES: usize = 1 << 28;

/// The most multiplications over a whole run, some thousand times a phone's front.
pub(super) const MAX_MULTIPLICATIONS: u128 = 1 << 40;

/// The largest stride, dilation, padding or kernel size.
pub(super) const MAX_EXTENT: i64 = 1 << 16;

/// The operator sets whose meaning is known here.
pub(super) const OPERATOR_SETS: std::ops::RangeInclusive<i64> = 9..=21;
