//! A front that is ready to run.

use super::cut::Cut;
use super::description::{Description, Memory};
use super::digest::Digest;
use super::executor::{MOST_THREADS, Plan, PlanState};
use super::graph::Graph;
use super::options::CompileOptions;
use super::reach::Reach;
use crate::error::{Error, ErrorKind, Result};
use crate::frame::InputSpec;

/// The nodes that one cut needs, ready to run and shared by any number of sessions.
#[derive(Debug)]
pub struct Front {
    plan: Plan,
    input_shape: [usize; 3],
    input: Option<InputSpec>,
    cut: Cut,
    reach: Reach,
    depth: usize,
    model: Digest,
}

/// What one run needs beside the front: one for each session, which it stays with.
#[derive(Debug)]
pub struct Workspace {
    state: PlanState,
}

impl Workspace {
    /// Threads that a run takes.
    pub fn threads(&self) -> usize {
        self.state.threads()
    }

    /// Overwrites what the last run left of its maps; tract's own are freed by then.
    pub fn wipe(&mut self) {
        self.state.wipe();
    }
}

impl Front {
    pub(super) fn compile(
        graph: &Graph,
        input: Option<InputSpec>,
        cut: Cut,
        model: Digest,
        options: CompileOptions,
    ) -> Result<Self> {
        let &[1, channels, rows, columns] = graph.shape(graph.input) else {
            return Err(Error::new(
                ErrorKind::Model,
                format!(
                    "the model's input is {:?}, [1, channels, rows, columns] belongs there",
                    graph.shape(graph.input)
                ),
            ));
        };
        let plan = Plan::compile(graph, options)?;
        let reach = if plan.has_tiles() { Reach::with_tiles(graph) } else { Reach::of(graph) };
        let (input_shape, depth) = ([channels, rows, columns], graph.depth());
        Ok(Self { plan, input_shape, input, reach, depth, cut, model })
    }

    /// Channels, rows and columns of the input.
    pub fn input_shape(&self) -> [usize; 3] {
        self.input_shape
    }

    /// How a picture becomes the input, where a card says so.
    pub fn input(&self) -> Option<&InputSpec> {
        self.input.as_ref()
    }

    /// Channels, rows and columns of the activations at the cut.
    pub fn shape(&self) -> [usize; 3] {
        self.cut.shape()
    }

    /// Where the front stops.
    pub fn cut(&self) -> &Cut {
        &self.cut
    }

    /// How far a change of the input reaches at the cut, the rounding of Winograd's tiles included
    /// where it was compiled with [`Precision::Fast`](super::Precision::Fast).
    pub fn reach(&self) -> &Reach {
        &self.reach
    }

    /// How many convolutions, poolings and dense layers lie one after the other up to the cut, on the
    /// way where they are most.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// The model hash: the SHA-256 of the file the front was compiled from.
    pub fn model(&self) -> Digest {
        self.model
    }

    /// How it runs: steps, kernels, memory.
    pub fn describe(&self) -> Description {
        self.plan.describe()
    }

    /// What it takes of memory, known before a session opens.
    pub fn memory(&self) -> Memory {
        self.plan.memory()
    }

    /// Everything that a run changes, for one session.
    pub fn workspace(&self) -> Workspace {
        Workspace { state: self.plan.state() }
    }

    /// [`Front::workspace`] for a run by at most so many threads, the caller's and others that the
    /// workspace starts and that sleep between runs.
    ///
    /// Each makes some rows of the activations and all that they depend on, in an arena of its own.
    /// What two of them depend on is made twice, so that a thread which would not save a tenth of the
    /// time is left out. The activations are the same numbers, whatever the threads.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Threads`]: none were asked for, or more than 4. Kind
    /// [`ErrorKind::System`]: the system gives no more.
    pub fn workspace_for(&self, threads: usize) -> Result<Workspace> {
        if !(1..=MOST_THREADS).contains(&threads) {
            return Err(Error::new(
                ErrorKind::Threads,
                format!("{threads} threads were asked for, 1 to {MOST_THREADS} can run a front"),
            ));
        }
        Ok(Workspace { state: self.plan.state_for(threads)? })
    }

    /// Runs the front once; `pub` in a lab build alone, as `Front::run_in_lab`.
    ///
    /// `input` is the preprocessed picture `[channel][row][column]`, `out` takes the activations in
    /// the same order. The workspace must be one of this front's.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Buffer`]: a slice has the wrong length, nothing is written. Where a step runs
    /// on tract, kind [`ErrorKind::Model`] or [`ErrorKind::Internal`]: it failed there.
    #[cfg_attr(not(feature = "lab"), allow(dead_code, reason = "sessions come next"))]
    pub(crate) fn run(
        &self,
        workspace: &mut Workspace,
        input: &[f32],
        out: &mut [f32],
    ) -> Result<()> {
        check_length("the input", input.len(), self.input_shape)?;
        check_length("the activations' buffer", out.len(), self.cut.shape())?;
        self.plan.run(&mut workspace.state, input, out)
    }

    /// Runs the front once and gives the activations away: lab builds alone can.
    ///
    /// `input` is the preprocessed picture `[channel][row][column]`, `out` takes the activations in
    /// the same order.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Buffer`]: a slice has the wrong length, nothing is written. Where a step runs
    /// on tract, kind [`ErrorKind::Model`] or [`ErrorKind::Internal`]: it failed there.
    #[cfg(feature = "lab")]
    pub fn run_in_lab(
        &self,
        workspace: &mut Workspace,
        input: &[f32],
        out: &mut [f32],
    ) -> Result<()> {
        self.run(workspace, input, out)
    }
}

fn check_length(what: &str, length: usize, shape: [usize; 3]) -> Result<()> {
    let right: usize = shape.iter().product();
    if length == right {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Buffer,
        format!("{what} holds {length} numbers, {shape:?} takes {right}"),
    ))
}
