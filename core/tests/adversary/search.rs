//! Measuring how far apart two maps are, and the search that drives them apart.

use frostglass::grid::Grid;
use frostglass::policy::Dp;
use frostglass::privacy::ClipBound;
use frostglass::sanitize::{NoisyNorm, noisy_norm, norm_of_normalised_map, normalise};

use super::Draws;
use super::starts::starts;

/// Pairs that are measured at a time: each is one position of a map.
const LANES: usize = 32;

/// Two inputs, as activations after gain and offset, `[channel][position]`.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) one: Vec<f32>,
    pub(crate) other: Vec<f32>,
}

/// Where two adjacent inputs may differ.
#[derive(Clone, Debug)]
pub(crate) struct Changed(Vec<bool>);

impl Changed {
    /// At those of `values` values for which this holds.
    pub(crate) fn at(values: usize, changed: impl Fn(usize) -> bool) -> Self {
        Self((0..values).map(changed).collect())
    }

    pub(crate) fn may(&self, value: usize) -> bool {
        self.0[value]
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The values that may differ.
    pub(crate) fn places(&self) -> Vec<usize> {
        (0..self.len()).filter(|&value| self.may(value)).collect()
    }
}

/// The map that pairs are measured on: what the shipped stage makes of them, without noise.
pub(crate) struct Measured {
    parameters: NoisyNorm,
    clip: Option<ClipBound>,
    channels: usize,
    positions: usize,
    /// The map passes the grid's ends, which would hide how far it moves.
    saturates: bool,
    quiet: Vec<i16>,
    scratch: Vec<f32>,
}

impl Measured {
    /// A map of so many positions; several only under a clip, since without one they are independent.
    pub(crate) fn new(dp: &Dp, grid: Grid, channels: usize, positions: usize, range: f64) -> Self {
        assert!(positions == 1 || dp.clip().is_some());
        let parameters = NoisyNorm {
            gain: vec![1.0; channels],
            offset: vec![0.0; channels],
            normalisation: *dp.normalisation(),
            grid,
        };
        let saturates = range * 1.01 > f64::from(grid.integer.bound());
        let scratch = vec![0.0; parameters.scratch_len()];
        let quiet = vec![0; channels * positions.max(LANES)];
        let clip = dp.clip();
        Self { parameters, clip, channels, positions, saturates, quiet, scratch }
    }

    pub(crate) fn parameters(&self) -> &NoisyNorm {
        &self.parameters
    }

    pub(crate) fn channels(&self) -> usize {
        self.channels
    }

    pub(crate) fn positions(&self) -> usize {
        self.positions
    }

    pub(crate) fn values(&self) -> usize {
        self.channels * self.positions
    }

    /// Turns a map into whole steps, as the product floors it, before it saturates.
    pub(crate) fn floor(&mut self, map: &mut [f32], positions: usize) {
        let Self { parameters, scratch, .. } = self;
        let shrink = self.clip.map_or(1.0, |clip| {
            let norm = norm_of_normalised_map(map, positions, parameters, scratch);
            if norm > clip.get() { clip.get() / norm } else { 1.0 }
        });
        if self.saturates {
            normalise(map, positions, parameters, scratch);
            let scale = shrink / parameters.grid.step.get();
            // Where the stage itself stops counting.
            map.iter_mut()
                .for_each(|value| *value = (*value * scale).min((1 << 20) as f32).floor());
        } else {
            let quiet = &self.quiet[..map.len()];
            noisy_norm(map, positions, parameters, f64::from(shrink), quiet, scratch);
        }
    }

