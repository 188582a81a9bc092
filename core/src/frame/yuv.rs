//! YUV 4:2:0 pictures: their planes, and how their numbers become colours.

use super::rgb_rows::Rgb;
use crate::error::{Error, ErrorKind, Result};

/// One plane of a YUV 4:2:0 picture, as Android's `Image.Plane` describes it.
///
/// Sample (column, row) is the byte at `row * row_stride + column * pixel_stride`. Every usual
/// layout is a choice of the strides:
///
/// | layout | u | v |
/// |---|---|---|
/// | I420, YV12 | its plane, pixel stride 1 | its plane, pixel stride 1 |
/// | NV12 | the UV plane, pixel stride 2 | the same from its byte 1, pixel stride 2 |
/// | NV21 | the VU plane from its byte 1, pixel stride 2 | the same from its byte 0, pixel stride 2 |
#[derive(Clone, Copy)]
pub struct Plane<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) row_stride: usize,
    pub(super) pixel_stride: usize,
}

impl<'a> Plane<'a> {
    /// A plane whose rows begin `row_stride` bytes apart and whose samples in a row lie
    /// `pixel_stride` bytes apart. Bytes behind the last sample are neither needed nor read.
    pub fn new(bytes: &'a [u8], row_stride: usize, pixel_stride: usize) -> Self {
        Self { bytes, row_stride, pixel_stride }
    }

    /// Refuses a plane that cannot hold `width` x `height` samples.
    pub(super) fn check(&self, name: &str, width: usize, height: usize) -> Result<()> {
        let refuse = |message| Err(Error::new(ErrorKind::Frame, message));
        let Self { row_stride, pixel_stride, .. } = *self;
        if pixel_stride == 0 {
            return refuse(format!(
                "the {name} plane has pixel stride 0; it must be 1 or more bytes"
            ));
        }
        let row = (width - 1).checked_mul(pixel_stride).and_then(|last| last.checked_add(1));
        if row.is_none_or(|row| row_stride < row) {
            return refuse(format!(
                "the {name} plane has row stride {row_stride}; {width} samples with pixel stride {pixel_stride} need more"
            ));
        }
        let needed =
            (height - 1).checked_mul(row_stride).zip(row).and_then(|(a, b)| a.checked_add(b));
        let given = self.bytes.len();
        match needed {
            Some(needed) if needed <= given => Ok(()),
            Some(needed) => refuse(format!(
                "the {name} plane has {given} bytes; {width} x {height} samples with row stride {row_stride} and pixel stride {pixel_stride} need {needed}"
            )),
            None => refuse(format!("the {name} plane's row stride {row_stride} is absurdly large")),
        }
    }

    /// The bytes from sample (x, y) on.
    fn bytes_from(&self, x: usize, y: usize) -> &'a [u8] {
        &self.bytes[y * self.row_stride + x * self.pixel_stride..]
    }
}

/// Which numbers a camera or a video wrote for a colour.
///
/// The *matrix* weighs red, green and blue in luma (ITU-R BT.601 or BT.709); the *range* is 0 to
/// 255 (full) or 16 to 235 for luma and 16 to 240 for chroma (limited).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum YuvEncoding {
    /// BT.601, full range: Android's cameras (as in JFIF).
    #[default]
    Bt601Full,
    /// BT.601, limited range: standard-definition video.
    Bt601Limited,
    /// BT.709, full range.
    Bt709Full,
    /// BT.709, limited range: high-definition video.
    Bt709Limited,
}

impl YuvEncoding {
    pub(super) fn weights(self) -> Weights {
        let (red, blue, limited) = match self {
            Self::Bt601Full => (0.299, 0.114, false),
            Self::Bt601Limited => (0.299, 0.114, true),
            Self::Bt709Full => (0.2126, 0.0722, false),
            Self::Bt709Limited => (0.2126, 0.0722, true),
        };
        Weights::new(red, blue, limited)
    }
}

/// The weights of one encoding, in 2^-20 steps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weights {
    luma_zero: i32,
    luma: i32,
    red_of_v: i32,
    green_of_u: i32,
    green_of_v: i32,
    blue_of_u: i32,
}

impl Weights {
    /// From the shares of red and blue in luma (BT.601 and BT.709, "derivation of luma and colour
    /// difference signals"): with luma and chroma scaled to unit range,
    /// R = Y + 2 (1 - red) V, B = Y + 2 (1 - blue) U, and G follows from luma's definition.
    fn new(red: f64, blue: f64, limited: bool) -> Self {
        let green = 1.0 - red - blue;
        let (luma_zero, luma, chroma) =
            if limited { (16, 255.0 / 219.0, 255.0 / 224.0) } else { (0, 1.0, 1.0) };
        let fixed = |weight: f64| (weight * f64::from(1 << FRACTION)).round() as i32;
        Self {
            luma_zero,
            luma: fixed(luma),
            red_of_v: fixed(2.0 * (1.0 - red) * chroma),
            green_of_u: fixed(-2.0 * (1.0 - blue) * blue / green * chroma),
            green_of_v: fixed(-2.0 * (1.0 - red) * red / green * chroma),
            blue_of_u: fixed(2.0 * (1.0 - blue) * chroma),
        }
    }

