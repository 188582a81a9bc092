//! Where pixels lie: rectangles, rotations, and the way from a stored pixel to its upright place.

use crate::error::{Error, ErrorKind, Result};
use std::fmt;

/// A rectangle of pixels: its left upper corner and its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rect {
    /// Columns left of it.
    pub x: usize,
    /// Rows above it.
    pub y: usize,
    /// Its width in pixels.
    pub width: usize,
    /// Its height in pixels.
    pub height: usize,
}

impl Rect {
    /// The rectangle of this size whose left upper pixel is at column `x`, row `y`.
    pub fn new(x: usize, y: usize, width: usize, height: usize) -> Self {
        Self { x, y, width, height }
    }

    /// Whether it has pixels and all of them lie in a picture of this size.
    pub(super) fn lies_in(self, width: usize, height: usize) -> bool {
        let ends_in = |start: usize, length: usize, whole: usize| {
            length > 0 && start.checked_add(length).is_some_and(|end| end <= whole)
        };
        ends_in(self.x, self.width, width) && ends_in(self.y, self.height, height)
    }
}

impl fmt::Display for Rect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} x {} at ({}, {})", self.width, self.height, self.x, self.y)
    }
}

/// How far a stored picture is turned clockwise to be upright.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rotation {
    /// It is stored upright.
    #[default]
    None,
    /// By 90 degrees: the stored left column becomes the top row.
    Clockwise90,
    /// By 180 degrees.
    Half,
    /// By 270 degrees clockwise: the stored right column becomes the top row.
    Clockwise270,
}

impl Rotation {
    /// The rotation by 0, 90, 180 or 270 degrees clockwise, which is what Android's CameraX calls
    /// `rotationDegrees`. Any other angle is an error of kind [`ErrorKind::Frame`].
    pub fn from_degrees(degrees: i32) -> Result<Self> {
        match degrees {
            0 => Ok(Self::None),
            90 => Ok(Self::Clockwise90),
            180 => Ok(Self::Half),
            270 => Ok(Self::Clockwise270),
            _ => Err(Error::new(
                ErrorKind::Frame,
                format!(
                    "the rotation is {degrees} degrees; it can be 0, 90, 180 or 270, clockwise"
                ),
            )),
        }
    }

    /// Width and height of a picture once it is turned.
    pub(super) fn upright_size(self, width: usize, height: usize) -> (usize, usize) {
        match self {
            Self::None | Self::Half => (width, height),
            Self::Clockwise90 | Self::Clockwise270 => (height, width),
        }
    }
}

/// The way from stored pixels to upright ones, for pictures of one size.
///
/// A stored pixel (x, y) lies at `origin + x * along_row + y * along_column` of the upright
/// picture, which is row-major: a rotation and a mirror are only another choice of the three.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placement {
    origin: usize,
    along_row: isize,
    along_column: isize,
}

impl Placement {
    /// For a stored picture of `width` x `height` pixels, neither of them zero, turned by
    /// `rotation` and then mirrored if `mirror`.
    pub(super) fn new(width: usize, height: usize, rotation: Rotation, mirror: bool) -> Self {
        let (upright_width, upright_height) = rotation.upright_size(width, height);
        let row = upright_width as isize;
        let (right, bottom) = (upright_width - 1, upright_height - 1);
        // The upright place of the stored pixel (0, 0), and the steps to its two neighbours.
        let (mut x, y, mut along_row, mut along_column) = match rotation {
            Rotation::None => (0, 0, 1, row),
            Rotation::Clockwise90 => (right, 0, row, -1),
            Rotation::Half => (right, bottom, -1, -row),
            Rotation::Clockwise270 => (0, bottom, -row, 1),
        };
        if mirror {
            x = right - x;
            match rotation {
                Rotation::None | Rotation::Half => along_row = -along_row,
                Rotation::Clockwise90 | Rotation::Clockwise270 => along_column = -along_column,
            }
        }
        Self { origin: y * upright_width + x, along_row, along_column }
    }

