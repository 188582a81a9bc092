//! What a budget speaks of.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, ErrorKind, Result};
use crate::privacy::{Adjacency, PatchSide};

/// What adjacent inputs differ in, for a budget: a release's own adjacencies, and a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// One activation of each release's map.
    Activation,
    /// One square patch, at the input of each release's network.
    Patch(PatchSide),
    /// One photograph. A ledger does not know which releases are of the same one, so that it adds up
    /// all of them, as if they were.
    Image,
    /// One person: all photographs of that person that this device sends, each replaced by any
    /// other. Every release may be of that person, so that all of them add up, each at what the
    /// whole image costs.
    Person,
}

impl Unit {
    /// What each single release is charged under.
    pub(super) fn of_one_release(self) -> Adjacency {
        match self {
            Self::Activation => Adjacency::Activation,
            Self::Patch(side) => Adjacency::Patch(side),
            Self::Image | Self::Person => Adjacency::Image,
        }
    }

    /// What all releases together hide, in words for a receipt.
    pub fn in_words(self) -> String {
        match self {
            Self::Person => {
                "one person: all photographs of that person that this device sent, each against any other photograph".into()
            }
            _ => self.of_one_release().in_words(),
        }
    }
}

impl From<Adjacency> for Unit {
    fn from(adjacency: Adjacency) -> Self {
        match adjacency {
            Adjacency::Activation => Self::Activation,
            Adjacency::Patch(side) => Self::Patch(side),
            Adjacency::Image => Self::Image,
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person => f.write_str("person"),
            _ => self.of_one_release().fmt(f),
        }
    }
}

/// Reads what [`Display`](fmt::Display) writes: `activation`, `patch(8)`, `image` or `person`.
impl FromStr for Unit {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "person" => Ok(Self::Person),
            _ if text == "activation" || text == "image" || text.starts_with("patch") => {
                text.parse::<Adjacency>().map(Self::from)
            }
            _ => Err(Error::new(
                ErrorKind::Ledger,
                format!(
                    "there is no unit {text:?}; there are activation, patch(PIXELS), image and person"
                ),
            )),
        }
    }
}
