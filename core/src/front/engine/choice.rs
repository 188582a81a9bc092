//! The choice between our plan and tract.

#[cfg(feature = "onnx")]
use super::tract::Tract;
use crate::error::{Error, ErrorKind, Result};
use crate::front::description::{Description, Memory};
use crate::front::executor::{Plan, PlanState};
use crate::front::graph::{Graph, ValueId};
use crate::front::precision::Precision;

/// A graph ready to run: constant, shared.
#[derive(Debug)]
pub(crate) enum Engine {
    Plan(Box<Plan>),
    #[cfg(feature = "onnx")]
    Tract(Tract),
}

/// What a run changes.
#[derive(Debug)]
pub(crate) enum EngineState {
    Plan(PlanState),
    /// tract allocates what it needs as it runs.
    #[cfg(feature = "onnx")]
    Tract,
}

impl Engine {
    /// Compiles a graph with one output, for our plan or else for tract.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Model`]: neither takes the graph.
    #[cfg(feature = "onnx")]
    pub(crate) fn compile(graph: &Graph, precision: Precision) -> Result<Self> {
        Ok(match Plan::compile(graph, precision) {
            Ok(plan) => Self::Plan(Box::new(plan)),
            Err(_) => Self::Tract(Tract::compile(graph)?),
        })
    }

    /// Compiles a graph with one output, for our plan alone.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Model`]: a node is of a kind that no step covers.
    pub(crate) fn planned(graph: &Graph, precision: Precision) -> Result<Self> {
        let plan = Plan::compile(graph, precision).map_err(|id| uncovered(graph, id))?;
        Ok(Self::Plan(Box::new(plan)))
    }

    /// How it runs, in words and numbers.
    pub(crate) fn describe(&self) -> Description {
        match self {
            Self::Plan(plan) => plan.describe(),
            #[cfg(feature = "onnx")]
            Self::Tract(_) => Description {
                executor: "tract",
                instruction_set: "its own choice",
                memory: None,
                steps: Vec::new(),
            },
        }
    }

    /// What it takes of memory; unknown of tract.
    pub(crate) fn memory(&self) -> Option<Memory> {
        match self {
            Self::Plan(plan) => Some(plan.memory()),
            #[cfg(feature = "onnx")]
            Self::Tract(_) => None,
        }
    }

    /// Whether outputs are computed in tiles, so that rounding reaches past receptive fields.
    pub(crate) fn has_tiles(&self) -> bool {
        match self {
            Self::Plan(plan) => plan.has_tiles(),
            #[cfg(feature = "onnx")]
            Self::Tract(_) => false,
        }
    }

    pub(crate) fn state(&self) -> EngineState {
        match self {
            Self::Plan(plan) => EngineState::Plan(plan.state()),
            #[cfg(feature = "onnx")]
            Self::Tract(_) => EngineState::Tract,
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
        match (self, state) {
            (Self::Plan(plan), EngineState::Plan(state)) if plan.made(state) => {
                plan.run(state, input, out);
                Ok(())
            }
            (Self::Plan(plan), state) => {
                *state = EngineState::Plan(plan.state());
                self.run(state, input, out)
            }
            #[cfg(feature = "onnx")]
            (Self::Tract(tract), _) => tract.run(input, out),
        }
    }
}

impl EngineState {
    /// Overwrites what the last run left.
    pub(crate) fn wipe(&mut self) {
        match self {
            Self::Plan(state) => state.wipe(),
            #[cfg(feature = "onnx")]
            Self::Tract => {}
        }
    }
}

/// What to say where no step makes this value.
pub(crate) fn uncovered(graph: &Graph, id: ValueId) -> Error {
    let maker = graph.nodes.iter().find(|node| node.output == id);
    let operator = maker.map_or("a node", |node| node.operator.name());
    let tensor = graph.names.iter().find(|(_, named)| *named == id);
    let tensor = tensor.map_or(String::new(), |(name, _)| format!(", which makes {name:?}"));
    Error::new(
        ErrorKind::Model,
        format!(
            "no step of ours covers {operator}{tensor}: cut the model before it, or run its ONNX file"
        ),
    )
}
