//! Weights as kernels want them, packed once when a plan is made.

use std::ops::Range;

use super::block::{Block, LANES, blocks_of};
use super::draft::After;
use super::kernels::{Batch, Convolution, Depthwise, Fused, Winograd, filter_scale};
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

/// In which order the blocks between sixteen outputs and sixteen input channels lie.
#[derive(Clone, Copy)]
enum Order {
    TapByTap,
    ChannelByChannel,
}

impl Loose<'_> {
    pub(super) fn outputs(&self) -> usize {
        self.biases.len()
    }

    fn taps(&self) -> usize {
        self.window.kernel[0] * self.window.kernel[1]
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

    /// Weights of an output, scaled, from one input channel of its group on.
    fn read(&self, output: usize, channel: usize, run: &mut [f32]) {
        let inputs = self.inputs / self.groups;
        self.weights.read((output * inputs + channel) * self.taps(), run);
        run.iter_mut().for_each(|weight| *weight *= self.scale[output]);
    }

    /// Weights in blocks of sixteen outputs, in so many groups: `[group][output block]`, then sixteen
    /// input channels and their taps after another. Zeros where an output does not read a channel, or
    /// is none.
    fn blocks(&self, groups: usize, order: Order) -> Vec<Block> {
        let (inputs, outputs) = (self.inputs / groups, self.outputs() / groups);
        let taps = self.taps();
        // Most of what opening a front costs is the first touch of this memory: each block is written
        // once, in its place.
        let mut weights = Vec::with_capacity(groups * blocks_of(outputs) * inputs * taps);
        let mut filters = vec![0.0; LANES * inputs * taps];
        let mut transposed = vec![Block::ZERO; LANES * taps];
        for group in 0..groups {
            let channels = group * inputs..(group + 1) * inputs;
            for output in (0..outputs).step_by(LANES) {
                self.filters(group * outputs + output, &channels, &mut filters);
                for input in (0..inputs).step_by(LANES) {
                    let places = input * taps..inputs.min(input + LANES) * taps;
                    let transposed = &mut transposed[..places.len()];
                    transpose(&filters, &places, transposed);
                    match order {
                        Order::TapByTap => (0..taps).for_each(|tap| {
                            weights.extend(transposed[tap..].iter().step_by(taps));
                        }),
                        Order::ChannelByChannel => weights.extend_from_slice(transposed),
                    }
                }
            }
        }
        weights
    }

    /// Scaled weights `[output][input channel][tap]` of outputs from the `first` on, as many as there is
    /// room for, and of these input channels. Zeros where an output does not read a channel, or is
    /// none.
    pub(super) fn filters(&self, first: usize, channels: &Range<usize>, filters: &mut [f32]) {
        let (inputs, outputs) = (self.inputs / self.groups, self.outputs() / self.groups);
        let taps = self.taps();
        for (output, filter) in (first..).zip(filters.chunks_exact_mut(channels.len() * taps)) {
            let own = output / outputs * inputs;
            let read = channels.start.max(own)..channels.end.min(own + inputs);
            if output >= self.outputs() || read.is_empty() {
                filter.fill(0.0);
                continue;
            }
            let (before, rest) = filter.split_at_mut((read.start - channels.start) * taps);
            let (inside, after) = rest.split_at_mut(read.len() * taps);
            before.fill(0.0);
            self.read(output, read.start - own, inside);
            after.fill(0.0);
        }
    }

    /// For the direct kernel. Groups whose channels fill whole blocks stay groups; others become
    /// one, with zeros between them.
    pub(super) fn convolution(&self) -> Convolution {
        let groups = if self.has_whole_groups() { self.groups } else { 1 };
        let (inputs, outputs) = (self.inputs / groups, self.outputs() / groups);
        let (input_blocks, output_blocks) = (blocks_of(inputs), blocks_of(outputs));
        let (fused, slopes) = fused(self.after);
        Convolution {
            weights: self.blocks(groups, Order::TapByTap),
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

    /// For Winograd's kernel on tiles of so many inputs, filters as they are,
    /// `[group][output block][input channel][tap]`.
    pub(super) fn winograd(&self, under: usize, batch: Batch) -> Winograd {
        let (fused, slopes) = fused(self.after);
        let scale: Vec<f32> = self.scale.iter().map(|scale| scale * filter_scale(under)).collect();
        let scaled = Loose { scale: &scale, ..*self };
        Winograd {
            filters: scaled.blocks(self.groups, Order::ChannelByChannel),
            kept: 0,
            under,
            taps: self.window.kernel[0],
            biases: channels_as_blocks(self.biases),
            slopes,
            groups: self.groups,
            input_channels: self.inputs / self.groups,
            output_blocks: blocks_of(self.outputs() / self.groups),
            fused,
            batch,
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
                self.read(first + lane, 0, kernel);
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
    (after.fused(), channels_as_blocks(after.slopes()))
}

/// One number a channel, in blocks; what is left of the last is zero.
pub(super) fn channels_as_blocks(channels: &[f32]) -> Vec<Block> {
    channels
        .chunks(LANES)
        .map(|chunk| block(|lane| chunk.get(lane).copied().unwrap_or(0.0)))
        .collect()
}

/// The numbers at these places of sixteen lanes, a block a place; four by four.
fn transpose(lanes: &[f32], places: &Range<usize>, blocks: &mut [Block]) {
    let length = lanes.len() / LANES;
    for (quarter, lanes) in lanes.chunks_exact(4 * length).enumerate() {
        let lanes: [&[f32]; 4] =
            std::array::from_fn(|lane| &lanes[lane * length..][places.clone()]);
        let [a, b, c, d] = lanes.map(|lane| lane.as_chunks::<4>().0);
        let (fours, rest) = blocks.as_chunks_mut::<4>();
        let target = 4 * quarter..4 * quarter + 4;
        for (four, (((a, b), c), d)) in fours.iter_mut().zip(a.iter().zip(b).zip(c).zip(d)) {
            for (place, block) in four.iter_mut().enumerate() {
                let column = [a[place], b[place], c[place], d[place]];
                block.0[target.clone()].copy_from_slice(&column);
            }
        }
        for (place, block) in (places.len() - rest.len()..).zip(rest) {
            block.0[target.clone()].copy_from_slice(&lanes.map(|lane| lane[place]));
        }
    }
}

fn block(lane: impl Fn(usize) -> f32) -> Block {
    Block(std::array::from_fn(lane))
}
