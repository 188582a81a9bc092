//! [`Footprint`]: how much of a network's input a change of the photograph reaches.

use std::ops::Range;

use resize::{PixelFormat, Resizer};

use super::input_spec::InputSpec;
use super::resampler::{failure, kind};
use super::sizing::{Sizing, check_spec};
use crate::error::{Error, ErrorKind, Result};

/// Which pixels of the network's input a change of the photograph can reach, for pictures of one size.
///
/// A picture that is enlarged shows each of its pixels at several places of the input, and a filter
/// spreads each over its neighbours. What is said here follows from the resampler's own weights: an
/// input pixel counts where its weight of the photograph's pixel is not zero. The unit is one pixel of
/// the upright picture, all three colours of it, cropped and decoded to red, green and blue. (A byte of
/// a YUV 4:2:0 frame's colour plane is part of four of them, of more where colours are interpolated.)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Footprint {
    width: usize,
    height: usize,
    rows: Axis,
    columns: Axis,
}

impl Footprint {
    /// For pictures of `width` x `height` pixels, cropped and upright, and the model that reads this.
    ///
    /// # Errors
    /// Those of [`Preparer::new`](super::Preparer::new) and
    /// [`Preparer::prepare`](super::Preparer::prepare): [`ErrorKind::Model`] for a card that cannot be
    /// met, [`ErrorKind::Frame`] for a size that cannot be brought to the input's, none included.
    pub fn new(spec: &InputSpec, width: usize, height: usize) -> Result<Self> {
        check_spec(spec)?;
        if width == 0 || height == 0 {
            let message = format!("a picture of {width} x {height} pixels has none");
            return Err(Error::new(ErrorKind::Frame, message));
        }
        let Sizing { resized, corner } = Sizing::new(spec, width, height)?;
        let [_, input_rows, input_columns] = spec.shape;
        let axis = |from, to, corner: usize, size| {
            let spans = if (width, height) == resized {
                (0..from).map(Span::of).collect()
            } else {
                spans(kind(spec.filter), from, to)?
            };
            Ok(Axis::new(from, &spans[corner..corner + size]))
        };
        let columns = axis(width, resized.0, corner.0, input_columns)?;
        let rows = axis(height, resized.1, corner.1, input_rows)?;
        Ok(Self { width, height, rows, columns })
    }

    /// Width and height of the pictures that it speaks of.
    pub fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// The rows and columns of the network's input within which any change to `side` x `side` pixels of
    /// the photograph stays, wherever these lie.
    pub fn patch(&self, side: usize) -> (usize, usize) {
        (self.rows.widest(side), self.columns.widest(side))
    }
}

/// Along one axis: first and last pixel of the photograph that each input pixel is made from, both
/// ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Axis {
    /// The photograph's size.
    pixels: usize,
    first: Vec<usize>,
    last: Vec<usize>,
}

impl Axis {
    /// Spans are widened where they are not in order, so that they can be searched.
    fn new(pixels: usize, spans: &[Span]) -> Self {
        let mut first: Vec<usize> = spans.iter().map(|span| span.first).collect();
        let mut last: Vec<usize> = spans.iter().map(|span| span.last).collect();
        for at in 1..spans.len() {
            last[at] = last[at].max(last[at - 1]);
        }
        for at in (1..spans.len()).rev() {
            first[at - 1] = first[at - 1].min(first[at]);
        }
        Self { pixels, first, last }
    }

    /// The input pixels that are made from any of these.
    fn touched(&self, changed: Range<usize>) -> Range<usize> {
        let begin = self.last.partition_point(|&last| last < changed.start);
        let end = self.first.partition_point(|&first| first < changed.end);
        begin..end.max(begin)
    }

    /// The most input pixels that so many neighbours can touch.
    fn widest(&self, side: usize) -> usize {
        let side = side.min(self.pixels);
        let places = 0..=self.pixels - side;
        places.map(|at| self.touched(at..at + side).len()).max().unwrap_or(0)
    }
}

/// First and last pixel of those that a sum is made from; the first lies past the last where there are
/// none.
#[derive(Clone, Copy, Debug)]
struct Span {
    first: usize,
    last: usize,
}

impl Span {
    const NONE: Self = Self { first: usize::MAX, last: 0 };

    fn of(pixel: usize) -> Self {
        Self { first: pixel, last: pixel }
    }
}

impl Default for Span {
    fn default() -> Self {
        Self::NONE
    }
}

/// What each of `to` pixels is made from: the resampler is run on a line whose pixels are their own
/// places, and "sums" what has a weight.
fn spans(kind: resize::Type, from: usize, to: usize) -> Result<Vec<Span>> {
    let line: Vec<Span> = (0..from).map(Span::of).collect();
    let mut made = vec![Span::NONE; to];
    let mut resizer = Resizer::new(from, 1, to, 1, Places, kind).map_err(failure)?;
    resizer.resize(&line, &mut made).map_err(failure)?;
    Ok(made)
}

/// Pixels that are places, and sums that are spans of them.
struct Places;

impl PixelFormat for Places {
    type InputPixel = Span;
    type OutputPixel = Span;
    type Accumulator = Span;

    fn new() -> Span {
        Span::NONE
    }

    fn add(&self, sum: &mut Span, pixel: Span, weight: f32) {
        Self::add_acc(sum, pixel, weight);
    }

    fn add_acc(sum: &mut Span, part: Span, weight: f32) {
        if weight != 0.0 {
            *sum = Span { first: sum.first.min(part.first), last: sum.last.max(part.last) };
        }
    }

