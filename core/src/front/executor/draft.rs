//! Steps in the making: nodes of a graph, folded and fused, with weights as the model has them.

use crate::front::graph::ValueId;
use crate::front::numbers::Numbers;
use crate::front::operator::Window;

/// A step before its weights are packed.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) kind: Kind,
    pub(super) inputs: Vec<ValueId>,
    pub(super) output: ValueId,
}

/// What a step computes.
#[derive(Clone, Debug)]
pub(super) enum Kind {
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
    Affine {
        scale: Vec<f32>,
        offset: Vec<f32>,
        after: After,
    },
    /// Two maps, element by element.
    Add {
        after: After,
    },
    MaxPool(Window),
    AveragePool(Window),
    /// One map after the other, channel-wise.
    Concatenate,
    /// Zeros around a map: channels, rows and columns before it; the output's shape says the rest.
    Pad {
        before: [usize; 3],
    },
    /// ONNX's: alpha is divided by size.
    ResponseNorm {
        size: usize,
        alpha: f32,
        beta: f32,
        bias: f32,
    },
}

/// The activation after a step.
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

impl Draft {
    /// The activation after this step, where it can have one.
    pub(super) fn after(&mut self) -> Option<&mut After> {
        match &mut self.kind {
            Kind::Convolution { after, .. } | Kind::Affine { after, .. } | Kind::Add { after } => {
                Some(after)
            }
            _ => None,
        }
    }

    /// How many weights its convolution has.
    pub(super) fn weights(&self) -> usize {
        match &self.kind {
            Kind::Convolution { weights, .. } => weights.len(),
            _ => 0,
        }
    }

    /// Follows the step with `x * scale + offset` of each channel, if that is exact.
    pub(super) fn fold(&mut self, by_scale: &[f32], by_offset: &[f32]) -> bool {
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
            _ => false,
        }
    }
}

fn rescale(values: &mut [f32], scale: &[f32], offset: &[f32]) {
    for ((value, scale), offset) in values.iter_mut().zip(scale).zip(offset) {
        *value = *value * scale + offset;
    }
}
