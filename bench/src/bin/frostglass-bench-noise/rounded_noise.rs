//! Ours: the rounded Gaussians of the two grids.

use std::hint::black_box;

use frostglass::Result;
use frostglass::grid::GridInteger;
use frostglass::privacy::NoiseTable;
use frostglass::random::Random;

use crate::Task;

/// The noise of the narrow grid, or of the wide one.
pub(crate) fn task(numbers: usize, wide: bool) -> Result<Task<'static>> {
    let (name, integer) = if wide {
        ("frostglass, i16", GridInteger::I16)
    } else {
        ("frostglass, i8", GridInteger::I8)
    };
    let mut random = Random::from_os()?;
    let mut noise = vec![0i16; numbers];
    let run = Box::new(move |_: &mut [f32]| {
        NoiseTable::of(integer).fill(&mut random, &mut noise);
        black_box(&noise);
    });
    Ok(Task { name, numbers, run })
}
