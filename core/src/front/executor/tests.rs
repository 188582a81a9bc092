//! One suite for every instruction set and both precisions: random networks of each kind of step,
//! against tract.

use proptest::prelude::*;

use super::kernels::Kernels;
use super::plan::Plan;
use crate::front::engine::Tract;
use crate::front::graph::{Graph, Node, Value, ValueId};
use crate::front::numbers::Numbers;
use crate::front::operator::{Activation, Arithmetic, Operator, PadMode, Window};
use crate::front::precision::Precision;

/// A graph in the making.
struct Sketch {
    graph: Graph,
    seed: u64,
}

impl Sketch {
    fn new(channels: usize, rows: usize, columns: usize, seed: u64) -> Self {
        let values = vec![Value { shape: vec![1, channels, rows, columns], constant: None }];
        let graph = Graph {
            values,
            nodes: Vec::new(),
            input: ValueId(0),
            outputs: vec![ValueId(0)],
            names: Vec::new(),
        };
        Self { graph, seed }
    }

    /// Numbers between -1 and 1, the same for the same seed.
    fn numbers(&mut self, count: usize) -> Vec<f32> {
        let mut next = || {
            self.seed =
                self.seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (self.seed >> 40) as f32 / (1u64 << 23) as f32 - 1.0
        };
        (0..count).map(|_| next()).collect()
    }

    fn constant(&mut self, shape: &[usize], scale: f32) -> ValueId {
        let numbers = self.numbers(shape.iter().product());
        let numbers = numbers.into_iter().map(|number| number * scale).collect();
        let constant = Some(Numbers::Floats(numbers));
        self.graph.values.push(Value { shape: shape.to_vec(), constant });
        ValueId(self.graph.values.len() - 1)
    }

    fn node(&mut self, operator: Operator, inputs: Vec<ValueId>, shape: [usize; 3]) -> ValueId {
        let shape = vec![1, shape[0], shape[1], shape[2]];
        self.graph.values.push(Value { shape, constant: None });
        let output = ValueId(self.graph.values.len() - 1);
        self.graph.nodes.push(Node { operator, inputs, output });
        self.graph.outputs = vec![output];
        output
    }

    fn shape(&self, id: ValueId) -> [usize; 3] {
        let shape = self.graph.shape(id);
        [shape[1], shape[2], shape[3]]
    }

    fn convolution(
        &mut self,
        from: ValueId,
        outputs: usize,
        window: Window,
        groups: usize,
    ) -> ValueId {
        let [inputs, rows, columns] = self.shape(from);
        let taps = window.kernel[0] * window.kernel[1];
        let scale = 1.5 / ((inputs / groups * taps) as f32).sqrt();
        let weights =
            self.constant(&[outputs, inputs / groups, window.kernel[0], window.kernel[1]], scale);
        let biases = self.constant(&[outputs], 0.3);
        let shape = [outputs, out(&window, 0, rows), out(&window, 1, columns)];
        self.node(Operator::Convolution { window, groups }, vec![from, weights, biases], shape)
    }

    fn relu(&mut self, from: ValueId) -> ValueId {
        let shape = self.shape(from);
        self.node(Operator::Activation(Activation::Relu), vec![from], shape)
    }

    /// Every set and precision must agree with tract.
    fn check(mut self) {
        let input = self.numbers(self.graph.shape(self.graph.input).iter().product());
        let output = self.graph.shape(self.graph.outputs[0]).iter().product();
        let mut wanted = vec![0.0; output];
        Tract::compile(&self.graph).unwrap().run(&input, &mut wanted).unwrap();
        let largest = wanted.iter().fold(1e-3f32, |largest, value| largest.max(value.abs()));
        for kernels in Kernels::available() {
            for precision in [Precision::Fast, Precision::Exact] {
                let plan = Plan::compile_for(&self.graph, precision, kernels);
                let plan = plan.expect("every node here has a step");
                let mut state = plan.state();
                for run in ["first", "second"] {
                    let mut got = vec![f32::NAN; output];
                    plan.run(&mut state, &input, &mut got);
                    for (at, (got, wanted)) in got.iter().zip(&wanted).enumerate() {
                        let apart = (got - wanted).abs() / largest;
                        assert!(
                            apart <= 2e-5,
                            "{} {precision:?} {run} run: {got} is not {wanted} at {at}, {:?}",
                            kernels.name(),
                            self.graph.nodes
                        );
                    }
                }
            }
        }
    }
}

/// The size of a window's output along an axis.
fn out(window: &Window, axis: usize, size: usize) -> usize {
    let padded = size + window.before[axis] + window.after[axis];
    (padded - window.span(axis)) / window.strides[axis] + 1
}

