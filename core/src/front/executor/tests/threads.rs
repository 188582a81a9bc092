//! However many threads make a map, it is the same map.

use proptest::prelude::*;

use super::sketch::{Sketch, window};
use crate::front::executor::kernels::Kernels;
use crate::front::executor::lower::lower;
use crate::front::executor::plan::Plan;
use crate::front::executor::stripes;
use crate::front::graph::ValueId;
use crate::front::operator::{Arithmetic, Operator};
use crate::front::precision::Precision;

/// Runs on one thread, then in as many stripes as there are threads, whether they help or not: bit
/// for bit the same, twice in a row.
fn check(mut sketch: Sketch) {
    let input = sketch.numbers(sketch.graph.shape(sketch.graph.input).iter().product());
    for precision in [Precision::Fast, Precision::Exact] {
        let plan =
            Plan::of(&lower(&sketch.graph, false).unwrap(), precision, Kernels::best()).unwrap();
        let mut wanted = vec![0.0; plan.made().numbers()];
        plan.run(&mut plan.state(), &input, &mut wanted).unwrap();
        let wanted: Vec<u32> = wanted.into_iter().map(f32::to_bits).collect();
        for threads in 2..=stripes::MOST_THREADS {
            let rows = stripes::equal(&plan.steps, plan.made().rows, plan.output, threads);
            let mut state = plan.state_of(rows).unwrap();
            for run in ["first", "second"] {
                let mut got = vec![f32::NAN; wanted.len()];
                plan.run(&mut state, &input, &mut got).unwrap();
                let same = got.iter().zip(&wanted).all(|(got, wanted)| got.to_bits() == *wanted);
                assert!(same, "{precision:?}, {threads} threads, {run} run");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn threads_change_no_bit(
        channels in 1usize..40,
        (rows, columns) in (9usize..60, 9usize..40),
        (kernel, stride) in prop::sample::select(vec![(3, 1), (7, 2), (5, 1), (11, 4), (3, 2)]),
        (pool, last) in (1usize..4, prop::sample::select(vec![1usize, 3, 5])),
        residual: bool,
        seed: u64,
    ) {
        let mut sketch = Sketch::new(3, rows, columns, seed);
        let stem = sketch.convolution(ValueId(0), channels, window(kernel, stride, 1, 5), 1);
        let stem = sketch.relu(stem);
        let mut made = sketch.convolution(stem, channels, window(3, 1, 1, 1), 1);
        if residual {
            let shape = sketch.shape(made);
            let sum = Operator::Arithmetic(Arithmetic::Add);
            made = sketch.node(sum, vec![made, stem], shape);
        }
        let shape = sketch.shape(made);
        let over = window(pool, pool, 1, 0);
        let shape = [shape[0], (shape[1] - pool) / pool + 1, (shape[2] - pool) / pool + 1];
        let pooled = sketch.node(Operator::MaxPool(over), vec![made], shape);
        sketch.convolution(pooled, 20, window(last, 1, 1, last / 2), 1);
        check(sketch);
    }

    #[test]
    fn threads_change_no_bit_of_a_stem((rows, columns) in (9usize..60, 16usize..40), seed: u64) {
        let mut sketch = Sketch::new(3, rows, columns, seed);
        sketch.convolution(ValueId(0), 10, window(3, 1, 1, 1), 1);
        check(sketch);
    }
}
