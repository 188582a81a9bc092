//! Weights as kernels want them, packed once when a plan is made.

use super::block::{Block, LANES, blocks_of};
use super::draft::After;
use super::kernels::{Convolution, Depthwise, Fused, Winograd};
use crate::front::operator::Window;

/// A convolution as a draft has it: weights `[output][input of the group][row][column]`.
pub(super) struct Loose<'a> {
    pub(super) weights: &'a [f32],
    pub(super) biases: &'a [f32],
    pub(super) window: &'a Window,
    pub(super) inputs: usize,
    pub(super) groups: usize,
    pub(super) after: &'a After,
}

impl Loose<'_> {
    fn outputs(&self) -> usize {
        self.biases.len()
    }

    fn taps(&self) -> usize {
        self.window.kernel[0] * self.window.kernel[1]
    }

    fn weight(&self, output: usize, input: usize, tap: usize) -> f32 {
        let inputs = self.inputs / self.groups;
        self.weights[(output * inputs + input) * self.taps() + tap]
    }

    /// Whether every channel is convolved by itself.
    pub(super) fn is_depthwise(&self) -> bool {
        self.groups == self.inputs && self.outputs() == self.inputs && self.groups > 1
    }

    /// Whether the channels of each group fill whole blocks.
    pub(super) fn has_whole_groups(&self) -> bool {
        let whole = |channels: usize| (channels / self.groups).is_multiple_of(LANES);
        self.groups == 1 || whole(self.inputs) && whole(self.outputs())
    }

    /// For the direct kernel. Groups whose channels fill whole blocks stay groups; others become
    /// one, with zeros between them.
    pub(super) fn convolution(&self) -> Convolution {
        let groups = if self.has_whole_groups() { self.groups } else { 1 };
        let (inputs, outputs) = (self.inputs / groups, self.outputs() / groups);
        let (input_blocks, output_blocks) = (blocks_of(inputs), blocks_of(outputs));
        let mut weights = Vec::new();
        for group in 0..groups {
            for output in 0..output_blocks {
                for input in 0..input_blocks {
                    let channels = LANES.min(inputs - input * LANES);
                    for tap in 0..self.taps() {
                        for channel in 0..channels {
                            weights.push(block(|lane| {
                                let to = output * LANES + lane;
                                let from = input * LANES + channel;
                                if to >= outputs {
                                    return 0.0;
                                }
                                if groups == 1 {
                                    self.ungrouped(to, from, tap)
                                } else {
                                    self.weight(group * outputs + to, from, tap)
                                }
                            }));
                        }
                    }
                }
            }
        }
        let (fused, slopes) = fused(self.after);
        Convolution {
            weights,
            biases: channels_as_blocks(self.biases),
            slopes,
            kernel: self.window.kernel,
            stride: self.window.strides[1],
            dilation: self.window.dilations[1],
            groups,
            input_blocks,
            last_channels: inputs - (input_blocks - 1) * LANES,
            output_blocks,
            fused,
        }
    }

    /// The weight between two channels of the whole convolution: zero across groups.
    fn ungrouped(&self, output: usize, input: usize, tap: usize) -> f32 {
        let (inputs, outputs) = (self.inputs / self.groups, self.outputs() / self.groups);
        if output / outputs == input / inputs {
            self.weight(output, input % inputs, tap)
        } else {
            0.0
        }
    }

    /// For Winograd's kernel, filters as they are, `[group][output block][input channel][tap]`.
    pub(super) fn winograd(&self) -> Winograd {
        let (inputs, outputs) = (self.inputs / self.groups, self.outputs() / self.groups);
        let mut filters = Vec::new();
        for group in 0..self.groups {
            for output in (0..outputs).step_by(LANES) {
                for input in 0..inputs {
                    for tap in 0..self.taps() {
                        filters.push(block(|lane| {
                            let to = output + lane;
                            if to >= outputs {
                                return 0.0;
                            }
                            self.weight(group * outputs + to, input, tap)
                        }));
                    }
                }
            }
        }
        let (fused, slopes) = fused(self.after);
        Winograd {
            filters,
            taps: self.window.kernel[0],
            biases: channels_as_blocks(self.biases),
            slopes,
            groups: self.groups,
            input_channels: inputs,
            output_blocks: blocks_of(outputs),
            fused,
        }
    }

    /// For the depthwise kernel.
    pub(super) fn depthwise(&self) -> Depthwise {
        let (fused, slopes) = fused(self.after);
        let mut weights = Vec::new();
        for first in (0..self.outputs()).step_by(LANES) {
            for tap in 0..self.taps() {
                weights.push(block(|lane| {
                    let channel = first + lane;
                    if channel < self.outputs() { self.weight(channel, 0, tap) } else { 0.0 }
                }));
            }
        }
        Depthwise {
            weights,
            biases: channels_as_blocks(self.biases),
            slopes,
            kernel: self.window.kernel,
            stride: self.window.strides[1],
            dilation: self.window.dilations[1],
            fused,
        }
    }
}

/// A store's activation, and its slopes where it has them.
pub(super) fn fused(after: &After) -> (Fused, Vec<Block>) {
    match after {
        After::Nothing => (Fused::None, Vec::new()),
        After::Clip { low, high } => (Fused::Clip { low: *low, high: *high }, Vec::new()),
        After::Slope(slopes) => (Fused::Slope, channels_as_blocks(slopes)),
    }
}

/// One number a channel, in blocks; what is left of the last is zero.
pub(super) fn channels_as_blocks(channels: &[f32]) -> Vec<Block> {
    channels
        .chunks(LANES)
        .map(|chunk| block(|lane| chunk.get(lane).copied().unwrap_or(0.0)))
        .collect()
}

fn block(lane: impl Fn(usize) -> f32) -> Block {
    Block(std::array::from_fn(lane))
}
