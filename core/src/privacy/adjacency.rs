//! What two inputs may differ in for a promise to speak of them.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::error::{Error, ErrorKind, Result};

/// The difference between two inputs that a promise covers (SPEC section 2, "Sensitivity").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Adjacency {
    /// One activation of the map, before normalisation. It does not cover even one pixel of the
    /// photograph, which moves many activations.
    Activation,
    /// Any change inside one square patch of this many pixels a side, at the network's input.
    Patch(usize),
    /// Any change to the whole picture.
    Image,
}

impl Adjacency {
    /// What stays hidden under this adjacency, in words for a receipt.
    pub fn in_words(self) -> String {
        match self {
            Self::Activation => {
                "one number of the feature map; not one pixel of the photograph".into()
            }
            Self::Patch(1) => "one pixel of the network's input".into(),
            Self::Patch(side) => {
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
            Self::Patch(side) => write!(f, "patch({side})"),
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
            (_, Some(side)) => side.parse().map(Self::Patch).map_err(|_| {
                wrong(format!("a patch's side must be a whole number of pixels, not {side:?}"))
            }),
            _ => Err(wrong(format!(
                "there is no unit {text:?}; there are activation, patch(PIXELS) and image"
            ))),
        }
    }
}
