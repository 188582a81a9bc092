//! Winograd's transforms along one axis, for the points 0, 1, -1, 2, -2 and infinity.
//!
//! Six inputs and a filter of r taps give m = 7 - r outputs. The input's transform is the same for
//! every r; only the filter's and the output's know how many taps there are.

use super::UNDER;
use crate::front::executor::kernels::simd::Simd;

/// `B^T d`.
///
/// # Safety
/// The processor has `S`'s instructions; so for every function here.
#[inline(always)]
pub(in super::super) unsafe fn input<S: Simd>(d: [S; UNDER]) -> [S; UNDER] {
    // SAFETY: registers only.
    unsafe {
        let (four, five, two) = (S::constant(4.0), S::constant(-5.0), S::constant(2.0));
        let minus_four = S::constant(-4.0);
        let even = d[4].multiply_add(minus_four, d[2]);
        let odd = d[3].multiply_add(minus_four, d[1]);
        let even_two = d[4].subtract(d[2]);
        let odd_two = d[3].subtract(d[1]).multiply(two);
        [
            d[4].multiply_add(five, d[2]).multiply_add(four, d[0]),
            even.add(odd),
            even.subtract(odd),
            even_two.add(odd_two),
            even_two.subtract(odd_two),
            d[5].multiply_add(five, d[3]).multiply_add(four, d[1]),
        ]
    }
}

/// `A^T m`.
#[inline(always)]
pub(in super::super) unsafe fn output<S: Simd, const TILE: usize>(m: [S; UNDER]) -> [S; TILE] {
    // SAFETY: registers only.
    unsafe {
        let (sum, difference) = (m[1].add(m[2]), m[1].subtract(m[2]));
        let (sum_two, difference_two) = (m[3].add(m[4]), m[3].subtract(m[4]));
        let mut outputs = [m[0].add(sum).add(sum_two); TILE];
        for (power, output) in outputs.iter_mut().enumerate().skip(1) {
            let two = S::constant((1 << power) as f32);
            *output = if power % 2 == 0 {
                sum.multiply_add(two, sum_two)
            } else {
                difference.multiply_add(two, difference_two)
            };
        }
        outputs[TILE - 1] = outputs[TILE - 1].add(m[5]);
        outputs
    }
}

/// `G g`.
#[inline(always)]
pub(in super::super) unsafe fn filter<S: Simd, const TAPS: usize>(g: [S; TAPS]) -> [S; UNDER] {
    // SAFETY: registers only.
    unsafe {
        // The polynomial of the taps at 1 and at 2, its even powers apart from its odd ones.
        let (mut even, mut odd) = (g[0], g[1]);
        let (mut even_two, mut odd_two) = (g[0], g[1].multiply(S::constant(2.0)));
        for (power, g) in g.into_iter().enumerate().skip(2) {
            let two = S::constant((1 << power) as f32);
            if power % 2 == 0 {
                even = even.add(g);
                even_two = even_two.multiply_add(two, g);
            } else {
                odd = odd.add(g);
                odd_two = odd_two.multiply_add(two, g);
            }
        }
        let (sixth, small) = (S::constant(-1.0 / 6.0), S::constant(1.0 / 24.0));
        [
            g[0].multiply(S::constant(0.25)),
            even.add(odd).multiply(sixth),
            even.subtract(odd).multiply(sixth),
            even_two.add(odd_two).multiply(small),
            even_two.subtract(odd_two).multiply(small),
            g[TAPS - 1],
        ]
    }
}

/// One number of `G g`, for three taps, as exactly as a float can be.
pub(in super::super) fn number(g: [f32; 3], product: usize) -> f32 {
    const G: [[f64; 3]; UNDER] = [
        [0.25, 0.0, 0.0],
        [-1.0 / 6.0, -1.0 / 6.0, -1.0 / 6.0],
        [-1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0],
        [1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0],
        [1.0 / 24.0, -1.0 / 12.0, 1.0 / 6.0],
        [0.0, 0.0, 1.0],
    ];
    G[product].iter().zip(g).map(|(factor, g)| factor * f64::from(g)).sum::<f64>() as f32
}
