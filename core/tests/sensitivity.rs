//! Attacks on the sensitivity bounds at chosen constants, on a logarithmic scale with its corners: none may
//! be passed, and *each* must nearly be reached, or it would be larger than it need be. Nothing is pooled.
//! The program `core/examples/attack` does the same to random policies, resolved as the product does it.
//!
//! What is measured is what the shipped stage makes of the inputs, which only a lab build shows.
#![cfg(feature = "lab")]

mod adversary;

use adversary::{Changed, Draws, Measured, Pair, furthest};
use frostglass::grid::{Grid, GridInteger, GridStep};
use frostglass::policy::{Dp, Policy, Site};
use frostglass::privacy::{Adjacency, Region, Sensitivity};

/// Pairs that one attack measures.
const PAIRS: usize = 3_000;

/// Flat and steep, below and above the exponent at which the largest output turns inwards; squares from
/// far below gamma to far above it; no neighbours, few, and more than there are channels.
fn constants() -> impl Iterator<Item = Dp> {
    let betas = [0.0, 1e-3, 0.25, 0.49, 0.5, 0.51, 0.75, 1.0, 4.0];
    betas.into_iter().flat_map(|beta| {
        [1e-6, 1e-3, 0.7, 3.0, 1e3, 1e6].into_iter().flat_map(move |a_max| {
            [1, 3, 5, 25].into_iter().map(move |width| {
                let dp = Dp::default().with_beta(beta).and_then(|dp| dp.with_a_max(a_max));
                dp.and_then(|dp| dp.with_width(width)).unwrap()
            })
        })
    })
}

fn sensitivity(dp: &Dp, channels: usize) -> Sensitivity {
    Sensitivity::new(*dp.normalisation(), channels, dp.clip())
}

/// A grid on which the map's largest value is so many steps.
fn grid(sensitivity: &Sensitivity, steps: f64) -> Grid {
    let step = (sensitivity.largest_value() / steps) as f32;
    Grid { integer: GridInteger::I16, step: GridStep::new(step).unwrap() }
}

/// The share of the bound that the best attack reaches; a panic where it passes it.
fn share(measured: &mut Measured, changed: &Changed, bound: f64, what: &str) -> f64 {
    let (distance, pair) = furthest(measured, changed, PAIRS, &mut Draws::new(7));
    assert!(distance <= bound, "{what}: {distance} steps, where {bound} are the bound: {pair:?}");
    distance / bound
}

/// Attacks each of the constants with a bound of its own, and asks for this share of each.
fn each_is_nearly_reached(what: &str, wanted: f64, attack: impl Fn(&Dp, f64) -> Option<f64>) {
    for steps in [3e4, 100.0] {
        let mut shares: Vec<(f64, Dp)> =
            constants().filter_map(|dp| Some((attack(&dp, steps)?, dp))).collect();
        assert!(shares.len() > 100, "{what}: {} bounds were attacked", shares.len());
        shares.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (least, dp) = shares[0];
        let median = shares[shares.len() / 2].0;
        println!(
            "{what}, {steps} steps: {} bounds reached to {least:.4} at least, the median {median:.4}",
            shares.len()
        );
        assert!(least >= wanted, "{what}: {least} of the bound at {steps} steps, {dp:?}");
    }
}

#[test]
fn one_activation() {
    each_is_nearly_reached("(a)", 0.85, |dp, steps| {
        let channels = 2 * dp.normalisation().reach() + 1;
        let bounds = sensitivity(dp, channels);
        let grid = grid(&bounds, steps);
        let mut measured = Measured::new(dp, grid, channels, 1, steps);
        let changed = Changed::at(channels, |channel| channel == channels / 2);
        let region = Region { positions: 1, map_values: channels };
        let bound = bounds.activation(region, f64::from(grid.step.get()));
        Some(share(&mut measured, &changed, bound, &format!("{dp:?}")))
    });
}

#[test]
fn any_change_at_a_position() {
    // A block of neighbours that lie in each other's windows, of which the bound speaks.
    each_is_nearly_reached("(b) and (c)", 0.98, |dp, steps| {
        let channels = dp.normalisation().reach() + 1;
        let bounds = sensitivity(dp, channels);
        let grid = grid(&bounds, steps);
        let mut measured = Measured::new(dp, grid, channels, 1, steps);
        let changed = Changed::at(channels, |_| true);
        let region = Region { positions: 1, map_values: channels };
        let bound = bounds.positions(region, f64::from(grid.step.get()));
        Some(share(&mut measured, &changed, bound, &format!("{dp:?}")))
    });
}

