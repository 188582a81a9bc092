//! Writing a packed front.

use std::collections::HashMap;

use super::steps::{Constant, Kind, Node, Operator, PadMode, Reduction, Steps, Window};
use super::{container, weights};
use crate::error::{Error, ErrorKind, Result};
use crate::front::card::Card;
use crate::front::cut::Cut;
use crate::front::graph::{self, Graph, ValueId};
use crate::front::numbers::Numbers;
use crate::front::operator::{self, Activation, Arithmetic};

/// The file of a graph that ends at this cut.
///
/// # Errors
/// Kind [`ErrorKind::Model`]: a node of an operator that packed fronts do not have.
pub(in crate::front) fn write(graph: &Graph, card: &Card, cut: &Cut) -> Result<Vec<u8>> {
    let mut writer = Writer { graph, places: HashMap::new(), weights: Vec::new() };
    let steps = writer.steps(cut)?;
    let steps = postcard::to_extend(&steps, Vec::new())
        .map_err(|_| Error::new(ErrorKind::Internal, "the steps of a front were not written"))?;
    Ok(container::assemble(card.sha256(), card.text().as_bytes(), &steps, &writer.weights))
}

struct Writer<'a> {
    graph: &'a Graph,
    /// The number in the file of each value.
    places: HashMap<ValueId, u32>,
    weights: Vec<u8>,
}

impl Writer<'_> {
    fn steps(&mut self, cut: &Cut) -> Result<Steps> {
        let graph = self.graph;
        let input = graph.map_shape(graph.input).ok_or_else(|| {
            Error::new(ErrorKind::Model, "the model's input is no picture, nothing packs it")
        })?;
        self.place(graph.input);
        let mut constants = Vec::new();
        for &id in graph.nodes.iter().flat_map(|node| &node.inputs) {
            if let Some(numbers) = &graph.values[id.0].constant
                && !self.places.contains_key(&id)
            {
                self.place(id);
                constants.push(constant(graph.shape(id), numbers));
                weights::write(&mut self.weights, numbers);
            }
        }
        let mut nodes = Vec::new();
        for node in &graph.nodes {
            let operator = operator(graph, node)?;
            let inputs = node.inputs.iter().map(|id| self.places[id]).collect();
            nodes.push(Node { operator, inputs });
            self.place(node.output);
        }
        Ok(Steps { cut: cut.name().to_owned(), input: input.map(number), constants, nodes })
    }

    fn place(&mut self, id: ValueId) {
        let place = number(self.places.len());
        self.places.insert(id, place);
    }
}

fn constant(shape: &[usize], numbers: &Numbers) -> Constant {
    let kind = match numbers {
        Numbers::Floats(_) => Kind::Floats,
        Numbers::Levels(levels) => {
            Kind::Levels { channels: number(levels.scales().len()), inner: number(levels.inner()) }
        }
    };
    Constant { shape: shape.iter().copied().map(number).collect(), numbers: kind }
}

fn operator(graph: &Graph, node: &graph::Node) -> Result<Operator> {
    use operator::Operator as From;
    Ok(match &node.operator {
        From::Activation(activation) => match *activation {
            Activation::Relu => Operator::Relu,
            Activation::Clip { low, high } => Operator::Clip { low, high },
            Activation::LeakyRelu { alpha } => Operator::LeakyRelu { alpha },
            Activation::Sigmoid => Operator::Sigmoid,
            Activation::Tanh => Operator::Tanh,
            Activation::Abs => Operator::Abs,
            Activation::Neg => Operator::Neg,
            Activation::Exp => Operator::Exp,
            Activation::Sqrt => Operator::Sqrt,
            Activation::Softplus => Operator::Softplus,
            Activation::HardSwish => Operator::HardSwish,
            Activation::Elu { alpha } => Operator::Elu { alpha },
            Activation::HardSigmoid { alpha, beta } => Operator::HardSigmoid { alpha, beta },
        },
        From::Arithmetic(arithmetic) => match arithmetic {
            Arithmetic::Add => Operator::Add,
            Arithmetic::Subtract => Operator::Subtract,
            Arithmetic::Multiply => Operator::Multiply,
            Arithmetic::Divide => Operator::Divide,
            Arithmetic::Maximum => Operator::Maximum,
            Arithmetic::Minimum => Operator::Minimum,
        },
        From::PRelu => Operator::PRelu,
        &From::BatchNormalization { epsilon } => Operator::BatchNormalization { epsilon },
        &From::LocalResponseNormalization { size, alpha, beta, bias } => {
            Operator::LocalResponseNormalization { size: number(size), alpha, beta, bias }
        }
        From::Convolution { window: of, groups } => {
            Operator::Convolution { window: window(of), groups: number(*groups) }
        }
        From::MaxPool(of) => Operator::MaxPool { window: window(of) },
        From::AveragePool(of) => Operator::AveragePool { window: window(of) },
        From::Pad { mode, before, after } => {
            let mode = match *mode {
                operator::PadMode::Constant(value) => PadMode::Constant(value),
                operator::PadMode::Reflect => PadMode::Reflect,
                operator::PadMode::Edge => PadMode::Edge,
            };
            Operator::Pad { mode, before: list(before), after: list(after) }
        }
        &From::Concatenate { axis } => Operator::Concatenate { axis: number(axis) },
        &From::InstanceNormalization { epsilon } => Operator::InstanceNormalization { epsilon },
        &From::Softmax { axis, logarithm } => Operator::Softmax { axis: number(axis), logarithm },
        From::Reduce { reduction, axes, keep } => {
            let reduction = match reduction {
                operator::Reduction::Mean => Reduction::Mean,
                operator::Reduction::Sum => Reduction::Sum,
                operator::Reduction::Maximum => Reduction::Maximum,
                operator::Reduction::Minimum => Reduction::Minimum,
            };
            Operator::Reduce { reduction, axes: list(axes), keep: *keep }
        }
        From::Reshape { shape } => Operator::Reshape { shape: list(shape) },
        From::Transpose { order } => Operator::Transpose { order: list(order) },
        From::Slice { starts, ends, steps } => {
            Operator::Slice { starts: list(starts), ends: list(ends), steps: list(steps) }
        }
        From::MatrixProduct => Operator::MatrixProduct,
        &From::Gemm { alpha, beta, transpose_a, transpose_b } => {
            Operator::Gemm { alpha, beta, transpose_a, transpose_b }
        }
        From::TransposedConvolution { .. } | From::Resize { .. } | From::Tap(_) => {
            return Err(Error::new(
                ErrorKind::Model,
                format!("a packed front does not hold {}: cut before it", graph.named(node)),
            ));
        }
    })
}

fn list(numbers: &[usize]) -> Vec<u32> {
    numbers.iter().copied().map(number).collect()
}

fn window(window: &operator::Window) -> Window {
    Window {
        kernel: window.kernel.map(number),
        strides: window.strides.map(number),
        dilations: window.dilations.map(number),
        before: window.before.map(number),
        after: window.after.map(number),
    }
}

/// Sizes and counts of a checked graph are far below this.
fn number(number: usize) -> u32 {
    u32::try_from(number).expect("a checked graph's numbers fit 32 bits")
}
