//! [`Frame`]: borrowed pixels and how to read them. A frame that exists is a valid one.

use super::orientation::{Rect, Rotation};
use super::yuv::{Plane, YuvEncoding};
use crate::error::{Error, ErrorKind, Result};
use std::fmt;

/// Pixels as an app has them, borrowed, with the crop, rotation and mirror that apply to them.
///
/// Every constructor and every setter that could make the frame invalid answers with an error of
/// kind [`ErrorKind::Frame`] instead, so whoever holds a `Frame` need not check it. Positions and
/// sizes are in pixels, strides in bytes.
///
/// The crop is in the coordinates of the picture as stored; rotation comes after it and the mirror
/// last (the [module's page](super) has a drawing). Setters may be called in any order.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    pub(super) pixels: Pixels<'a>,
    width: usize,
    height: usize,
    crop: Rect,
    rotation: Rotation,
    mirror: bool,
}

/// How the bytes of a one-plane picture make pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PixelFormat {
    /// Red, green, blue, alpha: Android's `ARGB_8888` bitmap in memory.
    Rgba8,
    /// Blue, green, red, alpha: what iOS cameras and bitmaps prefer.
    Bgra8,
    /// Red, green, blue.
    Rgb8,
    /// One byte a pixel, the same for red, green and blue.
    Gray8,
}

impl PixelFormat {
    /// Bytes of one pixel.
    pub fn bytes(self) -> usize {
        match self {
            Self::Rgba8 | Self::Bgra8 => 4,
            Self::Rgb8 => 3,
            Self::Gray8 => 1,
        }
    }
}

/// What the fourth byte of RGBA and BGRA pixels means. Pixels are composed on black.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Alpha {
    /// Colours are already multiplied by it (Android's and iOS's bitmaps), so on black they stand
    /// as they are.
    #[default]
    Premultiplied,
    /// Colours are not multiplied by it yet: each becomes colour x alpha / 255, rounded to
    /// nearest.
    Straight,
    /// It means nothing; colours stand as they are.
    Opaque,
}

