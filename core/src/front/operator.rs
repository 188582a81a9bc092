//! What a node of a checked graph computes.
//!
//! Fewer than ONNX has, and with nothing left open: defaults are filled in, negative axes counted
//! from the front, automatic padding made explicit, and shapes are known. Whoever runs or measures
//! a graph has this list to cover and no other.

use std::sync::Arc;

/// A node's computation; its inputs are the node's, its output's shape is the value's.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Operator {
    /// Each element by itself.
    Activation(Activation),
    /// Two inputs element by element, sizes of 1 stretched as in NumPy.
    Arithmetic(Arithmetic),
    /// Input and slope; the slope stretches to the input.
    PRelu,
    /// Input, scale, bias, mean and variance, one a channel.
    BatchNormalization { epsilon: f32 },
    /// Input, scale and bias; mean and variance are those of each channel's plane.
    InstanceNormalization { epsilon: f32 },
    /// Across channels; alpha is divided by size, as ONNX has it.
    LocalResponseNormalization { size: usize, alpha: f32, beta: f32, bias: f32 },
    /// Input, weights and perhaps a bias.
    Convolution { window: Window, groups: usize },
    /// Input, weights and perhaps a bias; padding takes away from the output.
    TransposedConvolution { window: Window, groups: usize, output_padding: [usize; 2] },
    /// The largest under each window; padding never wins.
    MaxPool(Window),
    /// The mean under each window; padding is not counted.
    AveragePool(Window),
    /// Over whole axes, ascending, which stay as sizes of 1 where `keep` is set.
    Reduce { reduction: Reduction, axes: Vec<usize>, keep: bool },
    /// Elements before and after, one pair an axis.
    Pad { mode: PadMode, before: Vec<usize>, after: Vec<usize> },
    /// All inputs one after the other along an axis.
    Concatenate { axis: usize },
    /// The same elements in this shape.
    Reshape { shape: Vec<usize> },
    /// Axis `i` of the output is axis `order[i]` of the input.
    Transpose { order: Vec<usize> },
    /// The last two axes as matrices, those before stretched as in NumPy.
    MatrixProduct,
    /// alpha * A * B + beta * C, where the third input is there.
    Gemm { alpha: f32, beta: f32, transpose_a: bool, transpose_b: bool },
    /// Along one axis; its logarithm where `logarithm` is set.
    Softmax { axis: usize, logarithm: bool },
    /// Rows and columns to the output's size.
    Resize { interpolation: Interpolation, scales: Option<[f32; 2]> },
    /// The input as it is, once whoever asked for the run has had the whole of it in hand: the tap of
    /// this number. No file holds one; a network that runs under taps does.
    Tap(usize),
    /// First element, one past the last, and step, one of each an axis.
    Slice { starts: Vec<usize>, ends: Vec<usize>, steps: Vec<usize> },
}

impl Operator {
    /// ONNX's name for it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Activation(activation) => activation.name(),
            Self::Arithmetic(arithmetic) => arithmetic.name(),
            Self::PRelu => "PRelu",
            Self::BatchNormalization { .. } => "BatchNormalization",
            Self::InstanceNormalization { .. } => "InstanceNormalization",
            Self::LocalResponseNormalization { .. } => "LRN",
            Self::Convolution { .. } => "Conv",
            Self::TransposedConvolution { .. } => "ConvTranspose",
            Self::MaxPool(_) => "MaxPool",
            Self::AveragePool(_) => "AveragePool",
            Self::Reduce { reduction, .. } => reduction.name(),
            Self::Pad { .. } => "Pad",
            Self::Concatenate { .. } => "Concat",
            Self::Reshape { .. } => "Reshape",
            Self::Transpose { .. } => "Transpose",
            Self::MatrixProduct => "MatMul",
            Self::Gemm { .. } => "Gemm",
            Self::Softmax { logarithm: false, .. } => "Softmax",
            Self::Softmax { logarithm: true, .. } => "LogSoftmax",
            Self::Resize { .. } => "Resize",
            Self::Slice { .. } => "Slice",
            Self::Tap(_) => "a tap",
        }
    }
}

/// A function of one number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Activation {
    Relu,
    Sigmoid,
    Tanh,
    Abs,
    Neg,
    Exp,
    Sqrt,
    Softplus,
    HardSwish,
    LeakyRelu { alpha: f32 },
    Elu { alpha: f32 },
    HardSigmoid { alpha: f32, beta: f32 },
    Clip { low: Option<f32>, high: Option<f32> },
}

impl Activation {
    fn name(self) -> &'static str {
        match self {
            Self::Relu => "Relu",
            Self::Sigmoid => "Sigmoid",
            Self::Tanh => "Tanh",
            Self::Abs => "Abs",
            Self::Neg => "Neg",
            Self::Exp => "Exp",
            Self::Sqrt => "Sqrt",
            Self::Softplus => "Softplus",
            Self::HardSwish => "HardSwish",
            Self::LeakyRelu { .. } => "LeakyRelu",
            Self::Elu { .. } => "Elu",
            Self::HardSigmoid { .. } => "HardSigmoid",
            Self::Clip { .. } => "Clip",
        }
    }
}

/// A function of two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Maximum,
    Minimum,
}

impl Arithmetic {
    fn name(self) -> &'static str {
        match self {
            Self::Add => "Add",
            Self::Subtract => "Sub",
            Self::Multiply => "Mul",
            Self::Divide => "Div",
            Self::Maximum => "Max",
            Self::Minimum => "Min",
        }
    }
}

/// How an axis becomes one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reduction {
    Mean,
    Sum,
    Maximum,
    Minimum,
}

impl Reduction {
    fn name(self) -> &'static str {
        match self {
            Self::Mean => "ReduceMean",
            Self::Sum => "ReduceSum",
            Self::Maximum => "ReduceMax",
            Self::Minimum => "ReduceMin",
        }
    }
}

/// A window that slides over rows and columns; every pair is rows first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) kernel: [usize; 2],
    pub(crate) strides: [usize; 2],
    pub(crate) dilations: [usize; 2],
    pub(crate) before: [usize; 2],
    pub(crate) after: [usize; 2],
}

impl Window {
    /// One that lies once over so many rows and columns.
    pub(crate) fn over(kernel: [usize; 2]) -> Self {
        Self { kernel, strides: [1; 2], dilations: [1; 2], before: [0; 2], after: [0; 2] }
    }

    /// How many rows (axis 0) or columns (axis 1) the window spans.
    pub(crate) fn span(&self, axis: usize) -> usize {
        self.dilations[axis] * (self.kernel[axis] - 1) + 1
    }
}

/// What stands beyond the edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum PadMode {
    Constant(f32),
    /// The edge is the mirror and is not repeated.
    Reflect,
    /// The edge again.
    Edge,
}

/// How a resized position finds its sources; names are ONNX's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Interpolation {
    pub(crate) mode: Arc<str>,
    pub(crate) coordinates: Arc<str>,
    pub(crate) nearest: Arc<str>,
}
