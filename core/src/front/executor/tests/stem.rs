//! A front that is one convolution over a picture.

use proptest::prelude::*;

use super::sketch::{Sketch, window};
use crate::front::executor::kernels::Kernels;
use crate::front::executor::lower::lower;
use crate::front::executor::plan::Plan;
use crate::front::executor::step::Operation;
use crate::front::graph::ValueId;
use crate::front::operator::{Activation, Operator};
use crate::front::precision::Precision;

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn a_stem_alone(
        (channels, outputs) in (1usize..5, 1usize..20),
        (rows, columns) in (3usize..20, 18usize..70),
        pad in 0usize..3,
        kind in 0usize..4,
        seed: u64,
    ) {
        let mut sketch = Sketch::new(channels, rows, columns, seed);
        let made = sketch.convolution(ValueId(0), outputs, window(3, 1, 1, pad), 1);
        let shape = sketch.shape(made);
        match kind {
            0 => {
                sketch.relu(made);
            }
            1 => {
                let slopes = sketch.constant(&[shape[0], 1, 1], 1.0);
                sketch.node(Operator::PRelu, vec![made, slopes], shape);
            }
            2 => {
                let clip = Activation::Clip { low: Some(-0.2), high: Some(0.4) };
                sketch.node(Operator::Activation(clip), vec![made], shape);
            }
            _ => {}
        }
        let plan = Plan::of(&lower(&sketch.graph, true).unwrap(), Precision::Fast, Kernels::best()).unwrap();
        prop_assert!(matches!(plan.steps[0].operation, Operation::Stem(_)));
        sketch.check();
    }
}

/// The phases that a strided stem over a square picture is taken in, which must be more than one where
/// it then runs in tiles, and there alone.
fn phases(kernel: usize, stride: usize, size: usize) -> usize {
    let mut sketch = Sketch::new(3, size, size, 7);
    sketch.convolution(ValueId(0), 32, window(kernel, stride, 1, kernel / 2), 1);
    let drafts = lower(&sketch.graph, true).unwrap();
    let plan = Plan::of(&drafts, Precision::Fast, Kernels::best()).unwrap();
    let Operation::Input { phases } = plan.steps[0].operation else { panic!("no input") };
    let in_tiles = matches!(plan.steps[1].operation, Operation::Winograd { .. });
    assert_eq!(phases > 1, in_tiles, "{kernel} x {kernel} / {stride} over {size} x {size}");
    phases
}

#[test]
fn a_strided_stem_is_taken_in_phases_where_tiles_pay() {
    for (kernel, stride) in [(7, 2), (11, 4), (9, 2), (3, 2)] {
        let taken: Vec<usize> = (1..80).map(|size| phases(kernel, stride, size)).collect();
        assert_eq!(taken[0], 1, "one pixel is no tile");
        let last = if kernel == 3 { 1 } else { stride };
        assert_eq!(taken[78], last, "{kernel} x {kernel} / {stride}");
    }
}
