//! [`Preparer`]: frames to input tensors.

use zeroize::Zeroize;

use super::input_spec::{ChannelOrder, InputSpec};
use super::resampler::Resampler;
use super::rgb_rows::{Rgb, write_upright};
use super::sizing::{Sizing, check_spec};
use super::source::Frame;
use crate::error::{Error, ErrorKind, Result};

/// Turns frames into the tensor that one model reads. Make it once for a session.
///
/// A frame's crop becomes upright 8-bit RGB, is resized by the card's rule (to 8 bits again), cut
/// to the input's size, and normalised to `(byte - mean[c]) * scale[c]`. A crop that already has
/// the size it would be resized to is not resampled: its bytes are taken as they are.
///
/// Memory grows with the largest crop seen and is kept. The first frame of a crop's size
/// allocates; those that follow it with the same size do not, whatever their format, rotation by
/// 180 degrees or mirror.
pub struct Preparer {
    spec: InputSpec,
    row: Vec<Rgb>,
    upright: Vec<Rgb>,
    resized: Vec<Rgb>,
    resampler: Option<Resampler>,
}

impl Preparer {
    /// For the model that reads this.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Model`]: the shape is not `[3, H, W]` with H and W from 1 to 4096; the
    /// shorter side after resizing is smaller than the crop; or a mean and a scale give values
    /// that are not finite.
    pub fn new(spec: &InputSpec) -> Result<Self> {
        check_spec(spec)?;
        let (row, upright, resized) = Default::default();
        Ok(Self { spec: spec.clone(), row, upright, resized, resampler: None })
    }

    /// How many values the tensor has: 3 x H x W.
    pub fn tensor_len(&self) -> usize {
        self.spec.shape.iter().product()
    }

    /// Writes the frame's tensor, laid out `[channel][row][column]`, to `tensor`, which has
    /// exactly [`tensor_len`](Self::tensor_len) values. After an error it is as it was.
    ///
    /// # Errors
    /// - Kind [`ErrorKind::Buffer`]: `tensor` has another length.
    /// - Kind [`ErrorKind::Frame`]: the crop's shape cannot be brought to the model's (a card
    ///   that resizes by the shorter side and does not crop), or resizing it would take more than
    ///   512 MiB.
    /// - Kind [`ErrorKind::System`]: there is no memory for a crop of this size.
    pub fn prepare(&mut self, frame: &Frame<'_>, tensor: &mut [f32]) -> Result<()> {
        if tensor.len() != self.tensor_len() {
            let [_, height, width] = self.spec.shape;
            return Err(Error::new(
                ErrorKind::Buffer,
                format!(
                    "the tensor has room for {} values; 3 x {height} x {width} needs exactly {}",
                    tensor.len(),
                    self.tensor_len()
                ),
            ));
        }
        let size = frame.upright_size();
        let sizing = Sizing::new(&self.spec, size.0, size.1)?;

        let row = room(&mut self.row, frame.crop_rect().width)?;
        let upright = room(&mut self.upright, size.0 * size.1)?;
        write_upright(frame, row, upright);

        let picture = if size == sizing.resized {
            upright
        } else {
            let filter = self.spec.filter;
            let resampler = match &mut self.resampler {
                Some(kept) if kept.is_for(filter, size, sizing.resized) => kept,
                other => {
                    // The old one goes first, so that both never stand in memory together.
                    *other = None;
                    other.insert(Resampler::new(filter, size, sizing.resized)?)
                }
            };
            let resized = room(&mut self.resized, sizing.resized.0 * sizing.resized.1)?;
            resampler.run(upright, resized)?;
            resized
        };
        write_tensor(&self.spec, picture, &sizing, tensor);
        Ok(())
    }

    /// Overwrites the pixels that the last frame left in working memory, but for what the
    /// resampling library keeps between its two passes.
    pub fn wipe(&mut self) {
        for pixels in [&mut self.row, &mut self.upright, &mut self.resized] {
            pixels.as_flattened_mut().zeroize();
        }
    }
}

impl Drop for Preparer {
    fn drop(&mut self) {
        self.wipe();
    }
}

/// The first `len` colours of a buffer, which grows when it must and never shrinks.
fn room(buffer: &mut Vec<Rgb>, len: usize) -> Result<&mut [Rgb]> {
    if let Some(missing) = len.checked_sub(buffer.len()) {
        buffer.try_reserve_exact(missing).map_err(|_| {
            Error::new(ErrorKind::System, format!("there is no memory for {len} pixels"))
        })?;
        buffer.resize(len, [0; 3]);
    }
    Ok(&mut buffer[..len])
}

