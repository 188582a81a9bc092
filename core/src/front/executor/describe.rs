//! A plan in words and numbers.

use super::block::Block;
use super::kernels::{Fused, Pooling};
use super::plan::Plan;
use super::step::{Operation, Step};
use crate::front::description::{Description, Memory, StepDescription};

impl Plan {
    pub(crate) fn describe(&self) -> Description {
        Description {
            executor: "frostglass",
            instruction_set: self.kernels.name(),
            memory: Some(self.memory()),
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
        let value = &self.values[step.output];
        let (operation, kernel, weights) = words(step);
        StepDescription {
            operation,
            kernel: kernel.into(),
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
        Operation::Input => ("input".into(), "rows of blocks from planes", 0),
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
        Operation::Winograd { packed, .. } => (
            format!("convolution 3x3/1{skip}{}", after(packed.fused)),
            "Winograd F(4x4, 3x3): enough pixels for its larger weights",
            packed.weights.len(),
        ),
        Operation::Depthwise { packed, .. } => {
            let [rows, columns] = packed.kernel;
            let fused = after(packed.fused);
            let operation = format!("depthwise {rows}x{columns}/{}{fused}", packed.stride);
            (operation, "depthwise: one channel a lane", packed.weights.len())
        }
        Operation::Pool { pooling, rows, .. } => {
            let name = match pooling {
                Pooling::Maximum => "max",
                Pooling::Mean => "average",
            };
            (format!("{name} pool {}/{}", rows.kernel, rows.stride), "pool", 0)
        }
        Operation::Affine { fused, .. } => (
            format!("scale and offset{}", after(*fused)),
            "no convolution before it that it could be folded into",
            0,
        ),
        Operation::Add { fused, .. } => (
            format!("sum{}", after(*fused)),
            "not fused: no convolution makes either term alone",
            0,
        ),
        Operation::Concatenate => ("concatenation".into(), "copies", 0),
        Operation::Pad { .. } => ("zeros around".into(), "copies", 0),
        Operation::ResponseNorm(_) => {
            ("local response normalisation".into(), "pixel by pixel across channels", 0)
        }
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
