//! How the rows of the output are divided among threads.

use std::ops::Range;

use super::layout::Placed;
use super::schedule::needed;
use super::step::Step;

/// The most threads that a run can take.
pub(crate) const MOST_THREADS: usize = 4;

/// What one more thread must save to be taken.
const WORTHWHILE: f64 = 0.1;

/// The rows of the output that each thread makes, of at most so many threads.
///
/// Each thread makes for itself all that its rows depend on, so that none waits for another. What two
/// stripes both depend on is made twice: the deeper a front and the smaller its last map, the less a
/// thread helps. One is left out where it would not save a tenth of the time, and what works on
/// a whole map, as a node on tract and a tap do, runs once.
pub(super) fn divide(
    steps: &[Step],
    values: &[Placed],
    output: usize,
    threads: usize,
) -> Vec<Range<usize>> {
    let heights: Vec<usize> = values.iter().map(|value| value.rows).collect();
    let longest = |stripes: &[Range<usize>]| {
        let work = stripes.iter().map(|rows| work(steps, &heights, output, rows.clone()));
        work.fold(0.0, f64::max)
    };
    let mut best = equal(steps, heights[output], output, 1);
    let mut shortest = longest(&best);
    let most = if steps.iter().any(Step::stands_alone) { 1 } else { threads.min(MOST_THREADS) };
    for threads in 2..=most {
        let stripes = equal(steps, heights[output], output, threads);
        let time = longest(&stripes);
        if time < (1.0 - WORTHWHILE) * shortest {
            (best, shortest) = (stripes, time);
        }
    }
    best
}

/// As many stripes of about as many rows, each beginning where a tile does.
pub(super) fn equal(
    steps: &[Step],
    rows: usize,
    output: usize,
    stripes: usize,
) -> Vec<Range<usize>> {
    let last = steps.iter().find(|step| step.output == output);
    let grain = last.map_or(1, Step::grain);
    let grains = rows.div_ceil(grain);
    let edge = |stripe: usize| (stripe * grains / stripes * grain).min(rows);
    let stripes = (0..stripes).map(|stripe| edge(stripe)..edge(stripe + 1));
    stripes.filter(|rows| !rows.is_empty()).collect()
}

/// Multiplications and additions that these rows of the output take.
fn work(steps: &[Step], heights: &[usize], output: usize, rows: Range<usize>) -> f64 {
    let needed = needed(steps, heights, output, rows);
    let share = |step: &Step| needed[step.output].len() as f64 / heights[step.output] as f64;
    steps.iter().map(|step| step.operations as f64 * share(step)).sum()
}