    fn into_pixel(&self, sum: Span) -> Span {
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{ChannelOrder, CropRule, Filter, Frame, Preparer, ResizeRule};
    use proptest::prelude::*;

    fn spec(filter: Filter, width: usize, height: usize, short: Option<usize>) -> InputSpec {
        let (resize, crop) = match short {
            Some(_) => (ResizeRule::ShortSide, CropRule::Centre),
            None => (ResizeRule::Exact, CropRule::None),
        };
        InputSpec {
            name: "input".into(),
            shape: [3, height, width],
            order: ChannelOrder::Rgb,
            resize,
            short_side: short.unwrap_or(0),
            filter,
            crop,
            mean: [0.0; 3],
            scale: [1.0; 3],
        }
    }

    #[test]
    fn a_picture_of_the_inputs_size_is_the_input() {
        for filter in [Filter::Bilinear, Filter::Lanczos3] {
            let same = Footprint::new(&spec(filter, 20, 10, None), 20, 10).unwrap();
            assert_eq!([1, 8, 99].map(|side| same.patch(side)), [(1, 1), (8, 8), (10, 20)]);
            assert_eq!(same.size(), (20, 10));
        }
    }

    /// At twice the size each pixel lies under a triangle of four places.
    #[test]
    fn an_enlarged_pixel_is_many() {
        let twice = Footprint::new(&spec(Filter::Bilinear, 20, 20, None), 10, 10).unwrap();
        assert_eq!([1, 2].map(|side| twice.patch(side)), [(4, 4), (6, 6)]);
        // A triangle of four pixels' width, over input pixels two apart.
        let half = Footprint::new(&spec(Filter::Bilinear, 10, 10, None), 20, 20).unwrap();
        assert_eq!(half.patch(1), (2, 2));
    }

    #[test]
    fn what_is_cropped_away_touches_nothing() {
        let cropped = Footprint::new(&spec(Filter::Bilinear, 4, 4, Some(8)), 40, 8).unwrap();
        assert_eq!(cropped.columns.touched(0..10), 0..0);
        assert_eq!(cropped.patch(1), (1, 1));
    }

    #[test]
    fn sizes_that_cannot_be_prepared_are_refused() {
        let spec = spec(Filter::Bilinear, 4, 4, Some(8));
        for (width, height) in [(0, 8), (8, 0), (1 << 28, 1)] {
            let error = Footprint::new(&spec, width, height).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Frame, "{error}");
        }
    }

    /// Rows and columns of the tensor that differ between two pictures.
    fn changed(spec: &InputSpec, size: (usize, usize), a: &[u8], b: &[u8]) -> [Vec<usize>; 2] {
        let mut preparer = Preparer::new(spec).unwrap();
        let [a, b] = [a, b].map(|bytes| {
            let mut tensor = vec![0.0; preparer.tensor_len()];
            preparer.prepare(&Frame::gray8(bytes, size.0, size.1).unwrap(), &mut tensor).unwrap();
            tensor
        });
        let [_, height, width] = spec.shape;
        let differs =
            |row: usize, column: usize| a[row * width + column] != b[row * width + column];
        [
            (0..height).filter(|&row| (0..width).any(|column| differs(row, column))).collect(),
            (0..width).filter(|&column| (0..height).any(|row| differs(row, column))).collect(),
        ]
    }

    proptest! {
        /// Whatever patch of a picture changes, the tensor changes within the footprint; and no span of
        /// the triangle is wider than what a full change shows by more than the two pixels at its ends,
        /// whose weights may be too small to move a byte.
        #[test]
        fn changes_stay_within_the_footprint(
            width in 1usize..40, height in 1usize..40, seed: u64, side in 1usize..9,
            lanczos: bool, target in (1usize..30, 1usize..30), short in prop::option::of(0usize..20),
        ) {
            let filter = if lanczos { Filter::Lanczos3 } else { Filter::Bilinear };
            let short = short.map(|more| target.0.max(target.1) + more);
            let spec = spec(filter, target.0, target.1, short);
            let footprint = Footprint::new(&spec, width, height).unwrap();
            let (most_rows, most_columns) = footprint.patch(side);
            let (x, y) = (seed as usize % width, (seed >> 32) as usize % height);
            let (right, bottom) = ((x + side).min(width), (y + side).min(height));
            let [rows, columns] =
                [footprint.rows.touched(y..bottom), footprint.columns.touched(x..right)];
            prop_assert!(rows.len() <= most_rows && columns.len() <= most_columns);

            let noise = |at: usize| (seed.wrapping_mul(2 * at as u64 + 1) >> 40) as u8;
            for background in [&(|_| 0u8) as &dyn Fn(usize) -> u8, &noise] {
                let before: Vec<u8> = (0..width * height).map(background).collect();
                let mut after = before.clone();
                for row in y..bottom {
                    for pixel in &mut after[row * width + x..row * width + right] {
                        *pixel = if *pixel < 128 { 255 } else { 0 };
                    }
                }
                let [seen_rows, seen_columns] = changed(&spec, (width, height), &before, &after);
                prop_assert!(seen_rows.iter().all(|row| rows.contains(row)));
                prop_assert!(seen_columns.iter().all(|column| columns.contains(column)));
                // Where a whole line changes along the other axis, nothing dilutes what is seen.
                if !lanczos && side >= width && before[0] == 0 && background(1) == 0 {
                    prop_assert!(seen_rows.len() + 2 >= rows.len(), "{seen_rows:?} of {rows:?}");
                }
            }
        }
    }
}
