//! A plan in words and numbers.

use super::block::Block;
use super::kernels::{Function, Fused};
use super::plan::Plan;
use super::step::{Operation, Step};
use crate::front::description::{Description, Memory, StepDescription};
use crate::front::operator::{Arithmetic, PadMode, Reduction};

impl Plan {
    pub(crate) fn describe(&self) -> Description {
        Description {
            instruction_set: self.kernels.name(),
            memory: self.memory(),
            steps: self.steps.iter().map(|step| self.step(step)).collect(),
        }
    }

    pub(crate) fn memory(&self) -> Memory {
        let blocks: usize = self.steps.iter().map(|step| step.weight_blocks()).sum();
        Memory {
            arena_bytes: self.arena_bytes(),
            packed_weight_bytes: blocks * size_of::<Block>(),
            weight_bytes: self.weights * size_of::<f32>(),
        }
    }

    fn step(&self, step: &Step) -> StepDescription {
        let value = &self.whole.values[step.output];
        let (mut operation, kernel) = words(step);
        let mut kernel = kernel.to_owned();
        if let Operation::Winograd { packed, .. } = &step.operation
            && packed.kept > 0
        {
            kernel += "; filters kept transformed";
        }
        if let Some(function) = &step.function {
            operation += " + ";
            operation += name(function);
        }
        StepDescription {
            operation,
            kernel,
            allocates: step.allocates(),
            shape: [value.channels, value.rows, value.columns],
            rows_at_a_time: step.band,
            rows_kept: value.kept(),
            weight_bytes: step.weight_blocks() * size_of::<Block>(),
            operations: step.operations,
        }
    }
}

/// What a step computes, and its kernel and why.
fn words(step: &Step) -> (String, &'static str) {
    let skip = if step.inputs.len() > 1 { " + skip" } else { "" };
    match &step.operation {
        Operation::Input { phases: 1 } => ("input".into(), "rows of blocks from planes"),
        Operation::Input { phases } => (
            format!("input, {phases}x{phases} phases as channels"),
            "makes the stem's stride 1, for Winograd",
        ),
        Operation::Stem(stem) => (
            format!("convolution 3x3/1{}", after(stem.fused())),
            "Winograd F(4, 3) along columns: from planes to planes, half of the products",
        ),
        Operation::Constant(_) => ("constant".into(), "rows of blocks from planes"),
        Operation::Convolution { packed, .. } => {
            let [rows, columns] = packed.kernel;
            let groups = match packed.groups {
                1 => String::new(),
                groups => format!(" in {groups} groups"),
            };
            let operation = format!(
                "convolution {rows}x{columns}/{}{groups}{skip}{}",
                packed.stride,
                after(packed.fused)
            );
            (operation, "direct: exact, or cheaper than Winograd here")
        }
        Operation::Winograd { packed, .. } => {
            let taps = packed.taps;
            let operation = format!("convolution {taps}x{taps}/1{skip}{}", after(packed.fused));
            let kernel = match (packed.under, taps) {
                (6, 3) => "Winograd F(4x4, 3x3): a quarter of the products",
                (6, 4) => "Winograd F(3x3, 4x4): a quarter of the products",
                (6, _) => "Winograd F(2x2, 5x5): 36 products of 100",
                (_, _) => "Winograd F(6x6, 3x3): 64 products of 324",
            };
            (operation, kernel)
        }
        Operation::Depthwise { packed, .. } => {
            let [rows, columns] = packed.kernel;
            let fused = after(packed.fused);
            let operation = format!("depthwise {rows}x{columns}/{}{fused}", packed.stride);
            (operation, "depthwise: one channel a lane")
        }
        Operation::Pool { reduction, rows, columns } => {
            let name = match reduction {
                Reduction::Maximum => "max",
                Reduction::Minimum => "min",
                Reduction::Mean => "average",
                Reduction::Sum => "sum",
            };
            let operation =
                format!("{name} pool {}x{}/{}", rows.kernel, columns.kernel, rows.stride);
            (operation, "pool")
        }
        Operation::Affine(affine) => (
            format!("scale and offset{}", after(affine.fused)),
            "no convolution before it that it could be folded into",
        ),
        Operation::Combine(combine) => {
            let name = match combine.arithmetic {
                Arithmetic::Add => "sum",
                Arithmetic::Subtract => "difference",
                Arithmetic::Multiply => "product",
                Arithmetic::Divide => "quotient",
                Arithmetic::Maximum => "maximum",
                Arithmetic::Minimum => "minimum",
            };
            (format!("{name} of two maps{}", after(combine.fused)), "number by number")
        }
        Operation::Concatenate => ("concatenation".into(), "copies"),
        Operation::Pad(pad) => {
            let around = match pad.mode {
                PadMode::Constant(0.0) => "zeros around",
                PadMode::Constant(_) => "a constant around",
                PadMode::Reflect => "its mirror around",
                PadMode::Edge => "its edge around",
            };
            (around.into(), "copies")
        }
        Operation::ResponseNorm(_) => {
            ("local response normalisation".into(), "pixel by pixel across channels")
        }
        Operation::Softmax { logarithm } => {
            let name = if *logarithm { "logarithm of softmax" } else { "softmax" };
            (name.into(), "pixel by pixel across channels")
        }
        Operation::Flatten => ("planes".into(), "the whole map, for what follows"),
        Operation::Spread { .. } => ("another order".into(), "rows of blocks from planes"),
        Operation::Tap(_) => ("tap".into(), "the whole map, in the caller's hand"),
        #[cfg(feature = "onnx")]
        Operation::Tract { operator, .. } => {
            (format!("runs on tract: {operator}"), "tract's: it allocates in every run")
        }
    }
}

fn name(function: &Function) -> &'static str {
    match function {
        Function::Sigmoid => "sigmoid",
        Function::Tanh => "tanh",
        Function::HardSwish => "hard swish",
        Function::Elu { .. } => "ELU",
        Function::Exp => "exponential",
        Function::Softplus => "softplus",
        Function::Sqrt => "square root",
        Function::Abs => "absolute value",
        Function::Polynomial(_) => "polynomial",
    }
}

fn after(fused: Fused) -> &'static str {
    match fused {
        Fused::None => "",
        Fused::AtLeast(0.0) => " + ReLU",
        Fused::AtLeast(_) | Fused::Clip { .. } => " + clip",
        Fused::Slope => " + PReLU",
    }
}
