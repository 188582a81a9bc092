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

use crate::front::operator;

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

/// Operators that say, with their inputs, what they put out; meanings are [`operator::Operator`]'s.
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
    /// One number before and one after for each axis.
    Pad {
        mode: PadMode,
        before: Vec<u32>,
        after: Vec<u32>,
    },
    Concatenate {
        axis: u32,
    },
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
    Reduce {
        reduction: Reduction,
        axes: Vec<u32>,
        keep: bool,
    },
    Reshape {
        shape: Vec<u32>,
    },
    Transpose {
        order: Vec<u32>,
    },
    /// Numbers for each axis.
    Slice {
        starts: Vec<u32>,
        ends: Vec<u32>,
        steps: Vec<u32>,
    },
    MatrixProduct,
    Gemm {
        alpha: f32,
        beta: f32,
        transpose_a: bool,
        transpose_b: bool,
    },
}

/// What stands around a tensor.
#[derive(Serialize, Deserialize)]
pub(super) enum PadMode {
    Constant(f32),
    Reflect,
    Edge,
}

/// How an axis becomes one number.
#[derive(Serialize, Deserialize)]
pub(super) enum Reduction {
    Mean,
    Sum,
    Maximum,
    Minimum,
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
            Self::Pad { mode, before, after } => {
                let mode = match *mode {
                    PadMode::Constant(value) => operator::PadMode::Constant(value),
                    PadMode::Reflect => operator::PadMode::Reflect,
                    PadMode::Edge => operator::PadMode::Edge,
                };
                Read::Pad { mode, before: list(before), after: list(after) }
            }
            &Self::Concatenate { axis } => Read::Concatenate { axis: axis as usize },
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
            Self::Reduce { reduction, axes, keep } => {
                let reduction = match reduction {
                    Reduction::Mean => operator::Reduction::Mean,
                    Reduction::Sum => operator::Reduction::Sum,
                    Reduction::Maximum => operator::Reduction::Maximum,
                    Reduction::Minimum => operator::Reduction::Minimum,
                };
                Read::Reduce { reduction, axes: list(axes), keep: *keep }
            }
            Self::Reshape { shape } => Read::Reshape { shape: list(shape) },
            Self::Transpose { order } => Read::Transpose { order: list(order) },
            Self::Slice { starts, ends, steps } => {
                Read::Slice { starts: list(starts), ends: list(ends), steps: list(steps) }
            }
            Self::MatrixProduct => Read::MatrixProduct,
            &Self::Gemm { alpha, beta, transpose_a, transpose_b } => {
                Read::Gemm { alpha, beta, transpose_a, transpose_b }
            }
        }
    }
}

fn list(numbers: &[u32]) -> Vec<usize> {
    numbers.iter().map(|&number| number as usize).collect()
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
