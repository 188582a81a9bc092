//! Pixels and releases for Swift and C: `include/frostglass.h` says the same to a C compiler.
#![allow(unsafe_code, reason = "what a foreign caller hands over is addresses")]

use std::ffi::{CStr, c_char};

use frostglass::frame::Rect;
use frostglass::session::Delivery;

use crate::failure::{ErrorKind, Failure, Result, guarded};
use crate::frames::{Picture, PlaneIn, borrowed, borrowed_mut, sanitize};

/// One plane of a picture: `length` bytes that stay as they are until the call ends.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct FrostglassPlane {
    /// The first byte; null where a picture has no such plane.
    pub bytes: *const u8,
    /// How many bytes may be read.
    pub length: usize,
    /// Bytes from one row to the next; 0 in a one-plane picture says that there are no gaps.
    pub row_stride: usize,
    /// Bytes from one sample to the next, in a plane of a YUV picture.
    pub pixel_stride: usize,
}

/// A picture: what it is, where it lies, what of it is wanted and which way up.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct FrostglassPicture {
    /// 0 RGBA8, 1 BGRA8, 2 RGB8, 3 GRAY8, 4 YUV420.
    pub format: i32,
    /// Of alpha: 0 premultiplied, 1 straight, 2 opaque. Of YUV: 0 BT.601 full range, 1 BT.601 limited,
    /// 2 BT.709 full, 3 BT.709 limited.
    pub meaning: i32,
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// The first alone, or Y, U, V.
    pub planes: [FrostglassPlane; 3],
    /// Not 0: only the crop is wanted.
    pub cropped: i32,
    /// Columns left of the crop, in the picture as it is stored.
    pub crop_x: usize,
    /// Rows above the crop.
    pub crop_y: usize,
    /// Columns of the crop.
    pub crop_width: usize,
    /// Rows of the crop.
    pub crop_height: usize,
    /// The clockwise turn that makes it upright: 0, 90, 180, 270.
    pub rotation_degrees: i32,
    /// Not 0: left and right of the upright picture are exchanged.
    pub mirror: i32,
}

/// Room for the reason of a refusal, ended by a zero.
#[repr(C)]
pub struct FrostglassReason {
    /// UTF-8, cut where it is longer.
    pub text: [c_char; 512],
}

/// The release was made by this call.
pub const MADE: i32 = 0;
/// It was made earlier under the same token: the same bytes again, at no cost.
pub const RESENT: i32 = 1;

/// Makes a release of a picture and writes it to `release`.
///
/// Gives [`MADE`], [`RESENT`], or minus the number of an [`ErrorKind`]; in the last case `reason`,
/// unless it is null, says why, and nothing was written to `release`. `session` is a session's number;
/// one that is closed, or never was, is refused. `token` is null or a text ended by a zero.
///
/// # Safety
/// `picture` and `token` are null or point to what they say; the planes' bytes and `release_length`
/// bytes at `release` are valid, and no other thread writes to them, until the call ends.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frostglass_sanitize(
    session: u64,
    picture: *const FrostglassPicture,
    token: *const c_char,
    release: *mut u8,
    release_length: usize,
    reason: *mut FrostglassReason,
) -> i32 {
    let made = guarded(|| {
        // SAFETY: null or a picture, as the caller promises.
        let picture = unsafe { picture.as_ref() }
            .ok_or_else(|| Failure::new(ErrorKind::Frame, "the picture is null"))?;
        // SAFETY: what a picture points to is valid, as the caller promises.
        let picture = unsafe { picture.borrow() }?;
        // SAFETY: as the caller promises.
        let out = unsafe { borrowed_mut(release, release_length, &picture.planes) }?;
        let token = match token.is_null() {
            true => None,
            // SAFETY: ended by a zero, as the caller promises.
            false => Some(unsafe { CStr::from_ptr(token) }.to_str().map_err(|_| {
                Failure::new(ErrorKind::Token, "a token is text in UTF-8, and this one is not")
            })?),
        };
        sanitize(session, &picture, token, out)
    });
    match made {
        Ok(Delivery::Made) => MADE,
        Ok(Delivery::Resent) => RESENT,
        Err(failure) => {
            // SAFETY: null or room for a reason, as the caller promises.
            if let Some(reason) = unsafe { reason.as_mut() } {
                reason.write(failure.reason());
            }
            -(failure.kind() as i32)
        }
    }
}

impl FrostglassPicture {
    /// # Safety
    /// The planes' bytes are valid until the picture is done with.
    unsafe fn borrow<'a>(&self) -> Result<Picture<'a>> {
        let mut planes = [None; 3];
        for (plane, given) in planes.iter_mut().zip(&self.planes) {
            if !given.bytes.is_null() {
                // SAFETY: as the caller promises.
                let bytes = unsafe { borrowed(given.bytes, given.length) }?;
                let &FrostglassPlane { row_stride, pixel_stride, .. } = given;
                *plane = Some(PlaneIn { bytes, row_stride, pixel_stride });
            }
        }
        let crop = Rect::new(self.crop_x, self.crop_y, self.crop_width, self.crop_height);
        Ok(Picture {
            format: self.format,
            meaning: self.meaning,
            width: self.width,
            height: self.height,
            planes,
            crop: (self.cropped != 0).then_some(crop),
            rotation_degrees: self.rotation_degrees,
            mirror: self.mirror != 0,
        })
    }
}

impl FrostglassReason {
    /// Cut at a character, so that it stays UTF-8.
    fn write(&mut self, reason: &str) {
        let kept = reason.floor_char_boundary(self.text.len() - 1);
        for (to, from) in self.text.iter_mut().zip(&reason.as_bytes()[..kept]) {
            *to = from.cast_signed() as c_char;
        }
        self.text[kept] = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_reason_is_cut_at_a_character() {
        let mut reason = FrostglassReason { text: [1; 512] };
        reason.write(&"é".repeat(300));
        // SAFETY: `write` ends it with a zero.
        let text = unsafe { CStr::from_ptr(reason.text.as_ptr()) }.to_str().unwrap();
        assert_eq!(text, "é".repeat(255));
    }
}
