//! Winograd's transforms along one axis, for the points 0, 1, -1, 2, -2 and infinity.
//!
//! Six inputs and a filter of r taps give m = 7 - r outputs. The input's transform is the same for
//! every r; only the filter's and the output's know how many taps there are.
//!
//! The filter's has no factors, since it is computed anew in every run: what is usually divided there,
//! by 4, -6 and 24, is multiplied in the output's instead, times -6, where it costs nothing. A result
//! is therefore -6 times too large along each axis, and filters are made as much smaller when they are
//! packed ([`SCALE`]).

use super::UNDER;
use crate::front::executor::kernels::vector::Vector;

/// What a filter is multiplied with for each axis that it is transformed along.
pub(in super::super) const SCALE: f64 = -1.0 / 6.0;

/// `B^T d`.
///
/// # Safety
/// The processor has `V`'s instructions; so for every function here.
#[inline(always)]
pub(in super::super) unsafe fn input<V: Vector>(d: [V; UNDER]) -> [V; UNDER] {
    // SAFETY: registers only.
    unsafe {
        let (four, five, two) = (V::constant(4.0), V::constant(-5.0), V::constant(2.0));
        let minus_four = V::constant(-4.0);
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

/// `-6 A^T m`, with the factors of `G`.
///
/// The product at 1 goes into every output once: a bias that it begins with is a bias of all.
#[inline(always)]
pub(in super::super) unsafe fn output<V: Vector, const TILE: usize>(m: [V; UNDER]) -> [V; TILE] {
    // SAFETY: registers only.
    unsafe {
        let (sum, difference) = (m[1].add(m[2]), m[1].subtract(m[2]));
        let (sum_two, difference_two) = (m[3].add(m[4]), m[3].subtract(m[4]));
        let quarter = V::constant(-0.25);
        let mut outputs =
            [sum.multiply_add(V::constant(-1.5), m[0]).multiply_add(quarter, sum_two); TILE];
        for (power, output) in outputs.iter_mut().enumerate().skip(1) {
            let two = V::constant(-0.25 * (1 << power) as f32);
            *output = match power {
                2 => sum.subtract(sum_two),
                _ if power % 2 == 0 => sum.multiply_add(two, sum_two),
                _ => difference.multiply_add(two, difference_two),
            };
        }
        outputs[TILE - 1] = outputs[TILE - 1].multiply_add(V::constant(-6.0), m[5]);
        outputs
    }
}

/// `G g` without its factors.
#[inline(always)]
pub(in super::super) unsafe fn filter<V: Vector, const TAPS: usize>(g: [V; TAPS]) -> [V; UNDER] {
    // SAFETY: registers only.
    unsafe {
        // The polynomial of the taps at 1 and at 2, its even powers apart from its odd ones; the odd
        // ones at 2 are halved.
        let (mut even, mut odd) = (g[0], g[1]);
        let (mut even_two, mut odd_two) = (g[0], g[1]);
        for (power, g) in g.into_iter().enumerate().skip(2) {
            let two = V::constant((1 << (power / 2 * 2)) as f32);
            if power % 2 == 0 {
                even = even.add(g);
                even_two = even_two.multiply_add(two, g);
            } else {
                odd = odd.add(g);
                odd_two = odd_two.multiply_add(two, g);
            }
        }
        let (two, minus_two) = (V::constant(2.0), V::constant(-2.0));
        [
            g[0],
            even.add(odd),
            even.subtract(odd),
            even_two.multiply_add(two, odd_two),
            even_two.multiply_add(minus_two, odd_two),
            g[TAPS - 1],
        ]
    }
}

/// One number of `G g`, for three taps, without its factors and times [`SCALE`], as exactly as a float
/// can be.
pub(in super::super) fn number(g: [f32; 3], product: usize) -> f32 {
    const G: [[f64; 3]; UNDER] = [
        [1.0, 0.0, 0.0],
        [1.0, 1.0, 1.0],
        [1.0, -1.0, 1.0],
        [1.0, 2.0, 4.0],
        [1.0, -2.0, 4.0],
        [0.0, 0.0, 1.0],
    ];
    (SCALE * G[product].iter().zip(g).map(|(factor, g)| factor * f64::from(g)).sum::<f64>()) as f32
}