/// Normalises the part of `picture` that the sizing keeps.
fn write_tensor(spec: &InputSpec, picture: &[Rgb], sizing: &Sizing, tensor: &mut [f32]) {
    let colours = match spec.order {
        ChannelOrder::Rgb => [0, 1, 2],
        ChannelOrder::Bgr => [2, 1, 0],
    };
    let [_, height, width] = spec.shape;
    let (left, top) = sizing.corner;
    for (channel, plane) in tensor.chunks_exact_mut(width * height).enumerate() {
        let (colour, mean, scale) = (colours[channel], spec.mean[channel], spec.scale[channel]);
        let kept = picture.chunks_exact(sizing.resized.0).skip(top);
        for (values, row) in plane.chunks_exact_mut(width).zip(kept) {
            for (value, pixel) in values.iter_mut().zip(&row[left..]) {
                *value = (f32::from(pixel[colour]) - mean) * scale;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{CropRule, Filter, Rect, ResizeRule, Rotation};
    use proptest::prelude::*;

    fn spec(resize: ResizeRule, crop: CropRule, filter: Filter, shape: [usize; 3]) -> InputSpec {
        InputSpec {
            name: "input".into(),
            shape,
            order: ChannelOrder::Rgb,
            resize,
            short_side: 8,
            filter,
            crop,
            mean: [0.0; 3],
            scale: [1.0; 3],
        }
    }

    fn exact(filter: Filter, width: usize, height: usize) -> InputSpec {
        spec(ResizeRule::Exact, CropRule::None, filter, [3, height, width])
    }

    fn prepared(spec: &InputSpec, frame: &Frame<'_>) -> Vec<f32> {
        let mut preparer = Preparer::new(spec).unwrap();
        let mut tensor = vec![f32::NAN; preparer.tensor_len()];
        preparer.prepare(frame, &mut tensor).unwrap();
        tensor
    }

    #[test]
    fn values_are_byte_minus_mean_times_scale_by_channel() {
        let mut spec = exact(Filter::Bilinear, 2, 1);
        spec.mean = [10.0, 20.0, 30.0];
        spec.scale = [1.0, 0.5, 2.0];
        let frame = Frame::rgb8(&[1, 2, 3, 4, 5, 6], 2, 1).unwrap();
        assert_eq!(prepared(&spec, &frame), [-9.0, -6.0, -9.0, -7.5, -54.0, -48.0]);
        spec.order = ChannelOrder::Bgr;
        assert_eq!(prepared(&spec, &frame), [-7.0, -4.0, -9.0, -7.5, -58.0, -52.0]);
    }

    #[test]
    fn the_centre_is_cut_from_a_picture_that_needs_no_resizing() {
        let rule = spec(ResizeRule::ShortSide, CropRule::Centre, Filter::Lanczos3, [3, 4, 2]);
        let bytes: Vec<u8> = (0..80).collect();
        let tensor = prepared(&rule, &Frame::gray8(&bytes, 10, 8).unwrap());
        // 10 x 8: columns 4 and 5, rows 2 to 5.
        let plane = [24.0, 25.0, 34.0, 35.0, 44.0, 45.0, 54.0, 55.0];
        assert_eq!(tensor, [plane, plane, plane].concat());
    }

    /// Halving with a triangle of radius 2 gives weights 1, 3, 3, 1 (over 8) away from the edges.
    #[test]
    fn shrinking_widens_the_triangle() {
        let row: Vec<u8> = vec![0, 0, 0, 80, 0, 0, 0, 0];
        let tensor = prepared(&exact(Filter::Bilinear, 4, 1), &Frame::gray8(&row, 8, 1).unwrap());
        assert_eq!(tensor[..4], [0.0, 30.0, 10.0, 0.0]);
    }

    /// Enlarging by two interpolates at quarters.
    #[test]
    fn enlarging_interpolates_between_pixel_centres() {
        let tensor =
            prepared(&exact(Filter::Bilinear, 4, 1), &Frame::gray8(&[0, 100], 2, 1).unwrap());
        assert_eq!(tensor[..4], [0.0, 25.0, 75.0, 100.0]);
    }

    #[test]
    fn lanczos_overshoot_is_clamped_to_bytes() {
        let row: Vec<u8> = (0..32).map(|x| if x < 16 { 0 } else { 255 }).collect();
        let tensor = prepared(&exact(Filter::Lanczos3, 64, 1), &Frame::gray8(&row, 32, 1).unwrap());
        assert!(tensor.iter().all(|value| (0.0..=255.0).contains(value)));
        assert_eq!((tensor[0], tensor[63]), (0.0, 255.0));
    }

    #[test]
    fn errors_leave_the_tensor_alone() {
        let frame = Frame::gray8(&[0; 6], 3, 2).unwrap();
        let mut preparer = Preparer::new(&exact(Filter::Bilinear, 2, 2)).unwrap();
        let mut short = [7.0; 11];
        let error = preparer.prepare(&frame, &mut short).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Buffer);
        assert!(error.message().contains("11 values") && error.message().contains("12"), "{error}");
        assert_eq!(short, [7.0; 11]);

        let uncropped = spec(ResizeRule::ShortSide, CropRule::None, Filter::Bilinear, [3, 8, 8]);
        let mut preparer = Preparer::new(&uncropped).unwrap();
        let mut tensor = [7.0; 192];
        let error = preparer.prepare(&frame, &mut tensor).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Frame);
        assert_eq!(tensor, [7.0; 192]);
        let square = frame.crop(Rect::new(1, 0, 2, 2)).unwrap();
        preparer.prepare(&square, &mut tensor).unwrap();
        assert_eq!(tensor, [0.0; 192]);
    }

    #[test]
    fn wiping_leaves_no_pixel_behind() {
        let mut preparer = Preparer::new(&exact(Filter::Bilinear, 2, 2)).unwrap();
        let frame = Frame::gray8(&[9; 12], 4, 3).unwrap();
        preparer.prepare(&frame, &mut [0.0; 12]).unwrap();
        preparer.wipe();
        let left = [&preparer.row, &preparer.upright, &preparer.resized];
        assert!(left.iter().all(|pixels| pixels.iter().all(|pixel| *pixel == [0; 3])));
        assert!(left.iter().any(|pixels| !pixels.is_empty()));
    }

    #[test]
    fn a_card_that_makes_no_sense_is_a_model_error() {
        let refused = Preparer::new(&exact(Filter::Bilinear, 0, 2)).err().unwrap();
        assert_eq!(refused.kind(), ErrorKind::Model);
    }

    proptest! {
        /// One preparer through frames of many sizes gives what a fresh one gives for each.
        #[test]
        fn what_came_before_leaves_no_trace(
            sizes in prop::collection::vec((1usize..20, 1usize..20), 1..6), seed: u8,
        ) {
            let spec = exact(Filter::Lanczos3, 5, 4);
            let mut preparer = Preparer::new(&spec).unwrap();
            let bytes: Vec<u8> = (0..400usize).map(|i| (i * 73) as u8 ^ seed).collect();
            for (width, height) in sizes {
                let frame = Frame::gray8(&bytes, width, height).unwrap();
                let mut tensor = vec![f32::NAN; preparer.tensor_len()];
                preparer.prepare(&frame, &mut tensor).unwrap();
                prop_assert_eq!(&tensor, &prepared(&spec, &frame));
            }
        }

        /// A turned frame gives bit for bit what the same pixels give when stored upright.
        #[test]
        fn turning_comes_before_resizing(
            width in 1usize..20, height in 1usize..20, mirror: bool,
            degrees in prop::sample::select(vec![0, 90, 180, 270]),
        ) {
            let bytes: Vec<u8> = (0..width * height).map(|i| (i * 73) as u8).collect();
            let rotation = Rotation::from_degrees(degrees).unwrap();
            let turned = Frame::gray8(&bytes, width, height).unwrap()
                .rotation(rotation).mirror(mirror);
            let (upright_width, upright_height) = turned.upright_size();
            let identity = exact(Filter::Bilinear, upright_width, upright_height);
            let plane = upright_width * upright_height;
            let upright: Vec<u8> =
                prepared(&identity, &turned)[..plane].iter().map(|v| *v as u8).collect();
            let stored_upright = Frame::gray8(&upright, upright_width, upright_height).unwrap();
            let spec = exact(Filter::Bilinear, 6, 5);
            prop_assert_eq!(prepared(&spec, &turned), prepared(&spec, &stored_upright));
        }
    }
}
