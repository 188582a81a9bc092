//! Weights as kernels want them, packed once when a plan is made.

use super::block::{Block, LANES, blocks_of};
use super::draft::After;
use super::kernels::{Convolution, Depthwise, Fused, PRODUCTS, Winograd, transform_weights};
use crate::front::numbers::Numbers;
use crate::front::operator::Window;

/// A convolution as a draft has it: weights `[output][input of the group][row][column]`, times a scale
/// of each output.
pub(super) struct Loose<'a> {
    pub(super) weights: &'a Numbers,
    pub(super) scale: &'a [f32],
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

    /// Whether every channel is convolved by itself.
    pub(super) fn is_depthwise(&self) -> bool {
        self.groups == self.inputs && self.outputs() == self.inputs && self.groups > 1
    }

    /// The scaled weights of one output.
    fn output(&self, output: usize, weights: &mut [f32]) {
        self.weights.read(output * weights.len(), weights);
        weights.iter_mut().for_each(|weight| *weight *= self.scale[output]);
    }

    /// For the direct kernel. Groups whose channels fill whole blocks stay groups; others become
    /// one, with zeros between them.
    pub(super) fn convolution(&self) -> Convolution {
        let whole = |channels: usize| (channels / self.groups).is_multiple_of(LANES);
        let stay = whole(self.inputs) && whole(self.outputs());
        let groups = if stay { self.groups } else { 1 };
        let (inputs, outputs) = (self.inputs / groups, self.outputs() / groups);
        let (input_blocks, output_blocks) = (blocks_of(inputs), blocks_of(outputs));
        let taps = self.taps();
        let mut weights = Vec::with_capacity(groups * output_blocks * inputs * taps);
        let mut sixteen = Sixteen::new(inputs * taps);
        let read = self.inputs / self.groups * taps;
        for first in (0..groups)
            .flat_map(|group| (0..output_blocks).map(move |block| group * outputs + block * LANES))
        {
            for lane in 0..LANES.min(outputs - first % outputs) {
                let output = first + lane;
                // Where a group of its own is not, zeros surround what the output reads.
                let own = output / (self.outputs() / self.groups);
                let place = if stay { 0 } else { own * read };
                let row = sixteen.lane(lane);
                row.fill(0.0);
                self.output(output, &mut row[place..][..read]);
            }
            for lane in outputs - first % outputs..LANES {
                sixteen.lane(lane).fill(0.0);
            }
            for input in 0..input_blocks {
                let channels = input * LANES..inputs.min((input + 1) * LANES);
                for tap in 0..taps {
                    weights.extend(channels.clone().map(|from| sixteen.block(from * taps + tap)));
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

    /// For Winograd's kernel: 3 x 3, stride 1, one group.
    pub(super) fn winograd(&self) -> Winograd {
        let output_blocks = blocks_of(self.outputs());
        let mut weights = vec![Block::ZERO; PRODUCTS * output_blocks * self.inputs];
        let mut sixteen = Sixteen::new(self.inputs * 9);
        for block in 0..output_blocks {
            let inside = LANES.min(self.outputs() - block * LANES);
            for lane in 0..inside {
                self.output(block * LANES + lane, sixteen.lane(lane));
            }
            for lane in inside..LANES {
                sixteen.lane(lane).fill(0.0);
            }
            for input in 0..self.inputs {
                let kernels = std::array::from_fn(|tap| sixteen.block(input * 9 + tap));
                for (product, weight) in transform_weights(&kernels).into_iter().enumerate() {
                    weights[(product * output_blocks + block) * self.inputs + input] = weight;
                }
            }
        }
        let (fused, slopes) = fused(self.after);
        Winograd {
            weights,
            biases: channels_as_blocks(self.biases),
            slopes,
            input_channels: self.inputs,
            output_blocks,
            fused,
        }
    }

    /// For the depthwise kernel.
    pub(super) fn depthwise(&self) -> Depthwise {
        let (fused, slopes) = fused(self.after);
        let mut weights = Vec::new();
        let mut sixteen = Sixteen::new(self.taps());
        for first in (0..self.outputs()).step_by(LANES) {
            for lane in 0..LANES {
                let row = sixteen.lane(lane);
                if first + lane < self.outputs() {
                    self.output(first + lane, row);
                } else {
                    row.fill(0.0);
                }
            }
            weights.extend((0..self.taps()).map(|tap| sixteen.block(tap)));
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

/// The weights of sixteen outputs, few enough to stay in the cache while they become blocks.
struct Sixteen {
    weights: Vec<f32>,
    each: usize,
}

impl Sixteen {
    /// `each` weights an output.
    fn new(each: usize) -> Self {
        Self { weights: vec![0.0; LANES * each], each }
    }

    fn lane(&mut self, lane: usize) -> &mut [f32] {
        &mut self.weights[lane * self.each..][..self.each]
    }

    /// One weight of each output.
    fn block(&self, at: usize) -> Block {
        block(|lane| self.weights[lane * self.each + at])
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
