//! Direct convolutions.

use super::{Channel, gamma};
use crate::front::executor::block::LANES;
use crate::front::executor::kernels::{Convolution, Weights};

/// A weight of an output, as the kernel has it: where it is of 8 bits, after the one rounding that makes a
/// float of it.
pub(super) fn weight(weights: &Weights, per_output: usize, output: usize, index: usize) -> f64 {
    let (block, lane) = (output / LANES, output % LANES);
    match weights {
        Weights::Floats(floats) => f64::from(floats[block * per_output + index].0[lane]),
        Weights::Levels { levels, zeros, scales } => {
            let level = f32::from(levels[block * per_output + index].0[lane]);
            f64::from((level - zeros[block].0[lane]) * scales[block].0[lane])
        }
    }
}

/// The sums of a direct convolution: `n` products and a bias, in any order, are off by gamma(n + 1) of
/// their absolute sum (Higham 2002, section 3.1).
pub(super) fn direct(
    packed: &Convolution,
    from: &[Channel],
    outputs: usize,
) -> Option<Vec<Channel>> {
    if packed.groups != 1 {
        return None;
    }
    let per_output = packed.weights_per_output();
    let taps = packed.kernel[0] * packed.kernel[1];
    let from: Vec<Channel> = from.iter().map(|channel| channel.with_zero()).collect();
    let made = (0..outputs).map(|output| {
        let bias = f64::from(packed.biases[output / LANES].0[output % LANES]);
        let (mut low, mut high, mut absolute, mut error) = (bias, bias, bias.abs(), 0.0);
        for (channel, input) in from.iter().enumerate() {
            // Sixteen channels' taps lie together, tap by tap.
            let (block, inside) = (channel / LANES, channel % LANES);
            let together = LANES.min(from.len() - block * LANES);
            for tap in 0..taps {
                let index = block * LANES * taps + tap * together + inside;
                let weight = weight(&packed.weights, per_output, output, index);
                let ends = [weight * input.low, weight * input.high];
                low += ends[0].min(ends[1]);
                high += ends[0].max(ends[1]);
                absolute += weight.abs() * input.largest();
                error += weight.abs() * input.error;
            }
        }
        let rounding = gamma(taps * from.len() + 2) * absolute;
        Channel::around(low, high, error + rounding)
    });
    Some(made.collect())
}
