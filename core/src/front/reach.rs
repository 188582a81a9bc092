//! How far a change of the input reaches.

mod walk;

/// The reach of one pixel along rows and columns, from the input to a cut (docs/proofs.md, "Reach").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Along rows: from top to bottom.
    pub rows: AxisReach,
    /// Along columns: from left to right.
    pub columns: AxisReach,
}

/// The reach along one axis.
///
/// Position `i` of the map depends on no input outside `field` consecutive ones, which move on by
/// `stride` from each position to the next. Where the whole map may depend on every pixel (after
/// global pooling, dense layers and reshaping), `field` is large enough to say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AxisReach {
    /// The receptive field, in pixels: r, as far as it lies on the picture.
    pub field: usize,
    /// The stride product, in pixels: j.
    pub stride: usize,
    /// The map's size.
    pub size: usize,
}

impl Reach {
    /// How many positions of the map a change within `patch` x `patch` pixels can alter: n.
    pub fn positions(&self, patch: usize) -> usize {
        self.positions_within(patch, patch)
    }

    /// How many positions of the map a change within so many rows and columns of pixels can alter.
    pub fn positions_within(&self, rows: usize, columns: usize) -> usize {
        self.rows.positions(rows) * self.columns.positions(columns)
    }

    /// Whether every pixel may alter every position.
    pub(super) fn is_whole(&self) -> bool {
        self.positions(1) == self.rows.size * self.columns.size
    }
}

impl AxisReach {
    /// How many positions a change within `patch` pixels can alter:
    /// `min(size, ceil((patch + field - 1) / stride))`.
    pub fn positions(&self, patch: usize) -> usize {
        patch.saturating_add(self.field - 1).div_ceil(self.stride).min(self.size)
    }
}
