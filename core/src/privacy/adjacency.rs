//! What two inputs may differ in for a promise to speak of them.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::error::{Error, ErrorKind, Result};

/// The side of a square patch, in pixels of the network's input: 1 to 65536.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct PatchSide(usize);

impl PatchSide {
    const LARGEST: usize = 65_536;

    /// A patch of this many pixels a side.
    ///
    /// # Errors
    /// [`ErrorKind::Policy`] unless it is 1 to 65536.
    pub fn new(pixels: usize) -> Result<Self> {
        if (1..=Self::LARGEST).contains(&pixels) {
            return Ok(Self(pixels));
        }
        let message = format!("a patch must be 1 to 65536 pixels wide, not {pixels}");
        Err(Error::new(ErrorKind::Policy, message))
    }

    /// The number of pixels.
    pub const fn get(self) -> usize {
        self.0
    }

    /// The patches that every receipt speaks of: one pixel, and 8 x 8.
    pub(crate) const USUAL: [Self; 2] = [Self(1), Self(8)];
}

/// The difference between two inputs that a promise covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Adjacency {
    /// One activation of the map, before normalisation. It does not cover even one pixel of the
    /// photograph, which moves many activations.
    Activation,
    /// Any change inside one square patch, at the network's input.
    Patch(PatchSide),
    /// Any change to the whole picture.
    Image,
}

impl Adjacency {
    /// Any change inside one square patch of this many pixels a side, at the network's input.
    ///
    /// # Errors
    /// [`ErrorKind::Policy`] unless the side is 1 to 65536.
    pub fn patch(pixels: usize) -> Result<Self> {
        PatchSide::new(pixels).map(Self::Patch)
    }

    /// What stays hidden under this adjacency, in words for a receipt.
    pub fn in_words(self) -> String {
        match self {
            Self::Activation => {
                "one number of the feature map; not one pixel of the photograph".into()
            }
            Self::Patch(PatchSide(1)) => "one pixel of the network's input".into(),
            Self::Patch(PatchSide(side)) => {
                format!("one patch of {side} x {side} pixels of the network's input")
            }
            Self::Image => "the whole photograph against any other".into(),
        }
    }
}

impl fmt::Display for Adjacency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Activation => f.write_str("activation"),
            Self::Patch(side) => write!(f, "patch({})", side.get()),
            Self::Image => f.write_str("image"),
        }
    }
}

/// Reads what [`Display`](fmt::Display) writes: `activation`, `patch(8)` or `image`.
impl FromStr for Adjacency {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = |message| Error::new(ErrorKind::Policy, message);
        let side = text.strip_prefix("patch").map(str::trim).and_then(|rest| {
            rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).map(str::trim)
        });
        match (text, side) {
            ("activation", _) => Ok(Self::Activation),
            ("image", _) => Ok(Self::Image),
            (_, Some(side)) => side.parse().map_or_else(
                |_| {
                    Err(wrong(format!(
                        "a patch's side must be a whole number of pixels, not {side:?}"
                    )))
                },
                Self::patch,
            ),
            _ => Err(wrong(format!(
                "there is no unit {text:?}; there are activation, patch(PIXELS) and image"
            ))),
        }
    }
}
