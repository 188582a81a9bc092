//! What a front that computes in tiles moves outside receptive fields, by rounding alone.
//!
//! At a position that a patch reaches through tiles only, both maps are within a bound of the same
//! reference, and so within twice that of each other. Theorem and proof: `docs/proofs/rounding.md`.

use super::normalisation::Normalisation;

/// The unit roundoff of `f32`.
const UNIT: f64 = 1.0 / (1u64 << 24) as f64;

/// The positions that tiles reach, and how far rounding moves a value of the normalised map there.
#[derive(Clone, Debug)]
pub struct Tiled {
    /// First and last input that each position may depend on, along rows and along columns.
    spans: [Vec<(u32, u32)>; 2],
    /// For each channel, in units of the normalised map.
    moved: Vec<f64>,
}

impl Tiled {
    /// For activations that are each at most `errors` from their reference, one a channel, under these
    /// gains and offsets and this normalisation.
    ///
    /// Scaling, adding and clipping moves two numbers that are `2 E` apart to at most
    /// `2 (E gain + 4 u (a_max + |offset|))` apart. The normalised map's derivatives bring these to at most
    /// `gamma^-beta (max(1, 2 beta - 1) d + beta |d of the neighbours|_2)`.
    pub fn new(
        spans: [Vec<(u32, u32)>; 2],
        errors: &[f64],
        gain: &[f32],
        offset: &[f32],
        normalisation: &Normalisation,
    ) -> Self {
        let a_max = f64::from(normalisation.a_max());
        let clipped: Vec<f64> = errors
            .iter()
            .zip(gain.iter().zip(offset))
            .map(|(error, (gain, offset))| {
                let scaled = error * f64::from(*gain);
                2.0 * (scaled + 4.0 * UNIT * (a_max + f64::from(offset.abs())))
            })
            .collect();
        let beta = f64::from(normalisation.beta());
        let power = f64::from(normalisation.gamma()).powf(-beta);
        let reach = normalisation.reach();
        let moved = (0..clipped.len()).map(|channel| {
            let window = channel.saturating_sub(reach)..(channel + reach + 1).min(clipped.len());
            let squares: f64 =
                window.filter(|&other| other != channel).map(|other| clipped[other].powi(2)).sum();
            let own = (2.0 * beta - 1.0).max(1.0) * clipped[channel];
            power * (own + beta * squares.sqrt()) * (1.0 + 1e-9)
        });
        Self { spans, moved: moved.collect() }
    }

    /// How many positions a change within `patch` x `patch` pixels can alter, tiles included.
    pub fn positions(&self, patch: usize) -> usize {
        self.positions_within(patch, patch)
    }

    /// How many positions a change within so many rows and columns of pixels can alter, tiles included.
    pub fn positions_within(&self, rows: usize, columns: usize) -> usize {
        most(&self.spans[0], rows) * most(&self.spans[1], columns)
    }

    /// How far flooring can take apart the values at one position, squared, in steps: values `d` apart
    /// floor to whole numbers at most `ceil(d)` apart. `rounded` is what rounding adds to each, in steps.
    pub(super) fn position(&self, step: f64, rounded: f64) -> f64 {
        self.moved.iter().map(|moved| (moved / step + rounded).ceil().powi(2)).sum()
    }
}

/// The most positions that depend on one run of so many inputs.
fn most(spans: &[(u32, u32)], patch: usize) -> usize {
    let inputs = spans.iter().map(|span| span.1 as usize + 1).max().unwrap_or(0);
    // The runs that reach a position begin at these places, one past the last of them.
    let mut begins = vec![0i64; inputs + 2];
    for &(first, last) in spans {
        begins[(first as usize + 1).saturating_sub(patch)] += 1;
        begins[last as usize + 1] -= 1;
    }
    let mut there = 0;
    let reached = begins.iter().map(|change| {
        there += change;
        there
    });
    reached.max().unwrap_or(0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_counted_over_every_place_of_a_patch() {
        let spans: Vec<(u32, u32)> = (0..24).map(|at| (at / 4 * 4, at / 4 * 4 + 5)).collect();
        for patch in 1..30 {
            let slow = (0..29usize)
                .map(|begin| {
                    let past = begin + patch;
                    let met =
                        |span: &&(u32, u32)| (span.0 as usize) < past && begin <= span.1 as usize;
                    spans.iter().filter(met).count()
                })
                .max();
            assert_eq!(Some(most(&spans, patch)), slow, "{patch}");
        }
    }

    #[test]
    fn no_two_maps_this_near_are_further_apart_once_normalised() {
        let normalisation = Normalisation::default();
        let (gain, offset) = ([2.0f32; 7], [0.0f32; 7]);
        let errors = [0.01, 0.002, 0.03, 0.0, 0.01, 0.05, 0.001];
        let tiled = Tiled::new([vec![], vec![]], &errors, &gain, &offset, &normalisation);
        let normalised = |a: &[f64], channel: usize| {
            let window = channel.saturating_sub(2)..(channel + 3).min(7);
            a[channel] / (2.0 + window.map(|other| a[other].powi(2)).sum::<f64>()).sqrt()
        };
        let mut closest = 0f64;
        for case in 0..20_000u64 {
            let bits = |at: usize| {
                case.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(9 * at as u32) >> 11
            };
            let unit = |at: usize| bits(at) as f64 / (1u64 << 53) as f64;
            let a: Vec<f64> = (0..7).map(unit).collect();
            let b: Vec<f64> = (0..7)
                .map(|c| {
                    let sign = if bits(c + 3) & 1 == 0 { 1.0 } else { -1.0 };
                    (a[c] + sign * 4.0 * errors[c]).clamp(0.0, 1.0)
                })
                .collect();
            for channel in 0..7 {
                let ratio = (normalised(&a, channel) - normalised(&b, channel)).abs()
                    / tiled.moved[channel];
                closest = closest.max(ratio);
            }
        }
        assert!((0.5..=1.0).contains(&closest), "{closest}");
    }
}
