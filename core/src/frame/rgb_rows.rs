//! A frame's crop as upright rows of 8-bit red, green, blue.

use super::orientation::Placement;
use super::source::{Alpha, Frame, PixelFormat, Pixels};
use super::yuv;

/// One colour: red, green, blue.
pub(super) type Rgb = [u8; 3];

/// Writes the crop of `frame`, rotated and mirrored, to `upright`, row-major and without gaps.
///
/// `row` is room for one row of the crop as stored; `upright` has exactly the crop's pixels. Only
/// the crop's pixels are read.
pub(super) fn write_upright(frame: &Frame<'_>, row: &mut [Rgb], upright: &mut [Rgb]) {
    let crop = frame.crop_rect();
    let (rotation, mirror) = frame.turn();
    let placement = Placement::new(crop.width, crop.height, rotation, mirror);
    let read = RowReader::new(&frame.pixels);
    for y in 0..crop.height {
        if let Some(place) = placement.direct_row(y, crop.width, upright) {
            read.row(crop.x, crop.y + y, place);
        } else {
            read.row(crop.x, crop.y + y, row);
            placement.place_row(y, row, upright);
        }
    }
}

/// A colour multiplied by its alpha: colour x alpha / 255, rounded to nearest.
#[inline(always)]
pub(super) fn on_black(colour: u8, alpha: u8) -> u8 {
    // Exact for every pair of bytes: (t + (t >> 8)) >> 8 with t = product + 128 divides by 255.
    let t = u32::from(colour) * u32::from(alpha) + 128;
    ((t + (t >> 8)) >> 8) as u8
}

/// Converts one row at a time; what the format asks for is settled before the first pixel.
enum RowReader<'a> {
    OnePlane { bytes: &'a [u8], stride: usize, format: PixelFormat, straight: bool },
    Yuv420 { planes: &'a [yuv::Plane<'a>; 3], weights: yuv::Weights },
}

impl<'a> RowReader<'a> {
    fn new(pixels: &'a Pixels<'a>) -> Self {
        match pixels {
            Pixels::OnePlane { bytes, stride, format, alpha } => Self::OnePlane {
                bytes,
                stride: *stride,
                format: *format,
                straight: *alpha == Alpha::Straight,
            },
            Pixels::Yuv420 { planes, encoding } => {
                Self::Yuv420 { planes, weights: encoding.weights() }
            }
        }
    }

    /// Fills `row` with the pixels (x, y), (x + 1, y), ...
    fn row(&self, x: usize, y: usize, row: &mut [Rgb]) {
        match self {
            Self::OnePlane { bytes, stride, format, straight } => {
                let stored = &bytes[y * stride + x * format.bytes()..];
                match (format, straight) {
                    (PixelFormat::Rgba8, false) => convert(stored, row, |&[r, g, b, _]| [r, g, b]),
                    (PixelFormat::Bgra8, false) => convert(stored, row, |&[b, g, r, _]| [r, g, b]),
                    (PixelFormat::Rgba8, true) => {
                        convert(stored, row, |&[r, g, b, a]| composed(r, g, b, a))
                    }
                    (PixelFormat::Bgra8, true) => {
                        convert(stored, row, |&[b, g, r, a]| composed(r, g, b, a))
                    }
                    (PixelFormat::Rgb8, _) => convert(stored, row, |&[r, g, b]| [r, g, b]),
                    (PixelFormat::Gray8, _) => convert(stored, row, |&[y]| [y, y, y]),
                }
            }
            Self::Yuv420 { planes, weights } => yuv::convert_row(planes, weights, x, y, row),
        }
    }
}

#[inline(always)]
fn convert<const N: usize>(stored: &[u8], row: &mut [Rgb], colour: impl Fn(&[u8; N]) -> Rgb) {
    let pixels = stored.as_chunks::<N>().0;
    row.iter_mut().zip(pixels).for_each(|(place, pixel)| *place = colour(pixel));
}

