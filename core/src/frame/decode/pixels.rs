//! From whatever a decoder delivers to upright 8-bit sRGB.

use super::colour_profile::ToSrgb;
use super::{Picture, Room, damaged};
use crate::error::{Error, ErrorKind, Result};
use crate::frame::Rotation;
use crate::frame::orientation::Placement;
use crate::frame::rgb_rows::on_black;
use image::metadata::Orientation;
use image::{ColorType, ImageDecoder};

/// Decodes and converts one picture; `format` names it in errors.
pub(super) fn read(format: &str, mut decoder: impl ImageDecoder, room: &Room) -> Result<Picture> {
    let (width, height) = decoder.dimensions();
    let (width, height) = (width as usize, height as usize);
    let samples = Samples::of(decoder.color_type(), format)?;
    // Neither of them is worth losing the picture for.
    let (rotation, mirror) = turn(decoder.orientation().unwrap_or(Orientation::NoTransforms));
    let profile = decoder.icc_profile().ok().flatten();
    let to_srgb = ToSrgb::new(profile, samples.channels < 3);

    let is_done = matches!(samples, Samples { channels: 3, wide: false })
        && (rotation, mirror) == (Rotation::None, false)
        && matches!(to_srgb, ToSrgb::AsIs);
    let result_len = width * height * 3;
    room.check(decoder.total_bytes(), (!is_done).then_some(result_len as u64))?;

    let mut decoded = zeroed(decoder.total_bytes() as usize)?;
    decoder.read_image(&mut decoded).map_err(|error| damaged(format, error))?;
    if is_done {
        return Ok(Picture { width, height, rgb: decoded });
    }

    let placement = Placement::new(width, height, rotation, mirror);
    let mut rgb = zeroed(result_len)?;
    let pixels = rgb.as_chunks_mut::<3>().0;
    let mut row = vec![[0; 4]; width];
    let mut scratch = row.clone();
    let mut composed = vec![[0; 3]; width];
    for (y, stored) in decoded.chunks_exact(width * samples.bytes()).enumerate() {
        samples.expand(stored, &mut row);
        to_srgb.convert_row(&mut row, &mut scratch);
        for (place, [r, g, b, a]) in composed.iter_mut().zip(&row) {
            *place = [on_black(*r, *a), on_black(*g, *a), on_black(*b, *a)];
        }
        placement.place_row(y, &composed, pixels);
    }
    let (width, height) = rotation.upright_size(width, height);
    Ok(Picture { width, height, rgb })
}

/// How a decoder lays out one pixel.
#[derive(Clone, Copy)]
struct Samples {
    /// 1 gray, 2 gray and alpha, 3 colour, 4 colour and alpha.
    channels: usize,
    /// Sixteen bits each, in the machine's byte order, instead of eight.
    wide: bool,
}

impl Samples {
    fn of(colour: ColorType, format: &str) -> Result<Self> {
        let (channels, wide) = match colour {
            ColorType::L8 => (1, false),
            ColorType::La8 => (2, false),
            ColorType::Rgb8 => (3, false),
            ColorType::Rgba8 => (4, false),
            ColorType::L16 => (1, true),
            ColorType::La16 => (2, true),
            ColorType::Rgb16 => (3, true),
            ColorType::Rgba16 => (4, true),
            other => {
                return Err(Error::new(
                    ErrorKind::Frame,
                    format!(
                        "the {format} stores {other:?} pixels; 8 or 16 bits a sample can be read"
                    ),
                ));
            }
        };
        Ok(Self { channels, wide })
    }

    /// Bytes of one pixel.
    fn bytes(self) -> usize {
        self.channels * if self.wide { 2 } else { 1 }
    }

    /// Brings a stored row to 8-bit red, green, blue and straight alpha.
    fn expand(self, stored: &[u8], row: &mut [[u8; 4]]) {
        if self.wide {
            let narrow = |sample: &[u8]| {
                // 65535 = 257 x 255, so this is sample x 255 / 65535, rounded to nearest.
                let sample = u32::from(u16::from_ne_bytes([sample[0], sample[1]]));
                ((sample + 128) / 257) as u8
            };
            let pixels = stored.chunks_exact(2 * self.channels);
            row.iter_mut().zip(pixels).for_each(|(place, pixel)| {
                *place = self.colour(|channel| narrow(&pixel[2 * channel..]));
            });
        } else {
            let pixels = stored.chunks_exact(self.channels);
            row.iter_mut().zip(pixels).for_each(|(place, pixel)| {
                *place = self.colour(|channel| pixel[channel]);
            });
        }
    }

    fn colour(self, sample: impl Fn(usize) -> u8) -> [u8; 4] {
        match self.channels {
            1 => [sample(0), sample(0), sample(0), 255],
            2 => [sample(0), sample(0), sample(0), sample(1)],
            3 => [sample(0), sample(1), sample(2), 255],
            _ => [sample(0), sample(1), sample(2), sample(3)],
        }
    }
}

/// EXIF's orientation as a rotation and a mirror after it.
fn turn(orientation: Orientation) -> (Rotation, bool) {
    match orientation {
        Orientation::NoTransforms => (Rotation::None, false),
        Orientation::FlipHorizontal => (Rotation::None, true),
        Orientation::Rotate180 => (Rotation::Half, false),
        Orientation::FlipVertical => (Rotation::Half, true),
        Orientation::Rotate90FlipH => (Rotation::Clockwise90, true),
        Orientation::Rotate90 => (Rotation::Clockwise90, false),
        Orientation::Rotate270FlipH => (Rotation::Clockwise270, true),
        Orientation::Rotate270 => (Rotation::Clockwise270, false),
    }
}

fn zeroed(len: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(len).map_err(|_| {
        Error::new(ErrorKind::System, format!("there is no memory for {len} bytes of pixels"))
    })?;
    bytes.resize(len, 0);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_jpeg_or_png_stores_is_refused() {
        let error = Samples::of(ColorType::Rgb32F, "PNG").err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Frame);
        assert!(error.message().contains("8 or 16 bits"), "{error}");
    }

    #[test]
    fn missing_memory_is_an_error() {
        assert_eq!(zeroed(usize::MAX).unwrap_err().kind(), ErrorKind::System);
    }
}
