//! Weights as kernels want them, packed once when a plan is made.

use std::ops::Range;

use super::block::{Block, LANES, blocks_of};
use super::draft::After;
use super::kernels::{Batch, Convolution, Depthwise, Fused, Weights, Winograd, filter_scale};
use super::sixteen::{Sixteen, transpose};
use crate::front::numbers::{LevelRuns, Numbers};
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

/// Bytes that a direct convolution's weights take as floats from which on they stay of 8 bits, if they
/// are: they leave the second cache between two runs, so that reading a quarter of them makes up for
/// their arithmetic, and opening a front does not write them.
const WORTH_LEVELS: usize = 512 << 10;

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
    /// input channels and their taps after another. `read` gives those of sixteen outputs from one
    /// on, `[output][input channel][tap]`, for the channels of a group.
    fn blocks<S: Sixteen>(
        &self,
        groups: usize,
        order: Order,
        read: impl Fn(usize, &Range<usize>, &mut [S::Number]),
    ) -> Vec<S> {
        let (inputs, outputs) = (self.inputs / groups, self.outputs() / groups);
        let taps = self.taps();
        // Most of what opening a front costs is the first touch of this memory: each block is written
        // once, in its place.
        let mut weights = Vec::with_capacity(groups * blocks_of(outputs) * inputs * taps);
        let mut filters = vec![S::Number::default(); LANES * inputs * taps];
        let mut transposed = vec![[S::Number::default(); LANES]; LANES * taps];
        for group in 0..groups {
            let channels = group * inputs..(group + 1) * inputs;
            for output in (0..outputs).step_by(LANES) {
                read(group * outputs + output, &channels, &mut filters);
                for input in (0..inputs).step_by(LANES) {
                    let places = input * taps..inputs.min(input + LANES) * taps;
                    let transposed = &mut transposed[..places.len()];
                    transpose(&filters, &places, transposed);
                    match order {
                        Order::TapByTap => (0..taps).for_each(|tap| {
                            let of_tap = transposed[tap..].iter().step_by(taps);
                            weights.extend(of_tap.map(|&sixteen| S::of(sixteen)));
                        }),
                        Order::ChannelByChannel => {
                            weights.extend(transposed.iter().map(|&sixteen| S::of(sixteen)));
                        }
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
            weights: match self.level_runs() {
                Some(runs) if 4 * self.weights.len() > WORTH_LEVELS => {
                    self.levels(runs, Order::TapByTap)
                }
                _ => self.floats(groups, Order::TapByTap),
            },
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

    /// For Winograd's kernel on tiles of so many inputs, filters as they are. The channels of each
    /// group fill whole blocks.
    pub(super) fn winograd(&self, under: usize, batch: Batch) -> Winograd {
        let (fused, slopes) = fused(self.after);
        let scale: Vec<f32> = self.scale.iter().map(|scale| scale * filter_scale(under)).collect();
        let scaled = Loose { scale: &scale, ..*self };
        let order = Order::ChannelByChannel;
        Winograd {
            transformed: Vec::new(),
            kept: 0,
            raw: match scaled.level_runs() {
                Some(runs) => scaled.levels(runs, order),
                None => scaled.floats(self.groups, order),
            },
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

    /// Weights of 8 bits, where each output has one zero and one scale and reads whole blocks of
    /// inputs.
    fn level_runs(&self) -> Option<LevelRuns<'_>> {
        let run = self.inputs / self.groups * self.taps();
        self.weights.level_runs(run).filter(|_| self.has_whole_groups())
    }

    fn floats(&self, groups: usize, order: Order) -> Weights {
        Weights::Floats(self.blocks(groups, order, |output, channels, filters| {
            self.filters(output, channels, filters);
        }))
    }

    /// Weights of 8 bits as they are, a run for each output.
    fn levels(&self, runs: LevelRuns<'_>, order: Order) -> Weights {
        let (zeros, scales): (Vec<f32>, Vec<f32>) = (0..self.outputs())
            .map(|output| (f32::from(runs.zero(output)), runs.scale(output) * self.scale[output]))
            .unzip();
        Weights::Levels {
            levels: self.blocks(self.groups, order, |first, _, filters| {
                let length = filters.len() / LANES;
                for (output, filter) in (first..).zip(filters.chunks_exact_mut(length)) {
                    if output < self.outputs() {
                        filter.copy_from_slice(runs.levels(output));
                    } else {
                        // Their zero and their scale are zero.
                        filter.fill(0);
                    }
                }
            }),
            zeros: channels_as_blocks(&zeros),
            scales: channels_as_blocks(&scales),
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

fn block(lane: impl Fn(usize) -> f32) -> Block {
    Block(std::array::from_fn(lane))
}
