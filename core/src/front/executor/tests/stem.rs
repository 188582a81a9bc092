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
