//! Six inputs: the points 0, 1, -1, 2, -2 and infinity.
//!
//! What is usually divided in the filter's transform, 4, -6 and 24, is multiplied in the output's, times
//! -6. At 2 the filter's transform multiplies anyway, and takes half.

use super::{Line, halves};
use crate::front::executor::kernels::vector::Vector;

const UNDER: usize = 6;

pub(super) const SCALE: f64 = -1.0 / 6.0;

/// Of three taps at 2: of the even ones.
#[cfg(target_arch = "aarch64")]
pub(super) const FACTORS: [f32; 4] = [0.5, 2.0, 0.0, 0.0];

impl<V: Vector> Line<V> for [V; UNDER] {
    #[inline(always)]
    unsafe fn input(self) -> Self {
        let d = self;
        // SAFETY: registers only; so below.
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

    #[inline(always)]
    unsafe fn output<const TILE: usize>(self) -> [V; TILE] {
        let m = self;
        // SAFETY: as above.
        unsafe {
            let (sum, difference) = (m[1].add(m[2]), m[1].subtract(m[2]));
            let (sum_two, difference_two) = (m[3].add(m[4]), m[3].subtract(m[4]));
            let half = V::constant(-0.5);
            let mut outputs =
                [sum.multiply_add(V::constant(-1.5), m[0]).multiply_add(half, sum_two); TILE];
            for (power, output) in outputs.iter_mut().enumerate().skip(1) {
                let two = V::constant(-0.5 * (1 << power) as f32);
                *output = match power {
                    1 => difference.subtract(difference_two),
                    _ if power % 2 == 0 => sum.multiply_add(two, sum_two),
                    _ => difference.multiply_add(two, difference_two),
                };
            }
            outputs[TILE - 1] = outputs[TILE - 1].multiply_add(V::constant(-6.0), m[5]);
            outputs
        }
    }

    #[inline(always)]
    unsafe fn filter<const TAPS: usize>(g: [V; TAPS]) -> Self {
        // SAFETY: as above.
        unsafe {
            let [even, odd] = halves(g, 1.0, [1.0, 1.0]);
            let [even_two, odd_two] = halves(g, 4.0, [0.5, 1.0]);
            [
                g[0],
                even.add(odd),
                even.subtract(odd),
                even_two.add(odd_two),
                even_two.subtract(odd_two),
                g[TAPS - 1],
            ]
        }
    }
}

/// One number of `G g`, for three taps, without its factors and times [`SCALE`], as exactly as a float
/// can be.
pub(in super::super::super) fn number(g: [f32; 3], product: usize) -> f32 {
    const G: [[f64; 3]; UNDER] = [
        [1.0, 0.0, 0.0],
        [1.0, 1.0, 1.0],
        [1.0, -1.0, 1.0],
        [0.5, 1.0, 2.0],
        [0.5, -1.0, 2.0],
        [0.0, 0.0, 1.0],
    ];
    (SCALE * G[product].iter().zip(g).map(|(factor, g)| factor * f64::from(g)).sum::<f64>()) as f32
}
