//! The figures of a mechanism, recomputed another way.

use frostglass::front::Reach;
use frostglass::policy::Dp;
use frostglass::privacy::{Adjacency, Calibration, Mechanism, NoiseTable, Spend};

/// What does not hold of a mechanism's figures, in words.
pub(crate) fn of(
    mechanism: &Mechanism,
    dp: &Dp,
    [channels, rows, columns]: [usize; 3],
    patch: usize,
    reach: Option<Reach>,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let target = mechanism.target();
    let positions = |side| reach.map_or(rows * columns, |reach| reach.positions(side));
    let units = [
        (Ok(Adjacency::Activation), 1),
        (Adjacency::patch(1), positions(1)),
        (Adjacency::patch(8), positions(8)),
        (Adjacency::patch(patch), positions(patch)),
        (Ok(Adjacency::Image), rows * columns),
    ];
    for (unit, positions) in units {
        let Ok(unit) = unit else { continue };
        let Some(spend) = mechanism.spend(unit) else {
            wrong.push(format!("no figure for {unit} at a front that knows its reach"));
            continue;
        };
        // No fewer values than this take part in what the sampler's error adds up to.
        let values = match unit {
            _ if dp.clip().is_some() => channels * rows * columns,
            Adjacency::Activation => (2 * (dp.normalisation().width() / 2) + 1).min(channels),
            _ => positions * channels,
        };
        wrong.extend(figures(mechanism, spend, values).map(|what| format!("{unit}: {what}")));
        if unit == target.unit() && target.rule() == Calibration::Analytic {
            let nominal = target.epsilon().get();
            if spend.epsilon > nominal {
                wrong.push(format!("{unit}: costs {} where {nominal} was asked", spend.epsilon));
            }
        }
    }
    wrong
}

fn figures(
    mechanism: &Mechanism,
    spend: Spend,
    values: usize,
) -> impl Iterator<Item = String> + use<> {
    let table = NoiseTable::of(mechanism.integer());
    let (mu, delta) = (spend.mu.get(), mechanism.delta().get());
    let mut wrong = Vec::new();
    if (mu * table.sigma() / spend.delta_steps - 1.0).abs() > 1e-14 {
        wrong.push(format!("mu {mu} for {} steps", spend.delta_steps));
    }
    if spend.odds < guess(mu) - 1e-12 {
        wrong.push(format!("odds {} for mu {mu}, where {} are due", spend.odds, guess(mu)));
    }
    let log_ratio = table.eta() * values as f64;
    let left = (delta - missed(mechanism) * values as f64) * (-log_ratio).exp();
    // With what f64 itself loses of it in the sum and in this difference.
    let epsilon = spend.epsilon - 2.0 * log_ratio + 4.0 * f64::EPSILON * spend.epsilon;
    if left <= 0.0 {
        if spend.epsilon < f64::INFINITY {
            wrong.push(format!("epsilon {} where nothing is left of delta", spend.epsilon));
        }
        return wrong.into_iter();
    }
    // Past this f64 no longer tells the two terms of the curve apart.
    if mu < 1e6 {
        let far = (epsilon / mu).abs() + mu;
        let tolerance = 1e-9 + 1e-14 * far * far;
        let needed = needed_delta(epsilon.max(0.0), mu);
        if epsilon < 0.0 || needed > left * (1.0 + tolerance) {
            wrong.push(format!(
                "epsilon {} for mu {mu}: takes delta {needed:e}, of which {left:e} is left",
                spend.epsilon
            ));
        }
    }
    wrong.into_iter()
}

/// The probability that a value lies where the noise's table, laid around the other input's value, ends
/// before the grid does.
fn missed(mechanism: &Mechanism) -> f64 {
    let table = NoiseTable::of(mechanism.integer());
    let (largest, range) = (table.largest() as f64, mechanism.clean_range());
    if largest + 1.0 >= f64::from(mechanism.integer().bound()) + range {
        return 0.0;
    }
    let reached = (largest - range).floor();
    if reached <= 0.0 {
        return 1.0;
    }
    let start = (reached + 0.5) / table.sigma();
    let tail = integral(40.0, 0.01 / (1.0 + start), |x| (-(start + x).powi(2) / 2.0).exp());
    2.0 * tail / TWO_PI.sqrt()
}

/// `Phi(mu/2)`.
fn guess(mu: f64) -> f64 {
    0.5 + integral(mu.min(80.0) / 2.0, 0.01, |x| (-x * x / 2.0).exp()) / TWO_PI.sqrt()
}

const TWO_PI: f64 = std::f64::consts::TAU;

/// The delta that a Gaussian mechanism of this mu takes at epsilon, as an integral over the privacy loss in
/// which nothing cancels: the mean of `(1 - e^(epsilon - loss))` where the loss is larger, the loss being
/// normal of mean mu^2/2 and deviation mu.
fn needed_delta(epsilon: f64, mu: f64) -> f64 {
    let start = epsilon / mu - mu / 2.0;
    let scale = 0.01 / (1.0 + start.abs() + mu);
    let under = |x: f64| -(-mu * x).exp_m1() * (-(start + x).powi(2) / 2.0).exp();
    let end = 45.0 - start.min(0.0);
    integral(end, scale, under) / TWO_PI.sqrt()
}

/// From 0 to `end` by Gauss and Legendre's rule of eight points (Abramowitz and Stegun 1964, table 25.4), on
/// intervals that grow from `scale` by a tenth.
fn integral(end: f64, scale: f64, under: impl Fn(f64) -> f64) -> f64 {
    const POINTS: [(f64, f64); 4] = [
        (0.183_434_642_495_649_8, 0.362_683_783_378_362),
        (0.525_532_409_916_329, 0.313_706_645_877_887_3),
        (0.796_666_477_413_626_7, 0.222_381_034_453_374_5),
        (0.960_289_856_497_536_3, 0.101_228_536_290_376_3),
    ];
    let (mut low, mut sum) = (0.0, 0.0);
    while low < end {
        let high = (low + scale.max(low * 0.1).min(0.25)).min(end);
        let (middle, half) = ((low + high) / 2.0, (high - low) / 2.0);
        for (point, weight) in POINTS {
            sum += half * weight * (under(middle - half * point) + under(middle + half * point));
        }
        low = high;
    }
    sum
}
