//! A front that is ready to run.

use std::sync::OnceLock;

use super::cut::Cut;
use super::description::{Description, Memory};
use super::digest::Digest;
use super::executor::{Bound, MOST_THREADS, Plan, PlanState};
use super::graph::Graph;
use super::options::CompileOptions;
use super::precision::Precision;
use super::reach::Reach;
use super::sign;
use crate::error::{Error, ErrorKind, Result};
use crate::frame::InputSpec;

/// The nodes that one cut needs, ready to run and shared by any number of sessions.
#[derive(Debug)]
pub struct Front {
    plan: Plan,
    /// What computes without tiles, where those of `plan` reach past receptive fields.
    untiled: Option<Untiled>,
    input_shape: [usize; 3],
    input: Option<InputSpec>,
    cut: Cut,
    reach: Reach,
    depth: usize,
    model: Digest,
    negative: Option<String>,
}

/// The same layers without tiles: made when the first session needs them, and shared from then on.
#[derive(Debug)]
struct Untiled {
    graph: Graph,
    no_alloc: bool,
    reach: Reach,
    plan: OnceLock<Plan>,
}

impl Untiled {
    fn plan(&self) -> Result<&Plan> {
        if let Some(plan) = self.plan.get() {
            return Ok(plan);
        }
        let options = CompileOptions { precision: Precision::Exact, no_alloc: self.no_alloc };
        // Two sessions that open at once may both make one; the second is dropped.
        let made = Plan::compile(&self.graph, options)?;
        Ok(self.plan.get_or_init(|| made))
    }
}

/// What one run needs beside the front: one for each session, which it stays with.
#[derive(Debug)]
pub struct Workspace {
    state: PlanState,
    /// Whether it is one of the plan without tiles.
    untiled: bool,
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
        let exact = Reach::of(graph);
        let reach = if plan.has_tiles() { Reach::with_tiles(graph) } else { exact };
        let untiled = (!exact.is_whole() && reach != exact).then(|| Untiled {
            graph: graph.clone(),
            no_alloc: options.no_alloc,
            reach: exact,
            plan: OnceLock::new(),
        });
        let (input_shape, depth) = ([channels, rows, columns], graph.depth());
        let negative = match cut.signed() {
            None => sign::negative(graph),
            Some(true) => Some("its card's own word".into()),
            Some(false) => None,
        };
        Ok(Self { plan, untiled, input_shape, input, reach, depth, cut, model, negative })
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

    /// How far a change of the input reaches at the cut by the receptive fields alone: what counts where
    /// noise is added, since a session whose policy has `dp` runs without tiles that reach further.
    pub fn receptive_field(&self) -> &Reach {
        self.untiled.as_ref().map_or(&self.reach, |untiled| &untiled.reach)
    }

    /// What rounding in tiles does to the activations of any picture; none where no bound is known, and
    /// where tiles reach no further than receptive fields.
    pub(crate) fn rounding(&self) -> Option<Bound> {
        let spec = self.input.as_ref().filter(|_| self.untiled.is_some())?;
        // The same arithmetic as the preparer's, and monotone in the byte.
        let ends = spec.mean.iter().zip(&spec.scale).map(|(mean, scale)| {
            let [first, last] = [0.0, 255.0].map(|byte: f32| f64::from((byte - mean) * scale));
            (first.min(last), first.max(last))
        });
        self.plan.rounding(&ends.collect::<Vec<_>>())
    }

    /// The layer that lets activations at the cut fall below zero, in words; none where they cannot.
    pub(crate) fn negative(&self) -> Option<&str> {
        self.negative.as_deref()
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
        Workspace { state: self.plan.state(), untiled: false }
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
        check_threads(threads)?;
        Ok(Workspace { state: self.plan.state_for(threads)?, untiled: false })
    }

    /// [`Front::workspace_for`] for runs in which no number depends on a pixel outside its receptive
    /// field, not even in its last digit: what noise for patches of pixels is counted on.
    ///
    /// # Errors
    /// As there, and those of compiling the front once more, where it was compiled with
    /// [`Precision::Fast`] and nobody has asked before.
    pub(crate) fn exact_workspace_for(&self, threads: usize) -> Result<Workspace> {
        let Some(untiled) = &self.untiled else { return self.workspace_for(threads) };
        check_threads(threads)?;
        Ok(Workspace { state: untiled.plan()?.state_for(threads)?, untiled: true })
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
        let plan = match &self.untiled {
            Some(untiled) if workspace.untiled => untiled.plan()?,
            _ => &self.plan,
        };
        plan.run(&mut workspace.state, input, out)
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

fn check_threads(threads: usize) -> Result<()> {
    if (1..=MOST_THREADS).contains(&threads) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Threads,
        format!("{threads} threads were asked for, 1 to {MOST_THREADS} can run a front"),
    ))
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