    /// The colour of one sample triple, each part rounded to nearest and clamped to 0..=255.
    #[inline(always)]
    fn colour(&self, y: u8, [red, green, blue]: [i32; 3]) -> Rgb {
        let y = (i32::from(y) - self.luma_zero) * self.luma + (1 << (FRACTION - 1));
        [y + red, y + green, y + blue].map(|fixed| (fixed >> FRACTION).clamp(0, 255) as u8)
    }

    /// What a chroma sample adds to red, green and blue.
    #[inline(always)]
    fn tint(&self, u: u8, v: u8) -> [i32; 3] {
        let (u, v) = (i32::from(u) - 128, i32::from(v) - 128);
        [self.red_of_v * v, self.green_of_u * u + self.green_of_v * v, self.blue_of_u * u]
    }
}

/// With 20 bits behind the point the largest sum stays below 2^30 and no result is further than
/// 0.001 from the exact one before rounding.
const FRACTION: u32 = 20;

/// Converts the pixels (x, y), (x + 1, y), ... to colours; each 2 x 2 block shares its chroma
/// sample.
pub(super) fn convert_row(
    planes: &[Plane<'_>; 3],
    weights: &Weights,
    x: usize,
    y: usize,
    row: &mut [Rgb],
) {
    let [luma, u, v] = planes;
    let (luma_step, u_step, v_step) = (luma.pixel_stride, u.pixel_stride, v.pixel_stride);
    let luma = luma.bytes_from(x, y);
    let (u, v) = (u.bytes_from(x / 2, y / 2), v.bytes_from(x / 2, y / 2));
    let tint = |block: usize| weights.tint(u[block * u_step], v[block * v_step]);

    // An odd first column is the right half of its block.
    let odd = (x % 2).min(row.len());
    let (first, rest) = row.split_at_mut(odd);
    first.iter_mut().for_each(|pixel| *pixel = weights.colour(luma[0], tint(0)));
    for (block, pixels) in rest.chunks_mut(2).enumerate() {
        let tint = tint(odd + block);
        for (side, pixel) in pixels.iter_mut().enumerate() {
            *pixel = weights.colour(luma[(odd + 2 * block + side) * luma_step], tint);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R, G, B from the standards' equations in f64, unrounded.
    fn exact(encoding: YuvEncoding, y: u8, u: u8, v: u8) -> [f64; 3] {
        let (kr, kb) = match encoding {
            YuvEncoding::Bt601Full | YuvEncoding::Bt601Limited => (0.299, 0.114),
            YuvEncoding::Bt709Full | YuvEncoding::Bt709Limited => (0.2126, 0.0722),
        };
        let (y, u, v) = (f64::from(y), f64::from(u) - 128.0, f64::from(v) - 128.0);
        let (y, u, v) = match encoding {
            YuvEncoding::Bt601Full | YuvEncoding::Bt709Full => (y / 255.0, u / 255.0, v / 255.0),
            _ => ((y - 16.0) / 219.0, u / 224.0, v / 224.0),
        };
        let r = y + 2.0 * (1.0 - kr) * v;
        let b = y + 2.0 * (1.0 - kb) * u;
        let g = (y - kr * r - kb * b) / (1.0 - kr - kb);
        [r, g, b].map(|part| (part * 255.0).clamp(0.0, 255.0))
    }

    const ENCODINGS: [YuvEncoding; 4] = [
        YuvEncoding::Bt601Full,
        YuvEncoding::Bt601Limited,
        YuvEncoding::Bt709Full,
        YuvEncoding::Bt709Limited,
    ];

    #[test]
    fn fixed_point_colours_round_the_standards_equations() {
        let samples = || (0..=255u8).step_by(5);
        for encoding in ENCODINGS {
            let weights = encoding.weights();
            for (y, u, v) in samples()
                .flat_map(|y| samples().flat_map(move |u| samples().map(move |v| (y, u, v))))
            {
                let got = weights.colour(y, weights.tint(u, v));
                for (got, exact) in got.into_iter().zip(exact(encoding, y, u, v)) {
                    assert!((f64::from(got) - exact).abs() <= 0.501, "{encoding:?} {y} {u} {v}");
                }
            }
        }
    }

    #[test]
    fn black_and_white_are_where_each_range_puts_them() {
        for encoding in ENCODINGS {
            let (black, white) = match encoding {
                YuvEncoding::Bt601Full | YuvEncoding::Bt709Full => (0, 255),
                _ => (16, 235),
            };
            let weights = encoding.weights();
            assert_eq!(weights.colour(black, weights.tint(128, 128)), [0, 0, 0]);
            assert_eq!(weights.colour(white, weights.tint(128, 128)), [255, 255, 255]);
        }
    }

    /// JFIF gives pure red (76.2, 85.0, 255.5) and pure blue (29.1, 255.5, 107.3).
    #[test]
    fn primaries_of_jfif_come_back() {
        let weights = YuvEncoding::Bt601Full.weights();
        assert_eq!(weights.colour(76, weights.tint(85, 255)), [254, 0, 0]);
        assert_eq!(weights.colour(29, weights.tint(255, 107)), [0, 0, 254]);
    }
}
