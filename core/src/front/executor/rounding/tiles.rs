//! Winograd's convolution.
//!
//! With `U = G g G^T`, `V = B^T d B` and `y = A^T M A` for `M = sum of U V over channels`, each computed
//! number is bounded by what its exact factors can be and by the roundings on the longest way to it.

use super::convolution::weight;
use super::{Channel, gamma};
use crate::front::executor::block::LANES;
use crate::front::executor::kernels::Winograd;

/// Roundings on the longest way through a transform along both axes, constants that are no floats
/// included: inputs and outputs take at most four along each, filters at most four.
const TRANSFORM: usize = 8;

/// What the bound's own arithmetic may err in `G g G^T`, over its absolute sum.
const OWN: f64 = 1e-14;

/// The transforms of one size of tile, exactly: what the kernels compute but for rounding.
struct Transforms {
    /// `B^T`.
    input: Vec<Vec<f64>>,
    /// `G`, without the factors that the output's transform has.
    filter: Vec<Vec<f64>>,
    /// `A^T`.
    output: Vec<Vec<f64>>,
    /// What a filter was multiplied with before its transform, along both axes.
    scale: f64,
}

impl Transforms {
    fn of(under: usize, taps: usize) -> Self {
        // Each finite point, the factor of its filter's transform, and of its output's.
        let points: &[[f64; 3]] = match under {
            8 => &[
                [0.0, 1.0, -4.5],
                [1.0, 1.0, 1.0],
                [-1.0, 1.0, 1.0],
                [2.0, -0.2, 0.25],
                [-2.0, -0.2, 0.25],
                [0.5, -0.8, 4.0],
                [-0.5, -0.8, 4.0],
            ],
            _ => &[
                [0.0, 1.0, -1.5],
                [1.0, 1.0, 1.0],
                [-1.0, 1.0, 1.0],
                [2.0, 0.5, -0.5],
                [-2.0, 0.5, -0.5],
            ],
        };
        let infinity = if under == 8 { -4.5 } else { -6.0 };
        let power = |point: f64, power: usize| point.powi(power as i32);
        let mut filter: Vec<Vec<f64>> = points
            .iter()
            .map(|[point, factor, _]| (0..taps).map(|tap| factor * power(*point, tap)).collect())
            .collect();
        filter.push((0..taps).map(|tap| f64::from(u8::from(tap + 1 == taps))).collect());
        let tile = under + 1 - taps;
        let output = (0..tile)
            .map(|at| {
                let finite = points.iter().map(|[point, _, factor]| factor * power(*point, at));
                let last = if at + 1 == tile { infinity } else { 0.0 };
                finite.chain([last]).collect()
            })
            .collect();
        let input = if under == 8 {
            let row = |row: [f64; 8]| row.to_vec();
            vec![
                row([1.0, 0.0, -5.25, 0.0, 5.25, 0.0, -1.0, 0.0]),
                row([0.0, 1.0, 1.0, -4.25, -4.25, 1.0, 1.0, 0.0]),
                row([0.0, -1.0, 1.0, 4.25, -4.25, -1.0, 1.0, 0.0]),
                row([0.0, 0.5, 0.25, -2.5, -1.25, 2.0, 1.0, 0.0]),
                row([0.0, -0.5, 0.25, 2.5, -1.25, -2.0, 1.0, 0.0]),
                row([0.0, 2.0, 4.0, -2.5, -5.0, 0.5, 1.0, 0.0]),
                row([0.0, -2.0, 4.0, 2.5, -5.0, -0.5, 1.0, 0.0]),
                row([0.0, -1.0, 0.0, 5.25, 0.0, -5.25, 0.0, 1.0]),
            ]
        } else {
            let row = |row: [f64; 6]| row.to_vec();
            vec![
                row([4.0, 0.0, -5.0, 0.0, 1.0, 0.0]),
                row([0.0, -4.0, -4.0, 1.0, 1.0, 0.0]),
                row([0.0, 4.0, -4.0, -1.0, 1.0, 0.0]),
                row([0.0, -2.0, -1.0, 2.0, 1.0, 0.0]),
                row([0.0, 2.0, -1.0, -2.0, 1.0, 0.0]),
                row([0.0, 4.0, 0.0, -5.0, 0.0, 1.0]),
            ]
        };
        let along_one: f64 = if under == 8 { -2.0 / 9.0 } else { -1.0 / 6.0 };
        Self { input, filter, output, scale: along_one * along_one }
    }

