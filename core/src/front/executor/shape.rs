//! Tensors of any rank as channels, rows and columns.
//!
//! What keeps the row-major order keeps the meaning: a leading 1 (the batch) is left out, the next
//! two axes are channels and rows, and all others together are columns.

use std::ops::Range;

/// The axes of a shape that become channels, rows and columns.
pub(super) fn parts(shape: &[usize]) -> [Range<usize>; 3] {
    let rank = shape.len();
    let first = usize::from(shape.first() == Some(&1));
    let (second, third) = ((first + 1).min(rank), (first + 2).min(rank));
    [first..second, second..third, third..rank]
}

/// Channels, rows and columns of a shape.
pub(super) fn sizes(shape: &[usize]) -> [usize; 3] {
    parts(shape).map(|axes| shape[axes].iter().product())
}

/// How far apart neighbours along each axis lie in row-major order.
pub(super) fn row_major(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    strides
}

/// Strides along each axis as strides along channels, rows and columns; none where the axes of one
/// of these do not follow one another evenly.
pub(super) fn merged(shape: &[usize], strides: &[usize]) -> Option<[usize; 3]> {
    let mut merged = [0; 3];
    for (merged, axes) in merged.iter_mut().zip(parts(shape)) {
        let mut long = axes.rev().filter(|&axis| shape[axis] > 1);
        let Some(mut last) = long.next() else { continue };
        *merged = strides[last];
        for axis in long {
            if strides[axis] != strides[last] * shape[last] {
                return None;
            }
            last = axis;
        }
    }
    Some(merged)
}

/// How a tensor fits to a larger one, as NumPy would stretch it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// It has the same sizes.
    Same,
    /// It is one pixel: a number for each channel.
    Pixel,
}

/// How a tensor of shape `from` fits to one of shape `to`; none where it fits in another way.
pub(super) fn fit(from: &[usize], to: &[usize]) -> Option<Fit> {
    let added = to.len().checked_sub(from.len())?;
    let aligned = |axis: usize| axis.checked_sub(added).map_or(1, |axis| from[axis]);
    let [channels, ..] = parts(to);
    if (0..to.len()).all(|axis| aligned(axis) == to[axis]) {
        Some(Fit::Same)
    } else if (0..to.len())
        .all(|axis| aligned(axis) == if channels.contains(&axis) { to[axis] } else { 1 })
    {
        Some(Fit::Pixel)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leading_one_is_left_out_and_trailing_axes_are_merged() {
        assert_eq!(sizes(&[1, 3, 4, 5]), [3, 4, 5]);
        assert_eq!(sizes(&[1, 10]), [10, 1, 1]);
        assert_eq!(sizes(&[3, 4, 5]), [3, 4, 5]);
        assert_eq!(sizes(&[1]), [1, 1, 1]);
        assert_eq!(sizes(&[]), [1, 1, 1]);
        assert_eq!(sizes(&[1, 2, 3, 4, 5]), [2, 3, 20]);
    }

    #[test]
    fn strides_merge_where_axes_follow_one_another() {
        // A channel shuffle: two groups of three, turned.
        let strides = row_major(&[1, 2, 3, 4, 5]);
        let turned = [strides[0], strides[2], strides[1], strides[3], strides[4]];
        assert_eq!(merged(&[1, 3, 2, 4, 5], &turned), Some([20, 60, 1]));
        // Rows and columns exchanged among the trailing axes do not.
        let turned = [strides[0], strides[1], strides[2], strides[4], strides[3]];
        assert_eq!(merged(&[1, 2, 3, 5, 4], &turned), None);
    }

    #[test]
    fn tensors_fit_whole_or_by_channel() {
        let map = [1, 3, 4, 5];
        assert_eq!(fit(&[3, 4, 5], &map), Some(Fit::Same));
        assert_eq!(fit(&[3, 1, 1], &map), Some(Fit::Pixel));
        assert_eq!(fit(&[1, 3, 1, 1], &map), Some(Fit::Pixel));
        assert_eq!(fit(&[5], &map), None);
        assert_eq!(fit(&[10], &[1, 10]), Some(Fit::Same));
    }
}
