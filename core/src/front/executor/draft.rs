//! Steps in the making: nodes of a graph, folded and fused, with weights as the model has them.

use std::sync::Arc;

use super::kernels::{Function, Fused, Polynomial};
#[cfg(feature = "onnx")]
use crate::front::graph::Graph;
use crate::front::graph::ValueId;
use crate::front::numbers::Numbers;
use crate::front::operator::{Arithmetic, PadMode, Reduction, Window};

/// A whole front in drafts: all that a plan is made from.
#[derive(Clone, Debug)]
pub(super) struct Drafts {
    /// In the order they can run.
    pub(super) drafts: Vec<Draft>,
    /// Channels, rows and columns of each value, by its number.
    pub(super) sizes: Vec<[usize; 3]>,
    pub(super) input: ValueId,
    pub(super) output: ValueId,
}

impl Drafts {
    /// How many weights there are.
    pub(super) fn weights(&self) -> usize {
        let weights = |draft: &Draft| match &draft.kind {
            Kind::Constant(numbers) => numbers.len(),
            Kind::Convolution { weights, .. } => weights.len(),
            _ => 0,
        };
        self.drafts.iter().map(weights).sum()
    }
}

/// A step before its weights are packed.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) kind: Kind,
    pub(super) inputs: Vec<ValueId>,
    pub(super) output: ValueId,
    /// What each number becomes last, in place, row by row: too much for the stores of kernels.
    pub(super) function: Option<Function>,
}

/// What a step computes.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// Numbers of the model's own, as a map.
    Constant(Arc<[f32]>),
    /// Weights `[output][input of the group][row][column]`, times a scale of each output. A second
    /// input is added to the sums.
    Convolution {
        weights: Numbers,
        scale: Vec<f32>,
        biases: Vec<f32>,
        window: Window,
        groups: usize,
        after: After,
    },
    /// `x * scale + offset` of each channel.
    Affine { scale: Vec<f32>, offset: Vec<f32>, after: After },
    /// Two maps, element by element. One of a single pixel stretches over the other.
    Combine { arithmetic: Arithmetic, after: After },
    /// The window's dilation counts; padding is no part of any window.
    Pool { reduction: Reduction, window: Window },
    /// One map after the other, channel-wise.
    Concatenate,
    /// What stands around a map; the output's shape says what follows it. Channels are added as
    /// constants alone.
    Pad { mode: PadMode, before: [usize; 3] },
    /// ONNX's: alpha is divided by size.
    ResponseNorm { size: usize, alpha: f32, beta: f32, bias: f32 },
    /// Over the channels of each pixel.
    Softmax { logarithm: bool },
    /// Elements in another order: channel c, row y and column x of the output is element
    /// `first + c * strides[0] + y * strides[1] + x * strides[2]` of the input.
    Rearrange { first: usize, strides: [usize; 3] },
    /// The map as it is, once whoever asked for the run has had the whole of it in hand.
    Tap(usize),
    /// What nothing above covers: a graph of one node. Its first values are the draft's inputs.
    #[cfg(feature = "onnx")]
    Tract { node: Graph },
}

/// The activation that a step's store applies.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum After {
    Nothing,
    Clip {
        low: f32,
        high: f32,
    },
    /// Slopes of negative numbers, one a channel.
    Slope(Vec<f32>),
}

impl After {
    /// What a store does.
    pub(super) fn fused(&self) -> Fused {
        match *self {
            Self::Nothing => Fused::None,
            Self::Clip { low, high: f32::INFINITY } => Fused::AtLeast(low),
            Self::Clip { low, high } => Fused::Clip { low, high },
            Self::Slope(_) => Fused::Slope,
        }
    }

    /// The slopes, where it has them.
    pub(super) fn slopes(&self) -> &[f32] {
        if let Self::Slope(slopes) = self { slopes } else { &[] }
    }
}

impl Draft {
    /// The activation that this step's store can still take.
    pub(super) fn free_store(&mut self) -> Option<&mut After> {
        if self.function.is_some() {
            return None;
        }
        match &mut self.kind {
            Kind::Convolution { after, .. }
            | Kind::Affine { after, .. }
            | Kind::Combine { after, .. } => (*after == After::Nothing).then_some(after),
            _ => None,
        }
    }

    /// Follows the step with `x * scale + offset` of each channel, if that costs nothing.
    pub(super) fn fold(&mut self, by_scale: &[f32], by_offset: &[f32]) -> bool {
        if let Some(function) = &mut self.function {
            let polynomial = uniform(by_scale).zip(uniform(by_offset));
            let (Function::Polynomial(inner), Some((scale, offset))) = (function, polynomial)
            else {
                return false;
            };
            *inner = inner.scaled(scale).shifted(offset);
            return true;
        }
        match &mut self.kind {
            Kind::Convolution { scale, biases: offset, after: After::Nothing, .. }
                if self.inputs.len() == 1 =>
            {
                scale.iter_mut().zip(by_scale).for_each(|(scale, by)| *scale *= by);
                rescale(offset, by_scale, by_offset);
                true
            }
            Kind::Affine { scale, offset, after: After::Nothing } => {
                scale.iter_mut().zip(by_scale).for_each(|(scale, by)| *scale *= by);
                rescale(offset, by_scale, by_offset);
                true
            }
            _ => {
                let linear = uniform(by_scale).zip(uniform(by_offset));
                let linear = linear.map(|(scale, offset)| {
                    Function::Polynomial(Polynomial::identity().scaled(scale).shifted(offset))
                });
                self.function = linear;
                linear.is_some()
            }
        }
    }
}

/// The one number that all of these are.
fn uniform(values: &[f32]) -> Option<f32> {
    let first = *values.first()?;
    values.iter().all(|value| *value == first).then_some(first)
}

fn rescale(values: &mut [f32], scale: &[f32], offset: &[f32]) {
    for ((value, scale), offset) in values.iter_mut().zip(scale).zip(offset) {
        *value = *value * scale + offset;
    }
}