#[inline(always)]
fn composed(r: u8, g: u8, b: u8, a: u8) -> Rgb {
    [on_black(r, a), on_black(g, a), on_black(b, a)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Plane, Rect, Rotation, YuvEncoding};
    use proptest::prelude::*;

    fn upright(frame: &Frame<'_>) -> Vec<Rgb> {
        let crop = frame.crop_rect();
        let mut row = vec![[0; 3]; crop.width];
        let mut out = vec![[1, 2, 3]; crop.width * crop.height];
        write_upright(frame, &mut row, &mut out);
        out
    }

    /// The stored position of the upright pixel (x, y) of a crop, by the words of the module's
    /// page and one pixel at a time.
    fn stored_position(
        crop: Rect,
        rotation: Rotation,
        mirror: bool,
        x: usize,
        y: usize,
    ) -> (usize, usize) {
        let (upright_width, _) = rotation.upright_size(crop.width, crop.height);
        let x = if mirror { upright_width - 1 - x } else { x };
        let (x, y) = match rotation {
            Rotation::None => (x, y),
            Rotation::Clockwise90 => (y, crop.height - 1 - x),
            Rotation::Half => (crop.width - 1 - x, crop.height - 1 - y),
            Rotation::Clockwise270 => (crop.width - 1 - y, x),
        };
        (crop.x + x, crop.y + y)
    }

    #[test]
    fn composing_on_black_rounds_to_nearest() {
        for (colour, alpha) in (0..=255u8).flat_map(|c| (0..=255u8).map(move |a| (c, a))) {
            let exact = f64::from(colour) * f64::from(alpha) / 255.0;
            assert_eq!(f64::from(on_black(colour, alpha)), exact.round(), "{colour} {alpha}");
        }
    }

    #[test]
    fn every_format_gives_its_colours() {
        let is = |frame: Result<Frame<'_>, crate::Error>, r, g, b| {
            assert_eq!(upright(&frame.unwrap()), [[r, g, b]]);
        };
        is(Frame::rgba8(&[200, 100, 50, 128], 1, 1), 200, 100, 50);
        is(Frame::bgra8(&[200, 100, 50, 128], 1, 1), 50, 100, 200);
        is(Frame::rgb8(&[200, 100, 50], 1, 1), 200, 100, 50);
        is(Frame::gray8(&[200], 1, 1), 200, 200, 200);
        let rgba = Frame::rgba8(&[200, 100, 50, 128], 1, 1);
        is(rgba.clone().map(|frame| frame.alpha(Alpha::Opaque)), 200, 100, 50);
        is(rgba.map(|frame| frame.alpha(Alpha::Straight)), 100, 50, 25);
        let bgra = Frame::bgra8(&[200, 100, 50, 0], 1, 1);
        is(bgra.map(|frame| frame.alpha(Alpha::Straight)), 0, 0, 0);
    }

    proptest! {
        /// Random strides, crops and turns equal a reference that looks up one pixel at a time.
        #[test]
        fn one_plane_rows_equal_a_naive_reference(
            width in 1usize..12, height in 1usize..12, padding in 0usize..9,
            format in prop::sample::select(vec![
                PixelFormat::Rgba8, PixelFormat::Bgra8, PixelFormat::Rgb8, PixelFormat::Gray8,
            ]),
            degrees in prop::sample::select(vec![0, 90, 180, 270]),
            mirror: bool, straight: bool, part: [prop::sample::Index; 4], seed: u8,
        ) {
            let stride = width * format.bytes() + padding;
            let bytes: Vec<u8> = (0..stride * height).map(|i| (i * 37) as u8 ^ seed).collect();
            let (x, y) = (part[0].index(width), part[1].index(height));
            let crop = Rect::new(x, y, 1 + part[2].index(width - x), 1 + part[3].index(height - y));
            let rotation = Rotation::from_degrees(degrees).unwrap();
            let alpha = if straight { Alpha::Straight } else { Alpha::Premultiplied };
            let frame = Frame::one_plane(format, &bytes, width, height).unwrap()
                .stride(stride).unwrap().alpha(alpha)
                .crop(crop).unwrap().rotation(rotation).mirror(mirror);
            let (upright_width, upright_height) = frame.upright_size();
            let got = upright(&frame);
            for (y, x) in (0..upright_height).flat_map(|y| (0..upright_width).map(move |x| (y, x))) {
                let (sx, sy) = stored_position(crop, rotation, mirror, x, y);
                let p = &bytes[sy * stride + sx * format.bytes()..];
                let (r, g, b, a) = match format {
                    PixelFormat::Rgba8 => (p[0], p[1], p[2], p[3]),
                    PixelFormat::Bgra8 => (p[2], p[1], p[0], p[3]),
                    PixelFormat::Rgb8 => (p[0], p[1], p[2], 255),
                    PixelFormat::Gray8 => (p[0], p[0], p[0], 255),
                };
                let a = if straight { f64::from(a) / 255.0 } else { 1.0 };
                let want = [r, g, b].map(|part| (f64::from(part) * a).round() as u8);
                prop_assert_eq!(got[y * upright_width + x], want);
            }
        }

        /// The same for three planes with strides of every kind.
        #[test]
        fn yuv_rows_equal_a_naive_reference(
            width in 1usize..12, height in 1usize..12,
            luma_step in 1usize..3, chroma_step in 1usize..4, padding in 0usize..5,
            degrees in prop::sample::select(vec![0, 90, 180, 270]), mirror: bool,
            part: [prop::sample::Index; 4], seed: u8,
        ) {
            let bytes: Vec<u8> = (0..2000usize).map(|i| (i * 41) as u8 ^ seed).collect();
            let luma_stride = width * luma_step + padding;
            let chroma_stride = width.div_ceil(2) * chroma_step + padding;
            let y_plane = Plane::new(&bytes, luma_stride, luma_step);
            let u_plane = Plane::new(&bytes[300..], chroma_stride, chroma_step);
            let v_plane = Plane::new(&bytes[301..], chroma_stride, chroma_step);
            let (x, y) = (part[0].index(width), part[1].index(height));
            let crop = Rect::new(x, y, 1 + part[2].index(width - x), 1 + part[3].index(height - y));
            let rotation = Rotation::from_degrees(degrees).unwrap();
            let frame = Frame::yuv420(
                y_plane, u_plane, v_plane, YuvEncoding::Bt601Full, width, height,
            ).unwrap().crop(crop).unwrap().rotation(rotation).mirror(mirror);
            let (upright_width, upright_height) = frame.upright_size();
            let got = upright(&frame);
            for (y, x) in (0..upright_height).flat_map(|y| (0..upright_width).map(move |x| (y, x))) {
                let (sx, sy) = stored_position(crop, rotation, mirror, x, y);
                let luma = f64::from(bytes[sy * luma_stride + sx * luma_step]);
                let chroma = (sy / 2) * chroma_stride + (sx / 2) * chroma_step;
                let u = f64::from(bytes[300 + chroma]) - 128.0;
                let v = f64::from(bytes[301 + chroma]) - 128.0;
                // JFIF's equations.
                let want = [luma + 1.402 * v, luma - 0.344136 * u - 0.714136 * v, luma + 1.772 * u];
                let pixel = got[y * upright_width + x];
                for (got, want) in pixel.into_iter().zip(want) {
                    prop_assert!((f64::from(got) - want.clamp(0.0, 255.0)).abs() < 0.51);
                }
            }
        }
    }
}
