//! The public grid that every release lies on: whole numbers of a public step.

use serde::Serialize;

/// The integers that a release is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum GridInteger {
    /// -127 to 127, one byte.
    I8,
    /// -32767 to 32767, two bytes, least significant first.
    I16,
}

impl GridInteger {
    /// The largest magnitude: values beyond saturate there. Symmetric, so that a sign tells nothing.
    pub fn bound(self) -> f32 {
        match self {
            Self::I8 => 127.0,
            Self::I16 => 32767.0,
        }
    }

    /// Bytes of one value.
    pub fn bytes(self) -> usize {
        match self {
            Self::I8 => 1,
            Self::I16 => 2,
        }
    }
}

impl std::fmt::Display for GridInteger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::I8 => "i8",
            Self::I16 => "i16",
        })
    }
}

/// A grid: a value stands for `integer * step`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// The integers.
    pub integer: GridInteger,
    /// The size of one step, in units of the map; finite and positive.
    pub step: f32,
}
