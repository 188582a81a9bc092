//! From a graph to drafts of steps.

mod arithmetic;
mod polynomials;
mod preprocessing;
mod product;
mod reads;
mod slopes;

use std::collections::HashMap;
use std::sync::Arc;

use self::product::Product;
use self::reads::Reads;
use super::draft::{After, Draft, Drafts, Kind};
use super::kernels::{Function, LARGEST_KERNEL, MOST_CHANNELS, WIDEST_REACH};
use super::shape::{Fit, fit, merged, parts, row_major, sizes};
use crate::error::{Error, ErrorKind, Result};
use crate::front::graph::{Graph, Node, ValueId};
use crate::front::operator::{Activation, Operator, PadMode, Reduction, Window};

/// The drafts of a graph. What no step of ours covers becomes a draft that runs on tract, where tract
/// is there and a run may allocate.
///
/// # Errors
/// Kind [`ErrorKind::Model`]: it would have to, and must not.
pub(super) fn lower(graph: &Graph, no_alloc: bool) -> Result<Drafts> {
    let mut lowering = Lowering {
        graph,
        reads: Reads::of(graph),
        sizes: graph.values.iter().map(|value| sizes(&value.shape)).collect(),
        drafts: Vec::new(),
        made_by: HashMap::new(),
        same: HashMap::new(),
    };
    for node in &graph.nodes {
        if lowering.reads.uses(node.output) > 0 && lowering.node(node).is_none() {
            lowering.fall_back(node, no_alloc)?;
        }
    }
    Ok(Drafts {
        input: graph.input,
        output: lowering.resolved(graph.outputs[0]),
        drafts: lowering.drafts,
        sizes: lowering.sizes,
    })
}

struct Lowering<'a> {
    graph: &'a Graph,
    reads: Reads,
    sizes: Vec<[usize; 3]>,
    drafts: Vec<Draft>,
    made_by: HashMap<ValueId, usize>,
    /// Values that are another under a new name.
    same: HashMap<ValueId, ValueId>,
}

