//! A graph in the making, and what every plan of it is held to.

use super::naive;
use crate::front::executor::kernels::Kernels;
use crate::front::executor::lower::lower;
use crate::front::executor::plan::Plan;
use crate::front::graph::{Graph, Node, Value, ValueId};
use crate::front::numbers::Numbers;
use crate::front::operator::{Activation, Arithmetic, Operator, Window};
use crate::front::precision::Precision;

/// A graph in the making.
pub(super) struct Sketch {
    pub(super) graph: Graph,
    /// Errors are relative to the largest number, and to no less than this.
    pub(super) least: f64,
    seed: u64,
}

impl Sketch {
    pub(super) fn new(channels: usize, rows: usize, columns: usize, seed: u64) -> Self {
        let values = vec![Value { shape: vec![1, channels, rows, columns], constant: None }];
        let graph = Graph {
            values,
            nodes: Vec::new(),
            input: ValueId(0),
            outputs: vec![ValueId(0)],
            names: Vec::new(),
            layers: Vec::new(),
        };
        Self { graph, least: 1e-3, seed }
    }

    /// Numbers between -1 and 1, the same for the same seed.
    pub(super) fn numbers(&mut self, count: usize) -> Vec<f32> {
        let mut next = || {
            self.seed =
                self.seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (self.seed >> 40) as f32 / (1u64 << 23) as f32 - 1.0
        };
        (0..count).map(|_| next()).collect()
    }

    pub(super) fn constant(&mut self, shape: &[usize], scale: f32) -> ValueId {
        let numbers = self.numbers(shape.iter().product());
        let numbers = numbers.into_iter().map(|number| number * scale).collect();
        let constant = Some(Numbers::Floats(numbers));
        self.graph.values.push(Value { shape: shape.to_vec(), constant });
        ValueId(self.graph.values.len() - 1)
    }

    pub(super) fn node(
        &mut self,
        operator: Operator,
        inputs: Vec<ValueId>,
        shape: [usize; 3],
    ) -> ValueId {
        let shape = vec![1, shape[0], shape[1], shape[2]];
        self.graph.values.push(Value { shape, constant: None });
        let output = ValueId(self.graph.values.len() - 1);
        self.graph.nodes.push(Node { operator, inputs, output });
        self.graph.outputs = vec![output];
        output
    }

    pub(super) fn shape(&self, id: ValueId) -> [usize; 3] {
        let shape = self.graph.shape(id);
        [shape[1], shape[2], shape[3]]
    }

