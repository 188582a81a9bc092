//! PNG files.

use super::pixels::{Samples, Stored, zeroed};
use super::{MAX_SIDE, Picture, Room, check_size, exif, refusal};
use crate::error::Result;
use image::codecs::png::PngDecoder;
use image::{ImageDecoder, ImageError, Limits};
use std::io::Cursor;

pub(super) fn decode(bytes: &[u8]) -> Result<Picture> {
    let cut_short = || refusal("the PNG is cut short; the whole file is needed");
    match chunks(bytes).next().ok_or_else(cut_short)? {
        (b"CgBI", _) => {
            return Err(refusal(
                "the PNG is of the kind that Xcode writes into apps for iOS (CgBI), which no other PNG reader takes; give the picture that was there before",
            ));
        }
        (b"IHDR", &[w3, w2, w1, w0, h3, h2, h1, h0, ..]) => {
            check_size(u32::from_be_bytes([w3, w2, w1, w0]), u32::from_be_bytes([h3, h2, h1, h0]))?
        }
        (b"IHDR", _) => return Err(cut_short()),
        _ => return Err(refusal("the PNG is damaged: it does not begin with its header")),
    }
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    // Not the picture, for which we make room, but everything else a file may hold.
    limits.max_alloc = Some(EXTRAS);
    let mut decoder =
        PngDecoder::with_limits(Cursor::new(bytes), limits).map_err(|error| what_failed(&error))?;
    let (width, height) = decoder.dimensions();
    // It may stand behind the pixels, where the decoder has not come to yet.
    let exif = chunks(bytes).find(|(name, _)| *name == b"eXIf");
    let turn = exif.map_or_else(Default::default, |(_, tiff)| exif::turn(tiff));
    let stored = Stored::new(
        (width as usize, height as usize),
        Samples::of(decoder.color_type())?,
        turn,
        // A broken profile is not worth losing the picture for.
        decoder.icc_profile().ok().flatten(),
    );
    stored.check(&Room { file: bytes.len() as u64, decoder: EXTRAS })?;
    let mut decoded = zeroed(stored.decoded_len())?;
    decoder.read_image(&mut decoded).map_err(|error| what_failed(&error))?;
    stored.finish(decoded)
}

/// For texts, colour profile and animation tables.
const EXTRAS: u64 = 32 << 20;

/// Name and contents of the chunks, as far as the file goes. The contents of one that is cut short
/// are what there is.
fn chunks(bytes: &[u8]) -> impl Iterator<Item = (&[u8; 4], &[u8])> {
    let mut rest = &bytes[SIGNATURE.min(bytes.len())..];
    std::iter::from_fn(move || {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (name, after) = after.split_first_chunk::<4>()?;
        let length = (u32::from_be_bytes(*length) as usize).min(after.len());
        let (contents, after) = after.split_at(length);
        // A checksum follows.
        rest = after.get(4..).unwrap_or(&[]);
        Some((name, contents))
    })
}

const SIGNATURE: usize = 8;

/// What the decoder says, in one line.
fn what_failed(error: &ImageError) -> crate::Error {
    let what = match error {
        ImageError::Unsupported(_) => "is of a kind that cannot be read",
        ImageError::Limits(_) => "needs more memory than a picture may",
        _ => "is damaged",
    };
    let said = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    refusal(format!("the PNG {what} ({said})"))
}
