//! A small session, and its C face in a few words.
#![allow(unsafe_code, reason = "what C hands over is addresses")]
#![allow(dead_code, reason = "each test takes what it needs")]

use std::ffi::{CStr, CString};
use std::ptr;
use std::sync::Arc;

use frostglass_ffi::c::{
    FrostglassPicture, FrostglassPlane, FrostglassReason, frostglass_sanitize,
};
use frostglass_ffi::{ErrorKind, Front, ModelSource, Policy, Session, SessionOptions};

/// A network of one convolution and a pool: 3 x 8 x 8 in, 2 x 4 x 4 out (core/tests/packed.rs).
pub(crate) const LITTLE: &[u8] = include_bytes!("../../../../core/tests/packed/little.front");

pub(crate) fn open(policy: &str) -> Arc<Session> {
    open_with(policy, SessionOptions::default())
}

pub(crate) fn open_with(policy: &str, options: SessionOptions) -> Arc<Session> {
    let policy = Policy::parse(policy).unwrap();
    let source = ModelSource::PackedBytes { bytes: LITTLE.to_vec(), digest: None };
    let front = Front::open(source, &policy).unwrap();
    Session::open(&front, &policy, options).unwrap()
}

/// An 8 x 8 picture of four-byte pixels.
pub(crate) fn pixels() -> Vec<u8> {
    (0..8 * 8 * 4).map(|i| if i % 4 == 3 { 255 } else { (i * 29 % 251) as u8 }).collect()
}

pub(crate) fn plane(bytes: &[u8], row_stride: usize, pixel_stride: usize) -> FrostglassPlane {
    FrostglassPlane { bytes: bytes.as_ptr(), length: bytes.len(), row_stride, pixel_stride }
}

pub(crate) const NO_PLANE: FrostglassPlane =
    FrostglassPlane { bytes: ptr::null(), length: 0, row_stride: 0, pixel_stride: 0 };

/// The whole of an 8 x 8 RGBA picture.
pub(crate) fn rgba(pixels: &[u8]) -> FrostglassPicture {
    FrostglassPicture {
        format: 0,
        meaning: 2,
        width: 8,
        height: 8,
        planes: [plane(pixels, 0, 0), NO_PLANE, NO_PLANE],
        cropped: 0,
        crop_x: 0,
        crop_y: 0,
        crop_width: 0,
        crop_height: 0,
        rotation_degrees: 0,
        mirror: 0,
    }
}

/// Calls as C would: what was given, or the kind and the reason.
pub(crate) fn call(
    session: u64,
    picture: &FrostglassPicture,
    token: Option<&str>,
    release: &mut [u8],
) -> Result<i32, (i32, String)> {
    let token = token.map(|token| CString::new(token).unwrap());
    let token = token.as_ref().map_or(ptr::null(), |token| token.as_ptr());
    let mut reason = FrostglassReason { text: [0; 512] };
    // SAFETY: every pointer comes from a reference, and pictures here point into living slices.
    let given = unsafe {
        frostglass_sanitize(
            session,
            picture,
            token,
            release.as_mut_ptr(),
            release.len(),
            &raw mut reason,
        )
    };
    if given >= 0 {
        return Ok(given);
    }
    // SAFETY: the library ends it with a zero.
    let reason = unsafe { CStr::from_ptr(reason.text.as_ptr()) };
    Err((-given, reason.to_str().unwrap().to_owned()))
}

pub(crate) fn refused(answer: Result<i32, (i32, String)>, kind: ErrorKind) -> String {
    let (number, reason) = answer.expect_err("refused");
    assert_eq!(number, kind as i32, "{reason}");
    assert!(!reason.is_empty());
    reason
}
