//! Eight inputs: the points 0, 1, -1, 2, -2, 1/2, -1/2 and infinity.
//!
//! What is usually divided in the filter's transform is -1, -9/2, 90 and 45/32. Times -9/2, the factors
//! at 2 and 1/2 are -1/20 and -16/5. The filter's transform multiplies there anyway and takes four
//! times the one and a quarter of the other, so that the output's is left with powers of two.

use super::{Line, halves};
use crate::front::executor::kernels::vector::Vector;

const UNDER: usize = 8;

pub(super) const SCALE: f64 = -2.0 / 9.0;

const AT_TWO: f32 = -0.2;
const AT_HALF: f32 = -0.8;

/// Of three taps at 2: of the first, of the second and of the third, and the other way round at 1/2.
#[cfg(target_arch = "aarch64")]
pub(super) const FACTORS: [f32; 4] = [AT_TWO, 2.0 * AT_TWO, 4.0 * AT_TWO, 0.0];

impl<V: Vector> Line<V> for [V; UNDER] {
    #[inline(always)]
    unsafe fn input(self) -> Self {
        let d = self;
        // SAFETY: registers only; so below.
        unsafe {
            let even = d[2].add(d[6]).multiply_add(V::constant(-4.25), d[4]);
            let odd = d[1].add(d[5]).multiply_add(V::constant(-4.25), d[3]);
            let (two, half) = (V::constant(2.0), V::constant(0.5));
            let (quarter, four) = (V::constant(0.25), V::constant(4.0));
            let odd_factor = V::constant(-2.5);
            let even_two = d[6].multiply_add(quarter, d[2]).multiply_add(V::constant(-1.25), d[4]);
            let odd_two =
                d[1].multiply(half).multiply_add(two, d[5]).multiply_add(odd_factor, d[3]);
            let even_half = d[6].multiply_add(four, d[2]).multiply_add(V::constant(-5.0), d[4]);
            let odd_half =
                d[1].multiply(two).multiply_add(half, d[5]).multiply_add(odd_factor, d[3]);
            let most = V::constant(5.25);
            [
                d[0].subtract(d[6]).multiply_add(most, d[4].subtract(d[2])),
                even.add(odd),
                even.subtract(odd),
                even_two.add(odd_two),
                even_two.subtract(odd_two),
                even_half.add(odd_half),
                even_half.subtract(odd_half),
                d[7].subtract(d[1]).multiply_add(most, d[3].subtract(d[5])),
            ]
        }
    }

    #[inline(always)]
    unsafe fn output<const TILE: usize>(self) -> [V; TILE] {
        let m = self;
        // SAFETY: as above.
        unsafe {
            let sums = [m[1].add(m[2]), m[3].add(m[4]), m[5].add(m[6])];
            let differences = [m[1].subtract(m[2]), m[3].subtract(m[4]), m[5].subtract(m[6])];
            let mut outputs = [m[0]; TILE];
            for (power, output) in outputs.iter_mut().enumerate() {
                let [one, two, half] = if power % 2 == 0 { sums } else { differences };
                *output = match power {
                    2 => one.add(two).add(half),
                    _ => {
                        let factor = (1 << power) as f32 / 4.0;
                        one.multiply_add(V::constant(factor), two)
                            .multiply_add(V::constant(1.0 / factor), half)
                    }
                };
            }
            let infinity = V::constant(-4.5);
            outputs[0] = outputs[0].multiply_add(infinity, m[0]);
            outputs[TILE - 1] = outputs[TILE - 1].multiply_add(infinity, m[7]);
            outputs
        }
    }

    #[inline(always)]
    unsafe fn filter<const TAPS: usize>(g: [V; TAPS]) -> Self {
        // SAFETY: as above.
        unsafe {
            let [even, odd] = halves(g, 1.0, [1.0, 1.0]);
            let [even_two, odd_two] = halves(g, 4.0, [AT_TWO, 2.0 * AT_TWO]);
            let [even_half, odd_half] = halves(g, 0.25, [AT_HALF, 0.5 * AT_HALF]);
            [
                g[0],
                even.add(odd),
                even.subtract(odd),
                even_two.add(odd_two),
                even_two.subtract(odd_two),
                even_half.add(odd_half),
                even_half.subtract(odd_half),
                g[TAPS - 1],
            ]
        }
    }
}
