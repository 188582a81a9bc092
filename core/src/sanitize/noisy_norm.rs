//! DP-A: scale, clip, local response normalisation, floor, noise, in one pass over the map.
//!
//! Source: *dp-activations*, Algorithm 1, with the order and the grid that make its noise exact:
//! the map is floored to whole steps first, so that adding integer noise is post-processing of the
//! continuous Gaussian mechanism and no noisy float ever exists.

use super::response_norm::powers;
use crate::grid::Grid;
use crate::privacy::Normalisation;

/// Positions handled at a time, so that a tile's working set stays in the nearest cache.
pub const TILE: usize = 128;

/// The public parameters of one DP-A stage: nothing here may come from the image.
#[derive(Clone, Debug)]
pub struct NoisyNorm {
    /// Gain of each channel of the map.
    pub gain: Vec<f32>,
    /// Offset of each channel, added after the gain.
    pub offset: Vec<f32>,
    /// Where values are clipped, and how they are normalised.
    pub normalisation: Normalisation,
    /// The integers of the release, and their step.
    pub grid: Grid,
}

impl NoisyNorm {
    /// Length in values of the scratch that [`noisy_norm`] needs.
    pub fn scratch_len(&self) -> usize {
        (2 * self.normalisation.reach() + 2) * TILE
    }

    /// Scales a value of one channel and clips it to `[0, a_max]`: NaN becomes 0, infinities clip.
    /// Total, because an error that depends on the input would itself be an output.
    #[inline]
    fn clip(&self, channel: usize, activation: f32) -> f32 {
        let scaled = activation * self.gain[channel] + self.offset[channel];
        if scaled > 0.0 { scaled.min(self.normalisation.a_max()) } else { 0.0 }
    }
}

/// Replaces a map by whole numbers of steps with noise added, saturated, in place.
///
/// `map` and `noise` hold `channels * positions` values, the noise in steps, drawn before the map
/// was computed. `shrink` (at most 1) multiplies the normalised map: the L2 clip of the image-level
/// mode, 1 where there is none. `scratch` holds [`NoisyNorm::scratch_len`] values.
pub fn noisy_norm(
    map: &mut [f32],
    positions: usize,
    parameters: &NoisyNorm,
    shrink: f64,
    noise: &[i16],
    scratch: &mut [f32],
) {
    let bound = parameters.grid.integer.bound();
    // At most 1 over the smallest normal number: finite, so that no product below is NaN.
    // A shrink of its own might be no normal number of f32, and lose digits.
    let scale = (shrink / f64::from(parameters.grid.step.get())) as f32;
    each_tile(map, positions, parameters, scratch, |values, powers, at| {
        for ((value, power), noise) in values.iter_mut().zip(powers).zip(&noise[at..]) {
            // Past `FAR` the sum saturates whatever the noise is. Below it every number here is a whole
            // one that an f32 holds exactly.
            let steps = floor((*value / *power * scale).min(FAR));
            *value = (steps + f32::from(*noise)).clamp(-bound, bound);
        }
    });
}

/// More steps than bound and noise together.
const FAR: f32 = (1 << 20) as f32;

/// The whole number at or below a value in `[0, FAR]`.
///
/// Added to 2^23 a value is rounded to a whole number, to the next above at most. It needs nothing but
/// additions and a comparison, so that it is vectorised on every processor; casts to integers and
/// back are not.
#[inline]
fn floor(value: f32) -> f32 {
    const WHOLE: f32 = (1 << 23) as f32;
    let rounded = (value + WHOLE) - WHOLE;
    rounded - if rounded > value { 1.0 } else { 0.0 }
}

/// Scales, clips and normalises a map in place, without step or noise: what a lab looks at and golden
/// vectors hold. A lab build only.
#[cfg(feature = "lab")]
pub fn normalise(map: &mut [f32], positions: usize, parameters: &NoisyNorm, scratch: &mut [f32]) {
    each_tile(map, positions, parameters, scratch, |values, powers, _| {
        for (value, power) in values.iter_mut().zip(powers) {
            *value /= power;
        }
    });
}

