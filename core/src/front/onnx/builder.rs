//! A graph under construction: every value is measured before it exists.

use std::collections::HashMap;

use super::tensor::Content;
use super::{fold, refusal};
use crate::error::Result;
use crate::front::graph::{Graph, Layer, Node, Value, ValueId};
use crate::front::operator::Operator;
use crate::front::shape::{self, Operand};
use crate::front::tally::{Tally, check_output};

/// Collects values and nodes, counts what they cost, and folds what does not depend on the input.
pub(super) struct Builder {
    values: Vec<Draft>,
    nodes: Vec<Node>,
    by_name: HashMap<String, ValueId>,
    names: Vec<(String, ValueId)>,
    layers: Vec<Layer>,
    tally: Tally,
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
            layers: Vec::new(),
            tally: Tally::default(),
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

    /// Notes a node of the file, which reads these.
    pub(super) fn layer(&mut self, name: &str, output: &str, read: Vec<ValueId>) {
        let mut inputs: Vec<ValueId> = Vec::new();
        for id in read {
            if self.constant(id).is_none() && !inputs.contains(&id) {
                inputs.push(id);
            }
        }
        self.layers.push(Layer { name: name.to_owned(), output: output.to_owned(), inputs });
    }

    /// The graph's input.
    pub(super) fn input(&mut self, shape: Vec<usize>) -> Result<ValueId> {
        self.tally.computed(&shape).map_err(refusal)?;
        self.values.push(Draft { shape, constant: None });
        Ok(ValueId(self.values.len() - 1))
    }

    /// A constant of this shape.
    pub(super) fn known(&mut self, shape: Vec<usize>, content: Content) -> Result<ValueId> {
        debug_assert_eq!(shape.iter().product::<usize>(), content.len());
        self.tally.constant(content.len()).map_err(refusal)?;
        self.values.push(Draft { shape, constant: Some(content) });
        Ok(ValueId(self.values.len() - 1))
    }

    /// The same constant in another shape.
    pub(super) fn reshaped(&mut self, id: ValueId, shape: Vec<usize>) -> Result<ValueId> {
        let constant = self.values[id.0].constant.clone();
        self.values.push(Draft { shape, constant });
        Ok(ValueId(self.values.len() - 1))
    }

    /// The output of an operator whose inputs say its shape.
    pub(super) fn derive(&mut self, operator: Operator, inputs: Vec<ValueId>) -> Result<ValueId> {
        let operand = |id: &ValueId| {
            let Draft { shape, constant } = &self.values[id.0];
            let numbers = match constant {
                Some(Content::Floats(numbers)) => Some(numbers),
                Some(Content::Integers(_) | Content::Bytes(_)) | None => None,
            };
            Operand { shape, numbers }
        };
        let operands: Vec<Operand<'_>> = inputs.iter().map(operand).collect();
        let shape = shape::output(&operator, &operands)
            .expect("called for operators that say it")
            .map_err(refusal)?;
        self.compute(operator, inputs, shape)
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
        check_output(&shape).map_err(refusal)?;
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
        let values = &self.values;
        let shapes: Vec<&[usize]> = inputs.iter().map(|id| &*values[id.0].shape).collect();
        self.tally.node(&operator, &shapes, &shape).map_err(refusal)?;
        self.values.push(Draft { shape, constant: None });
        let output = ValueId(self.values.len() - 1);
        self.nodes.push(Node { operator, inputs, output });
        Ok(output)
    }

    /// The finished graph, for these outputs.
    pub(super) fn finish(self, input: ValueId, outputs: Vec<ValueId>) -> Graph {
        let Self { values, nodes, names, layers, .. } = self;
        let values = values.into_iter().map(|draft| Value {
            shape: draft.shape,
            constant: match draft.constant {
                Some(Content::Floats(numbers)) => Some(numbers),
                // Consumed while reading; no node has one among its inputs.
                Some(Content::Integers(_) | Content::Bytes(_)) | None => None,
            },
        });
        let values = values.collect();
        Graph { values, nodes, input, outputs, names, layers }
    }
}