    /// For each product, the sums of the input transform's positive and of its negative factors.
    fn input_sums(&self) -> Vec<[f64; 2]> {
        pairs(&self.input, &self.input)
            .map(|(rows, columns)| {
                let mut sums = [0.0; 2];
                for factor in rows.iter().flat_map(|a| columns.iter().map(move |b| a * b)) {
                    sums[usize::from(factor < 0.0)] += factor.abs();
                }
                sums
            })
            .collect()
    }

    /// `G g G^T` and the absolute sums behind it, `[product]`.
    fn filtered(&self, taps: &[f64]) -> Vec<[f64; 2]> {
        let side = self.filter[0].len();
        pairs(&self.filter, &self.filter)
            .map(|(rows, columns)| {
                let mut sums = [0.0; 2];
                for (row, a) in rows.iter().enumerate() {
                    for (column, b) in columns.iter().enumerate() {
                        let product = a * b * taps[row * side + column];
                        sums[0] += product;
                        sums[1] += product.abs();
                    }
                }
                sums
            })
            .collect()
    }
}

fn pairs<'a>(
    rows: &'a [Vec<f64>],
    columns: &'a [Vec<f64>],
) -> impl Iterator<Item = (&'a Vec<f64>, &'a Vec<f64>)> {
    rows.iter().flat_map(move |row| columns.iter().map(move |column| (row, column)))
}

/// A filter that is kept transformed, as it was before, and how far each product is from what the exact
/// transform makes of that: what is taken for the filter is free, and four corners of it stand there.
fn untransformed(t: &Transforms, kept: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let (under, taps) = (t.input.len(), t.filter[0].len());
    let at = |line: &dyn Fn(usize) -> f64| -> Vec<f64> {
        let (one, minus) = (line(1), line(2));
        let (first, last) = (line(0), line(under - 1));
        match taps {
            3 => vec![first, (one - minus) / 2.0, last],
            _ => {
                // Even and odd powers at 1 and at 2, whose factor is 1/2.
                let (two, minus_two) = (2.0 * line(3), 2.0 * line(4));
                let odd_one = (one - minus) / 2.0;
                let odd_two = (two - minus_two) / 4.0;
                let third = (odd_two - odd_one) / 3.0;
                let even_one = (one + minus) / 2.0;
                match taps {
                    4 => vec![first, odd_one - last, even_one - first, last],
                    _ => vec![first, odd_one - third, even_one - first - last, third, last],
                }
            }
        }
    };
    let half: Vec<Vec<f64>> = (0..under).map(|y| at(&|x| kept[y * under + x])).collect();
    let columns: Vec<Vec<f64>> = (0..taps).map(|column| at(&|y| half[y][column])).collect();
    let taps: Vec<f64> =
        (0..taps * taps).map(|index| columns[index % taps][index / taps]).collect();
    let off = t.filtered(&taps);
    let off = off.iter().zip(kept).map(|(made, kept)| (made[0] - kept).abs()).collect();
    (taps, off)
}

/// The sums of a convolution in tiles.
pub(super) fn in_tiles(
    packed: &Winograd,
    from: &[Channel],
    outputs: usize,
) -> Option<Vec<Channel>> {
    if packed.groups != 1 {
        return None;
    }
    let t = Transforms::of(packed.under, packed.taps);
    let products = packed.products();
    let from: Vec<Channel> = from.iter().map(|channel| channel.with_zero()).collect();
    // What a transformed input can be, computed, and exactly.
    let inputs: Vec<Vec<[f64; 2]>> = from
        .iter()
        .map(|channel| {
            let of = |[plus, minus]: &[f64; 2]| {
                let up = plus * channel.high - minus * channel.low;
                let down = minus * channel.high - plus * channel.low;
                let rounding = gamma(TRANSFORM) * (plus + minus) * channel.largest();
                [up.max(down) + rounding, up.max(down)]
            };
            t.input_sums().iter().map(of).collect()
        })
        .collect();
    let made = (0..outputs).map(|output| one(packed, &t, &from, &inputs, (output, products)));
    Some(made.collect())
}

