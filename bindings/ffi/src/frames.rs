//! Pixels as they come across: plain numbers and addresses, made a frame of the core.
#![allow(unsafe_code, reason = "addresses become slices here, for JNI and C alike")]

use frostglass::frame::{self, Alpha, Plane, Rect, Rotation, YuvEncoding};
use frostglass::ledger::Token;
use frostglass::session::Delivery;

use crate::failure::{ErrorKind, Failure, Result};
use crate::sessions;

/// `format` of a picture of four-byte pixels: red, green, blue, alpha.
pub(crate) const RGBA8: i32 = 0;
/// Blue, green, red, alpha.
pub(crate) const BGRA8: i32 = 1;
/// Red, green, blue.
pub(crate) const RGB8: i32 = 2;
/// One byte a pixel.
pub(crate) const GRAY8: i32 = 3;
/// Three planes: luma, and two of chroma at half the size.
pub(crate) const YUV420: i32 = 4;

/// One plane of a picture, borrowed.
#[derive(Clone, Copy)]
pub(crate) struct PlaneIn<'a> {
    pub(crate) bytes: &'a [u8],
    /// 0: rows without gaps.
    pub(crate) row_stride: usize,
    pub(crate) pixel_stride: usize,
}

/// A picture in numbers, as both JNI and C have it.
pub(crate) struct Picture<'a> {
    pub(crate) format: i32,
    /// What alpha means (0 premultiplied, 1 straight, 2 opaque), or how luma and chroma make colours
    /// (0 BT.601 full range, 1 limited, 2 BT.709 full, 3 limited).
    pub(crate) meaning: i32,
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// One, or for [`YUV420`] three.
    pub(crate) planes: [Option<PlaneIn<'a>>; 3],
    pub(crate) crop: Option<Rect>,
    pub(crate) rotation_degrees: i32,
    pub(crate) mirror: bool,
}

fn wrong(reason: impl Into<String>) -> Failure {
    Failure::new(ErrorKind::Frame, reason)
}

impl<'a> Picture<'a> {
    fn plane(&self, index: usize) -> Result<PlaneIn<'a>> {
        self.planes[index].ok_or_else(|| wrong(format!("plane {index} of the picture is missing")))
    }

    fn frame(&self) -> Result<frame::Frame<'a>> {
        let (width, height) = (self.width, self.height);
        let format = match self.format {
            RGBA8 => frame::PixelFormat::Rgba8,
            BGRA8 => frame::PixelFormat::Bgra8,
            RGB8 => frame::PixelFormat::Rgb8,
            GRAY8 => frame::PixelFormat::Gray8,
            YUV420 => return self.turned(self.yuv()?),
            other => return Err(wrong(format!("there is no pixel format {other}"))),
        };
        let alpha = match self.meaning {
            0 => Alpha::Premultiplied,
            1 => Alpha::Straight,
            2 => Alpha::Opaque,
            other => return Err(wrong(format!("there is no meaning of alpha {other}"))),
        };
        let plane = self.plane(0)?;
        let frame = frame::Frame::one_plane(format, plane.bytes, width, height)?.alpha(alpha);
        self.turned(match plane.row_stride {
            0 => frame,
            stride => frame.stride(stride)?,
        })
    }

    fn yuv(&self) -> Result<frame::Frame<'a>> {
        let encoding = match self.meaning {
            0 => YuvEncoding::Bt601Full,
            1 => YuvEncoding::Bt601Limited,
            2 => YuvEncoding::Bt709Full,
            3 => YuvEncoding::Bt709Limited,
            other => return Err(wrong(format!("there is no YUV encoding {other}"))),
        };
        let plane = |index| {
            let plane = self.plane(index)?;
            Ok::<_, Failure>(Plane::new(plane.bytes, plane.row_stride, plane.pixel_stride))
        };
        let (width, height) = (self.width, self.height);
        Ok(frame::Frame::yuv420(plane(0)?, plane(1)?, plane(2)?, encoding, width, height)?)
    }

    fn turned(&self, mut frame: frame::Frame<'a>) -> Result<frame::Frame<'a>> {
        if let Some(crop) = self.crop {
            frame = frame.crop(crop)?;
        }
        let rotation = Rotation::from_degrees(self.rotation_degrees)?;
        Ok(frame.rotation(rotation).mirror(self.mirror))
    }
}

/// Makes a release of `picture` and writes it to `out`; under a token, perhaps the one made before.
pub(crate) fn sanitize(
    number: u64,
    picture: &Picture<'_>,
    token: Option<&str>,
    out: &mut [u8],
) -> Result<Delivery> {
    let open = sessions::find(number)?;
    let frame = picture.frame()?;
    if let Some(token) = token {
        return Ok(open.session.sanitize_with_token(&frame, &Token::new(token)?, out)?);
    }
    #[cfg(feature = "lab")]
    if crate::lab::sanitize(&open, &frame, out)? {
        return Ok(Delivery::Made);
    }
    open.session.sanitize_into(&frame, out)?;
    Ok(Delivery::Made)
}

/// Bytes at an address, once they are known to be what another language may hand over.
///
/// # Safety
/// Where `address` is not null, `length` bytes at it can be read until the call ends.
pub(crate) unsafe fn borrowed<'a>(address: *const u8, length: usize) -> Result<&'a [u8]> {
    if address.is_null() {
        return Err(Failure::new(ErrorKind::Buffer, "a plane's address is null"));
    }
    check_length(length)?;
    // SAFETY: as the caller promises; the length is one that a slice may have.
    Ok(unsafe { std::slice::from_raw_parts(address, length) })
}

/// As [`borrowed`], to be written, and so not to be any of the planes.
///
/// # Safety
/// As [`borrowed`]; nobody else reads or writes there until the call ends, but through `planes`.
pub(crate) unsafe fn borrowed_mut<'a>(
    address: *mut u8,
    length: usize,
    planes: &[Option<PlaneIn<'_>>; 3],
) -> Result<&'a mut [u8]> {
    if address.is_null() {
        return Err(Failure::new(ErrorKind::Buffer, "the release buffer's address is null"));
    }
    check_length(length)?;
    let start = address.addr();
    for plane in planes.iter().flatten() {
        let pixels = plane.bytes.as_ptr_range();
        if start < pixels.end.addr() && pixels.start.addr() < start.saturating_add(length) {
            return Err(Failure::new(
                ErrorKind::Buffer,
                "the release would be written over the picture; give it memory of its own",
            ));
        }
    }
    // SAFETY: as the caller promises, and none of the planes.
    Ok(unsafe { std::slice::from_raw_parts_mut(address, length) })
}

fn check_length(length: usize) -> Result<()> {
    if isize::try_from(length).is_err() {
        return Err(Failure::new(ErrorKind::Buffer, "a buffer is longer than memory"));
    }
    Ok(())
}
