//! A graph computed in double precision, each operator by its definition and as plainly as can be.

use crate::front::graph::{Graph, Node, ValueId};
use crate::front::operator::{Activation, Arithmetic, Operator, PadMode, Reduction, Window};

/// A tensor in row-major order.
#[derive(Clone)]
struct Tensor {
    shape: Vec<usize>,
    values: Vec<f64>,
}

/// The graph's output for this input.
pub(super) fn run(graph: &Graph, input: &[f32]) -> Vec<f64> {
    let mut tensors: Vec<Option<Tensor>> = graph
        .values
        .iter()
        .map(|value| {
            let numbers = value.constant.as_ref()?.floats();
            let values = numbers.iter().map(|&number| f64::from(number)).collect();
            Some(Tensor { shape: value.shape.clone(), values })
        })
        .collect();
    tensors[graph.input.0] = Some(Tensor {
        shape: graph.shape(graph.input).to_vec(),
        values: input.iter().map(|&number| f64::from(number)).collect(),
    });
    for node in &graph.nodes {
        let of = |id: &ValueId| tensors[id.0].as_ref().expect("nodes stand in order");
        let inputs: Vec<&Tensor> = node.inputs.iter().map(of).collect();
        let output = compute(node, &inputs, graph.shape(node.output));
        tensors[node.output.0] = Some(output);
    }
    tensors[graph.outputs[0].0].take().expect("a node makes the output").values
}

impl Tensor {
    fn from(shape: &[usize], value: impl Fn(&[usize]) -> f64) -> Self {
        let count = shape.iter().product();
        let mut at = vec![0; shape.len()];
        let mut values = Vec::with_capacity(count);
        for _ in 0..count {
            values.push(value(&at));
            for axis in (0..shape.len()).rev() {
                at[axis] += 1;
                if at[axis] < shape[axis] {
                    break;
                }
                at[axis] = 0;
            }
        }
        Self { shape: shape.to_vec(), values }
    }

    fn at(&self, at: &[usize]) -> f64 {
        let index = at.iter().zip(&self.shape).fold(0, |index, (at, size)| index * size + at);
        self.values[index]
    }

    /// As NumPy stretches it: counted from the last axis on, sizes of 1 stand for all.
    fn stretched(&self, at: &[usize]) -> f64 {
        let at = &at[at.len() - self.shape.len()..];
        let at: Vec<usize> = at.iter().zip(&self.shape).map(|(at, size)| at % size).collect();
        self.at(&at)
    }

    /// Of a map `[1, C, H, W]`; nothing beyond its edge.
    fn inside(&self, channel: usize, row: i64, column: i64) -> Option<f64> {
        let inside =
            (0..self.shape[2] as i64).contains(&row) && (0..self.shape[3] as i64).contains(&column);
        inside.then(|| self.at(&[0, channel, row as usize, column as usize]))
    }
}