impl Lowering<'_> {
    /// Drafts a node; none, and nothing drafted, where no step covers it.
    fn node(&mut self, node: &Node) -> Option<()> {
        if let Some(&(base, polynomial)) = self.reads.polynomials.get(&node.output) {
            self.apply(base, node.output, Function::Polynomial(polynomial));
            return Some(());
        }
        let channels = self.sizes[node.output.0][0];
        if let Some((base, slopes)) = self.reads.slopes.get(&node.output) {
            let slopes = slopes.iter().copied().cycle().take(channels).collect();
            self.activate(*base, node.output, After::Slope(slopes));
            return Some(());
        }
        let input = node.inputs[0];
        let planes = self.graph.shape(node.output).len() == 4
            && self.graph.shape(input).len() == 4
            && self.graph.shape(input)[0] == 1;
        let kind = match &node.operator {
            Operator::Convolution { window, groups } if planes => {
                let biases = match node.inputs.get(2) {
                    Some(id) => self.constant(*id)?.to_vec(),
                    None => vec![0.0; channels],
                };
                let weights = self.graph.numbers(node.inputs[1])?.clone();
                if window.kernel[0] > LARGEST_KERNEL {
                    return None;
                }
                let (mut weights, mut biases) = (weights, biases);
                let (window, groups, after) = (*window, *groups, After::Nothing);
                let scale = vec![1.0; channels];
                let input = match groups {
                    1 => self.preprocessed(input, &window, &mut weights, &mut biases),
                    _ => input,
                };
                let kind = Kind::Convolution { weights, scale, biases, window, groups, after };
                self.push(kind, vec![input], node.output);
                return Some(());
            }
            Operator::BatchNormalization { epsilon }
                if parts(self.graph.shape(input))[0].contains(&1) =>
            {
                let of = |index: usize| self.constant(node.inputs[index]);
                let (scale, bias, mean, variance) = (of(1)?, of(2)?, of(3)?, of(4)?);
                let scale: Vec<f32> = scale
                    .iter()
                    .zip(variance.iter())
                    .map(|(scale, variance)| scale / (variance + epsilon).sqrt())
                    .collect();
                let offset =
                    bias.iter().zip(mean.iter()).zip(&scale).map(|((b, m), s)| b - m * s).collect();
                self.affine(input, node.output, scale, offset);
                return Some(());
            }
            Operator::Arithmetic(arithmetic) => return self.arithmetic(node, *arithmetic),
            Operator::Activation(activation) => {
                self.activation(input, node.output, *activation);
                return Some(());
            }
            Operator::PRelu => {
                let slopes = self.channel_constant(node.inputs[1], node.output)?;
                self.activate(input, node.output, After::Slope(slopes));
                return Some(());
            }
            Operator::MaxPool(window) if planes => {
                Kind::Pool { reduction: Reduction::Maximum, window: *window }
            }
            Operator::AveragePool(window) if planes => {
                Kind::Pool { reduction: Reduction::Mean, window: *window }
            }
            Operator::Reduce { reduction, axes, .. } if self.graph.shape(input).len() == 4 => {
                return self.reduce(node, *reduction, axes);
            }
            Operator::Concatenate { axis: 1 }
                if node.inputs.iter().all(|id| self.graph.shape(*id)[0] == 1) =>
            {
                Kind::Concatenate
            }
            Operator::Pad { mode, before, after }
                if planes
                    && before[0] == 0
                    && (matches!(mode, PadMode::Constant(_)) || before[1] + after[1] == 0) =>
            {
                Kind::Pad { mode: *mode, before: [before[1], before[2], before[3]] }
            }
            Operator::LocalResponseNormalization { size, alpha, beta, bias }
                if planes && channels <= MOST_CHANNELS && size / 2 <= WIDEST_REACH =>
            {
                Kind::ResponseNorm { size: *size, alpha: *alpha, beta: *beta, bias: *bias }
            }
            Operator::Softmax { axis, logarithm }
                if parts(self.graph.shape(input))[0].contains(axis) =>
            {
                Kind::Softmax { logarithm: *logarithm }
            }
            Operator::Tap(tap) => Kind::Tap(*tap),
            Operator::Gemm { .. } | Operator::MatrixProduct => return self.product(node),
            Operator::Reshape { .. } => {
                let strides = row_major(&self.sizes[node.output.0]);
                self.rearrange(input, node.output, 0, [strides[0], strides[1], strides[2]]);
                return Some(());
            }
            Operator::Transpose { order } => {
                let strides = row_major(self.graph.shape(input));
                let strides: Vec<usize> = order.iter().map(|&axis| strides[axis]).collect();
                let strides = merged(self.graph.shape(node.output), &strides)?;
                self.rearrange(input, node.output, 0, strides);
                return Some(());
            }
            Operator::Slice { starts, steps, .. } => {
                let strides = row_major(self.graph.shape(input));
                let first = strides.iter().zip(starts).map(|(stride, start)| stride * start).sum();
                let strides: Vec<usize> =
                    strides.iter().zip(steps).map(|(stride, step)| stride * step).collect();
                let strides = merged(self.graph.shape(node.output), &strides)?;
                self.rearrange(input, node.output, first, strides);
                return Some(());
            }
            _ => return None,
        };
        self.push(kind, node.inputs.clone(), node.output);
        Some(())
    }

    fn push(&mut self, kind: Kind, inputs: Vec<ValueId>, output: ValueId) {
        let inputs = inputs.into_iter().map(|id| self.map(id)).collect();
        self.add(kind, inputs, output);
    }

    /// The value to read, whatever its name; a constant becomes a map.
    fn map(&mut self, id: ValueId) -> ValueId {
        let id = self.resolved(id);
        let constant = self.graph.values.get(id.0).and_then(|value| value.constant.as_ref());
        if let Some(numbers) = constant
            && !self.made_by.contains_key(&id)
        {
            self.add(Kind::Constant(numbers.floats()), Vec::new(), id);
        }
        id
    }

    fn add(&mut self, kind: Kind, inputs: Vec<ValueId>, output: ValueId) {
        self.made_by.insert(output, self.drafts.len());
        self.drafts.push(Draft { kind, inputs, output, function: None });
    }

    fn resolved(&self, id: ValueId) -> ValueId {
        self.same.get(&id).copied().unwrap_or(id)
    }

    /// A value of our own, read once.
    fn between(&mut self, sizes: [usize; 3]) -> ValueId {
        self.sizes.push(sizes);
        ValueId(self.sizes.len() - 1)
    }

    fn is_constant(&self, id: ValueId) -> bool {
        self.graph.numbers(id).is_some()
    }

    fn constant(&self, id: ValueId) -> Option<Arc<[f32]>> {
        self.graph.floats(id)
    }

    /// A constant that is one number, or one a channel of `output`, to which it stretches.
    fn channel_constant(&self, id: ValueId, output: ValueId) -> Option<Vec<f32>> {
        let constant = self.constant(id)?;
        let [channels, rows, columns] = self.sizes[output.0];
        if let [one] = *constant {
            return Some(vec![one; channels]);
        }
        let by_channel = match fit(self.graph.shape(id), self.graph.shape(output))? {
            Fit::Pixel => true,
            Fit::Same => [rows, columns] == [1, 1],
        };
        by_channel.then(|| constant.to_vec())
    }

    /// The draft that makes this value, if nobody else reads it.
    fn sole_maker(&mut self, id: ValueId) -> Option<usize> {
        let own = id.0 >= self.graph.values.len();
        if own || self.reads.uses(id) == 1 { self.made_by.get(&id).copied() } else { None }
    }

    /// Gives what a draft makes another name.
    fn rename(&mut self, draft: usize, output: ValueId) {
        self.drafts[draft].output = output;
        self.made_by.insert(output, draft);
    }

    fn affine(&mut self, input: ValueId, output: ValueId, scale: Vec<f32>, offset: Vec<f32>) {
        if let Some(draft) = self.sole_maker(input)
            && self.drafts[draft].fold(&scale, &offset)
        {
            return self.rename(draft, output);
        }
        self.push(Kind::Affine { scale, offset, after: After::Nothing }, vec![input], output);
    }

    /// A draft that changes nothing, for what comes after it.
    fn unchanged(&self, output: ValueId, after: After) -> Kind {
        let channels = self.sizes[output.0][0];
        Kind::Affine { scale: vec![1.0; channels], offset: vec![0.0; channels], after }
    }

    fn activate(&mut self, input: ValueId, output: ValueId, after: After) {
        if let Some(draft) = self.sole_maker(input)
            && let Some(free) = self.drafts[draft].free_store()
        {
            *free = after;
            return self.rename(draft, output);
        }
        self.push(self.unchanged(output, after), vec![input], output);
    }

    fn apply(&mut self, input: ValueId, output: ValueId, function: Function) {
        let draft = match self.sole_maker(input) {
            Some(draft) if self.drafts[draft].function.is_none() => {
                self.rename(draft, output);
                draft
            }
            _ => {
                self.push(self.unchanged(output, After::Nothing), vec![input], output);
                self.drafts.len() - 1
            }
        };
        self.drafts[draft].function = Some(function);
    }

    fn activation(&mut self, input: ValueId, output: ValueId, activation: Activation) {
        let channels = self.sizes[output.0][0];
        let all = |value: f32| vec![value; channels];
        let function = match activation {
            Activation::Relu => {
                let after = After::Clip { low: 0.0, high: f32::INFINITY };
                return self.activate(input, output, after);
            }
            Activation::Clip { low, high } => {
                let after = After::Clip {
                    low: low.unwrap_or(f32::NEG_INFINITY),
                    high: high.unwrap_or(f32::INFINITY),
                };
                return self.activate(input, output, after);
            }
            Activation::LeakyRelu { alpha } => {
                return self.activate(input, output, After::Slope(all(alpha)));
            }
            Activation::HardSigmoid { alpha, beta } => {
                let between = self.between(self.sizes[output.0]);
                self.affine(input, between, all(alpha), all(beta));
                return self.activate(between, output, After::Clip { low: 0.0, high: 1.0 });
            }
            Activation::Neg => return self.affine(input, output, all(-1.0), all(0.0)),
            Activation::Sigmoid => Function::Sigmoid,
            Activation::Tanh => Function::Tanh,
            Activation::HardSwish => Function::HardSwish,
            Activation::Elu { alpha } => Function::Elu { alpha },
            Activation::Exp => Function::Exp,
            Activation::Softplus => Function::Softplus,
            Activation::Sqrt => Function::Sqrt,
            Activation::Abs => Function::Abs,
        };
        self.apply(input, output, function);
    }

    /// A reduction over rows, one after the other, then over what is left: no more than one row is
    /// kept whole.
    fn reduce(&mut self, node: &Node, reduction: Reduction, axes: &[usize]) -> Option<()> {
        let [channels, rows, columns] = self.sizes[node.inputs[0].0];
        if self.graph.shape(node.inputs[0])[0] != 1 {
            return None;
        }
        let pool = |kernel: [usize; 2]| Kind::Pool { reduction, window: Window::over(kernel) };
        match axes {
            [3] => self.push(pool([1, columns]), node.inputs.clone(), node.output),
            [2, 3] => {
                let between = self.between([channels, rows, 1]);
                self.push(pool([1, columns]), node.inputs.clone(), between);
                self.push(pool([rows, 1]), vec![between], node.output);
            }
            _ => return None,
        }
        Some(())
    }

    /// A product is a convolution whose kernel is as large as its input.
    fn product(&mut self, node: &Node) -> Option<()> {
        if !product::is_covered(self.graph, node) {
            return None;
        }
        let Product { weights, scale, biases } = Product::of(self.graph, node)?;
        let input = self.reads.flattened.get(&node.output).copied().unwrap_or(node.inputs[0]);
        let [_, rows, columns] = self.sizes[input.0];
        let window = Window::over([rows, columns]);
        let (groups, after) = (1, After::Nothing);
        let kind = Kind::Convolution { weights, scale, biases, window, groups, after };
        self.push(kind, vec![input], node.output);
        Some(())
    }

    /// Elements in another order; nothing at all where order and sizes stay.
    fn rearrange(&mut self, input: ValueId, output: ValueId, first: usize, strides: [usize; 3]) {
        let [from, to] = [input, output].map(|id| self.sizes[id.0]);
        let kept = row_major(&from);
        let stays = (0..3).all(|axis| to[axis] == 1 || strides[axis] == kept[axis]);
        if from != to || first != 0 || !stays {
            return self.push(Kind::Rearrange { first, strides }, vec![input], output);
        }
        match self.sole_maker(input) {
            Some(draft) => self.rename(draft, output),
            None => {
                self.same.insert(output, self.resolved(input));
            }
        }
    }

    /// A node that runs on tract.
    fn fall_back(&mut self, node: &Node, no_alloc: bool) -> Result<()> {
        if no_alloc || cfg!(not(feature = "onnx")) {
            return Err(uncovered(self.graph, node));
        }
        #[cfg(feature = "onnx")]
        {
            let (node_alone, computed) = self.graph.alone(node);
            self.push(Kind::Tract { node: node_alone }, computed, node.output);
        }
        Ok(())
    }
}

/// What to say of a node that no step covers.
fn uncovered(graph: &Graph, node: &Node) -> Error {
    Error::new(
        ErrorKind::Model,
        format!(
            "there is no step for {}, it would run on tract, which allocates: cut before it, or run the ONNX file and allow allocation",
            graph.named(node)
        ),
    )
}
