//! A packed front that was found sound.

use std::sync::Arc;

use super::container::{self, Parts};
use super::refusal;
use super::steps::{Constant, Kind, Node, Steps};
use super::weights::Reader;
use crate::error::Result;
use crate::front::card::Card;
use crate::front::cut::Cut;
use crate::front::digest::Digest;
use crate::front::graph::{self, Graph, Value, ValueId};
use crate::front::limits::{MAX_RANK, elements};
use crate::front::numbers::Numbers;
use crate::front::options::CompileOptions;
use crate::front::run::Front;
use crate::front::shape::{self, Operand};
use crate::front::shared_bytes::SharedBytes;
use crate::front::tally::Tally;

/// The longest part of steps, in bytes: as many nodes as a graph may have take less.
const MAX_STEPS: usize = 2 << 20;

/// A packed front, checked from the first byte to the last: one cut of a model, with its card,
/// which opens on every processor and without ONNX.
#[derive(Debug)]
pub struct PackedFront {
    digest: Digest,
    card: Card,
    cut: Cut,
    graph: Graph,
}

impl PackedFront {
    /// Whether a file means to be a packed front: how it begins, and nothing more.
    pub fn recognises(file: &[u8]) -> bool {
        container::recognises(file)
    }

    /// Opens the bytes of a file that `Model::pack` wrote. A vector is kept, weights of 8 bits being
    /// read from it when the front is compiled; a slice is copied.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Model`](crate::ErrorKind::Model): the bytes are no packed front, are
    /// damaged or of another version, or ask for what no model may.
    pub fn open(file: impl Into<Vec<u8>>) -> Result<Self> {
        Self::read(file.into().into(), None)
    }

    /// [`PackedFront::open`] of the one file that has this digest. A file's own digest shows damage
    /// alone; one that came another way than the file shows whose it is.
    ///
    /// # Errors
    /// As [`PackedFront::open`]; also where it is another file.
    pub fn open_expecting(file: impl Into<Vec<u8>>, digest: Digest) -> Result<Self> {
        Self::read(file.into().into(), Some(digest))
    }

    fn read(file: SharedBytes, expected: Option<Digest>) -> Result<Self> {
        let parts = Parts::of(&file)?;
        if let Some(digest) = expected
            && parts.digest != digest
        {
            return Err(refusal(format!(
                "it is another file: its digest begins {}, {} was expected",
                parts.digest.short(),
                digest.short()
            )));
        }
        let card = std::str::from_utf8(parts.card).map_err(|_| refusal("its card is no text"))?;
        let card = Card::parse(card)?;
        if card.sha256() != parts.model {
            return Err(refusal("its card describes another model"));
        }
        let steps = decode(parts.steps)?;
        let cut = card.cut(&steps.cut)?.clone();
        let weights = file.part(parts.weights).ok_or_else(|| refusal("it is cut short"))?;
        let graph = graph(&steps, Reader::new(weights))?;
        if graph.map_shape(graph.input) != Some(card.input().shape) {
            return Err(refusal("its input is not of the card's shape"));
        }
        if graph.map_shape(graph.outputs[0]) != Some(cut.shape()) {
            return Err(refusal("its cut is not of the card's shape"));
        }
        Ok(Self { digest: parts.digest, card, cut, graph })
    }

    /// The digest of the file itself.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The model hash: the SHA-256 of the `front.onnx` that it was packed from.
    pub fn model(&self) -> Digest {
        self.card.sha256()
    }

    /// The model's card.
    pub fn card(&self) -> &Card {
        &self.card
    }

    /// Where the front stops: the one cut of the card's that this file has.
    pub fn cut(&self) -> &Cut {
        &self.cut
    }

    /// Makes the front ready to run on this processor. Receptive fields are worked out anew, as for
    /// a model.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Model`](crate::ErrorKind::Model): a node is of a kind that no step covers.
    pub fn compile(&self) -> Result<Front> {
        self.compile_with(CompileOptions::default())
    }

    /// [`PackedFront::compile`] with options, or with a [`Precision`](crate::front::Precision) alone.
    /// Runs never allocate, whether the options ask for it or not.
    ///
    /// # Errors
    /// As [`PackedFront::compile`].
    pub fn compile_with(&self, options: impl Into<CompileOptions>) -> Result<Front> {
        let options = CompileOptions { no_alloc: true, ..options.into() };
        let input = Some(self.card.input().clone());
        Front::compile(&self.graph, input, self.cut.clone(), self.model(), options)
    }
}

