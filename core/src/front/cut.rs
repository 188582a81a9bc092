//! A cut: where the front stops, and what its activations look like there.

use super::leakage::HeldLeakage;
use super::limits::MAX_TENSOR_ELEMENTS;
use crate::error::{Error, ErrorKind, Result};
use crate::grid::GridStep;

/// The longest name a card may give, in bytes.
const MAX_NAME: usize = 64;

/// A place where the network may be cut, with the public constants that belong to it.
///
/// Its numbers are sound by construction: no size is zero, every gain and the grid are finite and
/// positive, every offset is finite, and there is one gain and one offset a channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Cut {
    name: String,
    tensor: String,
    shape: [usize; 3],
    gain: Vec<f32>,
    offset: Vec<f32>,
    grid: GridStep,
    notes: String,
    signed: Option<bool>,
    held: Vec<HeldLeakage>,
}

impl Cut {
    /// A cut with a gain of 1, an offset of 0 and a grid of 1, for the tensor of this name.
    #[cfg(all(feature = "onnx", feature = "lab"))]
    pub(super) fn plain(tensor: &str, shape: [usize; 3]) -> Self {
        Self {
            name: tensor.to_owned(),
            tensor: tensor.to_owned(),
            shape,
            gain: vec![1.0; shape[0]],
            offset: vec![0.0; shape[0]],
            grid: GridStep::ONE,
            notes: String::new(),
            signed: None,
            held: Vec::new(),
        }
    }

    /// The name a person gave it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name of its tensor in the model.
    pub fn tensor(&self) -> &str {
        &self.tensor
    }

    /// Channels, rows and columns of the activations.
    pub fn shape(&self) -> [usize; 3] {
        self.shape
    }

    /// How many numbers the activations are: channels times rows times columns.
    pub fn activations(&self) -> usize {
        self.shape.iter().product()
    }

    /// What each channel is multiplied by before differential privacy clips it.
    pub fn gain(&self) -> &[f32] {
        &self.gain
    }

    /// What is added to each channel after its gain.
    pub fn offset(&self) -> &[f32] {
        &self.offset
    }

    /// The step of a plain release, where the policy names none.
    pub fn grid(&self) -> GridStep {
        self.grid
    }

    /// What the card says about it.
    pub fn notes(&self) -> &str {
        &self.notes
    }

    /// Whether its activations can be below zero, where the card says so: its author's word, which stands
    /// above what the layers show.
    pub fn signed(&self) -> Option<bool> {
        self.signed
    }

    /// What attacks made of held maps there, by ascending window; empty where none was measured.
    pub fn held(&self) -> &[HeldLeakage] {
        &self.held
    }
}

/// A cut as a card spells it, before its numbers have been looked at.
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) tensor: String,
    pub(super) shape: [usize; 3],
    pub(super) gain: Vec<f32>,
    pub(super) offset: Vec<f32>,
    pub(super) grid: f32,
    pub(super) notes: String,
    pub(super) signed: Option<bool>,
    pub(super) held: Vec<HeldLeakage>,
}

impl Draft {
    /// Checks every number; one gain or offset stands for all channels.
    pub(super) fn check(self) -> Result<Cut> {
        check_name("a cut's name", &self.name)?;
        let wrong =
            |what: String| Error::new(ErrorKind::Model, format!("cut {:?}: {what}", self.name));
        if self.tensor.is_empty() {
            return Err(wrong(
                "`tensor` is empty, the tensor's name in the model goes there".into(),
            ));
        }
        let elements = self.shape.iter().try_fold(1usize, |product, &size| {
            (size > 0).then_some(())?;
            product.checked_mul(size).filter(|&product| product <= MAX_TENSOR_ELEMENTS)
        });
        if elements.is_none() {
            return Err(wrong(format!(
                "`shape` must be three sizes of at least 1 and at most {MAX_TENSOR_ELEMENTS} numbers in all"
            )));
        }
        let channels = self.shape[0];
        let one_a_channel = |key: &str, mut values: Vec<f32>| {
            if values.len() == 1 {
                values = vec![values[0]; channels];
            }
            if values.len() == channels {
                Ok(values)
            } else {
                Err(wrong(format!(
                    "`{key}` holds {} numbers, one or {channels} (one a channel) belong there",
                    values.len()
                )))
            }
        };
        let gain = one_a_channel("gain", self.gain.clone())?;
        if !gain.iter().all(|&gain| gain.is_finite() && gain > 0.0) {
            return Err(wrong("every `gain` must be finite and above 0".into()));
        }
        let offset = one_a_channel("offset", self.offset.clone())?;
        if !offset.iter().all(|offset| offset.is_finite()) {
            return Err(wrong("every `offset` must be finite".into()));
        }
        let grid = GridStep::new(self.grid)
            .map_err(|_| wrong("`grid` must be finite and above 0".into()))?;
        self.held.iter().try_for_each(HeldLeakage::check)?;
        if !self.held.is_sorted_by(|a, b| a.window < b.window) {
            return Err(wrong("[[cut.held]] must go up in windows, each once".into()));
        }
        Ok(Cut {
            held: self.held,
            name: self.name,
            tensor: self.tensor,
            shape: self.shape,
            gain,
            offset,
            grid,
            notes: self.notes,
            signed: self.signed,
        })
    }
}

/// Names end up in release headers, policies and commands: short, plain and without spaces.
pub(super) fn check_name(what: &str, name: &str) -> Result<()> {
    let plain = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b'-');
    if !name.is_empty() && name.len() <= MAX_NAME && name.bytes().all(plain) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Model,
        format!("{what} must be 1 to {MAX_NAME} of the characters A-Z a-z 0-9 . _ -"),
    ))
}