/// The L2 norm of the scaled, clipped and normalised map, which is left as it was.
///
/// Only the image-level clip needs it, before [`noisy_norm`] runs; it costs about what that does.
/// `scratch` holds [`NoisyNorm::scratch_len`] values.
pub fn norm_of_normalised_map(
    map: &[f32],
    positions: usize,
    parameters: &NoisyNorm,
    scratch: &mut [f32],
) -> f32 {
    let channels = parameters.gain.len();
    let reach = parameters.normalisation.reach();
    let slots = 2 * reach + 1;
    let (sums, ring) = scratch.split_at_mut(TILE);
    let mut total = 0f64;
    for start in (0..positions).step_by(TILE) {
        let len = TILE.min(positions - start);
        let sums = &mut sums[..len];
        for entering in 0..channels + reach {
            if entering < channels {
                let row = &map[entering * positions + start..][..len];
                for (value, square) in row.iter().zip(&mut ring[entering % slots * TILE..]) {
                    *square = parameters.clip(entering, *value).powi(2);
                }
            }
            let Some(channel) = entering.checked_sub(reach) else { continue };
            squares_around(channel, channels, reach, ring, sums);
            powers(&parameters.normalisation, sums);
            let row = &map[channel * positions + start..][..len];
            for (power, value) in sums.iter().zip(row) {
                // Squared in f64: the ring's squares of tiny values are no numbers of f32 any more.
                let value = f64::from(parameters.clip(channel, *value)) / f64::from(*power);
                total += value * value;
            }
        }
    }
    total.sqrt() as f32
}

/// Scales and clips the map in place, tile by tile, and hands each run of one channel to `finish`:
/// with the powers that equation 4 divides it by, and its offset in the map.
///
/// Normalising channel `c` needs the squares of the channels around it, of which those before it
/// are already overwritten: a ring of squares remembers them.
fn each_tile(
    map: &mut [f32],
    positions: usize,
    parameters: &NoisyNorm,
    scratch: &mut [f32],
    mut finish: impl FnMut(&mut [f32], &[f32], usize),
) {
    let channels = parameters.gain.len();
    debug_assert_eq!(map.len(), channels * positions);
    let reach = parameters.normalisation.reach();
    let slots = 2 * reach + 1;
    let (sums, ring) = scratch.split_at_mut(TILE);
    for start in (0..positions).step_by(TILE) {
        let len = TILE.min(positions - start);
        let sums = &mut sums[..len];
        for entering in 0..channels + reach {
            if entering < channels {
                let row = &mut map[entering * positions + start..][..len];
                for (value, square) in row.iter_mut().zip(&mut ring[entering % slots * TILE..]) {
                    *value = parameters.clip(entering, *value);
                    *square = *value * *value;
                }
            }
            let Some(channel) = entering.checked_sub(reach) else { continue };
            squares_around(channel, channels, reach, ring, sums);
            powers(&parameters.normalisation, sums);
            let at = channel * positions + start;
            finish(&mut map[at..][..len], sums, at);
        }
    }
}

/// Sums the squares over the window of one channel, lowest channel first.
fn squares_around(channel: usize, channels: usize, reach: usize, ring: &[f32], sums: &mut [f32]) {
    let slot = |channel: usize| &ring[channel % (2 * reach + 1) * TILE..][..sums.len()];
    let window = window(channel, reach, channels);
    let first = *window.start();
    if window.clone().count() == 5 {
        // The default window away from the map's ends, in one pass.
        let [a, b, c, d, e] = std::array::from_fn(|i| slot(first + i));
        for (i, sum) in sums.iter_mut().enumerate() {
            *sum = a[i] + b[i] + c[i] + d[i] + e[i];
        }
        return;
    }
    sums.copy_from_slice(slot(first));
    for other in window.skip(1) {
        for (sum, square) in sums.iter_mut().zip(&ring[other % (2 * reach + 1) * TILE..]) {
            *sum += square;
        }
    }
}

