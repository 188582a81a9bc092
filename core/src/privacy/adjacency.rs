//! What two inputs may differ in for a promise to speak of them.

use std::fmt;

use serde::Serialize;

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