#[derive(Clone, Copy)]
pub(super) enum Pixels<'a> {
    OnePlane { bytes: &'a [u8], stride: usize, format: PixelFormat, alpha: Alpha },
    Yuv420 { planes: [Plane<'a>; 3], encoding: YuvEncoding },
}

/// More pixels than any camera has today; a frame that claims more is a mistake.
const MAX_PIXELS: usize = 1 << 28;

impl<'a> Frame<'a> {
    /// `width` x `height` pixels of four bytes: red, green, blue, alpha (premultiplied unless
    /// [`alpha`](Self::alpha) says otherwise). Rows follow each other without gaps unless
    /// [`stride`](Self::stride) says otherwise.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Frame`]: no pixels, more than 2^28 pixels, or fewer bytes than pixels
    /// need.
    pub fn rgba8(pixels: &'a [u8], width: usize, height: usize) -> Result<Self> {
        Self::one_plane(PixelFormat::Rgba8, pixels, width, height)
    }

    /// As [`rgba8`](Self::rgba8), in the order blue, green, red, alpha.
    pub fn bgra8(pixels: &'a [u8], width: usize, height: usize) -> Result<Self> {
        Self::one_plane(PixelFormat::Bgra8, pixels, width, height)
    }

    /// As [`rgba8`](Self::rgba8), three bytes a pixel: red, green, blue.
    pub fn rgb8(pixels: &'a [u8], width: usize, height: usize) -> Result<Self> {
        Self::one_plane(PixelFormat::Rgb8, pixels, width, height)
    }

    /// As [`rgba8`](Self::rgba8), one byte a pixel.
    pub fn gray8(pixels: &'a [u8], width: usize, height: usize) -> Result<Self> {
        Self::one_plane(PixelFormat::Gray8, pixels, width, height)
    }

    /// As [`rgba8`](Self::rgba8), in a format chosen at run time.
    pub fn one_plane(
        format: PixelFormat,
        pixels: &'a [u8],
        width: usize,
        height: usize,
    ) -> Result<Self> {
        check_size(width, height)?;
        let stride = width
            .checked_mul(format.bytes())
            .ok_or_else(|| refusal(format!("a row of {width} pixels does not fit in memory")))?;
        check_rows(pixels, format, width, height, stride)?;
        let alpha = Alpha::default();
        Ok(Self::whole(Pixels::OnePlane { bytes: pixels, stride, format, alpha }, width, height))
    }

    /// A YUV 4:2:0 picture of `width` x `height` pixels, in the shape of Android's
    /// `YUV_420_888`: luma has `width` x `height` samples, each chroma plane half as many both
    /// ways, rounded up. Each 2 x 2 block of pixels takes its chroma sample as it is.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Frame`]: no pixels, more than 2^28 pixels, or a plane whose strides or
    /// length do not fit the size.
    pub fn yuv420(
        y: Plane<'a>,
        u: Plane<'a>,
        v: Plane<'a>,
        encoding: YuvEncoding,
        width: usize,
        height: usize,
    ) -> Result<Self> {
        check_size(width, height)?;
        y.check("Y", width, height)?;
        let chroma = (width.div_ceil(2), height.div_ceil(2));
        u.check("U", chroma.0, chroma.1)?;
        v.check("V", chroma.0, chroma.1)?;
        Ok(Self::whole(Pixels::Yuv420 { planes: [y, u, v], encoding }, width, height))
    }

    /// Sets the distance in bytes from one row's first byte to the next row's. The last row needs
    /// only its pixels' bytes.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Frame`]: shorter than a row, too few bytes for it, or a YUV frame, whose
    /// planes have strides of their own.
    pub fn stride(mut self, bytes: usize) -> Result<Self> {
        match &mut self.pixels {
            Pixels::OnePlane { bytes: pixels, stride, format, .. } => {
                check_rows(pixels, *format, self.width, self.height, bytes)?;
                *stride = bytes;
                Ok(self)
            }
            Pixels::Yuv420 { .. } => {
                Err(refusal("a YUV frame takes its strides with its planes, not for the whole"))
            }
        }
    }

    /// Sets what the fourth byte means. Formats without one are left as they are.
    pub fn alpha(mut self, meaning: Alpha) -> Self {
        if let Pixels::OnePlane { alpha, .. } = &mut self.pixels {
            *alpha = meaning;
        }
        self
    }

    /// Keeps only this part, in the coordinates of the picture as stored: before rotation and
    /// mirror.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Frame`]: it is empty, or some of it lies outside the picture.
    pub fn crop(mut self, part: Rect) -> Result<Self> {
        if !part.lies_in(self.width, self.height) {
            let whole = Rect::new(0, 0, self.width, self.height);
            return Err(refusal(format!(
                "the crop is {part}, the picture {whole}; a crop must have pixels and lie inside the picture"
            )));
        }
        self.crop = part;
        Ok(self)
    }

    /// Sets the clockwise turn that makes the stored picture upright.
    pub fn rotation(mut self, rotation: Rotation) -> Self {
        self.rotation = rotation;
        self
    }

    /// Sets whether left and right of the upright picture are exchanged.
    pub fn mirror(mut self, mirror: bool) -> Self {
        self.mirror = mirror;
        self
    }

    /// Width and height of the picture as stored, in pixels.
    pub fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// Width and height, in pixels, of what a network sees before resizing: the crop, upright.
    pub fn upright_size(&self) -> (usize, usize) {
        self.rotation.upright_size(self.crop.width, self.crop.height)
    }

    pub(super) fn crop_rect(&self) -> Rect {
        self.crop
    }

    pub(super) fn turn(&self) -> (Rotation, bool) {
        (self.rotation, self.mirror)
    }

    fn whole(pixels: Pixels<'a>, width: usize, height: usize) -> Self {
        let crop = Rect::new(0, 0, width, height);
        Self { pixels, width, height, crop, rotation: Rotation::None, mirror: false }
    }
}

/// Shows what the frame is like and none of its pixels, so that it may be logged.
impl fmt::Debug for Frame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Frame");
        match &self.pixels {
            Pixels::OnePlane { stride, format, alpha, .. } => {
                out.field("format", format).field("stride", stride).field("alpha", alpha)
            }
            Pixels::Yuv420 { encoding, .. } => out.field("format", encoding),
        };
        out.field("width", &self.width)
            .field("height", &self.height)
            .field("crop", &self.crop)
            .field("rotation", &self.rotation)
            .field("mirror", &self.mirror)
            .finish()
    }
}

fn refusal(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Frame, message)
}

fn check_size(width: usize, height: usize) -> Result<()> {
    if width == 0 || height == 0 {
        return Err(refusal(format!(
            "the picture is {width} x {height} pixels; both must be 1 or more"
        )));
    }
    match width.checked_mul(height) {
        Some(pixels) if pixels <= MAX_PIXELS => Ok(()),
        _ => Err(refusal(format!(
            "the picture is {width} x {height} pixels; at most {MAX_PIXELS} in all can be read"
        ))),
    }
}