/// The channels that the normalisation of `channel` sums over (equation 4).
fn window(channel: usize, reach: usize, channels: usize) -> std::ops::RangeInclusive<usize> {
    channel.saturating_sub(reach)..=(channel + reach).min(channels - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::{GridInteger, GridStep};

    fn parameters(channels: usize, width: usize) -> NoisyNorm {
        NoisyNorm {
            gain: (0..channels).map(|c| 0.5 + c as f32 * 0.25).collect(),
            offset: (0..channels).map(|c| c as f32 * 0.01).collect(),
            normalisation: Normalisation::default()
                .with_a_max(1.5)
                .and_then(|constants| constants.with_width(width))
                .unwrap(),
            grid: Grid { integer: GridInteger::I8, step: GridStep::new(1.0 / 64.0).unwrap() },
        }
    }

    fn map(channels: usize, positions: usize) -> Vec<f32> {
        (0..channels * positions).map(|i| ((i * 7919 + 300) % 1000) as f32 / 400.0 - 0.3).collect()
    }

    /// Equation 4, position by position, in f64.
    fn normalised(map: &[f32], positions: usize, p: &NoisyNorm) -> Vec<f64> {
        let channels = p.gain.len();
        let clipped = |c: usize, at: usize| {
            let value = map[c * positions + at] * p.gain[c] + p.offset[c];
            if value > 0.0 { f64::from(value.min(p.normalisation.a_max())) } else { 0.0 }
        };
        let mut out = Vec::new();
        for c in 0..channels {
            for at in 0..positions {
                let sum: f64 = (0..channels)
                    .filter(|other| other.abs_diff(c) <= p.normalisation.reach())
                    .map(|other| clipped(other, at).powi(2))
                    .sum();
                let base =
                    f64::from(p.normalisation.gamma()) + f64::from(p.normalisation.alpha()) * sum;
                out.push(clipped(c, at) / base.powf(f64::from(p.normalisation.beta())));
            }
        }
        out
    }

    #[test]
    fn the_pass_agrees_with_equation_4_for_every_shape_and_exponent() {
        for (channels, positions, width, beta) in
            [(1, 1, 5, 0.5), (2, 300, 5, 0.75), (7, 129, 3, 0.6), (9, 128, 1, 0.5), (4, 5, 25, 1.0)]
        {
            let mut p = parameters(channels, width);
            p.normalisation = p.normalisation.with_beta(beta).unwrap();
            let before = map(channels, positions);
            let mut after = before.clone();
            let mut scratch = vec![0.0; p.scratch_len()];
            each_tile(&mut after, positions, &p, &mut scratch, |values, powers, _| {
                values.iter_mut().zip(powers).for_each(|(value, power)| *value /= power);
            });
            let wanted = normalised(&before, positions, &p);
            for (got, want) in after.iter().zip(&wanted) {
                assert!((f64::from(*got) - want).abs() < 1e-6, "{got} is not {want}");
            }
            let norm = norm_of_normalised_map(&before, positions, &p, &mut scratch);
            let wanted = wanted.iter().map(|x| x * x).sum::<f64>().sqrt();
            assert!((f64::from(norm) / wanted - 1.0).abs() < 1e-6, "norm {norm} is not {wanted}");
        }
    }

    #[test]
    fn floors_are_exact() {
        for whole in (0..1 << 20).step_by(77).chain([1, 2, 126, 127, 128, (1 << 20) - 1, 1 << 20]) {
            let value = whole as f32;
            assert_eq!(floor(value), value);
            assert_eq!(floor(value.next_up()), value);
            if whole > 0 {
                assert_eq!(floor(value.next_down()), value - 1.0);
            }
            for part in [0.25, 0.5, 0.75] {
                assert_eq!(floor(value + part), value, "{value} and {part}");
            }
        }
        assert_eq!(floor(f32::MIN_POSITIVE), 0.0);
    }

    #[test]
    fn noise_is_added_to_whole_steps_and_the_sum_saturates() {
        let p = NoisyNorm { gain: vec![1.0], offset: vec![0.0], ..parameters(1, 1) };
        let mut map = [0.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1.0];
        let mut scratch = vec![0.0; p.scratch_len()];
        noisy_norm(&mut map, 5, &p, 1.0, &[3, -4, 120, -300, 0], &mut scratch);
        // 1.5 / sqrt(2 + 1.5^2) is 46.57 steps of 1/64; 1 / sqrt(3) is 36.95.
        assert_eq!(map, [3.0, -4.0, 127.0, -127.0, 36.0]);
    }
}
