//! From whatever a decoder delivers to upright 8-bit sRGB.

use super::colour_profile::ToSrgb;
use super::{Picture, Room, refusal};
use crate::error::{Error, ErrorKind, Result};
use crate::frame::Rotation;
use crate::frame::orientation::Placement;
use crate::frame::rgb_rows::on_black;
use image::ColorType;

/// A picture as its file stores it, but for the pixels.
pub(super) struct Stored {
    width: usize,
    height: usize,
    samples: Samples,
    rotation: Rotation,
    mirror: bool,
    to_srgb: ToSrgb,
}

impl Stored {
    /// A picture of this width and height, neither of them zero; `turn` is the rotation, and the
    /// mirror after it, that make it upright, `profile` the ICC profile of its colours.
    pub(super) fn new(
        (width, height): (usize, usize),
        samples: Samples,
        (rotation, mirror): (Rotation, bool),
        profile: Option<Vec<u8>>,
    ) -> Self {
        let to_srgb = ToSrgb::new(profile, samples.channels < 3);
        Self { width, height, samples, rotation, mirror, to_srgb }
    }

    /// Bytes of its pixels as a decoder delivers them.
    pub(super) fn decoded_len(&self) -> usize {
        self.width * self.height * self.samples.bytes()
    }

    /// Refuses it where decoding and conversion together would take too much memory.
    pub(super) fn check(&self, room: &Room) -> Result<()> {
        let result = (!self.is_done()).then_some(self.result_len() as u64);
        room.check(self.decoded_len() as u64, result)
    }

    /// Converts its pixels, as a decoder delivers them.
    pub(super) fn finish(self, decoded: Vec<u8>) -> Result<Picture> {
        let (width, height) = (self.width, self.height);
        if decoded.len() != self.decoded_len() {
            return Err(refusal("the picture could not be decoded: pixels are missing"));
        }
        if self.is_done() {
            return Ok(Picture { width, height, rgb: decoded });
        }
        let placement = Placement::new(width, height, self.rotation, self.mirror);
        let mut rgb = zeroed(self.result_len())?;
        let pixels = rgb.as_chunks_mut::<3>().0;
        let mut row = vec![[0; 4]; width];
        let mut scratch = row.clone();
        let mut composed = vec![[0; 3]; width];
        for (y, stored) in decoded.chunks_exact(width * self.samples.bytes()).enumerate() {
            self.samples.expand(stored, &mut row);
            self.to_srgb.convert_row(&mut row, &mut scratch);
            for (place, [r, g, b, a]) in composed.iter_mut().zip(&row) {
                *place = [on_black(*r, *a), on_black(*g, *a), on_black(*b, *a)];
            }
            placement.place_row(y, &composed, pixels);
        }
        let (width, height) = self.rotation.upright_size(width, height);
        Ok(Picture { width, height, rgb })
    }

    /// Whether its pixels are upright 8-bit sRGB as they are.
    fn is_done(&self) -> bool {
        matches!(self.samples, Samples { channels: 3, wide: false })
            && (self.rotation, self.mirror) == (Rotation::None, false)
            && matches!(self.to_srgb, ToSrgb::AsIs)
    }

    fn result_len(&self) -> usize {
        self.width * self.height * 3
    }
}

/// How a decoder lays out one pixel.
#[derive(Clone, Copy)]
pub(super) struct Samples {
    /// 1 gray, 2 gray and alpha, 3 colour, 4 colour and alpha.
    pub(super) channels: usize,
    /// Sixteen bits each, in the machine's byte order, instead of eight.
    pub(super) wide: bool,
}

impl Samples {
    pub(super) fn of(colour: ColorType) -> Result<Self> {
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
                return Err(refusal(format!(
                    "the PNG stores {other:?} pixels; 8 or 16 bits a sample can be read"
                )));
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

/// So many zeros, or an error of kind [`ErrorKind::System`].
pub(super) fn zeroed(len: usize) -> Result<Vec<u8>> {
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
        let error = Samples::of(ColorType::Rgb32F).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Frame);
        assert!(error.message().contains("8 or 16 bits"), "{error}");
    }

    #[test]
    fn missing_memory_is_an_error() {
        assert_eq!(zeroed(usize::MAX).unwrap_err().kind(), ErrorKind::System);
    }
}
