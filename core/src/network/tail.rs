//! The part of a network that a server runs.

use crate::error::{Error, ErrorKind, Result};
use crate::front::model::{check_digest, find};
use crate::front::{Card, CompileOptions, Output, Plan, onnx};

/// From a cut's activations to the network's answer.
#[derive(Debug)]
pub struct Tail {
    plan: Plan,
    activations: usize,
    output: Output,
}

impl Tail {
    /// Joins a front's file and its tail's, and keeps what lies between the cut and the answer.
    ///
    /// Where the front's file holds the whole network, there is no tail file.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Model`]: a file is not the one the card names or cannot be used, or the
    /// two do not fit. Kind [`ErrorKind::Cut`]: there is no such cut, or a connection runs around it.
    pub fn open(
        front_onnx: &[u8],
        tail_onnx: Option<&[u8]>,
        card: &Card,
        cut: &str,
    ) -> Result<Self> {
        let wrong = |what: &str| Error::new(ErrorKind::Model, what.to_owned());
        check_digest("front.onnx", front_onnx, card.sha256())?;
        let mut graph = onnx::read(front_onnx, Some(card.input().shape))?;
        let cut = card.cut(cut)?;
        let from = find(&graph, cut)?;
        if let Some(tail_onnx) = tail_onnx {
            let expected = card.tail_sha256().ok_or_else(|| wrong("the card names no tail"))?;
            check_digest("tail.onnx", tail_onnx, expected)?;
            let &[join] = graph.outputs.as_slice() else {
                return Err(wrong("the front has several outputs, a tail can follow one"));
            };
            let shape = match *graph.shape(join) {
                [1, channels, rows, columns] => Some([channels, rows, columns]),
                _ => None,
            };
            let tail = onnx::read(tail_onnx, shape)?;
            let joins =
                |(name, id): &(String, _)| *id == join && tail.find(name) == Some(tail.input);
            if !graph.names.iter().any(joins) {
                return Err(wrong("the tail's input is not named as the front's output"));
            }
            graph = graph.followed_by(join, &tail)?;
        } else if card.tail_sha256().is_some() {
            return Err(wrong("the card names a tail of its own, which is missing"));
        }
        let &[to] = graph.outputs.as_slice() else {
            return Err(wrong("the network has several outputs, one belongs there"));
        };
        if from == to {
            return Err(wrong("the cut is the network's end, nothing is left for a tail"));
        }
        let plan = Plan::compile(&graph.between(from, to)?, CompileOptions::default())?;
        Ok(Self { plan, activations: cut.activations(), output: card.output() })
    }

    /// How many activations it takes.
    pub fn activations(&self) -> usize {
        self.activations
    }

    /// How many numbers it answers.
    pub fn outputs(&self) -> usize {
        self.plan.outputs()
    }

    /// The network's answer: a descriptor, or probabilities, of which logits become one.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Buffer`]: not as many activations as the cut has.
    pub fn run(&self, activations: &[f32]) -> Result<Vec<f32>> {
        if activations.len() != self.activations {
            return Err(Error::new(
                ErrorKind::Buffer,
                format!("{} activations, the cut has {}", activations.len(), self.activations),
            ));
        }
        let mut answer = vec![0.0; self.plan.outputs()];
        self.plan.run(&mut self.plan.state(), activations, &mut answer)?;
        if self.output == Output::Logits {
            softmax(&mut answer);
        }
        Ok(answer)
    }
}

/// Scores to probabilities, in double precision; the largest is taken off first so that none
/// overflows.
fn softmax(scores: &mut [f32]) {
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exponential = |score: f32| f64::from(score - largest).exp();
    let sum: f64 = scores.iter().map(|&score| exponential(score)).sum();
    scores.iter_mut().for_each(|score| *score = (exponential(*score) / sum) as f32);
}
