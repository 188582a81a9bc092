//! From a graph to drafts of steps.

use std::collections::HashMap;
use std::sync::Arc;

use super::draft::{After, Draft, Kind};
use crate::front::graph::{Graph, Node, ValueId};
use crate::front::numbers::Numbers;
use crate::front::operator::{Activation, Arithmetic, Operator, PadMode};

/// The drafts of a graph; otherwise the value that no step makes.
pub(super) fn lower(graph: &Graph) -> Result<Vec<Draft>, ValueId> {
    let mut uses: HashMap<ValueId, usize> = HashMap::new();
    for id in graph.nodes.iter().flat_map(|node| &node.inputs).chain(&graph.outputs) {
        *uses.entry(*id).or_default() += 1;
    }
    let mut lowering = Lowering { graph, uses, drafts: Vec::new(), made_by: HashMap::new() };
    for node in &graph.nodes {
        lowering.node(node).ok_or(node.output)?;
    }
    Ok(lowering.drafts)
}

struct Lowering<'a> {
    graph: &'a Graph,
    uses: HashMap<ValueId, usize>,
    drafts: Vec<Draft>,
    made_by: HashMap<ValueId, usize>,
}

impl Lowering<'_> {
    fn node(&mut self, node: &Node) -> Option<()> {
        let [1, channels, _, _] = *self.graph.shape(node.output) else { return None };
        let kind = match &node.operator {
            Operator::Convolution { window, groups } => {
                let biases = match node.inputs.get(2) {
                    Some(id) => self.constant(*id)?.to_vec(),
                    None => vec![0.0; channels],
                };
                let weights = self.graph.values[node.inputs[1].0].constant.clone()?;
                let kind = Kind::Convolution {
                    weights,
                    scale: vec![1.0; channels],
                    biases,
                    window: *window,
                    groups: *groups,
                    after: After::Nothing,
                };
                return self.push(kind, vec![node.inputs[0]], node.output);
            }
            Operator::BatchNormalization { epsilon } => {
                let of = |index: usize| self.constant(node.inputs[index]);
                let (scale, bias, mean, variance) = (of(1)?, of(2)?, of(3)?, of(4)?);
                let scale: Vec<f32> = scale
                    .iter()
                    .zip(variance.iter())
                    .map(|(scale, variance)| scale / (variance + epsilon).sqrt())
                    .collect();
                let offset =
                    bias.iter().zip(mean.iter()).zip(&scale).map(|((b, m), s)| b - m * s).collect();
                return self.affine(node.inputs[0], node.output, scale, offset);
            }
            Operator::Arithmetic(arithmetic) => {
                return self.arithmetic(node, *arithmetic, channels);
            }
            Operator::Activation(activation) => {
                let after = match *activation {
                    Activation::Relu => After::Clip { low: 0.0, high: f32::INFINITY },
                    Activation::Clip { low, high } => After::Clip {
                        low: low.unwrap_or(f32::NEG_INFINITY),
                        high: high.unwrap_or(f32::INFINITY),
                    },
                    Activation::LeakyRelu { alpha } => After::Slope(vec![alpha; channels]),
                    _ => return None,
                };
                return self.activate(node.inputs[0], node.output, after, channels);
            }
            Operator::PRelu => {
                let slopes = self.channel_constant(node.inputs[1], channels)?;
                return self.activate(node.inputs[0], node.output, After::Slope(slopes), channels);
            }
            Operator::MaxPool(window) if window.dilations == [1, 1] => Kind::MaxPool(*window),
            Operator::AveragePool(window) if window.dilations == [1, 1] => {
                Kind::AveragePool(*window)
            }
            Operator::Concatenate { axis: 1 } => {
                if node.inputs.iter().any(|id| self.is_constant(*id)) {
                    return None;
                }
                Kind::Concatenate
            }
            Operator::Pad { mode: PadMode::Constant(0.0), before, .. } if before[0] == 0 => {
                Kind::Pad { before: [before[1], before[2], before[3]] }
            }
            Operator::LocalResponseNormalization { size, alpha, beta, bias } => {
                Kind::ResponseNorm { size: *size, alpha: *alpha, beta: *beta, bias: *bias }
            }
            _ => return None,
        };
        self.push(kind, node.inputs.clone(), node.output)
    }

    fn push(&mut self, kind: Kind, inputs: Vec<ValueId>, output: ValueId) -> Option<()> {
        for input in &inputs {
            let [1, _, _, _] = *self.graph.shape(*input) else { return None };
            if self.is_constant(*input) {
                return None;
            }
        }
        self.made_by.insert(output, self.drafts.len());
        self.drafts.push(Draft { kind, inputs, output });
        Some(())
    }

    fn is_constant(&self, id: ValueId) -> bool {
        self.graph.values[id.0].constant.is_some()
    }

    fn constant(&self, id: ValueId) -> Option<Arc<[f32]>> {
        self.graph.values[id.0].constant.as_ref().map(Numbers::floats)
    }

    /// A constant that is one number, or one a channel.
    fn channel_constant(&self, id: ValueId, channels: usize) -> Option<Vec<f32>> {
        let constant = self.constant(id)?;
        if let [one] = *constant {
            return Some(vec![one; channels]);
        }
        let shape = self.graph.shape(id);
        // Counted from the end, as stretching does: [C, 1, 1], perhaps with ones before.
        let by_channel =
            shape.len() >= 3 && shape[shape.len() - 3] == channels && constant.len() == channels;
        by_channel.then(|| constant.to_vec())
    }

    /// The draft that makes this value, if nobody else reads it.
    fn sole_maker(&mut self, id: ValueId) -> Option<usize> {
        if self.uses.get(&id) == Some(&1) { self.made_by.get(&id).copied() } else { None }
    }

    /// Gives what a draft makes another name.
    fn rename(&mut self, draft: usize, output: ValueId) {
        self.drafts[draft].output = output;
        self.made_by.insert(output, draft);
    }

    fn affine(
        &mut self,
        input: ValueId,
        output: ValueId,
        scale: Vec<f32>,
        offset: Vec<f32>,
    ) -> Option<()> {
        if let Some(draft) = self.sole_maker(input)
            && self.drafts[draft].fold(&scale, &offset)
        {
            self.rename(draft, output);
            return Some(());
        }
        self.push(Kind::Affine { scale, offset, after: After::Nothing }, vec![input], output)
    }

    fn activate(
        &mut self,
        input: ValueId,
        output: ValueId,
        after: After,
        channels: usize,
    ) -> Option<()> {
        if let Some(draft) = self.sole_maker(input)
            && let Some(free @ After::Nothing) = self.drafts[draft].after()
        {
            *free = after;
            self.rename(draft, output);
            return Some(());
        }
        let kind = Kind::Affine { scale: vec![1.0; channels], offset: vec![0.0; channels], after };
        self.push(kind, vec![input], output)
    }

    fn arithmetic(&mut self, node: &Node, arithmetic: Arithmetic, channels: usize) -> Option<()> {
        let (a, b) = (node.inputs[0], node.inputs[1]);
        if !self.is_constant(a) && !self.is_constant(b) {
            let same = self.graph.shape(a) == self.graph.shape(b);
            return if arithmetic == Arithmetic::Add && same && a != b {
                self.add(a, b, node.output)
            } else {
                None
            };
        }
        let constant_first = self.is_constant(a);
        let (input, constant) = if constant_first { (b, a) } else { (a, b) };
        if self.graph.shape(input) != self.graph.shape(node.output) {
            return None;
        }
        let values = self.channel_constant(constant, channels)?;
        let all = |value: f32| vec![value; channels];
        let negative = || values.iter().map(|value| -value).collect();
        let (scale, offset) = match (arithmetic, constant_first) {
            (Arithmetic::Add, _) => (all(1.0), values),
            (Arithmetic::Subtract, false) => (all(1.0), negative()),
            (Arithmetic::Subtract, true) => (all(-1.0), values),
            (Arithmetic::Multiply, _) => (values, all(0.0)),
            (Arithmetic::Divide, false) => {
                (values.iter().map(|value| 1.0 / value).collect(), all(0.0))
            }
            _ => return None,
        };
        self.affine(input, node.output, scale, offset)
    }

    /// A sum of two maps: into the store of a convolution that makes one of them, if nobody else
    /// reads that.
    fn add(&mut self, a: ValueId, b: ValueId, output: ValueId) -> Option<()> {
        for (made, skip) in [(b, a), (a, b)] {
            let Some(draft) = self.sole_maker(made) else { continue };
            let candidate = &mut self.drafts[draft];
            let free = candidate.inputs.len() == 1
                && matches!(
                    candidate.kind,
                    Kind::Convolution { after: After::Nothing, groups: 1, .. }
                );
            if free {
                candidate.inputs.push(skip);
                self.rename(draft, output);
                return Some(());
            }
        }
        self.push(Kind::Add { after: After::Nothing }, vec![a, b], output)
    }
}