    /// The squared distance of each pair's maps, in steps.
    pub(crate) fn squared_distances(&mut self, pairs: &[Pair]) -> Vec<f64> {
        let mut distances = Vec::with_capacity(pairs.len());
        let together = if self.clip.is_some() { 1 } else { LANES };
        for pairs in pairs.chunks(together) {
            let positions = self.positions * pairs.len();
            let mut one = vec![0f32; self.channels * positions];
            let mut other = one.clone();
            for (lane, pair) in pairs.iter().enumerate() {
                for value in 0..self.values() {
                    // Without a clip a pair is one position; with one it is the whole map.
                    one[value * pairs.len() + lane] = pair.one[value];
                    other[value * pairs.len() + lane] = pair.other[value];
                }
            }
            self.floor(&mut one, positions);
            self.floor(&mut other, positions);
            for lane in 0..pairs.len() {
                let square = |at: usize| f64::from(one[at] - other[at]).powi(2);
                let squares = (0..self.values()).map(|value| square(value * pairs.len() + lane));
                distances.push(squares.sum());
            }
        }
        distances
    }
}

/// The furthest apart that a search brings the maps of two inputs that differ where `changed` says: in
/// steps, with the pair. It measures some `pairs` pairs.
pub(crate) fn furthest(
    measured: &mut Measured,
    changed: &Changed,
    pairs: usize,
    draws: &mut Draws,
) -> (f64, Pair) {
    let mut ranked: Vec<(f64, Pair)> = Vec::new();
    let mut candidates = starts(measured, changed, draws);
    // On wide maps a pair is dear: a sample of the starting points must do.
    while candidates.len() > pairs.max(LANES) {
        candidates.swap_remove(draws.below(candidates.len()));
    }
    let mut left = pairs.saturating_sub(candidates.len());
    let distances = measured.squared_distances(&candidates);
    ranked.extend(distances.into_iter().zip(candidates));
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    ranked.truncate(3);
    let share = left / 6;
    for start in &mut ranked {
        climb(measured, changed, start, share, draws);
        left = left.saturating_sub(share);
    }
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut best = ranked.swap_remove(0);
    climb(measured, changed, &mut best, left, draws);
    (best.0.sqrt(), best.1)
}

/// Moves a pair at random, keeping what helps.
fn climb(
    measured: &mut Measured,
    changed: &Changed,
    best: &mut (f64, Pair),
    pairs: usize,
    draws: &mut Draws,
) {
    let free = changed.places();
    for _ in 0..pairs.div_ceil(LANES) {
        let moves: Vec<Pair> = (0..LANES)
            .map(|_| {
                let mut pair = best.1.clone();
                for _ in 0..1 + draws.below(3) {
                    change(measured, changed, &free, &mut pair, draws);
                }
                pair
            })
            .collect();
        let distances = measured.squared_distances(&moves);
        for (distance, pair) in distances.into_iter().zip(moves) {
            // A step of the floor is flat: what does no harm is followed too.
            if distance >= best.0 {
                *best = (distance, pair);
            }
        }
    }
}

/// One random move on a random scale.
fn change(
    measured: &Measured,
    changed: &Changed,
    free: &[usize],
    pair: &mut Pair,
    draws: &mut Draws,
) {
    let a_max = measured.parameters.normalisation.a_max();
    let values = changed.len();
    let place =
        if draws.chance(0.4) { free[draws.below(free.len())] } else { near(measured, free, draws) };
    let side = draws.chance(0.5);
    let here = if side { pair.other[place] } else { pair.one[place] };
    let factor = |draws: &mut Draws| {
        let size = draws.log(1e-7, 3.0);
        (if draws.chance(0.5) { size } else { -size }).exp() as f32
    };
    let to = match draws.below(8) {
        0 => 0.0,
        1 => a_max,
        2 => (draws.log(1e-30, 1.0).sqrt() * f64::from(a_max)) as f32,
        3 => pair.one[draws.below(values)],
        4 | 5 => here * factor(draws),
        6 => on_an_edge(measured, pair, place, side, draws).unwrap_or(here),
        _ => {
            // All values that are alike in size, or all of one side, by one factor.
            let factor = factor(draws);
            let like = |value: usize| alike(here, value, side, pair);
            let chosen: Vec<usize> = (0..values).filter(|&value| like(value)).collect();
            for value in chosen {
                let moved = (if side { pair.other[value] } else { pair.one[value] }) * factor;
                set(changed, pair, value, side, moved.min(a_max));
            }
            return;
        }
    };
    set(changed, pair, place, side, to.clamp(0.0, a_max));
}

/// Whether a value is nearly as large as `here`.
fn alike(here: f32, value: usize, side: bool, pair: &Pair) -> bool {
    let other = if side { pair.other[value] } else { pair.one[value] };
    other > 0.0 && here > 0.0 && (other / here).abs().ln().abs() < 1.0
}

/// A value within two windows of one that may differ.
fn near(measured: &Measured, free: &[usize], draws: &mut Draws) -> usize {
    let reach = 2 * measured.parameters.normalisation.reach();
    let positions = measured.positions;
    let (channel, position) = {
        let place = free[draws.below(free.len())];
        (place / positions, place % positions)
    };
    if positions > 1 && draws.chance(0.3) {
        return draws.below(measured.values());
    }
    let (low, high) = (channel.saturating_sub(reach), (channel + reach).min(measured.channels - 1));
    (low + draws.below(high - low + 1)) * positions + position
}

/// The activation at which a map's value turns the next whole number of steps, or falls to the last.
fn on_an_edge(
    measured: &Measured,
    pair: &Pair,
    place: usize,
    side: bool,
    draws: &mut Draws,
) -> Option<f32> {
    if measured.clip.is_some() {
        return None;
    }
    let input = if side { &pair.other } else { &pair.one };
    let constants = &measured.parameters.normalisation;
    let reach = constants.reach();
    let window = place.saturating_sub(reach)..=(place + reach).min(measured.channels - 1);
    let around: f64 = window.filter(|&c| c != place).map(|c| f64::from(input[c]).powi(2)).sum();
    let step = f64::from(measured.parameters.grid.step.get());
    let steps = |value: f64| {
        let base =
            f64::from(constants.gamma()) + f64::from(constants.alpha()) * (around + value * value);
        value / base.powf(f64::from(constants.beta())) / step
    };
    let here = f64::from(input[place]);
    let wanted = steps(here).floor() + if draws.chance(0.5) { 1.0 } else { 0.0 };
    if wanted <= 0.0 {
        return None;
    }
    // Near here the value rises with the activation, or there is no edge to be found.
    let (mut low, mut high) = (here * 0.5, (here * 2.0).min(f64::from(constants.a_max())));
    if !(steps(low) < wanted && steps(high) >= wanted) {
        return None;
    }
    for _ in 0..40 {
        let middle = low + (high - low) / 2.0;
        if steps(middle) < wanted { low = middle } else { high = middle }
    }
    // Rounding in f32 may be on the wrong side of the edge by a few units.
    Some((high * (1.0 + draws.below(8) as f64 * 6e-8)) as f32)
}

fn set(changed: &Changed, pair: &mut Pair, value: usize, side: bool, to: f32) {
    if !changed.may(value) {
        (pair.one[value], pair.other[value]) = (to, to);
    } else if side {
        pair.other[value] = to;
    } else {
        pair.one[value] = to;
    }
}
