//! The steps of a packed front: its graph, without numbers and without anything that follows.
//!
//! Values are counted: 0 is the input, then come the constants, then each node's output in the order
//! of the nodes. A node reads values before its own alone, so that no reference dangles and none goes
//! in circles; the last node's output is the cut.
//!
//! Written as [postcard](https://postcard.jamesmunns.com/wire-format) does: fields in order,
//! variants and whole numbers as variable-length integers, floats as 4 bytes. The order of fields
//! and variants here is the format: whatever is added comes last, and is a new version.

use serde::{Deserialize, Serialize};

use crate::front::operator::{self, PadMode};

/// The whole part.
#[derive(Serialize, Deserialize)]
pub(super) struct Steps {
    /// The cut's name on the card.
    pub(super) cut: String,
    /// Channels, rows and columns.
    pub(super) input: [u32; 3],
    pub(super) constants: Vec<Constant>,
    pub(super) nodes: Vec<Node>,
}

/// A constant tensor.
#[derive(Serialize, Deserialize)]
pub(super) struct Constant {
    pub(super) shape: Vec<u32>,
    pub(super) numbers: Kind,
}

/// How a constant's numbers stand among the weights.
#[derive(Serialize, Deserialize)]
pub(super) enum Kind {
    Floats,
    /// `(level - zero) * scale`, with zero and scale of channel `i / inner % channels`.
    Levels {
        channels: u32,
        inner: u32,
    },
}

#[derive(Serialize, Deserialize)]
pub(super) struct Node {
    pub(super) operator: Operator,
    pub(super) inputs: Vec<u32>,
}

/// Operators whose inputs say what they put out; meanings are [`operator::Operator`]'s.
#[derive(Serialize, Deserialize)]
pub(super) enum Operator {
    Relu,
    Clip {
        low: Option<f32>,
        high: Option<f32>,
    },
    LeakyRelu {
        alpha: f32,
    },
    PRelu,
    Add,
    Subtract,
    Multiply,
    Divide,
    BatchNormalization {
        epsilon: f32,
    },
    LocalResponseNormalization {
        size: u32,
        alpha: f32,
        beta: f32,
        bias: f32,
    },
    Convolution {
        window: Window,
        groups: u32,
    },
    MaxPool {
        window: Window,
    },
    AveragePool {
        window: Window,
    },
    /// Zeros around channels, rows and columns.
    Pad {
        before: [u32; 3],
        after: [u32; 3],
    },
    /// Channel-wise.
    Concatenate,
    Sigmoid,
    Tanh,
    Abs,
    Neg,
    Exp,
    Sqrt,
    Softplus,
    HardSwish,
    Elu {
        alpha: f32,
    },
    HardSigmoid {
        alpha: f32,
        beta: f32,
    },
    Maximum,
    Minimum,
    InstanceNormalization {
        epsilon: f32,
    },
    Softmax {
        axis: u32,
        logarithm: bool,
    },
}

/// Every pair is rows first.
#[derive(Serialize, Deserialize)]
pub(super) struct Window {
    pub(super) kernel: [u32; 2],
    pub(super) strides: [u32; 2],
    pub(super) dilations: [u32; 2],
    pub(super) before: [u32; 2],
    pub(super) after: [u32; 2],
}

impl Operator {
    /// As a graph has it.
    pub(super) fn read(&self) -> operator::Operator {
        use operator::Operator as Read;
        use operator::{Activation, Arithmetic};
        match self {
            Self::Relu => Read::Activation(Activation::Relu),
            &Self::Clip { low, high } => Read::Activation(Activation::Clip { low, high }),
            &Self::LeakyRelu { alpha } => Read::Activation(Activation::LeakyRelu { alpha }),
            Self::PRelu => Read::PRelu,
            Self::Add => Read::Arithmetic(Arithmetic::Add),
            Self::Subtract => Read::Arithmetic(Arithmetic::Subtract),
            Self::Multiply => Read::Arithmetic(Arithmetic::Multiply),
            Self::Divide => Read::Arithmetic(Arithmetic::Divide),
            &Self::BatchNormalization { epsilon } => Read::BatchNormalization { epsilon },
            &Self::LocalResponseNormalization { size, alpha, beta, bias } => {
                Read::LocalResponseNormalization { size: size as usize, alpha, beta, bias }
            }
            Self::Convolution { window, groups } => {
                Read::Convolution { window: window.read(), groups: *groups as usize }
            }
            Self::MaxPool { window } => Read::MaxPool(window.read()),
            Self::AveragePool { window } => Read::AveragePool(window.read()),
            Self::Pad { before, after } => {
                let [before, after] =
                    [before, after].map(|pads| [&[0], &pads.map(|pad| pad as usize)[..]].concat());
                Read::Pad { mode: PadMode::Constant(0.0), before, after }
            }
            Self::Concatenate => Read::Concatenate { axis: 1 },
            Self::Sigmoid => Read::Activation(Activation::Sigmoid),
            Self::Tanh => Read::Activation(Activation::Tanh),
            Self::Abs => Read::Activation(Activation::Abs),
            Self::Neg => Read::Activation(Activation::Neg),
            Self::Exp => Read::Activation(Activation::Exp),
            Self::Sqrt => Read::Activation(Activation::Sqrt),
            Self::Softplus => Read::Activation(Activation::Softplus),
            Self::HardSwish => Read::Activation(Activation::HardSwish),
            &Self::Elu { alpha } => Read::Activation(Activation::Elu { alpha }),
            &Self::HardSigmoid { alpha, beta } => {
                Read::Activation(Activation::HardSigmoid { alpha, beta })
            }
            Self::Maximum => Read::Arithmetic(Arithmetic::Maximum),
            Self::Minimum => Read::Arithmetic(Arithmetic::Minimum),
            &Self::InstanceNormalization { epsilon } => Read::InstanceNormalization { epsilon },
            &Self::Softmax { axis, logarithm } => Read::Softmax { axis: axis as usize, logarithm },
        }
    }
}

impl Window {
    fn read(&self) -> operator::Window {
        let pair = |pair: [u32; 2]| pair.map(|number| number as usize);
        operator::Window {
            kernel: pair(self.kernel),
            strides: pair(self.strides),
            dilations: pair(self.dilations),
            before: pair(self.before),
            after: pair(self.after),
        }
    }
}
