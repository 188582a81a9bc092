//! tract's executor: it runs the nodes for which the plan has no step. Nothing of tract's shows
//! outside this module.

mod encode;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tract_onnx::prelude::*;

use self::encode::encode;
use crate::error::{Error, ErrorKind, Result};
use crate::front::graph::{Graph, ValueId};

/// A graph compiled by tract: constant, shared, without state.
pub(crate) struct Tract {
    plan: Arc<TypedRunnableModel>,
    input_shapes: Vec<Vec<usize>>,
}

/// What a run puts out.
pub(crate) struct Answer(TVec<TValue>);

impl Tract {
    /// Compiles a graph with one output, to be run on these inputs, of which the graph's own need
    /// not be one.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Model`]: tract does not take the graph. Kind [`ErrorKind::Internal`]: it
    /// panicked, or it sees other shapes than we do.
    pub(crate) fn compile(graph: &Graph, inputs: &[ValueId]) -> Result<Self> {
        let input_shapes = inputs.iter().map(|id| graph.shape(*id).to_vec()).collect();
        let output_shape = graph.shape(graph.outputs[0]);
        let proto = encode(graph, inputs);
        let plan = guarded(|| {
            let model = tract_onnx::onnx().model_for_proto_model(&proto)?;
            // The weights live twice until here; tract has its own copy now.
            drop(proto);
            let model = model.into_optimized()?;
            let shape = model.output_fact(0)?.shape.as_concrete().map(<[usize]>::to_vec);
            Ok((model.into_runnable()?, shape))
        });
        let (plan, shape) = plan?;
        if shape.as_deref() != Some(output_shape) {
            return Err(Error::new(
                ErrorKind::Internal,
                format!("the output was found to be {output_shape:?}, the executor says {shape:?}"),
            ));
        }
        Ok(Self { plan, input_shapes })
    }

    /// Runs the graph once; the slices have the lengths of its inputs.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Internal`]: tract panicked. Kind [`ErrorKind::Model`]: it failed.
    pub(crate) fn run<'a>(&self, inputs: impl Iterator<Item = &'a [f32]>) -> Result<Answer> {
        guarded(|| {
            let inputs = inputs.zip(&self.input_shapes);
            let inputs = inputs
                .map(|(input, shape)| Ok(Tensor::from_shape(shape, input)?.into_tvalue()))
                .collect::<TractResult<_>>()?;
            Ok(Answer(self.plan.run(inputs)?))
        })
    }
}

impl Answer {
    /// Copies the numbers to a slice as long as the graph's output.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Internal`]: they are not as many, or not in order.
    pub(crate) fn copy_to(&self, out: &mut [f32]) -> Result<()> {
        let copied = guarded(|| {
            let view = self.0[0].to_plain_array_view::<f32>()?;
            Ok(match view.as_slice() {
                Some(values) if values.len() == out.len() => {
                    out.copy_from_slice(values);
                    true
                }
                _ => false,
            })
        })?;
        if copied {
            Ok(())
        } else {
            Err(Error::new(ErrorKind::Internal, "the executor's output has an unexpected layout"))
        }
    }
}

impl std::fmt::Debug for Tract {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tract").field("input_shapes", &self.input_shapes).finish_non_exhaustive()
    }
}

/// Calls into tract, whose panics become errors. What it says of a model may quote weights or go
/// over several lines, so its first words must do.
fn guarded<T>(call: impl FnOnce() -> TractResult<T>) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(_)) => Err(Error::new(
            ErrorKind::Model,
            "the network passed every check, but the executor does not support it",
        )),
        Err(_) => Err(Error::new(ErrorKind::Internal, "the executor panicked")),
    }
}
