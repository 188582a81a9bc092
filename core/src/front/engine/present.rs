//! An engine where models can be read.

use crate::error::Result;
use crate::front::description::Description;
use crate::front::executor::{Plan, PlanState};
use crate::front::graph::Graph;
use crate::front::options::CompileOptions;

/// A graph ready to run: constant, shared.
#[derive(Debug)]
pub(crate) struct Engine {
    plan: Plan,
}

/// What a run changes.
pub(crate) type EngineState = PlanState;

impl Engine {
    /// Compiles a graph with one output.
    ///
    /// # Errors
    /// As [`Plan::compile`].
    pub(crate) fn compile(graph: &Graph, options: CompileOptions) -> Result<Self> {
        Ok(Self { plan: Plan::compile(graph, options)? })
    }

    /// How many numbers a run puts out.
    pub(crate) fn outputs(&self) -> usize {
        self.plan.outputs()
    }

    /// How it runs, in words and numbers.
    pub(crate) fn describe(&self) -> Description {
        self.plan.describe()
    }

    /// Whether outputs are computed in tiles, so that rounding reaches past receptive fields.
    pub(crate) fn has_tiles(&self) -> bool {
        self.plan.has_tiles()
    }

    pub(crate) fn state(&self) -> EngineState {
        self.plan.state()
    }

    /// A state for at most so many threads.
    ///
    /// # Errors
    /// As [`Plan::state_for`].
    pub(crate) fn state_for(&self, threads: usize) -> Result<EngineState> {
        self.plan.state_for(threads)
    }

    /// Runs the graph once; the slices have the lengths of its input and output. A state of another
    /// engine is replaced by one of this.
    ///
    /// # Errors
    /// As [`Plan::run`].
    pub(crate) fn run(
        &self,
        state: &mut EngineState,
        input: &[f32],
        out: &mut [f32],
    ) -> Result<()> {
        if !self.plan.has_made(state) {
            *state = self.plan.state();
        }
        self.plan.run(state, input, out)
    }
}
