//! A checked graph: values, the nodes between them, and the part that lies between two values.

#[cfg(feature = "onnx")]
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::numbers::Numbers;
use super::operator::Operator;
#[cfg(feature = "onnx")]
use crate::error::{Error, ErrorKind, Result};

/// One input, nodes in the order they can run, every shape known, every constant finite.
#[derive(Clone, Debug)]
pub(crate) struct Graph {
    pub(crate) values: Vec<Value>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) input: ValueId,
    pub(crate) outputs: Vec<ValueId>,
    /// Every computed tensor's name, in the order of definition; several may name one value.
    pub(crate) names: Vec<(String, ValueId)>,
    /// The layers of the file that it was read from; a part of a graph has none.
    #[cfg_attr(not(feature = "onnx"), expect(dead_code, reason = "taps need the file's layers"))]
    pub(crate) layers: Vec<Layer>,
}

/// A node as the file has it: one may have become several of ours, or none.
#[derive(Clone, Debug)]
#[cfg_attr(not(feature = "onnx"), expect(dead_code, reason = "taps need the file's layers"))]
pub(crate) struct Layer {
    /// The node's name, where it has one.
    pub(crate) name: String,
    /// The name of its first output.
    pub(crate) output: String,
    /// What it reads that a run computes, each once.
    pub(crate) inputs: Vec<ValueId>,
}

/// A value's place in [`Graph::values`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ValueId(pub(crate) usize);

/// A tensor: computed in a run, or constant. Constants share their numbers between graphs.
#[derive(Clone, Debug)]
pub(crate) struct Value {
    pub(crate) shape: Vec<usize>,
    pub(crate) constant: Option<Numbers>,
}

/// One computation with one output.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) operator: Operator,
    pub(crate) inputs: Vec<ValueId>,
    pub(crate) output: ValueId,
}

impl Graph {
    pub(crate) fn shape(&self, id: ValueId) -> &[usize] {
        &self.values[id.0].shape
    }

    /// The numbers of a constant, as they are kept.
    pub(crate) fn numbers(&self, id: ValueId) -> Option<&Numbers> {
        self.values[id.0].constant.as_ref()
    }

    /// The numbers of a constant.
    pub(crate) fn floats(&self, id: ValueId) -> Option<Arc<[f32]>> {
        self.numbers(id).map(Numbers::floats)
    }

    /// A node's operator and, where it has a name, the tensor that it makes.
    pub(crate) fn named(&self, node: &Node) -> String {
        let operator = node.operator.name();
        match self.names.iter().find(|(_, id)| *id == node.output) {
            Some((name, _)) => format!("{operator} (which makes {name:?})"),
            None => operator.to_owned(),
        }
    }

    /// A value's channels, rows and columns, where it has them; a vector is channels of one number.
    pub(crate) fn map_shape(&self, id: ValueId) -> Option<[usize; 3]> {
        match *self.shape(id) {
            [1, channels, rows, columns] => Some([channels, rows, columns]),
            [1, channels] => Some([channels, 1, 1]),
            _ => None,
        }
    }
}

#[cfg(feature = "onnx")]
impl Graph {
    /// The computed tensor of this name.
    pub(crate) fn find(&self, name: &str) -> Option<ValueId> {
        self.names.iter().find(|(known, _)| known == name).map(|&(_, id)| id)
    }

    /// The part that turns one value into another and nothing else; no node comes along that it
    /// does not need.
    ///
    /// An error of kind [`ErrorKind::Cut`] says that `to` cannot be had from `from` alone, as when a
    /// skip connection runs around it.
    pub(crate) fn between(&self, from: ValueId, to: ValueId) -> Result<Graph> {
        let mut needed = vec![false; self.values.len()];
        needed[to.0] = true;
        let mut nodes = Vec::new();
        for node in self.nodes.iter().rev() {
            if node.output != from && needed[node.output.0] {
                node.inputs.iter().for_each(|input| needed[input.0] = true);
                nodes.push(node.clone());
            }
        }
        nodes.reverse();
        if !needed[from.0] {
            return Err(Error::new(
                ErrorKind::Cut,
                "what is asked for does not depend on the tensor it should be computed from",
            ));
        }
        if from != self.input && needed[self.input.0] {
            return Err(Error::new(
                ErrorKind::Cut,
                "the network cannot be cut there, a connection runs around that tensor",
            ));
        }
        let mut kept = HashMap::new();
        let mut values = Vec::new();
        for (index, value) in self.values.iter().enumerate().filter(|&(index, _)| needed[index]) {
            kept.insert(ValueId(index), ValueId(values.len()));
            values.push(value.clone());
        }
        for node in &mut nodes {
            node.output = kept[&node.output];
            node.inputs.iter_mut().for_each(|input| *input = kept[input]);
        }
        let names = self.names.iter();
        let names = names.filter_map(|(name, id)| Some((name.clone(), *kept.get(id)?))).collect();
        let (input, outputs) = (kept[&from], vec![kept[&to]]);
        Ok(Graph { values, nodes, input, outputs, names, layers: Vec::new() })
    }