/// The one way in which these steps are written, and no other.
fn decode(bytes: &[u8]) -> Result<Steps> {
    let wrong = || refusal("its steps are not written as they should be");
    if bytes.len() > MAX_STEPS {
        return Err(refusal(format!("its steps are over {} MiB", MAX_STEPS >> 20)));
    }
    let steps: Steps = postcard::from_bytes(bytes).map_err(|_| wrong())?;
    let again = postcard::to_extend(&steps, Vec::with_capacity(bytes.len()));
    if again.map_err(|_| wrong())? != bytes {
        return Err(wrong());
    }
    Ok(steps)
}

fn graph(steps: &Steps, mut weights: Reader) -> Result<Graph> {
    let input = [1, steps.input[0], steps.input[1], steps.input[2]].map(|size| size as usize);
    let mut builder = Builder::default();
    if input.contains(&0) || elements(&input).is_none() {
        return Err(refusal(format!("an input of {input:?} is nothing or too large")));
    }
    builder.tally.computed(&input).map_err(refusal)?;
    builder.values.push(Value { shape: input.to_vec(), constant: None });
    for constant in &steps.constants {
        builder.constant(constant, &mut weights)?;
    }
    weights.finish()?;
    for (index, node) in steps.nodes.iter().enumerate() {
        builder.node(node).map_err(|what| {
            refusal(format!("node {index} ({}): {what}", node.operator.read().name()))
        })?;
    }
    builder.finish()
}

/// The graph so far: every value is measured before it exists.
#[derive(Default)]
struct Builder {
    values: Vec<Value>,
    nodes: Vec<graph::Node>,
    /// How often each value is read.
    reads: Vec<usize>,
    tally: Tally,
}

impl Builder {
    fn constant(&mut self, constant: &Constant, weights: &mut Reader) -> Result<()> {
        let shape: Vec<usize> = constant.shape.iter().map(|&size| size as usize).collect();
        let count = elements(&shape).filter(|_| shape.len() <= MAX_RANK).ok_or_else(|| {
            refusal(format!("a constant has over {MAX_RANK} dimensions or is too large"))
        })?;
        self.tally.constant(count).map_err(refusal)?;
        let numbers = match constant.numbers {
            Kind::Floats => Numbers::Floats(weights.floats(count)?),
            Kind::Levels { channels, inner } => {
                let levels = weights.levels(count, channels as usize, inner as usize)?;
                Numbers::Levels(Arc::new(levels))
            }
        };
        self.values.push(Value { shape, constant: Some(numbers) });
        Ok(())
    }

    fn node(&mut self, node: &Node) -> Result<(), String> {
        self.reads.resize(self.values.len(), 0);
        let mut operands = Vec::with_capacity(node.inputs.len());
        for &input in &node.inputs {
            let value = self.values.get(input as usize);
            let value = value.ok_or_else(|| format!("value {input} is not defined before it"))?;
            self.reads[input as usize] += 1;
            operands.push(Operand { shape: &value.shape, numbers: value.constant.as_ref() });
        }
        if operands.iter().all(|operand| operand.numbers.is_some()) {
            return Err("reads nothing that is computed".into());
        }
        let operator = node.operator.read();
        let shape = shape::output(&operator, &operands)
            .ok_or("is of a kind that no packed front has")??;
        let shapes: Vec<&[usize]> = operands.iter().map(|operand| operand.shape).collect();
        self.tally.node(&operator, &shapes, &shape)?;
        let inputs = node.inputs.iter().map(|&input| ValueId(input as usize)).collect();
        let output = ValueId(self.values.len());
        self.values.push(Value { shape, constant: None });
        self.nodes.push(graph::Node { operator, inputs, output });
        Ok(())
    }

    fn finish(self) -> Result<Graph> {
        let output = self.nodes.last().ok_or_else(|| refusal("it has no node"))?.output;
        if self.reads.contains(&0) {
            return Err(refusal("it holds a value that no node reads"));
        }
        Ok(Graph {
            layers: Vec::new(),
            values: self.values,
            nodes: self.nodes,
            input: ValueId(0),
            outputs: vec![output],
            names: Vec::new(),
        })
    }
}
