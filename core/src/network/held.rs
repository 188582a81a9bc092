//! A network that runs under its taps.

use std::sync::{Mutex, PoisonError};

use zeroize::Zeroize;

use crate::error::{Error, ErrorKind, Result};
use crate::frame::{Frame, InputSpec, Preparer};
use crate::front::graph::Graph;
use crate::front::{CompileOptions, Output, Plan, PlanState};

use super::answer::softmax;
use super::hands::Hand;

/// A whole network whose maps are held at its taps: frames in, answers out.
///
/// It may be shared between threads; it serves one caller at a time. Everything sized by the network
/// is allocated when it is made; a run allocates nothing more, but for nodes that run on tract.
/// *Mechanical promise*: what comes out has passed every tap; its maps are wiped after every run.
#[derive(Debug)]
pub struct HeldNetwork {
    plan: Plan,
    hands: Vec<Hand>,
    output: Output,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    input: Input,
    plan: PlanState,
}

/// How a frame becomes the network's input, and where it does.
pub(super) struct Input {
    preparer: Option<Preparer>,
    pub(super) tensor: Vec<f32>,
}

impl Input {
    /// For an input of so many numbers; frames need a card that says what becomes of them.
    pub(super) fn new(spec: Option<&InputSpec>, numbers: usize) -> Result<Self> {
        Ok(Self { preparer: spec.map(Preparer::new).transpose()?, tensor: vec![0.0; numbers] })
    }

    /// Makes the tensor of a frame.
    pub(super) fn prepare(&mut self, frame: &Frame<'_>) -> Result<()> {
        let preparer = self.preparer.as_mut().ok_or_else(|| {
            Error::new(
                ErrorKind::Model,
                "the network has no card, so nothing says how a picture becomes its input",
            )
        })?;
        preparer.prepare(frame, &mut self.tensor)
    }

    /// Takes a tensor as it is.
    #[cfg(feature = "lab")]
    pub(super) fn take(&mut self, tensor: &[f32]) -> Result<()> {
        if tensor.len() != self.tensor.len() {
            return Err(Error::new(
                ErrorKind::Buffer,
                format!(
                    "the input holds {} numbers, {} belong there",
                    tensor.len(),
                    self.tensor.len()
                ),
            ));
        }
        if let Some(index) = tensor.iter().position(|value| !value.is_finite()) {
            return Err(Error::new(
                ErrorKind::Activations,
                format!("number {index} of the input is not finite"),
            ));
        }
        self.tensor.copy_from_slice(tensor);
        Ok(())
    }

    pub(super) fn wipe(&mut self) {
        if let Some(preparer) = &mut self.preparer {
            preparer.wipe();
        }
        self.tensor.as_mut_slice().zeroize();
    }
}

impl std::fmt::Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Input").field("numbers", &self.tensor.len()).finish_non_exhaustive()
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        self.wipe();
    }
}

impl HeldNetwork {
    /// Of a graph whose taps these hands serve.
    pub(super) fn new(
        graph: &Graph,
        hands: Vec<Hand>,
        input: Option<&InputSpec>,
        output: Output,
        options: CompileOptions,
    ) -> Result<Self> {
        let plan = Plan::compile(graph, options)?;
        let numbers = graph.shape(graph.input).iter().product();
        let state = State { input: Input::new(input, numbers)?, plan: plan.state() };
        Ok(Self { plan, hands, output, state: Mutex::new(state) })
    }

    /// How many numbers it answers.
    pub fn outputs(&self) -> usize {
        self.plan.outputs()
    }

    /// The answer to a frame, as the card's output says: probabilities, of scores too, or a descriptor.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Buffer`]: `out` is not [`HeldNetwork::outputs`] long. Kind
    /// [`ErrorKind::Frame`]: the frame cannot be read. Kind [`ErrorKind::Activations`]: a tap met a
    /// value that is no finite number. `out` is zeros after an error.
    pub fn answer_into(&self, frame: &Frame<'_>, out: &mut [f32]) -> Result<()> {
        self.run(out, |input| input.prepare(frame))
    }

    /// [`HeldNetwork::answer_into`], into memory of its own.
    pub fn answer(&self, frame: &Frame<'_>) -> Result<Vec<f32>> {
        let mut out = vec![0.0; self.outputs()];
        self.answer_into(frame, &mut out)?;
        Ok(out)
    }

    /// The answer to a preprocessed picture. A lab build only.
    #[cfg(feature = "lab")]
    pub fn answer_to_tensor(&self, tensor: &[f32], out: &mut [f32]) -> Result<()> {
        self.run(out, |input| input.take(tensor))
    }

    fn run(&self, out: &mut [f32], prepare: impl FnOnce(&mut Input) -> Result<()>) -> Result<()> {
        if out.len() != self.outputs() {
            return Err(Error::new(
                ErrorKind::Buffer,
                format!(
                    "the buffer holds {} numbers, the answer has {}",
                    out.len(),
                    self.outputs()
                ),
            ));
        }
        // A panic of an earlier caller leaves buffers that this run overwrites.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let State { input, plan } = &mut *state;
        let result = prepare(input).and_then(|()| {
            let mut hold = |tap: usize, map: &mut [f32]| self.hands[tap].hold(map);
            self.plan.run_visiting(plan, &input.tensor, out, &mut hold)
        });
        input.wipe();
        plan.wipe();
        match result {
            Ok(()) if self.output == Output::Logits => softmax(out),
            Ok(()) => {}
            // What was written until then may not have passed every tap.
            Err(_) => out.fill(0.0),
        }
        result
    }
}
