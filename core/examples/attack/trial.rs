//! One policy: resolved, attacked under every adjacency, its figures recomputed.

use std::num::NonZeroUsize;

use frostglass::policy::{Dp, Pipeline, Policy, Site, Stage};
use frostglass::privacy::{Adjacency, Mechanism};
use frostglass::random::Random;

use super::adversary::{Changed, Draws, Measured, Pair, furthest};
use super::checks;
use super::policies::{self, Drawn};
use super::tally::Tally;

/// One attack: what may change, and how far the mechanism says that the map moves.
struct Attack {
    kind: &'static str,
    changed: Changed,
    bound: f64,
    /// Positions that change like the one that is searched.
    copies: usize,
}

/// Draws the policy of this seed and attacks it for about so many seconds.
pub(crate) fn run(seed: u64, seconds: f64, tally: &mut Tally) {
    let mut draws = Draws::new(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
    let drawn = policies::draw(&mut draws);
    let policy = match drawn.policy.parse::<Policy>() {
        Ok(policy) => policy,
        Err(error) => return tally.violation(&drawn.policy, &format!("not accepted: {error}")),
    };
    let Ok(pipeline) = policy.resolve(&drawn.site) else {
        tally.refused += 1;
        return;
    };
    let (Some(mechanism), Some(dp)) = (pipeline.mechanism(), dp_of(&policy)) else {
        return tally.violation(&drawn.policy, "a policy with dp has no mechanism");
    };
    tally.policies += 1;
    let described = describe(&drawn, seed);
    for what in checks::of(mechanism, &dp, pipeline.shape(), drawn.patch, drawn.site.reach) {
        tally.violation(&described, &what);
    }
    let attacks = attacks(&drawn, &pipeline, mechanism, &mut draws);
    let positions = if dp.clip().is_some() { pipeline.shape()[1] * pipeline.shape()[2] } else { 1 };
    let Some(grid) = pipeline.grid() else { return };
    let mut measured =
        Measured::new(&dp, grid, pipeline.shape()[0], positions, mechanism.clean_range());
    let pairs = pairs_in(seconds / attacks.len() as f64, &dp, measured.values());
    for attack in attacks {
        let (distance, pair) = furthest(&mut measured, &attack.changed, pairs, &mut draws);
        let distance = distance * (attack.copies as f64).sqrt();
        let released = released_distance(&drawn.site, &pipeline, &pair, &attack, seed);
        tally.attack(attack.kind, distance, attack.bound, &described);
        if distance.max(released) > attack.bound {
            let nonzero = |side: &[f32]| {
                let values = side.iter().enumerate().filter(|(_, value)| **value != 0.0);
                values.map(|(at, value)| format!("{at}:{value:e}")).collect::<Vec<_>>().join(" ")
            };
            let what = format!(
                "{}: {distance} steps before the grid's ends, {released} released, where {} are promised\n  one: {}\n  other: {}",
                attack.kind,
                attack.bound,
                nonzero(&pair.one),
                nonzero(&pair.other)
            );
            tally.violation(&described, &what);
        }
    }
}

/// How many pairs of maps can be measured in so many seconds, roughly, on one core of a common machine.
fn pairs_in(seconds: f64, dp: &Dp, values: usize) -> usize {
    let width = (2 * dp.normalisation().reach() + 1).min(values) as f64;
    let a_pair = 2.0 * values as f64 * (width * 0.4 + 25.0) * 1e-9;
    ((seconds / a_pair) as usize).clamp(128, 20_000)
}

fn dp_of(policy: &Policy) -> Option<Dp> {
    policy.stages().iter().find_map(|stage| match stage {
        Stage::Dp(dp) => Some(*dp),
        _ => None,
    })
}

fn describe(drawn: &Drawn, seed: u64) -> String {
    let reach = drawn.site.reach.map(|reach| {
        let axis = |axis: frostglass::front::AxisReach| format!("{}/{}", axis.field, axis.stride);
        format!("{} x {}", axis(reach.rows), axis(reach.columns))
    });
    format!(
        "{} on a map of {:?}, field/stride {}, seed {seed}",
        drawn.policy,
        drawn.site.shape,
        reach.unwrap_or_default()
    )
}

/// (a), (b), (c), and a group, each with what its bound promises.
fn attacks(
    drawn: &Drawn,
    pipeline: &Pipeline,
    mechanism: &Mechanism,
    draws: &mut Draws,
) -> Vec<Attack> {
    let [channels, rows, columns] = pipeline.shape();
    let everything = rows * columns;
    // Under a clip a search sees the whole map, otherwise one of independent positions.
    let whole = dp_of(pipeline.policy()).is_some_and(|dp| dp.clip().is_some());
    let seen = if whole { everything } else { 1 };
    let values = channels * seen;
    let mut attacks = Vec::new();
    let mut attack = |kind, adjacency, positions: usize, changed| {
        let Some(spend) = mechanism.spend(adjacency) else { return };
        let copies = if whole { 1 } else { positions };
        attacks.push(Attack { kind, changed, bound: spend.delta_steps, copies });
    };
    let channel = if draws.chance(0.7) { channels / 2 } else { draws.below(channels) };
    let one = Changed::at(values, |value| value == channel * seen);
    attack("(a) activation", Adjacency::Activation, 1, one);
    if let (Some(reach), Ok(patch)) = (drawn.site.reach, Adjacency::patch(drawn.patch)) {
        let positions = reach.positions(drawn.patch);
        let within = Changed::at(values, |value| value % seen < positions);
        attack("(b) patch", patch, positions, within);
    }
    attack("(c) image", Adjacency::Image, everything, Changed::at(values, |_| true));
    let count = 1 + draws.below(channels.min(8));
    let spread = draws.chance(0.5);
    let apart = if spread { channels / count } else { 1 };
    let group = Changed::at(values, |value| {
        value % seen == 0 && (value / seen).is_multiple_of(apart) && value / seen / apart < count
    });
    if let Some(count) = NonZeroUsize::new(group.places().len()) {
        let bound = mechanism.spend_of_group(count).delta_steps;
        attacks.push(Attack { kind: "group of activations", changed: group, bound, copies: 1 });
    }
    attacks
}

/// The distance of what leaves: both maps through the whole pipeline, under the same noise and under none;
/// the larger of the two.
fn released_distance(
    site: &Site,
    pipeline: &Pipeline,
    pair: &Pair,
    attack: &Attack,
    seed: u64,
) -> f64 {
    let [channels, rows, columns] = pipeline.shape();
    let everything = rows * columns;
    let seen = pair.one.len() / channels;
    // The activations that gain and offset turn into what was searched, wherever it repeats.
    let map = |input: &[f32]| {
        let mut map = vec![0.25f32; site.shape[0] * everything];
        for (place, &channel) in pipeline.kept().keep().iter().enumerate() {
            let (gain, offset) = (site.gain[channel], site.offset[channel]);
            for position in 0..if seen == 1 { attack.copies } else { seen } {
                let value = input[place * seen + position % seen];
                map[channel * everything + position] = (value - offset) / gain;
            }
        }
        map
    };
    let mut distances = [false, true].map(|noisy| {
        let release = |input: &[f32]| {
            let (mut map, mut workspace) = (map(input), pipeline.workspace());
            if noisy {
                pipeline.draw_noise(&mut workspace, &mut Random::seeded(seed));
            }
            pipeline.apply(&mut map, &mut workspace).map(|()| map)
        };
        // Only sample-and-hold can fail, and no such stage was drawn.
        let (Ok(one), Ok(other)) = (release(&pair.one), release(&pair.other)) else {
            return f64::INFINITY;
        };
        let squares = one.iter().zip(&other).map(|(a, b)| f64::from(a - b).powi(2));
        squares.take(pipeline.values()).sum::<f64>().sqrt()
    });
    distances.sort_by(f64::total_cmp);
    distances[1]
}
