//! Nodes that no step covers: they run on tract, alone, amid steps of ours.

use super::sketch::{Sketch, window};
use crate::front::executor::kernels::Kernels;
use crate::front::executor::lower::lower;
use crate::front::executor::plan::Plan;
use crate::front::graph::ValueId;
use crate::front::operator::{Arithmetic, Interpolation, Operator};
use crate::front::precision::Precision;
use crate::front::tract::Tract;

/// The middle of a network that tract runs whole and that a plan runs in steps.
fn agrees_with_tract(middle: impl Fn(&mut Sketch, ValueId) -> ValueId) {
    let mut sketch = Sketch::new(3, 10, 9, 17);
    let stem = sketch.convolution(ValueId(0), 20, window(3, 1, 1, 1), 1);
    let stem = sketch.relu(stem);
    let made = middle(&mut sketch, stem);
    let made = sketch.convolution(made, 7, window(3, 1, 1, 1), 1);
    sketch.relu(made);
    assert!(sketch.allocates());
    let input = sketch.numbers(3 * 10 * 9);
    let graph = &sketch.graph;
    let tract = Tract::compile(graph, &[graph.input]).unwrap();
    let mut wanted = vec![0.0; graph.shape(graph.outputs[0]).iter().product()];
    tract.run([&input[..]].into_iter()).unwrap().copy_to(&mut wanted).unwrap();
    let wanted: Vec<f64> = wanted.into_iter().map(f64::from).collect();
    sketch.agree(&input, &wanted);
}

#[test]
fn a_node_of_one_input() {
    agrees_with_tract(|sketch, from| {
        let interpolation = Interpolation {
            mode: "linear".into(),
            coordinates: "half_pixel".into(),
            nearest: "round_prefer_floor".into(),
        };
        let resize = Operator::Resize { interpolation, scales: Some([2.0, 2.0]) };
        sketch.node(resize, vec![from], [20, 20, 18])
    });
}

#[test]
fn a_node_with_constants() {
    agrees_with_tract(|sketch, from| {
        let (scale, bias) = (sketch.constant(&[20], 1.0), sketch.constant(&[20], 1.0));
        let norm = Operator::InstanceNormalization { epsilon: 1e-3 };
        let normed = sketch.node(norm, vec![from, scale, bias], [20, 10, 9]);
        let weights = sketch.constant(&[20, 6, 2, 2], 0.2);
        let (window, groups, output_padding) = (window(2, 2, 1, 0), 1, [0, 0]);
        let transposed = Operator::TransposedConvolution { window, groups, output_padding };
        sketch.node(transposed, vec![normed, weights], [6, 20, 18])
    });
}

#[test]
fn a_node_of_two_computed_inputs() {
    agrees_with_tract(|sketch, from| {
        let gate = sketch.convolution(from, 1, window(1, 1, 1, 0), 1);
        // One channel stretched over all.
        sketch.arithmetic(Arithmetic::Multiply, [gate, from], [20, 10, 9])
    });
}

#[test]
fn a_node_that_is_the_whole_network() {
    let mut sketch = Sketch::new(4, 5, 6, 1);
    let norm = Operator::InstanceNormalization { epsilon: 1e-3 };
    let (scale, bias) = (sketch.constant(&[4], 1.0), sketch.constant(&[4], 1.0));
    sketch.node(norm, vec![ValueId(0), scale, bias], [4, 5, 6]);
    let input = sketch.numbers(4 * 5 * 6);
    let tract = Tract::compile(&sketch.graph, &[ValueId(0)]).unwrap();
    let mut wanted = vec![0.0; input.len()];
    tract.run([&input[..]].into_iter()).unwrap().copy_to(&mut wanted).unwrap();
    let wanted: Vec<f64> = wanted.into_iter().map(f64::from).collect();
    sketch.agree(&input, &wanted);
}

#[test]
fn a_node_on_tract_keeps_a_front_on_one_thread() {
    let front = |on_tract: bool| {
        let mut sketch = Sketch::new(3, 64, 48, 3);
        let mut made = sketch.convolution(ValueId(0), 20, window(3, 1, 1, 1), 1);
        if on_tract {
            let (scale, bias) = (sketch.constant(&[20], 1.0), sketch.constant(&[20], 1.0));
            let norm = Operator::InstanceNormalization { epsilon: 1e-3 };
            made = sketch.node(norm, vec![made, scale, bias], [20, 64, 48]);
        }
        sketch.convolution(made, 20, window(3, 1, 1, 1), 1);
        assert_eq!(sketch.allocates(), on_tract);
        let drafts = lower(&sketch.graph, false).unwrap();
        (Plan::of(&drafts, Precision::Fast, Kernels::best()).unwrap(), sketch)
    };
    let (plan, _) = front(false);
    assert_eq!(plan.state_for(4).unwrap().threads(), 4, "without it four threads help");

    let (plan, mut sketch) = front(true);
    let input = sketch.numbers(3 * 64 * 48);
    let mut state = plan.state_for(4).unwrap();
    assert_eq!(state.threads(), 1);
    let run = |state: &mut _| {
        let mut out = vec![f32::NAN; plan.outputs()];
        plan.run(state, &input, &mut out).unwrap();
        out.into_iter().map(f32::to_bits).collect::<Vec<_>>()
    };
    assert_eq!(run(&mut state), run(&mut plan.state()));
}
