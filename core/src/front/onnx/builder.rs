//! A graph under construction: every value is measured before it exists.

use std::collections::HashMap;

use super::limits::*;
use super::tensor::Content;
use super::{fold, refusal};
use crate::error::Result;
use crate::front::graph::{Graph, Node, Value, ValueId};
use crate::front::operator::Operator;

/// Collects values and nodes, counts what they cost, and folds what does not depend on the input.
pub(super) struct Builder {
    values: Vec<Draft>,
    nodes: Vec<Node>,
    by_name: HashMap<String, ValueId>,
    names: Vec<(String, ValueId)>,
    weights: usize,
    activations: usize,
    multiplications: u128,
}

struct Draft {
    shape: Vec<usize>,
    constant: Option<Content>,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            values: Vec::new(),
            nodes: Vec::new(),
            by_name: HashMap::new(),
            names: Vec::new(),
            weights: 0,
            activations: 0,
            multiplications: 0,
        }
    }

    pub(super) fn shape(&self, id: ValueId) -> &[usize] {
        &self.values[id.0].shape
    }

    pub(super) fn constant(&self, id: ValueId) -> Option<&Content> {
        self.values[id.0].constant.as_ref()
    }

    pub(super) fn named(&self, name: &str) -> Option<ValueId> {
        self.by_name.get(name).copied()
    }

    /// Gives a value a name, which must be new.
    pub(super) fn name(&mut self, name: &str, id: ValueId) -> Result<()> {
        if self.by_name.insert(name.to_owned(), id).is_some() {
            return Err(refusal(format!("the tensor {name:?} is defined twice")));
        }
        if self.values[id.0].constant.is_none() {
            self.names.push((name.to_owned(), id));
        }
        Ok(())
    }

    /// The graph's input.
    pub(super) fn input(&mut self, shape: Vec<usize>) -> Result<ValueId> {
        self.computed(shape)
    }

    /// A constant of this shape.
    pub(super) fn known(&mut self, shape: Vec<usize>, content: Content) -> Result<ValueId> {
        debug_assert_eq!(shape.iter().product::<usize>(), content.len());
        self.weights += content.len();
        if self.weights > MAX_WEIGHTS {
            return Err(refusal(format!("the weights are over {MAX_WEIGHTS} numbers in all")));
        }
        self.values.push(Draft { shape, constant: Some(content) });
        Ok(ValueId(self.values.len() - 1))
    }

    /// The same constant in another shape.
    pub(super) fn reshaped(&mut self, id: ValueId, shape: Vec<usize>) -> Result<ValueId> {
        let constant = self.values[id.0].constant.clone();
        self.values.push(Draft { shape, constant });
        Ok(ValueId(self.values.len() - 1))
    }

    /// The output of an operator, of a shape that its caller worked out.
    ///
    /// What depends on constants alone is folded here and now, where it is simple; the rest is
    /// refused, since a network that has not been folded when exported is seldom meant.
    pub(super) fn compute(
        &mut self,
        operator: Operator,
        inputs: Vec<ValueId>,
        shape: Vec<usize>,
    ) -> Result<ValueId> {
        let fits = shape.len() <= MAX_RANK && shape.iter().all(|&size| size > 0);
        if !fits || elements(&shape).is_none() {
            return Err(refusal(format!(
                "would put out {shape:?}; every size must be at least 1, and the whole at most {MAX_TENSOR_ELEMENTS} numbers"
            )));
        }
        if inputs.iter().all(|&input| self.constant(input).is_some()) {
            return fold::fold(self, &operator, &inputs, shape);
        }
        for &input in &inputs {
            if matches!(self.constant(input), Some(Content::Integers(_) | Content::Bytes(_))) {
                return Err(refusal(
                    "an input is a tensor of integers, 32-bit floats belong there",
                ));
            }
        }
        if self.nodes.len() == MAX_NODES {
            return Err(refusal(format!("the model takes over {MAX_NODES} computations")));
        }
        self.multiplications += multiplications(self, &operator, &inputs, &shape);
        if self.multiplications > MAX_MULTIPLICATIONS {
            return Err(refusal("a run would take over 2^40 multiplications"));
        }
        let output = self.computed(shape)?;
        self.nodes.push(Node { operator, inputs, output });
        Ok(output)
    }

    /// The finished graph, for these outputs.
    pub(super) fn finish(self, input: ValueId, outputs: Vec<ValueId>) -> Graph {
        let values = self.values.into_iter().map(|draft| Value {
            shape: draft.shape,
            constant: match draft.constant {
                Some(Content::Floats(numbers)) => Some(numbers),
                // Consumed while reading; no node has one among its inputs.
                Some(Content::Integers(_) | Content::Bytes(_)) | None => None,
            },
        });
        let values = values.collect();
        Graph { values, nodes: self.nodes, input, outputs, names: self.names }
    }

    fn computed(&mut self, shape: Vec<usize>) -> Result<ValueId> {
        if let [_, _, rows, columns] = *shape
            && rows.max(columns) > MAX_SIDE
        {
            return Err(refusal(format!(
                "a map would be {rows} x {columns}, {MAX_SIDE} is the most"
            )));
        }
        self.activations += elements(&shape).unwrap_or(MAX_ACTIVATIONS);
        if self.activations > MAX_ACTIVATIONS {
            return Err(refusal(format!(
                "all tensors together would be over {MAX_ACTIVATIONS} numbers"
            )));
        }
        self.values.push(Draft { shape, constant: None });
        Ok(ValueId(self.values.len() - 1))
    }
}

/// The number of elements, where it is within the limit.
pub(super) fn elements(shape: &[usize]) -> Option<usize> {
    let product = shape.iter().try_fold(1usize, |product, &size| product.checked_mul(size));
    product.filter(|&product| product <= MAX_TENSOR_ELEMENTS)
}

/// How many multiplications a node costs, roughly: what bounds the time of a run.
fn multiplications(
    builder: &Builder,
    operator: &Operator,
    inputs: &[ValueId],
    shape: &[usize],
) -> u128 {
    let size = |shape: &[usize]| shape.iter().map(|&size| size as u128).product::<u128>();
    let output = size(shape);
    let first = builder.shape(inputs[0]);
    match operator {
        // Each output needs the weights of its channel.
        Operator::Convolution { .. } => output * size(&builder.shape(inputs[1])[1..]),
        // Each input spreads over the weights of its channel.
        Operator::TransposedConvolution { .. } => {
            size(first) * size(&builder.shape(inputs[1])[1..])
        }
        Operator::MaxPool(window) | Operator::AveragePool(window) => output * size(&window.kernel),
        Operator::MatrixProduct => output * first.last().map_or(1, |&inner| inner as u128),
        Operator::Gemm { transpose_a, .. } => output * first[usize::from(!transpose_a)] as u128,
        Operator::LocalResponseNormalization { size, .. } => output * *size as u128,
        _ => output + size(first),
    }
}
