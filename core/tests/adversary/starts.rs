//! Inputs that the proofs of the bounds call the worst, and inputs around them.

use super::Draws;
use super::search::{Changed, Measured, Pair};

/// Starting points for two inputs that differ where `changed` says.
pub(crate) fn starts(measured: &Measured, changed: &Changed, draws: &mut Draws) -> Vec<Pair> {
    let values = changed.len();
    let mut pairs = blocks(measured, changed, draws);
    let free = changed.places();
    if free.len() < values {
        pairs.extend(around(measured, changed, free[free.len() / 2]));
    }
    // And some of no design: sparse or dense, on every scale.
    let a_max = f64::from(measured.parameters().normalisation.a_max());
    for _ in 0..32 {
        let (dense, low) = (draws.unit(), draws.log(1e-12, 1.0));
        let mut value = |_| match draws.chance(dense) {
            true if draws.chance(0.3) => a_max as f32,
            true => (draws.log(low, 1.0) * a_max) as f32,
            false => 0.0,
        };
        let one: Vec<f32> = (0..values).map(&mut value).collect();
        let other = (0..values).map(|at| if changed.may(at) { value(at) } else { one[at] });
        let other = other.collect();
        pairs.push(Pair { one, other });
    }
    pairs
}

/// `alpha a_max^2 / gamma`.
fn tau(measured: &Measured) -> f64 {
    let constants = &measured.parameters().normalisation;
    f64::from(constants.alpha()) * f64::from(constants.a_max()).powi(2)
        / f64::from(constants.gamma())
}

/// The square at which an activation's own output is largest, over a_max's, among neighbours of squared
/// sum `around`.
fn own_peak(measured: &Measured, around: f64) -> f64 {
    let beta = f64::from(measured.parameters().normalisation.beta());
    let peak = (1.0 + tau(measured) * around) / (tau(measured) * (2.0 * beta - 1.0));
    if peak > 0.0 { peak.min(1.0) } else { 1.0 }
}

/// One activation on and off, its neighbours sharing a sum of squares: on every scale, and around where
/// they are moved most.
fn around(measured: &Measured, changed: &Changed, place: usize) -> Vec<Pair> {
    let constants = &measured.parameters().normalisation;
    let (reach, tau) = (constants.reach(), tau(measured));
    let (positions, channels) = (measured.positions(), measured.channels());
    let (channel, position) = (place / positions, place % positions);
    let a_max = f64::from(constants.a_max());
    let mut sums: Vec<f64> = (0..14).map(|k| 10f64.powi(-2 * k) * reach as f64).collect();
    sums.extend([0.01, 0.1, 0.3, 0.6, 1.0, 1.6, 3.0, 10.0, 100.0].map(|x| x / tau));
    let mut pairs = Vec::new();
    for sum in sums {
        let squared = sum / (reach.max(1) as f64);
        if !(0.0..=1.0).contains(&squared) {
            continue;
        }
        let neighbour = (squared.sqrt() * a_max) as f32;
        for (below, above) in [(true, true), (true, false)] {
            let sides = f64::from(u8::from(below) + u8::from(above));
            for own in [1.0, own_peak(measured, sum * sides), own_peak(measured, 0.0)] {
                let mut one = vec![0f32; changed.len()];
                for other in channel.saturating_sub(reach)..=(channel + reach).min(channels - 1) {
                    if (other < channel && below) || (other > channel && above) {
                        one[other * positions + position] = neighbour;
                    }
                }
                one[place] = (own.sqrt() * a_max) as f32;
                let mut other = one.clone();
                other[place] = 0.0;
                pairs.push(Pair { one, other });
            }
        }
    }
    pairs
}

/// Some channels large in one input, others in the other, in turns of every length that windows have.
fn blocks(measured: &Measured, changed: &Changed, draws: &mut Draws) -> Vec<Pair> {
    let constants = &measured.parameters().normalisation;
    let (reach, tau) = (constants.reach(), tau(measured));
    let (positions, channels) = (measured.positions(), measured.channels());
    let (a_max, beta) = (f64::from(constants.a_max()), f64::from(constants.beta()));
    let mut periods = vec![1, 2, 3, reach + 1, 2 * reach + 1, channels];
    periods.retain(|period| *period <= channels);
    periods.sort_unstable();
    periods.dedup();
    let crest = 1.0 / (tau * (2.0 * beta - 1.0));
    let mut pairs = Vec::new();
    for period in periods {
        let mut splits =
            vec![(period, 0), (1, 0), (1, period - 1), (period / 2, period - period / 2), (1, 1)];
        splits.retain(|(first, second)| first + second <= period);
        splits.sort_unstable();
        splits.dedup();
        for (first, second) in splits {
            for sum in [f64::INFINITY, crest, crest / 3.0, crest * 3.0, draws.log(1e-24, 1.0)] {
                if sum.is_nan() || sum <= 0.0 {
                    continue;
                }
                let value = |count: usize| {
                    let share = (sum / count.max(1) as f64).min(1.0);
                    (share.sqrt() * a_max) as f32
                };
                let at = |place: usize| place / positions % period;
                let one = |place| if at(place) < first { value(first) } else { 0.0 };
                let other = |place| {
                    let second = at(place) >= first && at(place) < first + second;
                    if second { value(period - first) } else { 0.0 }
                };
                let one: Vec<f32> = (0..changed.len()).map(one).collect();
                let other = |place| if changed.may(place) { other(place) } else { one[place] };
                let other = (0..changed.len()).map(other).collect();
                pairs.push(Pair { one, other });
            }
        }
    }
    pairs
}
