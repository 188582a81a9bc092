//! How a cut is compiled.

use super::precision::Precision;

/// How a cut is compiled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CompileOptions {
    /// How exact the arithmetic is.
    pub precision: Precision,
    /// Refuse a cut whose runs would allocate: one that needs a node for which there is no step,
    /// so that it would run on tract.
    pub no_alloc: bool,
}

impl From<Precision> for CompileOptions {
    fn from(precision: Precision) -> Self {
        Self { precision, ..Self::default() }
    }
}
