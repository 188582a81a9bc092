//! A compiled front in words and numbers.

use serde::Serialize;

/// How a front runs.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Description {
    /// The instruction set that was chosen: avx512, avx2, neon or portable.
    pub instruction_set: &'static str,
    /// What it takes of memory.
    #[serde(flatten)]
    pub memory: Memory,
    /// In the order in which rows flow.
    pub steps: Vec<StepDescription>,
}

/// What a front takes of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Memory {
    /// Bytes that each session takes for a run by one thread, in one piece, when it opens. Nothing
    /// more is allocated, but by steps that say so.
    pub arena_bytes: usize,
    /// Bytes of weights as kernels have them, once for all sessions of a front.
    pub packed_weight_bytes: usize,
    /// Bytes of the same weights as 32-bit floats in a row.
    pub weight_bytes: usize,
}

/// One step of a plan.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StepDescription {
    /// What it computes, and what is fused into it.
    pub operation: String,
    /// Its kernel, and why it has this one.
    pub kernel: String,
    /// Whether it allocates in every run: what no step of ours covers runs on tract, which does.
    pub allocates: bool,
    /// Channels, rows and columns that it makes.
    pub shape: [usize; 3],
    /// Rows that it makes at a time.
    pub rows_at_a_time: usize,
    /// Rows of its output that are kept at once.
    pub rows_kept: usize,
    /// Bytes of its packed weights.
    pub weight_bytes: usize,
    /// Multiplications and additions of a run, counted as a direct convolution's.
    pub operations: u64,
}