    pub(super) fn convolution(
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

    pub(super) fn relu(&mut self, from: ValueId) -> ValueId {
        let shape = self.shape(from);
        self.node(Operator::Activation(Activation::Relu), vec![from], shape)
    }

    pub(super) fn activation(&mut self, from: ValueId, activation: Activation) -> ValueId {
        let shape = self.shape(from);
        self.node(Operator::Activation(activation), vec![from], shape)
    }

    pub(super) fn arithmetic(
        &mut self,
        arithmetic: Arithmetic,
        inputs: [ValueId; 2],
        shape: [usize; 3],
    ) -> ValueId {
        self.node(Operator::Arithmetic(arithmetic), inputs.to_vec(), shape)
    }

    /// Arithmetic with one number.
    pub(super) fn by_number(
        &mut self,
        arithmetic: Arithmetic,
        from: ValueId,
        number: f32,
    ) -> ValueId {
        let constant = Some(Numbers::Floats([number].into()));
        self.graph.values.push(Value { shape: vec![], constant });
        let number = ValueId(self.graph.values.len() - 1);
        self.arithmetic(arithmetic, [from, number], self.shape(from))
    }

    pub(super) fn pool(&mut self, from: ValueId, window: Window, mean: bool) -> ValueId {
        let [channels, rows, columns] = self.shape(from);
        let shape = [channels, out(&window, 0, rows), out(&window, 1, columns)];
        let pool = if mean { Operator::AveragePool(window) } else { Operator::MaxPool(window) };
        self.node(pool, vec![from], shape)
    }

    /// A node whose output has any shape.
    pub(super) fn shaped(
        &mut self,
        operator: Operator,
        inputs: Vec<ValueId>,
        shape: &[usize],
    ) -> ValueId {
        let output = self.node(operator, inputs, [1, 1, 1]);
        self.graph.values[output.0].shape = shape.to_vec();
        output
    }

    /// The same elements in another shape.
    pub(super) fn reshaped(&mut self, input: ValueId, shape: &[usize]) -> ValueId {
        self.shaped(Operator::Reshape { shape: shape.to_vec() }, vec![input], shape)
    }

    /// Whether any step allocates.
    pub(super) fn allocates(&self) -> bool {
        lower(&self.graph, true).is_err()
    }

    /// How many steps a plan takes, beside its input.
    pub(super) fn steps(&self) -> usize {
        lower(&self.graph, false).unwrap().drafts.len()
    }

    /// Every instruction set and precision must agree with double precision, twice in a row, and no
    /// node may run on tract.
    pub(super) fn check(mut self) {
        assert!(!self.allocates(), "every node here has a step: {:?}", self.operators());
        let input = self.numbers(self.graph.shape(self.graph.input).iter().product());
        let wanted = naive::run(&self.graph, &input);
        self.agree(&input, &wanted);
    }

    /// Every instruction set and precision must agree with these numbers.
    pub(super) fn agree(&self, input: &[f32], wanted: &[f64]) {
        for kernels in Kernels::available() {
            for (precision, within) in [(Precision::Fast, 3e-5), (Precision::Exact, 1e-5)] {
                let plan =
                    Plan::of(&lower(&self.graph, false).unwrap(), precision, kernels).unwrap();
                let mut state = plan.state();
                for run in ["first", "second"] {
                    let mut got = vec![f32::NAN; wanted.len()];
                    plan.run(&mut state, input, &mut got).unwrap();
                    let (apart, at) = apart(&got, wanted, self.least);
                    assert!(
                        apart <= within,
                        "{} {precision:?} {run} run: {} is not {} at {at}, {apart:e} apart: {:?}",
                        kernels.name(),
                        got[at],
                        wanted[at],
                        self.operators()
                    );
                }
            }
        }
    }

    fn operators(&self) -> Vec<(&Operator, Vec<&[usize]>)> {
        let nodes = self.graph.nodes.iter();
        nodes
            .map(|node| {
                let inputs = node.inputs.iter().map(|id| self.graph.shape(*id)).collect();
                (&node.operator, inputs)
            })
            .collect()
    }
}

/// The largest difference, relative to the largest number but no less than `least`, and where it is.
fn apart(got: &[f32], wanted: &[f64], least: f64) -> (f64, usize) {
    let largest = wanted.iter().fold(least, |largest, value| largest.max(value.abs()));
    let mut worst = (0.0, 0);
    for (at, (got, wanted)) in got.iter().zip(wanted).enumerate() {
        let apart = (f64::from(*got) - wanted).abs() / largest;
        // Not a number is as far apart as can be.
        if apart.is_nan() || apart > worst.0 {
            worst = (if apart.is_nan() { f64::INFINITY } else { apart }, at);
        }
    }
    worst
}

/// Whether every window has a tap on a map of these sizes: the reader lets no others pass.
pub(super) fn sees(window: &Window, sizes: [usize; 2]) -> bool {
    (0..2).all(|axis| {
        let on_map = |start: usize| {
            let mut taps = (0..window.kernel[axis]).map(|tap| start + tap * window.dilations[axis]);
            taps.any(|at| (window.before[axis]..window.before[axis] + sizes[axis]).contains(&at))
        };
        (0..out(window, axis, sizes[axis])).all(|at| on_map(at * window.strides[axis]))
    })
}

/// The size of a window's output along an axis.
pub(super) fn out(window: &Window, axis: usize, size: usize) -> usize {
    let padded = size + window.before[axis] + window.after[axis];
    (padded - window.span(axis)) / window.strides[axis] + 1
}

pub(super) fn window(kernel: usize, stride: usize, dilation: usize, pad: usize) -> Window {
    Window {
        kernel: [kernel; 2],
        strides: [stride; 2],
        dilations: [dilation; 2],
        before: [pad; 2],
        after: [pad; 2],
    }
}
