//! The bound on what rounding in tiles moves, attacked: pictures that differ in a patch, and positions that
//! the patch reaches through tiles alone.

use super::sketch::{Sketch, window};
use crate::front::executor::kernels::Kernels;
use crate::front::executor::lower::lower;
use crate::front::executor::plan::Plan;
use crate::front::executor::rounding::Bound;
use crate::front::graph::ValueId;
use crate::front::operator::Operator;
use crate::front::precision::Precision;

/// Where a patch of a picture lies.
#[derive(Clone, Copy)]
struct Patch {
    at: [usize; 2],
    side: usize,
}

impl Patch {
    fn meets(&self, axis: usize, (first, last): (u32, u32)) -> bool {
        (first as usize) < self.at[axis] + self.side && self.at[axis] <= last as usize
    }
}

/// Bytes that transforms make the most of: extremes in patterns, and at random.
fn picture(sketch: &mut Sketch, kind: usize, shape: &[usize]) -> Vec<f32> {
    let [_, _, rows, columns] = *shape else { panic!("a map") };
    let drawn = sketch.numbers(shape.iter().product());
    let byte = |(index, drawn): (usize, f32)| {
        let (y, x) = (index / columns % rows, index % columns);
        let on = match kind {
            0 => return ((drawn + 1.0) * 127.5).floor(),
            1 => drawn > 0.0,
            2 => (y + x) % 2 == 0,
            3 => y / 2 % 2 == 0,
            _ => drawn > -0.99,
        };
        if on { 255.0 } else { 0.0 }
    };
    drawn.into_iter().enumerate().map(byte).collect()
}

/// The largest share of the bound that two runs come apart where tiles alone reach. Where nothing
/// reaches, they must be equal to the last bit.
fn attacked(sketch: &mut Sketch, kernels: &'static Kernels) -> f64 {
    let drafts = lower(&sketch.graph, true).unwrap();
    let [plan, exact] = [Precision::Fast, Precision::Exact]
        .map(|precision| Plan::of(&drafts, precision, kernels).unwrap());
    assert!(plan.has_tiles() && !exact.has_tiles());
    let shape = sketch.graph.shape(sketch.graph.input).to_vec();
    let range = vec![(0.0, 255.0); shape[1]];
    let bound = plan.rounding(&range).expect("every step here has a bound");
    let fields = exact.rounding(&range).expect("every step here has a bound").spans;
    let mut state = plan.state();
    let mut run = |input: &[f32]| {
        let mut out = vec![0.0; plan.made().numbers()];
        plan.run(&mut state, input, &mut out).unwrap();
        out
    };
    let mut closest = 0f64;
    for round in 0..24 {
        let before = picture(sketch, round % 5, &shape);
        let after_all = picture(sketch, (round / 5 + 1) % 5, &shape);
        let side = 1 + round % 3 * 3;
        let patch =
            Patch { at: [(7 * round) % (shape[2] - side), (11 * round) % (shape[3] - side)], side };
        let inside = |index: usize| {
            let place = [index / shape[3] % shape[2], index % shape[3]];
            (0..2).all(|axis| (patch.at[axis]..patch.at[axis] + side).contains(&place[axis]))
        };
        let after: Vec<f32> = (0..before.len())
            .map(|index| if inside(index) { after_all[index] } else { before[index] })
            .collect();
        let [before, after] = [before, after].map(|input| run(&input));
        closest = closest.max(furthest(&bound, &fields, patch, &before, &after));
    }
    closest
}

fn furthest(
    bound: &Bound,
    fields: &[Vec<(u32, u32)>; 2],
    patch: Patch,
    before: &[f32],
    after: &[f32],
) -> f64 {
    let [rows, columns] = [0, 1].map(|axis| bound.spans[axis].len());
    let mut furthest = 0f64;
    for (index, (before, after)) in before.iter().zip(after).enumerate() {
        let (channel, y, x) = (index / columns / rows, index / columns % rows, index % columns);
        let met = |spans: &[Vec<(u32, u32)>; 2]| {
            patch.meets(0, spans[0][y]) && patch.meets(1, spans[1][x])
        };
        if !met(&bound.spans) {
            assert_eq!(before.to_bits(), after.to_bits(), "nothing reaches {channel}, {y}, {x}");
        } else if !met(fields) {
            let apart = f64::from(before - after).abs();
            furthest = furthest.max(apart / (2.0 * bound.errors[channel]));
        }
    }
    furthest
}

/// Holds the bound on every instruction set; observed errors add up at random, so that they stay far
/// below it, and how far says whether the constants are what they should be.
fn held(name: &str, mut sketch: Sketch, at_least: f64) {
    for kernels in Kernels::available() {
        let share = attacked(&mut sketch, kernels);
        println!("{name}, {}: {share:.4} of the bound", kernels.name());
        assert!((at_least..=1.0).contains(&share), "{name}, {}: {share}", kernels.name());
    }
}

#[test]
fn one_convolution() {
    // Tiles of two outputs reach no further than the fields of five taps.
    for (taps, at_least) in [(3, 1e-4), (4, 1e-4), (5, 0.0)] {
        let mut sketch = Sketch::new(16, 40, 44, taps as u64);
        let made = sketch.convolution(ValueId(0), 32, window(taps, 1, 1, taps / 2), 1);
        sketch.relu(made);
        held(&format!("{taps} x {taps}"), sketch, at_least);
    }
}

#[test]
fn larger_tiles() {
    let mut sketch = Sketch::new(12, 90, 30, 4);
    sketch.convolution(ValueId(0), 40, window(3, 1, 1, 1), 1);
    held("tiles of eight", sketch, 1e-4);
}

#[test]
fn a_stem_in_phases_and_a_pool() {
    let mut sketch = Sketch::new(3, 64, 70, 5);
    let made = sketch.convolution(ValueId(0), 32, window(7, 2, 1, 0), 1);
    let made = sketch.relu(made);
    let [rows, columns] = [sketch.shape(made)[1], sketch.shape(made)[2]];
    let shape = [32, (rows - 3) / 2 + 1, (columns - 3) / 2 + 1];
    sketch.node(Operator::MaxPool(window(3, 2, 1, 0)), vec![made], shape);
    held("a stem and a pool", sketch, 1e-4);
}

#[test]
fn two_convolutions() {
    let mut sketch = Sketch::new(3, 48, 48, 6);
    let made = sketch.convolution(ValueId(0), 32, window(3, 1, 1, 1), 1);
    let made = sketch.relu(made);
    let made = sketch.convolution(made, 32, window(3, 1, 1, 1), 1);
    sketch.relu(made);
    held("two convolutions", sketch, 1e-5);
}
