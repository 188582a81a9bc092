//! Pixels as an app has them, turned into what a network reads.
//!
//! A [`Frame`] borrows pixels in the form in which a camera or a bitmap hands them out, with the
//! crop, rotation and mirroring that apply to them. A [`Preparer`], made once from a card's
//! [`InputSpec`], turns any number of frames into input tensors and allocates nothing while their
//! crop keeps its size.
//!
//! ```
//! use frostglass::frame::{ChannelOrder, CropRule, Filter, Frame, InputSpec, Preparer, Rect, ResizeRule};
//!
//! let spec = InputSpec {
//!     name: "input".into(),
//!     shape: [3, 2, 2],
//!     order: ChannelOrder::Rgb,
//!     resize: ResizeRule::Exact,
//!     short_side: 0,
//!     filter: Filter::Bilinear,
//!     crop: CropRule::None,
//!     mean: [0.0; 3],
//!     scale: [1.0; 3],
//! };
//! let mut preparer = Preparer::new(&spec)?;
//!
//! let camera = vec![128; 8 * 4 * 4];
//! let frame = Frame::rgba8(&camera, 8, 4)?.crop(Rect::new(2, 0, 4, 4))?.mirror(true);
//! let mut tensor = vec![0.0; preparer.tensor_len()];
//! preparer.prepare(&frame, &mut tensor)?;
//! assert_eq!(tensor, [128.0; 12]);
//! # Ok::<_, frostglass::Error>(())
//! ```
//!
//! # From a stored picture to the upright one
//!
//! Three things apply, always in this order:
//!
//! 1. the *crop* is taken, in the coordinates of the picture as it is stored (as CameraX's `cropRect`);
//! 2. the *rotation* turns it clockwise until it is upright (as CameraX's `rotationDegrees`);
//! 3. the *mirror* swaps left and right of the upright picture (as a selfie preview does).
//!
//! ```text
//!      stored, 4 x 2        crop (1,0) 2 x 2      rotation 90       mirror
//!      A B C D                  B C                 F B               B F
//!      E F G H                  F G                 G C               C G
//! ```
//!
//! A file decoded by `decode` (core feature of that name) is upright already, so a crop of it is
//! in the coordinates that a person sees.

#[cfg(feature = "decode")]
mod decode;
mod footprint;
mod input_spec;
mod orientation;
mod preparer;
mod resampler;
mod rgb_rows;
mod sizing;
mod source;
mod yuv;

#[cfg(feature = "decode")]
pub use decode::{Picture, decode};
pub use footprint::Footprint;
pub use input_spec::{ChannelOrder, CropRule, Filter, InputSpec, ResizeRule};
pub use orientation::{Rect, Rotation};
pub use preparer::Preparer;
pub use source::{Alpha, Frame, PixelFormat};
pub use yuv::{Plane, YuvEncoding};