fn compute(node: &Node, inputs: &[&Tensor], shape: &[usize]) -> Tensor {
    let x = inputs[0];
    match &node.operator {
        Operator::Activation(activation) => {
            Tensor::from(shape, |at| function(*activation, x.at(at)))
        }
        Operator::Arithmetic(arithmetic) => Tensor::from(shape, |at| {
            let (a, b) = (x.stretched(at), inputs[1].stretched(at));
            match arithmetic {
                Arithmetic::Add => a + b,
                Arithmetic::Subtract => a - b,
                Arithmetic::Multiply => a * b,
                Arithmetic::Divide => a / b,
                Arithmetic::Maximum => a.max(b),
                Arithmetic::Minimum => a.min(b),
            }
        }),
        Operator::PRelu => Tensor::from(shape, |at| {
            let value = x.at(at);
            if value < 0.0 { value * inputs[1].stretched(at) } else { value }
        }),
        Operator::BatchNormalization { epsilon } => Tensor::from(shape, |at| {
            let [scale, bias, mean, variance] = [1, 2, 3, 4].map(|i| inputs[i].values[at[1]]);
            (x.at(at) - mean) / (variance + f64::from(*epsilon)).sqrt() * scale + bias
        }),
        Operator::LocalResponseNormalization { size, alpha, beta, bias } => {
            Tensor::from(shape, |at| {
                let reach = size / 2;
                let channels = at[1].saturating_sub(reach)..(at[1] + reach + 1).min(shape[1]);
                let squares = channels.map(|c| x.at(&[at[0], c, at[2], at[3]]).powi(2));
                let sum: f64 = squares.sum();
                let base = f64::from(*bias) + f64::from(*alpha) / *size as f64 * sum;
                x.at(at) / base.powf(f64::from(*beta))
            })
        }
        Operator::Convolution { window, groups } => {
            let per_group = inputs[1].shape[1];
            Tensor::from(shape, |at| {
                let first = at[1] / (shape[1] / groups) * per_group;
                let mut sum = inputs.get(2).map_or(0.0, |biases| biases.values[at[1]]);
                for (i, j, row, column) in taps(window, at) {
                    for c in 0..per_group {
                        let weight = inputs[1].at(&[at[1], c, i, j]);
                        sum += weight * x.inside(first + c, row, column).unwrap_or(0.0);
                    }
                }
                sum
            })
        }
        Operator::MaxPool(window) => Tensor::from(shape, |at| {
            let values = taps(window, at).filter_map(|(_, _, y, x_at)| x.inside(at[1], y, x_at));
            values.fold(f64::NEG_INFINITY, f64::max)
        }),
        Operator::AveragePool(window) => Tensor::from(shape, |at| {
            let values = taps(window, at).filter_map(|(_, _, y, x_at)| x.inside(at[1], y, x_at));
            let values: Vec<f64> = values.collect();
            values.iter().sum::<f64>() / values.len() as f64
        }),
        Operator::Reduce { reduction, axes, keep } => {
            assert!(*keep, "the tests keep reduced axes");
            let sizes: Vec<usize> = axes.iter().map(|&axis| x.shape[axis]).collect();
            Tensor::from(shape, |at| {
                let within = Tensor::from(&sizes, |place| {
                    let mut at = at.to_vec();
                    axes.iter().zip(place).for_each(|(&axis, &place)| at[axis] = place);
                    x.at(&at)
                });
                let values = within.values.into_iter();
                let count = values.len() as f64;
                match reduction {
                    Reduction::Mean => values.sum::<f64>() / count,
                    Reduction::Sum => values.sum(),
                    Reduction::Maximum => values.fold(f64::NEG_INFINITY, f64::max),
                    Reduction::Minimum => values.fold(f64::INFINITY, f64::min),
                }
            })
        }
        Operator::Pad { mode, before, .. } => Tensor::from(shape, |at| {
            let source = |axis: usize| {
                let (at, last) = (at[axis] as i64 - before[axis] as i64, x.shape[axis] as i64 - 1);
                match mode {
                    PadMode::Constant(_) => (0..=last).contains(&at).then_some(at),
                    PadMode::Edge => Some(at.clamp(0, last)),
                    PadMode::Reflect if at < 0 => Some(-at),
                    PadMode::Reflect if at > last => Some(2 * last - at),
                    PadMode::Reflect => Some(at),
                }
            };
            let sources: Option<Vec<usize>> =
                (0..at.len()).map(|axis| source(axis).map(|at| at as usize)).collect();
            match (sources, mode) {
                (Some(sources), _) => x.at(&sources),
                (None, PadMode::Constant(value)) => f64::from(*value),
                (None, _) => unreachable!("edges and mirrors are everywhere"),
            }
        }),
        Operator::Concatenate { axis } => Tensor::from(shape, |at| {
            let mut at = at.to_vec();
            let mut part = 0;
            while at[*axis] >= inputs[part].shape[*axis] {
                at[*axis] -= inputs[part].shape[*axis];
                part += 1;
            }
            inputs[part].at(&at)
        }),
        Operator::Reshape { .. } => Tensor { shape: shape.to_vec(), values: x.values.clone() },
        Operator::Transpose { order } => Tensor::from(shape, |at| {
            let mut source = vec![0; at.len()];
            order.iter().zip(at).for_each(|(&axis, &at)| source[axis] = at);
            x.at(&source)
        }),
        Operator::Slice { starts, steps, .. } => Tensor::from(shape, |at| {
            let source =
                at.iter().zip(starts).zip(steps).map(|((at, start), step)| start + at * step);
            x.at(&source.collect::<Vec<_>>())
        }),
        Operator::MatrixProduct => Tensor::from(shape, |at| {
            let (row, column) = (&at[..at.len() - 1], at[at.len() - 1]);
            let inner = 0..*x.shape.last().expect("a matrix has axes");
            inner.map(|k| x.at(&[row, &[k]].concat()) * inputs[1].at(&[k, column])).sum()
        }),
        Operator::Gemm { alpha, beta, transpose_a: false, transpose_b } => {
            Tensor::from(shape, |at| {
                let sum: f64 = (0..x.shape[1])
                    .map(|k| {
                        let place = if *transpose_b { [at[1], k] } else { [k, at[1]] };
                        x.at(&[at[0], k]) * inputs[1].at(&place)
                    })
                    .sum();
                let added = inputs.get(2).map_or(0.0, |added| added.stretched(at));
                f64::from(*alpha) * sum + f64::from(*beta) * added
            })
        }
        Operator::Softmax { axis, logarithm } => Tensor::from(shape, |at| {
            let sum: f64 = (0..shape[*axis])
                .map(|place| {
                    let mut other = at.to_vec();
                    other[*axis] = place;
                    (x.at(&other) - x.at(at)).exp()
                })
                .sum();
            if *logarithm { -sum.ln() } else { 1.0 / sum }
        }),
        other => panic!("the tests draw no {}", other.name()),
    }
}

/// Where each tap of a window reads: tap row and column, input row and column.
fn taps(window: &Window, at: &[usize]) -> impl Iterator<Item = (usize, usize, i64, i64)> {
    let (window, at) = (*window, [at[2], at[3]]);
    let place = move |tap: usize, axis: usize| {
        (at[axis] * window.strides[axis] + tap * window.dilations[axis]) as i64
            - window.before[axis] as i64
    };
    (0..window.kernel[0])
        .flat_map(move |i| (0..window.kernel[1]).map(move |j| (i, j, place(i, 0), place(j, 1))))
}

fn function(activation: Activation, x: f64) -> f64 {
    match activation {
        Activation::Relu => x.max(0.0),
        Activation::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        Activation::Tanh => x.tanh(),
        Activation::Abs => x.abs(),
        Activation::Neg => -x,
        Activation::Exp => x.exp(),
        Activation::Sqrt => x.sqrt(),
        Activation::Softplus => x.exp().ln_1p(),
        Activation::HardSwish => x * (x / 6.0 + 0.5).clamp(0.0, 1.0),
        Activation::LeakyRelu { alpha } => {
            if x < 0.0 {
                f64::from(alpha) * x
            } else {
                x
            }
        }
        Activation::Elu { alpha } => {
            if x < 0.0 {
                f64::from(alpha) * x.exp_m1()
            } else {
                x
            }
        }
        Activation::HardSigmoid { alpha, beta } => {
            (f64::from(alpha) * x + f64::from(beta)).clamp(0.0, 1.0)
        }
        Activation::Clip { low, high } => {
            let x = low.map_or(x, |low| x.max(f64::from(low)));
            high.map_or(x, |high| x.min(f64::from(high)))
        }
    }
}
