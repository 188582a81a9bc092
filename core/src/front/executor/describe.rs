//! A plan in words and numbers.

use super::block::{Block, LANES};
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
        let blocks: usize = self.steps.iter().map(|step| words(step).2).sum();
        Memory {
            arena_bytes: self.arena_bytes(),
            packed_weight_bytes: blocks * size_of::<Block>(),
            weight_bytes: self.weights * size_of::<f32>(),
        }
    }

    fn step(&self, step: &Step) -> StepDescription {
        let value = &self.whole.values[step.output];
        let (mut operation, kernel, weights) = words(step);
        if let Some(function) = &step.function {
            operation += " + ";
            operation += name(function);
        }
        StepDescription {
            operation,
            kernel: kernel.into(),
            allocates: step.allocates(),
            shape: [value.channels, value.rows, value.columns],
            rows_at_a_time: step.band,
            rows_kept: value.kept(),
            weight_bytes: weights * size_of::<Block>(),
            operations: step.operations,
        }
    }
}

/// What a step computes, its kernel and why, and its blocks of weights.
fn words(step: &Step) -> (String, &'static str, usize) {
    let skip = if step.inputs.len() > 1 { " + skip" } else { "" };
    match &step.operation {
        Operation::Input { phases: 1 } => ("input".into(), "rows of blocks from planes", 0),
        Operation::Input { phases } => (
            format!("input, {phases}x{phases} phases as channels"),
            "makes the stem's stride 1, for Winograd",
            0,
        ),
        Operation::Stem(stem) => (
            format!("convolution 3x3/1{}", after(stem.fused())),
            "Winograd F(4, 3) along columns: from planes to planes, half of the products",
            stem.weight_bytes().div_ceil(size_of::<Block>()),
        ),
        Operation::Constant(numbers) => {
            ("constant".into(), "rows of blocks from planes", numbers.len().div_ceil(LANES))
        }
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
            (operation, "direct: exact, or cheaper than Winograd here", packed.weights.len())
        }
        Operation::Winograd { packed, .. } => {
            let (taps, tile) = (packed.taps, packed.tile());
            let operation = format!("convolution {taps}x{taps}/1{skip}{}", after(packed.fused));
            let kernel = match tile {
                4 => "Winograd F(4x4, 3x3): a quarter of the products",
                3 => "Winograd F(3x3, 4x4): a quarter of the products",
                _ => "Winograd F(2x2, 5x5): 36 products of 100",
            };
            (operation, kernel, packed.filters.len())
        }
        Operation::Depthwise { packed, .. } => {
            let [rows, columns] = packed.kernel;
            let fused = after(packed.fused);
            let operation = format!("depthwise {rows}x{columns}/{}{fused}", packed.stride);
            (operation, "depthwise: one channel a lane", packed.weights.len())
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
            (operation, "pool", 0)
        }
        Operation::Affine(affine) => (
            format!("scale and offset{}", after(affine.fused)),
            "no convolution before it that it could be folded into",
            0,
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
            (format!("{name} of two maps{}", after(combine.fused)), "number by number", 0)
        }
        Operation::Concatenate => ("concatenation".into(), "copies", 0),
        Operation::Pad(pad) => {
            let around = match pad.mode {
                PadMode::Constant(0.0) => "zeros around",
                PadMode::Constant(_) => "a constant around",
                PadMode::Reflect => "its mirror around",
                PadMode::Edge => "its edge around",
            };
            (around.into(), "copies", 0)
        }
        Operation::ResponseNorm(_) => {
            ("local response normalisation".into(), "pixel by pixel across channels", 0)
        }
        Operation::Softmax { logarithm } => {
            let name = if *logarithm { "logarithm of softmax" } else { "softmax" };
            (name.into(), "pixel by pixel across channels", 0)
        }
        Operation::Flatten => ("planes".into(), "the whole map, for what follows", 0),
        Operation::Spread { .. } => ("another order".into(), "rows of blocks from planes", 0),
        #[cfg(feature = "onnx")]
        Operation::Tract { operator, .. } => {
            (format!("runs on tract: {operator}"), "tract's: it allocates in every run", 0)
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
        Fused::Clip { low: 0.0, high: f32::INFINITY } => " + ReLU",
        Fused::Clip { .. } => " + clip",
        Fused::Slope => " + PReLU",
    }
}
