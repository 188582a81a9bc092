//! What each node reads once nodes have been seen together, and who reads a value.

use std::collections::HashMap;

use super::polynomials::{View, polynomials};
use super::product;
use super::slopes::slopes;
use crate::front::executor::kernels::LARGEST_KERNEL;
use crate::front::executor::shape::sizes;
use crate::front::graph::{Graph, Node, ValueId};
use crate::front::operator::Operator;

/// What nodes that are seen together make of the graph.
pub(super) struct Reads {
    /// Values that are polynomials of another.
    pub(super) polynomials: HashMap<ValueId, View>,
    /// Values that are another with slopes for negative numbers.
    pub(super) slopes: HashMap<ValueId, (ValueId, Vec<f32>)>,
    /// Products of a flattened map, and that map: a convolution whose kernel is as large as it.
    pub(super) flattened: HashMap<ValueId, ValueId>,
    uses: HashMap<ValueId, usize>,
}

impl Reads {
    pub(super) fn of(graph: &Graph) -> Self {
        let makers: HashMap<ValueId, &Node> =
            graph.nodes.iter().map(|node| (node.output, node)).collect();
        let products = graph.nodes.iter().filter(|node| product::is_covered(graph, node));
        let flattened = products.filter_map(|node| {
            let map = before_reshapes(&makers, node.inputs[0])?;
            (sizes(graph.shape(map))[1] <= LARGEST_KERNEL).then_some((node.output, map))
        });
        let mut reads = Self {
            polynomials: polynomials(graph),
            slopes: slopes(graph),
            flattened: flattened.collect(),
            uses: graph.outputs.iter().map(|output| (*output, 1)).collect(),
        };
        for node in graph.nodes.iter().rev() {
            if reads.uses(node.output) == 0 {
                continue;
            }
            let polynomial = reads.polynomials.get(&node.output).map(|(base, _)| *base);
            let sloped = reads.slopes.get(&node.output).map(|(base, _)| *base);
            if let Some(base) = polynomial.or(sloped) {
                *reads.uses.entry(base).or_default() += 1;
                continue;
            }
            let first = reads.flattened.get(&node.output).copied().unwrap_or(node.inputs[0]);
            for input in std::iter::once(&first).chain(&node.inputs[1..]) {
                *reads.uses.entry(*input).or_default() += 1;
            }
        }
        reads
    }

    /// How many nodes, and outputs of the graph, read a value.
    pub(super) fn uses(&self, id: ValueId) -> usize {
        self.uses.get(&id).copied().unwrap_or(0)
    }
}

/// The value of which this one is a reshaping.
fn before_reshapes(makers: &HashMap<ValueId, &Node>, mut id: ValueId) -> Option<ValueId> {
    let mut found = None;
    while let Some(Node { operator: Operator::Reshape { .. }, inputs, .. }) =
        makers.get(&id).copied()
    {
        id = inputs[0];
        found = Some(id);
    }
    found
}
