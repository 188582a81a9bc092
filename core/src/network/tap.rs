//! A tap: a place in a network, and what is done to the map there.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, ErrorKind, Result};
use crate::sanitize::Hold;

/// What stands before a layer's name.
const INPUT_OF: &str = "in:";

/// Where a tap holds a map.
///
/// As text: a tensor's ONNX name, or `in:LAYER`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The tensor of this name.
    Tensor(String),
    /// The input feature map of the layer of this name, the paper's word: the one tensor that the node
    /// computes from. A node without a name goes by its first output.
    InputOf(String),
}

impl FromStr for Place {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let place = match text.strip_prefix(INPUT_OF) {
            Some(layer) => Self::InputOf(layer.to_owned()),
            None => Self::Tensor(text.to_owned()),
        };
        match &place {
            Self::Tensor(name) | Self::InputOf(name) if name.is_empty() => {
                Err(Error::new(ErrorKind::Tap, "a tap needs a tensor's name, or in: and a layer's"))
            }
            _ => Ok(place),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tensor(name) => f.write_str(name),
            Self::InputOf(layer) => write!(f, "{INPUT_OF}{layer}"),
        }
    }
}

/// A tap: every layer that reads the tensor there reads it held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tap {
    /// Where.
    pub place: Place,
    /// How; its window is at least 2.
    pub hold: Hold,
}
