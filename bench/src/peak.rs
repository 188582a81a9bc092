//! What one core computes at most, measured: the yardstick for every engine.

use std::hint::black_box;
use std::time::Instant;

/// More chains than latency times throughput on any processor so far, and few enough for registers.
const CHAINS: usize = 12;
const ROUNDS: usize = 100_000;
/// The clock may need a while to rise; the fastest of these counts.
const TRIES: usize = 200;

/// A kernel of [`CHAINS`] independent multiply-adds on vectors of `lanes` f32, [`ROUNDS`] times.
#[derive(Clone, Copy)]
pub(crate) struct Isa {
    lanes: usize,
    kernel: fn() -> f32,
}

impl Isa {
    /// The widest vectors of this processor.
    pub(crate) fn widest() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the processor has what the kernel is compiled for.
            return Some(Self { lanes: 16, kernel: || unsafe { x86::avx512() } });
        }
        #[cfg(target_arch = "aarch64")]
        return Some(Self { lanes: 4, kernel: neon });
        #[allow(unreachable_code, reason = "on aarch64 there is nothing to fall back to")]
        Self::avx2()
    }

    /// AVX2, where this processor has it.
    pub(crate) fn avx2() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            // SAFETY: the processor has what the kernel is compiled for.
            return Some(Self { lanes: 8, kernel: || unsafe { x86::avx2() } });
        }
        None
    }
}

/// The fastest of several tries, in 10^9 operations a second; a multiply-add is two.
pub(crate) fn gigaflops(isa: Isa) -> f64 {
    let operations = (2 * isa.lanes * CHAINS * ROUNDS) as f64;
    let fastest = (0..TRIES)
        .map(|_| {
            let begun = Instant::now();
            black_box((isa.kernel)());
            begun.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min);
    operations / fastest / 1e9
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        _mm256_cvtss_f32, _mm256_fmadd_ps, _mm256_set1_ps, _mm512_cvtss_f32, _mm512_fmadd_ps,
        _mm512_set1_ps,
    };
    use std::hint::black_box;

    use super::{CHAINS, ROUNDS};

    // The factor comes through `black_box`, so that the loop cannot be computed beforehand; it keeps
    // the chains within range.

    #[target_feature(enable = "avx512f")]
    pub(super) fn avx512() -> f32 {
        let factor = _mm512_set1_ps(black_box(0.5));
        let mut chains = [factor; CHAINS];
        for _ in 0..ROUNDS {
            for chain in &mut chains {
                *chain = _mm512_fmadd_ps(*chain, factor, factor);
            }
        }
        chains.into_iter().map(|chain| _mm512_cvtss_f32(chain)).sum()
    }

    #[target_feature(enable = "avx2,fma")]
    pub(super) fn avx2() -> f32 {
        let factor = _mm256_set1_ps(black_box(0.5));
        let mut chains = [factor; CHAINS];
        for _ in 0..ROUNDS {
            for chain in &mut chains {
                *chain = _mm256_fmadd_ps(*chain, factor, factor);
            }
        }
        chains.into_iter().map(|chain| _mm256_cvtss_f32(chain)).sum()
    }
}

#[cfg(target_arch = "aarch64")]
fn neon() -> f32 {
    use std::arch::aarch64::{vaddvq_f32, vdupq_n_f32, vfmaq_f32};

    // SAFETY: every aarch64 processor that Rust compiles for has NEON.
    unsafe {
        let factor = vdupq_n_f32(black_box(0.5));
        let mut chains = [factor; CHAINS];
        for _ in 0..ROUNDS {
            for chain in &mut chains {
                *chain = vfmaq_f32(factor, *chain, factor);
            }
        }
        chains.into_iter().map(|chain| vaddvq_f32(chain)).sum()
    }
}