    /// The part of `upright` that holds stored row `y`, where that part is contiguous and in
    /// order.
    pub(super) fn direct_row<'a, T>(
        &self,
        y: usize,
        width: usize,
        upright: &'a mut [T],
    ) -> Option<&'a mut [T]> {
        let start = self.row_start(y);
        (self.along_row == 1).then(|| &mut upright[start..start + width])
    }

    /// Copies stored row `y` to its place in `upright`.
    pub(super) fn place_row<T: Copy>(&self, y: usize, row: &[T], upright: &mut [T]) {
        let start = self.row_start(y);
        let step = self.along_row.unsigned_abs();
        if self.along_row > 0 {
            let places = upright[start..].iter_mut().step_by(step);
            places.zip(row).for_each(|(place, pixel)| *place = *pixel);
        } else {
            let places = upright[..=start].iter_mut().rev().step_by(step);
            places.zip(row).for_each(|(place, pixel)| *place = *pixel);
        }
    }

    fn row_start(&self, y: usize) -> usize {
        self.origin.wrapping_add_signed(self.along_column * y as isize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Turns a whole stored picture upright.
    fn upright(
        stored: &[u32],
        width: usize,
        rotation: Rotation,
        mirror: bool,
    ) -> (Vec<u32>, usize) {
        let placement = Placement::new(width, stored.len() / width, rotation, mirror);
        let mut out = vec![u32::MAX; stored.len()];
        for (y, row) in stored.chunks(width).enumerate() {
            placement.place_row(y, row, &mut out);
        }
        (out, rotation.upright_size(width, stored.len() / width).0)
    }

    fn any_rotation() -> impl Strategy<Value = Rotation> {
        prop::sample::select(vec![
            Rotation::None,
            Rotation::Clockwise90,
            Rotation::Half,
            Rotation::Clockwise270,
        ])
    }

    fn degrees(rotation: Rotation) -> i32 {
        match rotation {
            Rotation::None => 0,
            Rotation::Clockwise90 => 90,
            Rotation::Half => 180,
            Rotation::Clockwise270 => 270,
        }
    }

    /// The picture in the module's page, every rotation of it, and its mirror image.
    #[test]
    fn the_documented_picture_turns_as_documented() {
        let (b, c, f, g) = (1, 2, 3, 4);
        let turned = |rotation, mirror| upright(&[b, c, f, g], 2, rotation, mirror).0;
        assert_eq!(turned(Rotation::None, false), [b, c, f, g]);
        assert_eq!(turned(Rotation::Clockwise90, false), [f, b, g, c]);
        assert_eq!(turned(Rotation::Half, false), [g, f, c, b]);
        assert_eq!(turned(Rotation::Clockwise270, false), [c, g, b, f]);
        assert_eq!(turned(Rotation::Clockwise90, true), [b, f, c, g]);
    }

    #[test]
    fn an_angle_that_is_no_quarter_turn_is_refused() {
        for bad in [-90, 1, 45, 360, i32::MIN] {
            let error = Rotation::from_degrees(bad).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Frame);
            assert!(error.message().contains("0, 90, 180 or 270"), "{error}");
        }
        for good in [0, 90, 180, 270] {
            assert_eq!(degrees(Rotation::from_degrees(good).unwrap()), good);
        }
    }

    #[test]
    fn a_rectangle_that_overflows_lies_nowhere() {
        assert!(Rect::new(1, 2, 3, 4).lies_in(4, 6));
        assert!(!Rect::new(2, 2, 3, 4).lies_in(4, 6));
        assert!(!Rect::new(usize::MAX, 0, 2, 1).lies_in(4, 6));
        assert!(!Rect::new(0, 0, 0, 1).lies_in(4, 6));
    }

    proptest! {
        #[test]
        fn rotations_compose(
            width in 1usize..9, height in 1usize..9,
            first in any_rotation(), second in any_rotation(),
        ) {
            let stored: Vec<u32> = (0..(width * height) as u32).collect();
            let (once, once_width) = upright(&stored, width, first, false);
            let twice = upright(&once, once_width, second, false);
            let sum = Rotation::from_degrees((degrees(first) + degrees(second)) % 360).unwrap();
            prop_assert_eq!(twice, upright(&stored, width, sum, false));
        }

        #[test]
        fn mirroring_twice_changes_nothing(
            width in 1usize..9, height in 1usize..9, rotation in any_rotation(),
        ) {
            let stored: Vec<u32> = (0..(width * height) as u32).collect();
            let (mirrored, mirrored_width) = upright(&stored, width, rotation, true);
            let back = upright(&mirrored, mirrored_width, Rotation::None, true);
            prop_assert_eq!(back, upright(&stored, width, rotation, false));
        }
    }
}