fn one(
    packed: &Winograd,
    t: &Transforms,
    from: &[Channel],
    inputs: &[Vec<[f64; 2]>],
    (output, products): (usize, usize),
) -> Channel {
    let (block, lane) = (output / LANES, output % LANES);
    let bias = f64::from(packed.biases[block].0[lane]);
    let (mut low, mut high, mut carried) = (bias, bias, 0.0);
    // Of each product: what it can be, and what rounding can make of it.
    let mut sums = vec![[0.0; 2]; products];
    let summed = 1.0 + gamma(from.len() + 2);
    sums[packed.under + 1] = [bias.abs(), bias.abs() * summed];
    for (channel, (input, transformed)) in from.iter().zip(inputs).enumerate() {
        let (taps, filtered) = filter(packed, t, block, lane, channel);
        for tap in taps {
            let weight = tap / t.scale;
            let ends = [weight * input.low, weight * input.high];
            low += ends[0].min(ends[1]);
            high += ends[0].max(ends[1]);
            carried += weight.abs() * input.error;
        }
        for ((sum, [computed, exact]), [filter, off]) in
            sums.iter_mut().zip(transformed).zip(filtered)
        {
            sum[0] += filter * exact;
            sum[1] += (filter + off) * computed * summed;
        }
    }
    let transformed = 1.0 + gamma(TRANSFORM);
    let rounding = pairs(&t.output, &t.output).map(|(rows, columns)| {
        let factors = rows.iter().flat_map(|a| columns.iter().map(move |b| (a * b).abs()));
        factors.zip(&sums).map(|(a, [exact, computed])| a * (computed * transformed - exact)).sum()
    });
    Channel::around(low, high, carried + rounding.fold(0.0, f64::max))
}

/// A filter, the absolute values of its products, and how far computed ones can be from them.
fn filter(
    packed: &Winograd,
    t: &Transforms,
    block: usize,
    lane: usize,
    channel: usize,
) -> (Vec<f64>, Vec<[f64; 2]>) {
    let (taps, products) = (packed.taps * packed.taps, packed.products());
    if block < packed.kept {
        let first = block * products * packed.input_channels + channel;
        let number = |product: usize| {
            f64::from(packed.transformed[first + product * packed.input_channels].0[lane])
        };
        let kept: Vec<f64> = (0..products).map(number).collect();
        let (taps, off) = untransformed(t, &kept);
        let filtered = t.filtered(&taps).into_iter().zip(off);
        let filtered =
            filtered.map(|([sum, absolute], off)| [sum.abs(), off + OWN * absolute]).collect();
        return (taps, filtered);
    }
    let (output, per_output) = ((block - packed.kept) * LANES + lane, packed.raw_per_output());
    let tap = |tap: usize| weight(&packed.raw, per_output, output, channel * taps + tap);
    let taps: Vec<f64> = (0..taps).map(tap).collect();
    let filtered = t.filtered(&taps).into_iter();
    let filtered =
        filtered.map(|[sum, absolute]| [sum.abs(), (gamma(TRANSFORM) + OWN) * absolute]).collect();
    (taps, filtered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_transforms_are_those_of_a_convolution() {
        for (under, taps) in [(6, 3), (6, 4), (6, 5), (8, 3)] {
            let t = Transforms::of(under, taps);
            let filter: Vec<f64> = (0..taps).map(|tap| (tap as f64 + 0.3).sin()).collect();
            let inputs: Vec<f64> = (0..under).map(|at| (at as f64 * 1.7).cos()).collect();
            let along = |row: &Vec<f64>, numbers: &[f64]| -> f64 {
                row.iter().zip(numbers).map(|(a, b)| a * b).sum()
            };
            let products: Vec<f64> = (0..under)
                .map(|p| along(&t.filter[p], &filter) * along(&t.input[p], &inputs))
                .collect();
            let factor = if under == 8 { -2.0 / 9.0 } else { -1.0 / 6.0 };
            for (at, row) in t.output.iter().enumerate() {
                let wanted: f64 = (0..taps).map(|tap| filter[tap] * inputs[at + tap]).sum();
                let got = along(row, &products) * factor;
                assert!((got - wanted).abs() < 1e-12, "{under}, {taps}, {at}: {got}, {wanted}");
            }
            let square: Vec<f64> = (0..taps * taps).map(|at| (at as f64 + 0.7).sin()).collect();
            let kept: Vec<f64> = t.filtered(&square).iter().map(|sums| sums[0]).collect();
            let (back, off) = untransformed(&t, &kept);
            assert!(
                back.iter().zip(&square).all(|(a, b)| (a - b).abs() < 1e-12),
                "{under}, {taps}"
            );
            assert!(off.iter().all(|off| *off < 1e-12));
        }
    }
}
