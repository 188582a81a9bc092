//! `frostglass privacy noise`: the product's own noise, for whoever wants to test it.

use frostglass::grid::GridInteger;
use frostglass::privacy::NoiseTable;
use frostglass::random::Random;
use schemars::JsonSchema;
use serde::Serialize;

use crate::arguments::NoiseArguments;
use crate::failure::Failure;
use crate::output::{self, Outputs};

/// What `frostglass privacy noise --json` prints.
#[derive(Serialize, JsonSchema)]
pub(crate) struct NoiseReport {
    out: String,
    grid: GridInteger,
    /// Standard deviation of the Gaussian that is rounded, in steps.
    sigma_steps: f64,
    /// Samples in the file.
    count: usize,
}

/// The most samples in one file: half a gibibyte of them.
const MOST: usize = 1 << 27;

pub(crate) fn run(arguments: &NoiseArguments, json: bool) -> Result<(), Failure> {
    let count = arguments.count;
    if !(1..=MOST).contains(&count) {
        let line = format!("count must be 1 to {MOST}, not {count}; draw several files for more");
        return Err(Failure::bad_input(line));
    }
    let grid = GridInteger::from(arguments.grid);
    let table = NoiseTable::of(grid);
    let mut noise = vec![0; count];
    table.fill(&mut Random::from_os()?, &mut noise);
    let bytes: Vec<u8> = noise.iter().flat_map(|steps| i32::from(*steps).to_le_bytes()).collect();
    let mut outputs = Outputs::default();
    outputs.stage(&arguments.out, &bytes)?;
    outputs.commit()?;
    let report = NoiseReport {
        out: arguments.out.display().to_string(),
        grid,
        sigma_steps: table.sigma(),
        count,
    };
    output::answer(json, &report, |report| {
        let NoiseReport { out, grid, sigma_steps, count } = report;
        format!("{out}: {count} samples of {grid}'s noise, {sigma_steps} steps, as 32-bit integers")
    })
}
