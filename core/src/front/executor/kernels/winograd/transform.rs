//! Winograd's transforms along one axis of a tile.
//!
//! n inputs and a filter of r taps give m = n + 1 - r outputs, from n products: one at each of n - 1
//! points and one at infinity. The input's transform is the same for every r; only the filter's and
//! the output's know how many taps there are.
//!
//! What is usually divided in the filter's transform stays out of it where it would cost anything,
//! since filters are transformed anew in every run, and is multiplied in the output's instead, times
//! what makes most factors there disappear. A result is therefore some factor too large along each
//! axis, and filters are made as much smaller when they are packed ([`scale`]).

mod eight;
mod six;

pub(in super::super) use self::six::number;
use crate::front::executor::kernels::vector::Vector;

/// What a filter is multiplied with for each axis that it is transformed along, for so many inputs.
pub(super) const fn scale(under: usize) -> f64 {
    if under == 8 { eight::SCALE } else { six::SCALE }
}

/// Factors of the filter's transform, for six inputs and for eight, for kernels that are written apart.
#[cfg(target_arch = "aarch64")]
pub(in super::super) const FACTORS: [[f32; 4]; 2] = [six::FACTORS, eight::FACTORS];

/// As many numbers as there are inputs along one axis of a tile.
///
/// # Safety
/// The processor has `V`'s instructions; so for every function here.
pub(in super::super) trait Line<V: Vector>: Copy {
    /// `B^T d`.
    unsafe fn input(self) -> Self;

    /// `A^T m` with the factors of `G`, divided by [`scale`].
    ///
    /// The product at 1 goes into every output once: a bias that it begins with is a bias of all.
    unsafe fn output<const TILE: usize>(self) -> [V; TILE];

    /// `G g` without its factors, or with those that cost nothing.
    unsafe fn filter<const TAPS: usize>(taps: [V; TAPS]) -> Self;
}

/// Even powers apart from odd ones: the polynomial of the taps at a point's square root is
/// `even + odd * point`, where `square` is the point's. All times `factor`.
#[inline(always)]
unsafe fn halves<V: Vector, const TAPS: usize>(
    taps: [V; TAPS],
    square: f32,
    factors: [f32; 2],
) -> [V; 2] {
    // SAFETY: registers only.
    unsafe {
        let [mut even, mut odd] = [0, 1].map(|half| {
            if factors[half] == 1.0 {
                taps[half]
            } else {
                taps[half].multiply(V::constant(factors[half]))
            }
        });
        let mut powers = factors;
        for (power, tap) in taps.into_iter().enumerate().skip(2) {
            let half = power % 2;
            powers[half] *= square;
            let sum = if half == 0 { &mut even } else { &mut odd };
            *sum = if powers[half] == 1.0 {
                sum.add(tap)
            } else {
                sum.multiply_add(V::constant(powers[half]), tap)
            };
        }
        [even, odd]
    }
}
