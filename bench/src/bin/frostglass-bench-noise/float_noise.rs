//! What others add to floats: a standard normal by the ziggurat method.

use std::hint::black_box;

use chacha20::ChaCha12Rng;
use rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};

use crate::Task;

/// `rand_distr`'s standard normal in f32, on the generator that ours uses too.
pub(crate) fn task(numbers: usize) -> Task<'static> {
    let mut generator = ChaCha12Rng::from_seed([1; 32]);
    let mut noise = vec![0f32; numbers];
    let run = Box::new(move |_: &mut [f32]| {
        for sample in &mut noise {
            *sample = StandardNormal.sample(&mut generator);
        }
        black_box(&noise);
    });
    Task { name: "rand_distr::StandardNormal, f32", numbers, run }
}
