//! The part of a network that a server runs.

use crate::error::{Error, ErrorKind, Result};
use crate::front::model::find;
use crate::front::{Card, CompileOptions, Output, Plan};

use super::answer::softmax;
use super::whole::{join, sole_output};

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
        let graph = join(front_onnx, tail_onnx, card)?;
        let cut = card.cut(cut)?;
        let (from, to) = (find(&graph, cut)?, sole_output(&graph)?);
        if from == to {
            return Err(Error::new(
                ErrorKind::Model,
                "the cut is the network's end, nothing is left for a tail",
            ));
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
