//! tract's executor.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tract_onnx::prelude::*;
use tract_onnx::tract_hir::internal::tract_smallvec::smallvec;

use super::encode::encode;
use crate::error::{Error, ErrorKind, Result};
use crate::front::graph::Graph;

/// A graph compiled by tract: constant, shared, without state.
pub(crate) struct Tract {
    plan: Arc<TypedRunnableModel>,
    input_shape: Vec<usize>,
}

impl Tract {
    /// Compiles a graph with one output.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Model`]: tract does not take the graph. Kind [`ErrorKind::Internal`]: it
    /// panicked, or it sees other shapes than we do.
    pub(crate) fn compile(graph: &Graph) -> Result<Self> {
        let input_shape = graph.shape(graph.input).to_vec();
        let output_shape = graph.shape(graph.outputs[0]);
        let proto = encode(graph);
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
        Ok(Self { plan, input_shape })
    }

    /// Runs the graph once; the slices have the lengths of its input and output.
    pub(crate) fn run(&self, input: &[f32], out: &mut [f32]) -> Result<()> {
        let outputs = guarded(|| {
            let input = Tensor::from_shape(&self.input_shape, input)?;
            self.plan.run(smallvec![input.into_tvalue()])
        })?;
        let copied = guarded(|| {
            let view = outputs[0].to_plain_array_view::<f32>()?;
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
        f.debug_struct("Tract").field("input_shape", &self.input_shape).finish_non_exhaustive()
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
