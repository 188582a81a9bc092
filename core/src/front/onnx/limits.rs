//! What an ONNX file may ask for, beyond what any network may ([`crate::front::limits`]).

/// The most initialisers, tensors in attributes, and described values, each.
pub(super) const MAX_TENSORS: usize = 40_000;

/// The most attributes in a model.
pub(super) const MAX_ATTRIBUTES: usize = 200_000;

/// The most names of inputs and outputs over all nodes.
pub(super) const MAX_EDGES: usize = 200_000;

/// The longest name, in bytes.
pub(super) const MAX_NAME: usize = 1_024;

/// The most entries of any other kind: metadata, operator sets, annotations.
pub(super) const MAX_ENTRIES: usize = 10_000;

/// The most integers and floats in attributes and shapes, over a whole model.
pub(super) const MAX_NUMBERS: usize = 1 << 20;

/// The most tensor elements written as variable-length integers, over a whole model; what is
/// larger comes as raw bytes.
pub(super) const MAX_VARINTS: usize = 1 << 24;

/// The operator sets whose meaning is known here.
pub(super) const OPERATOR_SETS: std::ops::RangeInclusive<i64> = 9..=21;