/// Refuses rows that overlap or do not fit in the bytes given.
fn check_rows(
    pixels: &[u8],
    format: PixelFormat,
    width: usize,
    height: usize,
    stride: usize,
) -> Result<()> {
    // The size is checked first, so a row's bytes cannot overflow.
    let row = width * format.bytes();
    if stride < row {
        return Err(refusal(format!(
            "the stride is {stride} bytes; a row of {width} {format:?} pixels needs {row}"
        )));
    }
    let given = pixels.len();
    match (height - 1).checked_mul(stride).and_then(|above| above.checked_add(row)) {
        Some(needed) if needed <= given => Ok(()),
        Some(needed) => Err(refusal(format!(
            "the picture has {given} bytes; {width} x {height} {format:?} pixels with stride {stride} need {needed}"
        ))),
        None => Err(refusal(format!("the stride of {stride} bytes is absurdly large"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(result: Result<Frame<'_>>, parts: &[&str]) {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Frame);
        assert!(!error.message().contains('\n'));
        for part in parts {
            assert!(error.message().contains(part), "{error} lacks {part}");
        }
    }

    #[test]
    fn a_short_buffer_is_told_what_it_needs() {
        refused(Frame::rgba8(&[0; 39], 5, 2), &["39 bytes", "need 40"]);
        refused(Frame::bgra8(&[], 5, 2), &["0 bytes", "need 40"]);
        refused(Frame::rgb8(&[0; 29], 5, 2), &["29 bytes", "need 30"]);
        refused(Frame::gray8(&[0; 9], 5, 2), &["9 bytes", "need 10"]);
        // The last row needs no padding behind it.
        let frame = Frame::gray8(&[0; 13], 5, 2).unwrap();
        assert!(frame.stride(8).is_ok());
        refused(frame.stride(9), &["13 bytes", "stride 9", "need 14"]);
        refused(frame.stride(4), &["stride is 4", "needs 5"]);
        refused(frame.stride(usize::MAX), &["stride"]);
    }

    #[test]
    fn sizes_without_pixels_or_with_too_many_are_refused() {
        refused(Frame::rgb8(&[], 0, 7), &["0 x 7", "1 or more"]);
        refused(Frame::rgb8(&[], 7, 0), &["7 x 0"]);
        refused(Frame::gray8(&[], 1 << 15, 1 << 14), &["268435456", "32768"]);
        refused(Frame::gray8(&[], usize::MAX, 2), &["at most"]);
        refused(Frame::gray8(&[], usize::MAX, 1), &["at most"]);
    }

    #[test]
    fn a_crop_outside_names_both_rectangles() {
        let pixels = [0; 12];
        let frame = Frame::gray8(&pixels, 4, 3).unwrap();
        refused(frame.crop(Rect::new(1, 1, 4, 2)), &["4 x 2 at (1, 1)", "4 x 3 at (0, 0)"]);
        refused(frame.crop(Rect::new(0, 0, 0, 2)), &["0 x 2"]);
        refused(frame.crop(Rect::new(usize::MAX, 0, 2, 2)), &["inside"]);
        let turned = frame.crop(Rect::new(1, 0, 3, 2)).unwrap().rotation(Rotation::Clockwise90);
        assert_eq!((turned.size(), turned.upright_size()), ((4, 3), (2, 3)));
    }

    #[test]
    fn planes_that_cannot_hold_the_picture_are_refused() {
        let bytes = [0; 64];
        let luma = |len, row, pixel| {
            let chroma = Plane::new(&bytes, 4, 1);
            let y = Plane::new(&bytes[..len], row, pixel);
            Frame::yuv420(y, chroma, chroma, YuvEncoding::default(), 5, 3)
        };
        assert!(luma(15, 5, 1).is_ok());
        refused(luma(14, 5, 1), &["Y plane has 14", "need 15"]);
        refused(luma(15, 4, 1), &["row stride 4", "5 samples"]);
        refused(luma(15, 5, 0), &["pixel stride 0"]);
        refused(luma(15, usize::MAX, 1), &["large"]);
        refused(luma(15, 5, usize::MAX), &["row stride 5"]);

        // Chroma is rounded up: 3 x 2 samples for 5 x 3 pixels. NV21's V plane ends a byte early.
        let chroma = |u: usize, v: usize| {
            let y = Plane::new(&bytes, 5, 1);
            let u = Plane::new(&bytes[..u], 6, 2);
            let v = Plane::new(&bytes[..v], 6, 2);
            Frame::yuv420(y, u, v, YuvEncoding::default(), 5, 3)
        };
        assert!(chroma(11, 11).is_ok());
        refused(chroma(10, 11), &["U plane", "need 11"]);
        refused(chroma(11, 10), &["V plane", "need 11"]);
        refused(chroma(11, 11).unwrap().stride(10), &["planes"]);
        refused(
            Frame::yuv420(
                Plane::new(&[], 1, 1),
                Plane::new(&[], 1, 1),
                Plane::new(&[], 1, 1),
                YuvEncoding::default(),
                0,
                0,
            ),
            &["0 x 0"],
        );
    }

    #[test]
    fn debug_output_holds_no_pixels() {
        let shown = format!("{:?}", Frame::gray8(&[77; 6], 3, 2).unwrap().alpha(Alpha::Straight));
        assert!(shown.contains("Gray8") && shown.contains("width: 3"), "{shown}");
        assert!(!shown.contains("77"), "{shown}");
        let plane = Plane::new(&[77; 6], 3, 1);
        let frame = Frame::yuv420(plane, plane, plane, YuvEncoding::Bt709Full, 3, 2).unwrap();
        let shown = format!("{frame:?}");
        assert!(shown.contains("Bt709Full") && !shown.contains("77"), "{shown}");
    }
}
