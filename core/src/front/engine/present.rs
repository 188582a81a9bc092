//! The choice between our plan and tract.

use super::tract::Tract;
use crate::error::Result;
use crate::front::description::Description;
use crate::front::executor::{Plan, PlanState};
use crate::front::graph::Graph;
use crate::front::precision::Precision;

/// A graph ready to run: constant, shared.
#[derive(Debug)]
pub(crate) struct Engine {
    runner: Runner,
    outputs: usize,
}

#[derive(Debug)]
enum Runner {
    Plan(Box<Plan>),
    Tract(Tract),
}

/// What a run changes.
#[derive(Debug)]
pub(crate) enum EngineState {
    Plan(PlanState),
    /// tract allocates what it needs as it runs.
    Tract,
}

impl Engine {
    /// Compiles a graph with one output.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Model`](crate::ErrorKind::Model): neither takes the graph.
    pub(crate) fn compile(graph: &Graph, precision: Precision) -> Result<Self> {
        let runner = match Plan::compile(graph, precision) {
            Some(plan) => Runner::Plan(Box::new(plan)),
            None => Runner::Tract(Tract::compile(graph)?),
        };
        Ok(Self { runner, outputs: graph.shape(graph.outputs[0]).iter().product() })
    }

    /// How many numbers a run puts out.
    pub(crate) fn outputs(&self) -> usize {
        self.outputs
    }

    /// How it runs, in words and numbers.
    pub(crate) fn describe(&self) -> Description {
        match &self.runner {
            Runner::Plan(plan) => plan.describe(),
            Runner::Tract(_) => Description {
                executor: "tract",
                instruction_set: "its own choice",
                arena_bytes: None,
                steps: Vec::new(),
            },
        }
    }

    /// Whether outputs are computed in tiles, so that rounding reaches past receptive fields.
    pub(crate) fn has_tiles(&self) -> bool {
        matches!(&self.runner, Runner::Plan(plan) if plan.has_tiles())
    }

    pub(crate) fn state(&self) -> EngineState {
        match &self.runner {
            Runner::Plan(plan) => EngineState::Plan(plan.state()),
            Runner::Tract(_) => EngineState::Tract,
        }
    }

    /// Runs the graph once; the slices have the lengths of its input and output. A state of another
    /// engine is replaced by one of this.
    pub(crate) fn run(
        &self,
        state: &mut EngineState,
        input: &[f32],
        out: &mut [f32],
    ) -> Result<()> {
        match (&self.runner, state) {
            (Runner::Plan(plan), EngineState::Plan(state)) if plan.made(state) => {
                plan.run(state, input, out);
                Ok(())
            }
            (Runner::Plan(plan), state) => {
                *state = EngineState::Plan(plan.state());
                self.run(state, input, out)
            }
            (Runner::Tract(tract), _) => tract.run(input, out),
        }
    }
}

impl EngineState {
    /// Overwrites what the last run left.
    pub(crate) fn wipe(&mut self) {
        if let Self::Plan(state) = self {
            state.wipe();
        }
    }
}
