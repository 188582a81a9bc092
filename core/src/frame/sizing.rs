//! From a picture's size and a card's resize rule: the size to resize to and the part to keep.

use super::input_spec::{CropRule, Filter, InputSpec, ResizeRule};
use crate::error::{Error, ErrorKind, Result};

/// What happens to an upright picture of one size on its way to the tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sizing {
    /// Width and height after resizing.
    pub(super) resized: (usize, usize),
    /// Column and row of the resized picture where the tensor's left upper pixel lies.
    pub(super) corner: (usize, usize),
}

impl Sizing {
    /// For a picture of `width` x `height` pixels, neither of them zero. `spec` has passed
    /// [`check_spec`].
    ///
    /// With [`ResizeRule::ShortSide`] the longer side becomes short_side x longer / shorter,
    /// rounded down; the centre crop starts at half of what is left over, a half rounded to the
    /// even side. Both are torchvision's rules (`Resize`, `CenterCrop`), which most published
    /// classifiers were evaluated with.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Frame`]: the resized picture must have the tensor's size and has not, or
    /// resizing would need more than 512 MiB.
    pub(super) fn new(spec: &InputSpec, width: usize, height: usize) -> Result<Self> {
        let [_, target_height, target_width] = spec.shape;
        let resized = match spec.resize {
            ResizeRule::Exact => (target_width, target_height),
            ResizeRule::ShortSide => {
                let short = width.min(height);
                let scaled = |side: usize| {
                    let scaled = spec.short_side as u128 * side as u128 / short as u128;
                    usize::try_from(scaled).unwrap_or(usize::MAX)
                };
                (scaled(width), scaled(height))
            }
        };
        if spec.crop == CropRule::None && resized != (target_width, target_height) {
            return Err(Error::new(
                ErrorKind::Frame,
                format!(
                    "a picture of {width} x {height} resizes to {} x {}, and the model reads {target_width} x {target_height} without a crop; crop the frame to that aspect ratio",
                    resized.0, resized.1
                ),
            ));
        }
        if working_bytes(spec.filter, (width, height), resized) > MAX_WORKING_BYTES {
            return Err(Error::new(
                ErrorKind::Frame,
                format!(
                    "resizing {width} x {height} pixels to {} x {} would need more than {} MiB; crop the frame, or make it smaller first",
                    resized.0,
                    resized.1,
                    MAX_WORKING_BYTES >> 20
                ),
            ));
        }
        let corner = (half(resized.0 - target_width), half(resized.1 - target_height));
        Ok(Self { resized, corner })
    }
}

/// Refuses a card whose `[input]` no picture can be brought to.
///
/// # Errors
/// Kind [`ErrorKind::Model`]: not three channels, a side outside 1..=4096, a shorter side smaller
/// than the crop, a mean or scale that makes a value that is not finite.
pub(super) fn check_spec(spec: &InputSpec) -> Result<()> {
    let refuse = |message: String| Err(Error::new(ErrorKind::Model, message));
    let [channels, height, width] = spec.shape;
    let sides = 1..=MAX_SIDE;
    if channels != 3 || !sides.contains(&height) || !sides.contains(&width) {
        return refuse(format!(
            "the card's input shape is {:?}; it must be [3, H, W] with H and W from 1 to {MAX_SIDE}",
            spec.shape
        ));
    }
    if spec.resize == ResizeRule::ShortSide
        && !(height.max(width)..=MAX_SIDE).contains(&spec.short_side)
    {
        return refuse(format!(
            "the card's short_side is {}; for an input of {width} x {height} it must be from {} to {MAX_SIDE}",
            spec.short_side,
            height.max(width)
        ));
    }
    for (mean, scale) in spec.mean.into_iter().zip(spec.scale) {
        if [0.0, 255.0].into_iter().any(|byte: f32| !((byte - mean) * scale).is_finite()) {
            return refuse(format!(
                "the card's input has mean {mean} and scale {scale}; both must be finite, and so must be (byte - mean) * scale"
            ));
        }
    }
    Ok(())
}

const MAX_SIDE: usize = 4096;
const MAX_WORKING_BYTES: u128 = 512 << 20;

/// Half of a length, rounded to even.
fn half(length: usize) -> usize {
    let down = length / 2;
    down + (length & down & 1)
}