fn window(kernel: usize, stride: usize, dilation: usize, pad: usize) -> Window {
    Window {
        kernel: [kernel; 2],
        strides: [stride; 2],
        dilations: [dilation; 2],
        before: [pad; 2],
        after: [pad; 2],
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn convolutions(
        (inputs, outputs) in (1usize..40, 1usize..70),
        (rows, columns) in (7usize..30, 7usize..40),
        kernel in prop::sample::select(vec![1usize, 2, 3, 3, 3, 5, 7]),
        (stride, dilation, pad) in (1usize..5, 1usize..3, 0usize..3),
        relu: bool,
        seed: u64,
    ) {
        let mut sketch = Sketch::new(inputs, rows, columns, seed);
        let window = window(kernel, stride, if kernel > 3 { 1 } else { dilation }, pad);
        let made = sketch.convolution(ValueId(0), outputs, window, 1);
        if relu {
            sketch.relu(made);
        }
        sketch.check();
    }

    #[test]
    fn grouped_and_depthwise_convolutions(
        groups in prop::sample::select(vec![2usize, 3, 16, 32]),
        (inputs, outputs) in (1usize..20, 1usize..20),
        (rows, columns) in (5usize..20, 5usize..20),
        (kernel, stride) in (1usize..4, 1usize..3),
        seed: u64,
    ) {
        let mut sketch = Sketch::new(inputs * groups, rows, columns, seed);
        sketch.convolution(ValueId(0), outputs * groups, window(kernel, stride, 1, 1), groups);
        sketch.check();
        let mut sketch = Sketch::new(groups, rows, columns, seed);
        sketch.convolution(ValueId(0), groups, window(kernel, stride, 1, 1), groups);
        sketch.check();
    }

    #[test]
    fn residual_blocks_with_every_activation(
        channels in 1usize..40,
        (rows, columns) in (4usize..40, 4usize..40),
        kind in 0usize..4,
        seed: u64,
    ) {
        let mut sketch = Sketch::new(3, rows, columns, seed);
        let stem = sketch.convolution(ValueId(0), channels, window(3, 1, 1, 1), 1);
        let stem = sketch.relu(stem);
        let first = sketch.convolution(stem, channels, window(3, 1, 1, 1), 1);
        let shape = sketch.shape(first);
        let activated = match kind {
            0 => sketch.relu(first),
            1 => {
                let slopes = sketch.constant(&[shape[0], 1, 1], 1.0);
                sketch.node(Operator::PRelu, vec![first, slopes], shape)
            }
            2 => {
                let clip = Activation::Clip { low: Some(-0.2), high: Some(0.4) };
                sketch.node(Operator::Activation(clip), vec![first], shape)
            }
            _ => {
                let leaky = Activation::LeakyRelu { alpha: 0.1 };
                sketch.node(Operator::Activation(leaky), vec![first], shape)
            }
        };
        let second = sketch.convolution(activated, channels, window(3, 1, 1, 1), 1);
        let sum = sketch.node(Operator::Arithmetic(Arithmetic::Add), vec![second, stem], shape);
        let sum = sketch.relu(sum);
        sketch.convolution(sum, 5, window(1, 1, 1, 0), 1);
        sketch.check();
    }

    #[test]
    fn pools_of_every_shape(
        channels in 1usize..20,
        (rows, columns) in (5usize..30, 5usize..30),
        (kernel, stride) in (1usize..4, 1usize..4),
        mean: bool,
        seed: u64,
    ) {
        let mut sketch = Sketch::new(channels, rows, columns, seed);
        let window = window(kernel, stride, 1, kernel / 2);
        let shape = [channels, out(&window, 0, rows), out(&window, 1, columns)];
        let pool = if mean { Operator::AveragePool(window) } else { Operator::MaxPool(window) };
        sketch.node(pool, vec![ValueId(0)], shape);
        sketch.check();
    }

    #[test]
    fn everything_between_convolutions(
        (channels, others) in (1usize..40, 1usize..40),
        (rows, columns) in (4usize..20, 4usize..20),
        beta in prop::sample::select(vec![0.75f32, 0.5]),
        seed: u64,
    ) {
        let mut sketch = Sketch::new(channels, rows, columns, seed);
        let shape = [channels, rows, columns];
        let mean = sketch.constant(&[channels, 1, 1], 0.5);
        let centred =
            sketch.node(Operator::Arithmetic(Arithmetic::Subtract), vec![ValueId(0), mean], shape);
        let norm = Operator::LocalResponseNormalization { size: 5, alpha: 0.5, beta, bias: 1.0 };
        let normalised = sketch.node(norm, vec![centred], shape);
        let other = sketch.convolution(centred, others, window(1, 1, 1, 0), 1);
        let shape = [channels + others, rows, columns];
        let joined =
            sketch.node(Operator::Concatenate { axis: 1 }, vec![normalised, other], shape);
        let pad = Operator::Pad {
            mode: PadMode::Constant(0.0),
            before: vec![0, 3, 1, 0],
            after: vec![0, 2, 0, 2],
        };
        let padded = sketch.node(pad, vec![joined], [shape[0] + 5, rows + 1, columns + 2]);
        let shape = sketch.shape(padded);
        let parts: Vec<ValueId> =
            (0..4).map(|_| sketch.constant(&[shape[0]], 0.5)).collect();
        let variance = sketch.graph.values[parts[3].0].constant.as_mut().unwrap();
        *variance =
            Numbers::Floats(variance.floats().iter().map(|value| value.abs() + 0.5).collect());
        let inputs = [&[padded][..], &parts].concat();
        sketch.node(Operator::BatchNormalization { epsilon: 1e-5 }, inputs, shape);
        sketch.check();
    }
}
