//! JPEG and PNG files, decoded to upright 8-bit sRGB.

mod colour_profile;
mod exif;
mod jpeg;
mod jpeg_outline;
mod pixels;
mod png;

use super::Frame;
use crate::error::{Error, ErrorKind, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A decoded picture: upright, 8-bit sRGB, three bytes a pixel, rows from top to bottom without
/// gaps.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

impl Picture {
    /// Its width in pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Its height in pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Its pixels: red, green, blue of the left upper one first.
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// The whole picture as a frame, neither turned nor mirrored. A crop of it is in the
    /// coordinates that a person sees.
    pub fn frame(&self) -> Frame<'_> {
        Frame::rgb8(&self.rgb, self.width, self.height)
            .expect("`decode` makes no picture that is empty, too large or short of bytes")
    }
}

/// Shows the size and none of the pixels, so that it may be logged.
impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({} x {})", self.width, self.height)
    }
}

/// Decodes a whole JPEG or PNG file, which is told by its first bytes.
///
/// - The EXIF orientation is applied, of whatever integer type it is, so the picture is upright. A
///   missing or broken one means upright as stored.
/// - A JPEG is baseline, extended or progressive with Huffman codes and 8 bits, with any order of
///   scans; each component's samples divide the picture's by whole numbers across and down. Where
///   it has no Huffman tables, as a frame of a Motion JPEG, those of ITU-T T.81, annex K, are
///   meant. Of three components, a JFIF header says YCbCr; else an Adobe marker says RGB or YCbCr;
///   else the components' names: `R`, `G`, `B` are RGB, all others YCbCr.
/// - Gray becomes equal red, green and blue; palettes are looked up; 16-bit samples are rounded
///   to 8 bits; alpha is straight and composed on black. Of an animation, the first picture.
/// - An RGB or gray ICC profile other than sRGB is converted to sRGB (perceptual intent). A
///   profile that is broken, or that describes another kind of colour than the file stores, is
///   ignored and the numbers are taken for sRGB, as web browsers do.
///
/// # Errors
/// Kind [`ErrorKind::Frame`], without having changed or kept anything:
/// - not a JPEG or PNG, or one of a kind that cannot be read (CMYK, arithmetic coding, 12 bits, PNG
///   rewritten by Xcode);
/// - damaged, or cut short: a JPEG must reach its end-of-image marker;
/// - more than 16,384 pixels a side or 2^27 in all, or in need of more than 896 MiB for `bytes`
///   and all working memory together. This is known before memory is taken.
///
/// Kind [`ErrorKind::System`]: there is no memory for the picture.
pub fn decode(bytes: &[u8]) -> Result<Picture> {
    // Decoders of hostile files are where panics hide; none may cross into an app.
    catch_unwind(AssertUnwindSafe(|| match Format::of(bytes)? {
        Format::Jpeg => jpeg::decode(bytes),
        Format::Png => png::decode(bytes),
    }))
    .unwrap_or_else(|_| {
        Err(refusal("the picture could not be decoded: it holds what its decoder does not foresee"))
    })
}

/// Bytes in use besides the pixels.
struct Room {
    /// By the file itself, in the caller's hands.
    file: u64,
    /// By the decoder, until it is done.
    decoder: u64,
}

impl Room {
    /// Refuses a picture whose decoding (to `decoded` bytes) or whose conversion to `result` bytes
    /// after it, where there is one, would take too much.
    fn check(&self, decoded: u64, result: Option<u64>) -> Result<()> {
        let most = self.file + decoded + self.decoder.max(result.unwrap_or(0));
        if most > MAX_BYTES {
            return Err(refusal(format!(
                "decoding the picture would need {} MiB; at most {} MiB are used; make it smaller first",
                most >> 20,
                MAX_BYTES >> 20
            )));
        }
        Ok(())
    }
}

const MAX_SIDE: u32 = 16_384;
const MAX_PIXELS: u64 = 1 << 27;
/// Leaves a process that may have 1 GiB in all something for itself.
const MAX_BYTES: u64 = 896 << 20;

fn check_size(width: u32, height: u32) -> Result<()> {
    if width == 0 || height == 0 {
        return Err(refusal(format!("the picture is {width} x {height} pixels; it has none")));
    }
    if width.max(height) > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(refusal(format!(
            "the picture is {width} x {height} pixels; at most {MAX_SIDE} a side and {MAX_PIXELS} in all can be read"
        )));
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Format {
    Jpeg,
    Png,
}

impl Format {
    fn of(bytes: &[u8]) -> Result<Self> {
        let other = match bytes {
            [0xff, 0xd8, 0xff, ..] => return Ok(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => return Ok(Self::Png),
            [] => "an empty file",
            [_, _, _, _, b'f', b't', b'y', b'p', ..] => "an HEIC, AVIF or video file",
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "a WebP file",
            [b'G', b'I', b'F', b'8', ..] => "a GIF file",
            _ => "neither",
        };
        Err(refusal(format!("the picture must be a JPEG or PNG file; this is {other}")))
    }
}

fn refusal(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Frame, message)
}

#[cfg(test)]
mod tests;