/// Bytes that resizing holds at most: the source and the result in three bytes a pixel, the
/// resampler's rows (source height x result width, 16 bytes each), and both axes' coefficients.
fn working_bytes(filter: Filter, from: (usize, usize), to: (usize, usize)) -> u128 {
    let wide = |n: usize| n as u128;
    let radius = match filter {
        Filter::Bilinear => 1,
        Filter::Lanczos3 => 3,
    };
    let coefficients = |from: usize, to: usize| {
        // Per result line: the filter's width over the source, and about 64 bytes to find it by.
        let taps = (2 * radius * from.div_ceil(to.max(1)) + 2).min(from);
        wide(to) * (4 * wide(taps) + 64)
    };
    3 * wide(from.0) * wide(from.1)
        + 16 * wide(to.0) * wide(from.1)
        + 3 * wide(to.0) * wide(to.1)
        + coefficients(from.0, to.0)
        + coefficients(from.1, to.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::ChannelOrder;
    use proptest::prelude::*;

    fn spec(resize: ResizeRule, crop: CropRule, short_side: usize, shape: [usize; 3]) -> InputSpec {
        InputSpec {
            name: "input".into(),
            shape,
            order: ChannelOrder::Rgb,
            resize,
            short_side,
            filter: Filter::Bilinear,
            crop,
            mean: [0.0; 3],
            scale: [1.0; 3],
        }
    }

    fn centred() -> InputSpec {
        spec(ResizeRule::ShortSide, CropRule::Centre, 256, [3, 227, 224])
    }

    /// torchvision: int(256 * 500 / 333) = 384; (384 - 224) / 2 = 80; round(29 / 2) = 14.
    #[test]
    fn the_short_side_rule_is_torchvisions() {
        let wide = Sizing::new(&centred(), 500, 333).unwrap();
        assert_eq!(wide, Sizing { resized: (384, 256), corner: (80, 14) });
        let tall = Sizing::new(&centred(), 333, 500).unwrap();
        assert_eq!(tall, Sizing { resized: (256, 384), corner: (16, 78) });
        // Python's round(): 0.5 -> 0, 1.5 -> 2, 2.5 -> 2.
        assert_eq!([0, 1, 2, 3, 4, 5].map(half), [0, 0, 1, 2, 2, 2]);
    }

    #[test]
    fn exact_takes_any_picture() {
        let exact = spec(ResizeRule::Exact, CropRule::None, 0, [3, 5, 7]);
        let sizing = Sizing::new(&exact, 1, 900).unwrap();
        assert_eq!(sizing, Sizing { resized: (7, 5), corner: (0, 0) });
    }

    #[test]
    fn without_a_crop_the_aspect_must_fit() {
        let uncropped = spec(ResizeRule::ShortSide, CropRule::None, 100, [3, 100, 100]);
        assert!(Sizing::new(&uncropped, 640, 640).is_ok());
        let error = Sizing::new(&uncropped, 640, 480).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Frame);
        assert!(error.message().contains("133 x 100"), "{error}");
    }

    #[test]
    fn a_sliver_is_refused_before_it_takes_memory() {
        for (width, height) in [(60_000, 1), (1, 60_000), (1 << 28, 1), (1, 1 << 28)] {
            let error = Sizing::new(&centred(), width, height).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Frame);
            assert!(error.message().contains("512 MiB"), "{error}");
        }
        let exact = spec(ResizeRule::Exact, CropRule::None, 0, [3, 1, 1]);
        assert!(Sizing::new(&exact, 100_000_000, 1).is_err());
        // A panorama and a camera's largest picture are no slivers.
        assert!(Sizing::new(&centred(), 16_000, 800).is_ok());
        assert!(Sizing::new(&centred(), 12_000, 9_000).is_ok());
    }

    #[test]
    fn cards_that_cannot_be_met_are_refused() {
        let refused = |change: fn(&mut InputSpec), part: &str| {
            let mut spec = centred();
            change(&mut spec);
            let error = check_spec(&spec).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Model);
            assert!(error.message().contains(part), "{error}");
        };
        assert!(check_spec(&centred()).is_ok());
        refused(|spec| spec.shape = [1, 8, 8], "[1, 8, 8]");
        refused(|spec| spec.shape = [3, 0, 8], "1 to 4096");
        refused(|spec| spec.shape = [3, 8, 4097], "4097");
        refused(|spec| spec.short_side = 226, "from 227");
        refused(|spec| spec.short_side = 4097, "4097");
        refused(|spec| spec.mean[1] = f32::NAN, "NaN");
        refused(|spec| spec.scale[2] = f32::INFINITY, "inf");
        refused(|spec| spec.scale[2] = f32::MAX, "finite");
    }

    proptest! {
        #[test]
        fn the_crop_lies_inside_the_resized_picture(width in 1usize..5000, height in 1usize..5000) {
            if let Ok(Sizing { resized, corner }) = Sizing::new(&centred(), width, height) {
                prop_assert_eq!(resized.0.min(resized.1), 256);
                prop_assert!(corner.0 + 224 <= resized.0 && corner.1 + 227 <= resized.1);
            }
        }
    }
}
