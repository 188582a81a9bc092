//! Photographs from files.

use std::path::Path;

use frostglass::Error;
use frostglass::frame::{Frame, Picture, Rect, decode};

use crate::failure::Failure;
use crate::input;

/// The largest photograph file that is read.
const LARGEST_PHOTO: u64 = 256 << 20;

/// Decodes a JPEG or PNG file, upright.
pub(crate) fn read(path: &Path) -> Result<Picture, Failure> {
    let bytes = input::read(path, LARGEST_PHOTO)?;
    decode(&bytes).map_err(|error| Failure::of(path.display(), &error))
}

/// The picture, or the part of it that is asked for.
pub(crate) fn frame(picture: &Picture, crop: Option<Rect>) -> Result<Frame<'_>, Error> {
    let frame = picture.frame();
    match crop {
        Some(crop) => frame.crop(crop),
        None => Ok(frame),
    }
}