    /// This graph with a tap at each of these values: whoever reads one then reads what comes out of
    /// its tap, which has the value's place in the list. Says what comes out of each.
    pub(crate) fn tapped(&self, taps: &[ValueId]) -> (Graph, Vec<ValueId>) {
        let mut graph = self.clone();
        let mut nodes = Vec::with_capacity(graph.nodes.len() + taps.len());
        let mut tapped = Vec::with_capacity(taps.len());
        for &id in taps {
            graph.values.push(graph.values[id.0].clone());
            tapped.push(ValueId(graph.values.len() - 1));
        }
        let tap_of = |id: ValueId| taps.iter().position(|tap| *tap == id);
        let tap = |tap: usize| Node {
            operator: Operator::Tap(tap),
            inputs: vec![taps[tap]],
            output: tapped[tap],
        };
        nodes.extend(tap_of(graph.input).map(tap));
        for mut node in std::mem::take(&mut graph.nodes) {
            for input in &mut node.inputs {
                if let Some(tap) = tap_of(*input) {
                    *input = tapped[tap];
                }
            }
            let made = tap_of(node.output);
            nodes.push(node);
            nodes.extend(made.map(tap));
        }
        graph.nodes = nodes;
        (graph, tapped)
    }

    /// The values that `to` is computed from, itself among them.
    pub(crate) fn upstream(&self, to: ValueId) -> Vec<bool> {
        let mut needed = vec![false; self.values.len()];
        needed[to.0] = true;
        for node in self.nodes.iter().rev() {
            if needed[node.output.0] {
                node.inputs.iter().for_each(|input| needed[input.0] = true);
            }
        }
        needed
    }

    /// The last value, `id` itself where it can be, that `id` is computed from and through which all
    /// goes that `to` is computed from. The input is always such a value.
    pub(crate) fn gate(&self, id: ValueId, to: ValueId) -> ValueId {
        let needed = self.upstream(to);
        let upstream = self.upstream(id);
        // How many readers that count each value still waits for.
        let mut waiting = vec![0usize; self.values.len()];
        for node in self.nodes.iter().filter(|node| needed[node.output.0]) {
            node.inputs.iter().for_each(|input| waiting[input.0] += 1);
        }
        let (mut alive, mut gate) = (1, self.input);
        for node in self.nodes.iter().filter(|node| needed[node.output.0]) {
            for input in &node.inputs {
                waiting[input.0] -= 1;
                let computed = self.values[input.0].constant.is_none();
                alive -= usize::from(computed && waiting[input.0] == 0);
            }
            alive += 1;
            if alive == 1 && upstream[node.output.0] {
                gate = node.output;
            }
            if node.output == id {
                break;
            }
        }
        gate
    }

    /// One node as a graph. Its first values are what the node computes from, in the order of the
    /// list, which says what they are here.
    pub(crate) fn alone(&self, node: &Node) -> (Graph, Vec<ValueId>) {
        let mut inputs = node.inputs.clone();
        inputs.sort_unstable();
        inputs.dedup();
        let is_constant = |id: &ValueId| self.values[id.0].constant.is_some();
        let (constants, computed): (Vec<_>, Vec<_>) = inputs.into_iter().partition(is_constant);
        let kept: Vec<ValueId> =
            computed.iter().chain(&constants).chain([&node.output]).copied().collect();
        let place = |id: &ValueId| ValueId(kept.iter().position(|known| known == id).unwrap_or(0));
        let alone = Node {
            operator: node.operator.clone(),
            inputs: node.inputs.iter().map(place).collect(),
            output: place(&node.output),
        };
        let graph = Graph {
            values: kept.iter().map(|id| self.values[id.0].clone()).collect(),
            outputs: vec![alone.output],
            nodes: vec![alone],
            input: ValueId(0),
            names: Vec::new(),
            layers: Vec::new(),
        };
        (graph, computed)
    }

    /// This graph with another after it, whose input takes the place of this graph's `output`.
    pub(crate) fn followed_by(&self, output: ValueId, next: &Graph) -> Result<Graph> {
        if self.shape(output) != next.shape(next.input) {
            return Err(Error::new(
                ErrorKind::Model,
                format!(
                    "the tail's input is {:?} where the front's output is {:?}",
                    next.shape(next.input),
                    self.shape(output)
                ),
            ));
        }
        let mut joined = self.clone();
        let base = joined.values.len();
        joined.values.extend(next.values.iter().cloned());
        let place = |id: ValueId| if id == next.input { output } else { ValueId(base + id.0) };
        joined.nodes.extend(next.nodes.iter().map(|node| Node {
            operator: node.operator.clone(),
            inputs: node.inputs.iter().copied().map(place).collect(),
            output: place(node.output),
        }));
        joined.outputs = next.outputs.iter().copied().map(place).collect();
        let taken: HashSet<&str> = self.names.iter().map(|(name, _)| name.as_str()).collect();
        let new = next.names.iter().filter(|(name, _)| !taken.contains(name.as_str()));
        joined.names.extend(new.map(|(name, id)| (name.clone(), place(*id))));
        joined.layers.extend(next.layers.iter().map(|layer| Layer {
            inputs: layer.inputs.iter().copied().map(place).collect(),
            ..layer.clone()
        }));
        Ok(joined)
    }
}
