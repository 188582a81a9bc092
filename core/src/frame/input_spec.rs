//! What a network expects at its input: the `[input]` table of a card.

/// How a picture becomes a network's input tensor (FORMATS: the card's `[input]`).
///
/// Each value of the tensor is `(byte - mean[c]) * scale[c]`, laid out `[channel][row][column]`.
#[derive(Clone, Debug, PartialEq)]
pub struct InputSpec {
    /// The input tensor's name in the model.
    pub name: String,
    /// Channels (3), height and width in pixels.
    pub shape: [usize; 3],
    /// Which colour comes first.
    pub order: ChannelOrder,
    /// How the picture is brought to size.
    pub resize: ResizeRule,
    /// Length in pixels of the shorter side after [`ResizeRule::ShortSide`].
    pub short_side: usize,
    /// The resampling filter.
    pub filter: Filter,
    /// What is cut from the resized picture.
    pub crop: CropRule,
    /// Subtracted from each byte, per channel in the tensor's order.
    pub mean: [f32; 3],
    /// Multiplied after the subtraction, per channel in the tensor's order.
    pub scale: [f32; 3],
}

/// The order of the colour channels in the input tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelOrder {
    /// Red, green, blue.
    Rgb,
    /// Blue, green, red.
    Bgr,
}

/// How a picture is brought to size before the crop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResizeRule {
    /// Shorter side to `short_side`, aspect ratio kept.
    ShortSide,
    /// Both sides to the input's height and width, aspect ratio not kept.
    Exact,
}

/// A resampling filter, widened when shrinking so that it covers every source pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Triangle filter.
    Bilinear,
    /// Lanczos filter of radius 3.
    Lanczos3,
}

/// What is cut from the resized picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CropRule {
    /// The centre, of the input's height and width.
    Centre,
    /// Nothing: the resized picture already has the input's size.
    None,
}
