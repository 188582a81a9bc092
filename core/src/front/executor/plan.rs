//! A plan: steps, and where their rows lie.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::block::Block;
use super::builder::{Built, build};
use super::crew::Crew;
use super::draft::Drafts;
use super::kernels::Kernels;
use super::layout::{Layout, Placed, margins};
use super::lower::lower;
use super::step::{Operation, Step};
use super::stripes;
use crate::error::Result;
use crate::front::graph::Graph;
use crate::front::options::CompileOptions;
use crate::front::precision::Precision;

/// A front as steps over rows of one arena. Constant; shared by any number of runs.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(super) kernels: &'static Kernels,
    pub(super) steps: Vec<Step>,
    /// Channels, rows and columns of the caller's planes.
    pub(super) input: [usize; 3],
    pub(super) output: usize,
    /// Of a run by one thread.
    pub(super) whole: Layout,
    /// Numbers in the model's constants that steps read, before they are packed.
    pub(super) weights: usize,
    identity: u64,
}

/// What a run changes.
pub(crate) struct PlanState {
    /// Of the plan that made it: another's margins would not be zeros where this one's are.
    plan: u64,
    /// One a thread.
    pub(super) stripes: Vec<Mutex<Stripe>>,
    pub(super) crew: Option<Crew>,
}

/// Some rows of the output in the making.
pub(super) struct Stripe {
    /// None where it is the whole, which lies in the plan.
    pub(super) layout: Option<Layout>,
    pub(super) arena: Vec<Block>,
    /// Where the rows of a turn lie.
    pub(super) places: Vec<usize>,
}

impl Stripe {
    fn new(layout: &Layout, own: bool) -> Self {
        Self {
            arena: vec![Block::ZERO; layout.arena],
            places: Vec::with_capacity(layout.places),
            layout: own.then(|| layout.clone()),
        }
    }
}

impl Plan {
    /// The plan of a graph with one output.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Model`](crate::ErrorKind::Model): a node runs on tract alone and tract does
    /// not take it, or nothing may allocate; or a run would take too much memory. Kind
    /// [`ErrorKind::Internal`](crate::ErrorKind::Internal): tract panicked.
    pub(crate) fn compile(graph: &Graph, options: CompileOptions) -> Result<Self> {
        let drafts = lower(graph, options.no_alloc)?;
        Self::of(&drafts, options.precision, Kernels::best())
    }

    /// The plan of drafts for one instruction set, which this processor has.
    pub(super) fn of(
        drafts: &Drafts,
        precision: Precision,
        kernels: &'static Kernels,
    ) -> Result<Self> {
        let Built { steps, mut values, output } = build(drafts, precision, kernels)?;
        margins(&steps, &mut values);
        let rows = 0..values[output].rows;
        Ok(Self {
            kernels,
            whole: Layout::new(&steps, &values, output, rows)?,
            steps,
            input: drafts.sizes[drafts.input.0],
            output,
            weights: drafts.weights(),
            identity: PLANS.fetch_add(1, Ordering::Relaxed),
        })
    }

    /// How many numbers a run puts out.
    #[cfg(feature = "onnx")]
    pub(crate) fn outputs(&self) -> usize {
        self.made().numbers()
    }

    /// The output's value.
    pub(super) fn made(&self) -> &Placed {
        &self.whole.values[self.output]
    }

    /// Everything that a run by one thread changes.
    pub(crate) fn state(&self) -> PlanState {
        let stripe = Stripe::new(&self.whole, false);
        PlanState { plan: self.identity, stripes: vec![Mutex::new(stripe)], crew: None }
    }

    /// Everything that a run by at most so many threads changes, and the threads: fewer where more
    /// would not help.
    ///
    /// # Errors
    /// Kind [`ErrorKind::System`](crate::ErrorKind::System): the system gives no more threads.
    pub(crate) fn state_for(&self, threads: usize) -> Result<PlanState> {
        let stripes = stripes::divide(&self.steps, &self.whole.values, self.output, threads);
        if stripes.len() == 1 { Ok(self.state()) } else { self.state_of(stripes) }
    }

    /// Everything that a run changes in which each thread makes these rows of the output.
    pub(super) fn state_of(&self, stripes: Vec<Range<usize>>) -> Result<PlanState> {
        let crew = Some(Crew::new(stripes.len() - 1)?);
        let stripe = |rows| {
            let layout = Layout::new(&self.steps, &self.whole.values, self.output, rows)?;
            Ok(Mutex::new(Stripe::new(&layout, true)))
        };
        let stripes = stripes.into_iter().map(stripe).collect::<Result<_>>()?;
        Ok(PlanState { plan: self.identity, stripes, crew })
    }

    /// Whether this plan made that state.
    pub(crate) fn has_made(&self, state: &PlanState) -> bool {
        state.plan == self.identity
    }

    /// Bytes of the arena that each state takes, for one thread.
    pub(super) fn arena_bytes(&self) -> usize {
        self.whole.arena * size_of::<Block>()
    }

    /// Whether a step computes outputs in tiles, so that rounding reaches past receptive fields.
    pub(crate) fn has_tiles(&self) -> bool {
        let tiled =
            |step: &Step| matches!(step.operation, Operation::Winograd { .. } | Operation::Stem(_));
        self.steps.iter().any(tiled)
    }
}

/// How many plans were made: each gets a number of its own.
static PLANS: AtomicU64 = AtomicU64::new(0);

impl std::fmt::Debug for PlanState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PlanState").field("threads", &self.stripes.len()).finish_non_exhaustive()
    }
}

impl PlanState {
    /// Threads that a run takes.
    pub(crate) fn threads(&self) -> usize {
        self.stripes.len()
    }

    /// Overwrites every row that the last run left.
    pub(crate) fn wipe(&mut self) {
        for stripe in &mut self.stripes {
            let stripe = stripe.get_mut().unwrap_or_else(PoisonError::into_inner);
            stripe.arena.fill(Block::ZERO);
        }
    }
}
