//! Convolutions in tiles of either size.

use super::sketch::{Sketch, window};
use crate::front::executor::kernels::Kernels;
use crate::front::executor::lower::lower;
use crate::front::executor::plan::Plan;
use crate::front::executor::step::Operation;
use crate::front::graph::ValueId;
use crate::front::operator::{Activation, Arithmetic, Operator, Window};
use crate::front::precision::Precision;

/// What stands behind a convolution, which its store applies.
#[derive(Clone, Copy)]
enum After {
    Nothing,
    Relu,
    Slopes,
    /// A clip of the sum with a map of the same size.
    SkipAndClip,
}

/// A convolution of so many taps along each axis that keeps its map's size, which must run in tiles of so
/// many inputs along each.
fn convolution(
    under: usize,
    taps: usize,
    [inputs, outputs]: [usize; 2],
    [rows, columns]: [usize; 2],
    after: After,
) {
    let mut sketch = Sketch::new(inputs, rows, columns, (taps * inputs * rows) as u64);
    let padded = window(taps, 1, 1, taps / 2);
    let same = Window { after: [(taps - 1) / 2; 2], ..padded };
    let made = sketch.convolution(ValueId(0), outputs, same, 1);
    let shape = sketch.shape(made);
    match after {
        After::Nothing => {}
        After::Relu => {
            sketch.relu(made);
        }
        After::Slopes => {
            let slopes = sketch.constant(&[outputs, 1, 1], 1.0);
            sketch.node(Operator::PRelu, vec![made, slopes], shape);
        }
        After::SkipAndClip => {
            let skip = sketch.convolution(ValueId(0), outputs, window(1, 1, 1, 0), 1);
            let sum = sketch.arithmetic(Arithmetic::Add, [skip, made], shape);
            sketch.activation(sum, Activation::Clip { low: Some(-0.4), high: Some(0.6) });
        }
    }
    let drafts = lower(&sketch.graph, true).unwrap();
    let plan = Plan::of(&drafts, Precision::Fast, Kernels::best()).unwrap();
    let sizes: Vec<usize> = plan
        .steps
        .iter()
        .filter_map(|step| match &step.operation {
            Operation::Winograd { packed, .. } => Some(packed.under),
            _ => None,
        })
        .collect();
    assert_eq!(sizes, [under], "{taps} taps, {inputs} to {outputs} channels, {rows} x {columns}");
    sketch.check();
}

#[test]
fn large_maps_have_large_tiles() {
    // Several chunks of channels, a block of outputs left over, tiles beyond the map on two sides.
    convolution(8, 3, [70, 33], [48, 45], After::Relu);
    convolution(8, 3, [32, 48], [66, 66], After::SkipAndClip);
    convolution(8, 3, [12, 40], [90, 30], After::Slopes);
}

#[test]
fn larger_filters_have_small_tiles() {
    convolution(6, 4, [12, 64], [52, 37], After::Relu);
    convolution(6, 5, [48, 32], [31, 27], After::Nothing);
}

#[test]
fn small_maps_have_small_tiles() {
    convolution(6, 3, [40, 33], [8, 8], After::Relu);
    convolution(6, 3, [130, 40], [4, 16], After::SkipAndClip);
    convolution(6, 4, [64, 64], [3, 6], After::Slopes);
    convolution(6, 5, [64, 40], [2, 8], After::Nothing);
}
