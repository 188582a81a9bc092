//! The whole DP stage (noise, scale, clip, normalisation, floor, sum, saturation) after a real front.

use std::hint::black_box;

use frostglass::Result;
use frostglass::front::{Front, Model, Precision};
use frostglass::policy::{Pipeline, Policy, Site};
use frostglass::random::Random;

use crate::{Task, Timed, take_turns};

/// As many numbers as VGG's first pooled map at 224 has: 64 x 112 x 112.
pub(crate) const NOISE: usize = 64 * 112 * 112;

/// A front and what follows it.
pub(crate) struct Stage {
    fast: Front,
    exact: Front,
    narrow: Pipeline,
    wide: Pipeline,
}

impl Stage {
    /// Opens a front for one tensor.
    pub(crate) fn open(onnx: &[u8], tensor: &str) -> Result<Self> {
        let model = Model::open_without_card(onnx)?;
        let fast = model.compile_with(tensor, Precision::Fast)?;
        let exact = model.compile_with(tensor, Precision::Exact)?;
        let site = Site::bare(fast.shape());
        let pipeline = |policy: &str| policy.parse::<Policy>()?.resolve(&site);
        let (narrow, wide) = (pipeline("dp(epsilon=5)")?, pipeline("dp(epsilon=1)")?);
        Ok(Self { fast, exact, narrow, wide })
    }

    /// The front's own time, and what the stage takes with either grid, in turns.
    pub(crate) fn timed(&self, rounds: usize) -> Result<Vec<Timed>> {
        let numbers = self.narrow.values();
        let input: Vec<f32> = (0..self.fast.input_shape().iter().product::<usize>())
            .map(|i| (i % 251) as f32 / 251.0)
            .collect();
        let mut clean = vec![0.0; numbers];
        self.fast.run_in_lab(&mut self.fast.workspace(), &input, &mut clean)?;
        let mut tasks = Vec::new();
        for (name, front) in [("front, fast", &self.fast), ("front, exact", &self.exact)] {
            let (mut workspace, mut output) = (front.workspace(), vec![0.0; numbers]);
            let input = &input;
            let run = Box::new(move |_: &mut [f32]| {
                front.run_in_lab(&mut workspace, input, &mut output).expect("it has run before");
                black_box(&output);
            });
            tasks.push(Task { name, numbers, run });
        }
        for (name, pipeline) in [("DP stage, i8", &self.narrow), ("DP stage, i16", &self.wide)] {
            let (mut random, mut workspace) = (Random::from_os()?, pipeline.workspace());
            let run = Box::new(move |map: &mut [f32]| {
                pipeline.draw_noise(&mut workspace, &mut random);
                pipeline.apply(map, &mut workspace).expect("dp takes any map");
                black_box(&*map);
            });
            tasks.push(Task { name, numbers, run });
        }
        Ok(take_turns(&mut tasks, &clean, rounds))
    }
}
