//! Weights as kernels want them, packed once when a plan is made.

use std::ops::Range;

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

    /// Weights between sixteen outputs, from the `first` on, and some consecutive input channels, in
    /// blocks `[tap][channel]`; zeros where an output does not read a channel, or is none.
    fn blocks(&self, first: usize, channels: &Range<usize>, blocks: &mut [Block], run: &mut [f32]) {
        let (inputs, outputs) = (self.inputs / self.groups, self.outputs() / self.groups);
        let (taps, width) = (self.taps(), channels.len());
        blocks.fill(Block::ZERO);
        for lane in 0..LANES.min(self.outputs() - first) {
            let output = first + lane;
            let own = output / outputs * inputs;
            let read = channels.start.max(own)..channels.end.min(own + inputs);
            if read.is_empty() {
                continue;
            }
            let run = &mut run[..read.len() * taps];
            self.weights.read((output * inputs + read.start - own) * taps, run);
            run.iter_mut().for_each(|weight| *weight *= self.scale[output]);
            for tap in 0..taps {
                let blocks = &mut blocks[tap * width + read.start - channels.start..][..read.len()];
                for (block, kernel) in blocks.iter_mut().zip(run.chunks_exact(taps)) {
                    block.0[lane] = kernel[tap];
                }
            }
        }
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
        let mut run = vec![0.0; LANES * taps];
        for group in 0..groups {
            for output in (0..outputs).step_by(LANES) {
                for input in (0..inputs).step_by(LANES) {
                    let channels = input..inputs.min(input + LANES);
                    let channels = group * inputs + channels.start..group * inputs + channels.end;
                    let done = weights.len();
                    weights.resize(done + channels.len() * taps, Block::ZERO);
                    let blocks = &mut weights[done..];
                    self.blocks(group * outputs + output, &channels, blocks, &mut run);
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
        let mut blocks = [Block::ZERO; 9 * LANES];
        let mut run = [0.0; 9 * LANES];
        for output in 0..output_blocks {
            for first in (0..self.inputs).step_by(LANES) {
                let channels = first..self.inputs.min(first + LANES);
                let blocks = &mut blocks[..9 * channels.len()];
                self.blocks(output * LANES, &channels, blocks, &mut run);
                for (at, input) in channels.clone().enumerate() {
                    let taps = std::array::from_fn(|tap| blocks[tap * channels.len() + at]);
                    for (product, weight) in transform_weights(&taps).iter().enumerate() {
                        weights[(product * output_blocks + output) * self.inputs + input] = *weight;
                    }
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
        let taps = self.taps();
        let mut weights = Vec::with_capacity(blocks_of(self.outputs()) * taps);
        let mut run = vec![0.0; LANES * taps];
        for first in (0..self.outputs()).step_by(LANES) {
            let outputs = LANES.min(self.outputs() - first);
            let run = &mut run[..outputs * taps];
            for (lane, kernel) in run.chunks_exact_mut(taps).enumerate() {
                self.weights.read((first + lane) * taps, kernel);
                kernel.iter_mut().for_each(|weight| *weight *= self.scale[first + lane]);
            }
            weights.extend((0..taps).map(|tap| {
                block(|lane| if lane < outputs { run[lane * taps + tap] } else { 0.0 })
            }));
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
