//! What a graph costs, counted while it is read.

use super::limits::*;
use super::operator::Operator;

/// The costs so far. Every count answers with what is over its limit, in words.
#[derive(Default)]
pub(crate) struct Tally {
    nodes: usize,
    weights: usize,
    activations: usize,
    multiplications: u128,
}

impl Tally {
    /// A constant of so many numbers.
    pub(crate) fn constant(&mut self, numbers: usize) -> Result<(), String> {
        self.weights += numbers;
        if self.weights > MAX_WEIGHTS {
            return Err(format!("the weights are over {MAX_WEIGHTS} numbers in all"));
        }
        Ok(())
    }

    /// A tensor of this shape that a run computes, or its input.
    pub(crate) fn computed(&mut self, shape: &[usize]) -> Result<(), String> {
        if let [_, _, rows, columns] = *shape
            && rows.max(columns) > MAX_SIDE
        {
            return Err(format!("a map would be {rows} x {columns}, {MAX_SIDE} is the most"));
        }
        self.activations += elements(shape).unwrap_or(MAX_ACTIVATIONS);
        if self.activations > MAX_ACTIVATIONS {
            return Err(format!("all tensors together would be over {MAX_ACTIVATIONS} numbers"));
        }
        Ok(())
    }

    /// A node, by the shapes of its inputs and output; the output counts as computed.
    pub(crate) fn node(
        &mut self,
        operator: &Operator,
        inputs: &[&[usize]],
        output: &[usize],
    ) -> Result<(), String> {
        check_output(output)?;
        if self.nodes == MAX_NODES {
            return Err(format!("the model takes over {MAX_NODES} computations"));
        }
        self.nodes += 1;
        self.multiplications += multiplications(operator, inputs, output);
        if self.multiplications > MAX_MULTIPLICATIONS {
            return Err("a run would take over 2^40 multiplications".into());
        }
        self.computed(output)
    }
}

/// Looks at a shape that a node would put out.
pub(crate) fn check_output(shape: &[usize]) -> Result<(), String> {
    let fits = shape.len() <= MAX_RANK && shape.iter().all(|&size| size > 0);
    if !fits || elements(shape).is_none() {
        return Err(format!(
            "would put out {shape:?}; every size must be at least 1, and the whole at most {MAX_TENSOR_ELEMENTS} numbers"
        ));
    }
    Ok(())
}

/// How many multiplications a node costs, roughly: what bounds the time of a run.
fn multiplications(operator: &Operator, inputs: &[&[usize]], shape: &[usize]) -> u128 {
    let size = |shape: &[usize]| shape.iter().map(|&size| size as u128).product::<u128>();
    let output = size(shape);
    let first = inputs[0];
    match operator {
        // Each output needs the weights of its channel.
        Operator::Convolution { .. } => output * size(&inputs[1][1..]),
        // Each input spreads over the weights of its channel.
        Operator::TransposedConvolution { .. } => size(first) * size(&inputs[1][1..]),
        Operator::MaxPool(window) | Operator::AveragePool(window) => output * size(&window.kernel),
        Operator::MatrixProduct => output * first.last().map_or(1, |&inner| inner as u128),
        Operator::Gemm { transpose_a, .. } => output * first[usize::from(!transpose_a)] as u128,
        Operator::LocalResponseNormalization { size, .. } => output * *size as u128,
        _ => output + size(first),
    }
}
