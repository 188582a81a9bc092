//! Convolutions whose weights are of 8 bits.

use std::sync::Arc;

use proptest::prelude::*;

use super::sketch::{Sketch, window};
use crate::front::graph::ValueId;
use crate::front::numbers::{Levels, Numbers};

/// Makes a convolution's weights levels, each output's with a zero and a scale of its own, or all with
/// the first output's.
fn quantise(sketch: &mut Sketch, convolution: ValueId, one_scale: bool) {
    let node = sketch.graph.nodes.iter().find(|node| node.output == convolution).unwrap();
    let ValueId(weights) = node.inputs[1];
    let value = &sketch.graph.values[weights];
    let outputs = if one_scale { 1 } else { value.shape[0] };
    let inner = value.shape.iter().product::<usize>() / outputs;
    let floats = value.constant.as_ref().unwrap().floats();
    let step = floats.iter().fold(0.0f32, |most, weight| most.max(weight.abs())) / 100.0;
    let zeros: Vec<u8> = (0..outputs).map(|output| 120 + (output % 17) as u8).collect();
    let levels: Vec<u8> = (floats.iter().zip(0..))
        .map(|(weight, index)| (weight / step + f32::from(zeros[index / inner])).round() as u8)
        .collect();
    let scales = (0..outputs).map(|output| step * (1.0 + 0.01 * output as f32)).collect();
    let levels = Levels::new(levels.into(), zeros, scales, inner).unwrap();
    sketch.graph.values[weights].constant = Some(Numbers::Levels(Arc::new(levels)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// In tiles, and where that does not pay.
    #[test]
    fn small_convolutions(
        (inputs, outputs) in (1usize..50, 1usize..50),
        (rows, columns) in (1usize..30, 1usize..30),
        kernel in 1usize..6,
        (one_scale, relu) in any::<(bool, bool)>(),
        seed: u64,
    ) {
        let mut sketch = Sketch::new(inputs, rows.max(kernel), columns.max(kernel), seed);
        let made = sketch.convolution(ValueId(0), outputs, window(kernel, 1, 1, kernel / 2), 1);
        quantise(&mut sketch, made, one_scale);
        if relu {
            sketch.relu(made);
        }
        sketch.check();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// So large that the direct kernel reads levels; the last block of outputs is not full.
    #[test]
    fn large_convolutions_of_small_maps(
        (inputs, outputs) in (120usize..140, 125usize..150),
        (rows, columns) in (1usize..8, 1usize..8),
        stride in 1usize..3,
        one_scale: bool,
        seed: u64,
    ) {
        let mut sketch = Sketch::new(inputs, rows, columns, seed);
        let made = sketch.convolution(ValueId(0), outputs, window(3, stride, 1, 1), 1);
        quantise(&mut sketch, made, one_scale);
        sketch.check();
    }

    #[test]
    fn groups(
        blocks in (1usize..8, 1usize..8),
        (rows, columns) in (1usize..12, 1usize..12),
        kernel in prop::sample::select(vec![1usize, 3]),
        one_scale: bool,
        seed: u64,
    ) {
        let (inputs, outputs) = (32 * blocks.0, 32 * blocks.1);
        let mut sketch = Sketch::new(inputs, rows, columns, seed);
        let made =
            sketch.convolution(ValueId(0), outputs, window(kernel, 1, 1, kernel / 2), 2);
        quantise(&mut sketch, made, one_scale);
        sketch.check();
    }
}
