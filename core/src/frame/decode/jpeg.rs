//! JPEG files.

use super::jpeg_outline::{Colours, JpegOutline};
use super::pixels::{Samples, Stored};
use super::{Picture, Room, exif, refusal};
use crate::error::Result;
use jpeg_decoder::{ColorTransform, Decoder, Error};

pub(super) fn decode(bytes: &[u8]) -> Result<Picture> {
    let outline = JpegOutline::read(bytes)?;
    let room = Room { file: bytes.len() as u64, decoder: outline.decoder_bytes() };
    let channels = if outline.colours == Colours::Gray { 1 } else { 3 };
    let turn = outline.exif.map_or_else(Default::default, exif::turn);
    let stored = Stored::new(
        (outline.width as usize, outline.height as usize),
        Samples { channels, wide: false },
        turn,
        outline.colour_profile(),
    );
    stored.check(&room)?;

    let mut decoder = Decoder::new(&outline.stream[..]);
    // Gray has no transform to choose.
    match outline.colours {
        Colours::Gray => {}
        Colours::Rgb => decoder.set_color_transform(ColorTransform::RGB),
        Colours::YCbCr => decoder.set_color_transform(ColorTransform::YCbCr),
    }
    let decoded = decoder.decode().map_err(|error| what_failed(&error))?;
    let size = decoder.info().map(|info| (u32::from(info.width), u32::from(info.height)));
    if size != Some((outline.width, outline.height)) {
        return Err(refusal("the JPEG is damaged: it states more than one size"));
    }
    drop(decoder);
    stored.finish(decoded)
}

/// What the decoder says, in one line.
fn what_failed(error: &Error) -> crate::Error {
    let said = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    let what = match error {
        Error::Unsupported(_) => "is of a kind that cannot be read",
        Error::Internal(_) => "could not be decoded",
        _ => "is damaged",
    };
    refusal(format!("the JPEG {what} ({said})"))
}
