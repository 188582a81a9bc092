//! The `resize` crate, made for 8-bit colours and kept from one picture to the next of its size.

use super::input_spec::Filter;
use super::rgb_rows::Rgb;
use crate::error::{Error, ErrorKind, Result};
use resize::{PixelFormat, Resizer};

/// Resamples pictures of one size to another, one separable filter along each axis; when it
/// shrinks, the filter is widened so that every source pixel counts. Sums are in f32; bytes are
/// rounded to nearest and clamped once, at the end.
///
/// Making one and its first run allocate; later runs do not.
pub(super) struct Resampler {
    key: (Filter, (usize, usize), (usize, usize)),
    resizer: Resizer<Colours>,
}

impl Resampler {
    /// From and to (width, height).
    pub(super) fn new(filter: Filter, from: (usize, usize), to: (usize, usize)) -> Result<Self> {
        let resizer = Resizer::new(from.0, from.1, to.0, to.1, Colours, kind(filter));
        let resizer = resizer.map_err(failure)?;
        Ok(Self { key: (filter, from, to), resizer })
    }

    /// Whether it was made for this.
    pub(super) fn is_for(&self, filter: Filter, from: (usize, usize), to: (usize, usize)) -> bool {
        self.key == (filter, from, to)
    }

    /// `source` and `result` are row-major and have the sizes that it was made for.
    pub(super) fn run(&mut self, source: &[Rgb], result: &mut [Rgb]) -> Result<()> {
        self.resizer.resize(source, result).map_err(failure)
    }
}

/// The resampling library's name of a filter.
pub(super) fn kind(filter: Filter) -> resize::Type {
    match filter {
        Filter::Bilinear => resize::Type::Triangle,
        Filter::Lanczos3 => resize::Type::Lanczos3,
    }
}

/// What went wrong in it.
pub(super) fn failure(error: resize::Error) -> Error {
    match error {
        resize::Error::OutOfMemory => {
            Error::new(ErrorKind::System, "there is not enough memory to resize the picture")
        }
        resize::Error::InvalidParameters => Error::new(
            ErrorKind::Internal,
            "the resampler was given another size than it was made for",
        ),
    }
}

/// 8-bit colours, summed four lanes wide: the fourth is idle, and lets a sum be one vector.
struct Colours;

impl PixelFormat for Colours {
    type InputPixel = Rgb;
    type OutputPixel = Rgb;
    type Accumulator = [f32; 4];

    #[inline(always)]
    fn new() -> [f32; 4] {
        [0.0; 4]
    }

    #[inline(always)]
    fn add(&self, sum: &mut [f32; 4], [r, g, b]: Rgb, weight: f32) {
        Self::add_acc(sum, [f32::from(r), f32::from(g), f32::from(b), 0.0], weight);
    }

    #[inline(always)]
    fn add_acc(sum: &mut [f32; 4], pixel: [f32; 4], weight: f32) {
        for (sum, part) in sum.iter_mut().zip(pixel) {
            *sum += part * weight;
        }
    }

    #[inline(always)]
    fn into_pixel(&self, [r, g, b, _]: [f32; 4]) -> Rgb {
        // A cast from float to integer saturates, which is the clamp.
        let byte = |sum: f32| (sum + 0.5) as u8;
        [byte(r), byte(g), byte(b)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_keep_their_kinds() {
        assert_eq!(failure(resize::Error::OutOfMemory).kind(), ErrorKind::System);
        let mut resampler = Resampler::new(Filter::Bilinear, (2, 2), (1, 1)).unwrap();
        let error = resampler.run(&[[0; 3]; 3], &mut [[0; 3]]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Internal);
    }
}