#[test]
fn a_whole_map_under_a_clip() {
    each_is_nearly_reached("(c) under a clip", 0.99, |dp, steps| {
        let (channels, positions) = (3, 2);
        let free = sensitivity(dp, channels);
        // Below what one position can hold, so that the clip is what bounds.
        let dp = dp.with_clip((free.largest_value() * 0.5) as f32).ok()?;
        let bounds = sensitivity(&dp, channels);
        let grid = grid(&bounds, steps);
        let mut measured = Measured::new(&dp, grid, channels, positions, steps);
        let changed = Changed::at(channels * positions, |_| true);
        let region = Region { positions, map_values: channels * positions };
        let bound = bounds.positions(region, f64::from(grid.step.get()));
        Some(share(&mut measured, &changed, bound, &format!("{dp:?}")))
    });
}

#[test]
fn a_part_of_a_map_under_a_clip() {
    // Here the bound is for the worst of all maps with so many values, and need not be near.
    for dp in constants() {
        let (channels, positions) = (3, 3);
        for clip in [0.3, 2.0] {
            let largest = sensitivity(&dp, channels).largest_value();
            let Ok(dp) = dp.with_clip((largest * clip) as f32) else { continue };
            let bounds = sensitivity(&dp, channels);
            let grid = grid(&bounds, 50.0);
            let step = f64::from(grid.step.get());
            let mut measured = Measured::new(&dp, grid, channels, positions, 50.0);
            let values = channels * positions;
            let region = |positions| Region { positions, map_values: values };
            let one = Changed::at(values, |value| value == positions);
            share(&mut measured, &one, bounds.activation(region(1), step), &format!("{dp:?}"));
            let some = Changed::at(values, |value| value % positions < 2);
            share(&mut measured, &some, bounds.positions(region(2), step), &format!("{dp:?}"));
        }
    }
}

/// What a search that climbs from a coarse grid once missed: the movement is largest where the neighbours'
/// squares are around `1 / (tau (2 beta - 1))`, 14 decades below one.
#[test]
fn neighbours_far_smaller_than_the_activation_that_moves_them() {
    let released = |policy: &str, one: &[f32], other: &[f32]| {
        let pipeline = policy.parse::<Policy>().unwrap().resolve(&Site::bare([one.len(), 1, 1]));
        let pipeline = pipeline.unwrap();
        // No noise is drawn: the workspace starts at zero.
        let map = |input: &[f32]| {
            let mut map = input.to_vec();
            pipeline.apply(&mut map, &mut pipeline.workspace()).unwrap();
            map
        };
        let (one, other) = (map(one), map(other));
        let squares = one.iter().zip(&other).map(|(a, b)| f64::from(a - b).powi(2));
        let spend = pipeline.mechanism().unwrap().spend(Adjacency::Activation).unwrap();
        (squares.sum::<f64>().sqrt(), spend.delta_steps)
    };
    let one = [0.0, 1.7768, 0.0, 0.0, 1.8777];
    let other = [0.0, 1.7768, 1e6, 0.0, 1.8777];
    let (distance, bound) = released("dp(epsilon=1, a_max=1e6, beta=0.75)", &one, &other);
    assert!(distance <= bound && distance > 0.8 * bound, "{distance} steps of {bound}");

    for policy in [
        "dp(epsilon=1, a_max=1e6, beta=0.75)",
        "dp(epsilon=5, a_max=1e6, beta=0.75)",
        "dp(epsilon=20, a_max=1e6, beta=0.75)",
        "dp(epsilon=1, a_max=1e6, beta=1)",
        "dp(epsilon=20, a_max=1e6, beta=1)",
        "dp(epsilon=1, u=9, a_max=2000, alpha=100, beta=4, gamma=1)",
        "dp(epsilon=5, u=9, a_max=2000, alpha=100, beta=4, gamma=1)",
        "dp(epsilon=20, u=9, a_max=2000, alpha=100, beta=4, gamma=1)",
    ] {
        let parsed = policy.parse::<Policy>().unwrap();
        let [frostglass::policy::Stage::Dp(dp)] = parsed.stages() else { panic!("one stage") };
        let channels = 2 * dp.normalisation().reach() + 1;
        let pipeline = parsed.resolve(&Site::bare([channels, 1, 1])).unwrap();
        let range = pipeline.mechanism().unwrap().clean_range();
        let mut measured = Measured::new(dp, pipeline.grid().unwrap(), channels, 1, range);
        let changed = Changed::at(channels, |channel| channel == channels / 2);
        let (_, Pair { one, other }) =
            furthest(&mut measured, &changed, 20_000, &mut Draws::new(7));
        let (distance, bound) = released(policy, &one, &other);
        println!("{policy}: {distance:.1} steps of {bound:.1}");
        assert!(distance <= bound && distance > 0.8 * bound, "{policy}: {distance} of {bound}");
    }
}
