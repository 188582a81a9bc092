//! Functions of one number, applied in place to what a step has just made.
//!
//! Written without vector types: compiled for each instruction set, the loops over sixteen floats
//! become that set's.

use crate::front::executor::block::Block;

/// A function that is too much for the store of a kernel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Function {
    Sigmoid,
    Tanh,
    HardSwish,
    Elu { alpha: f32 },
    Exp,
    Softplus,
    Sqrt,
    Abs,
    Polynomial(Polynomial),
}

/// The highest power that a [`Polynomial`] may have.
const HIGHEST_POWER: usize = 6;

/// A polynomial of one number, with the same coefficients for every channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Polynomial {
    /// From the constant on.
    coefficients: [f32; HIGHEST_POWER + 1],
    degree: usize,
}

impl Polynomial {
    /// The number itself.
    pub(crate) fn identity() -> Self {
        let mut coefficients = [0.0; HIGHEST_POWER + 1];
        coefficients[1] = 1.0;
        Self { coefficients, degree: 1 }
    }

    fn coefficients(&self) -> &[f32] {
        &self.coefficients[..=self.degree]
    }

    /// This one times a number.
    pub(crate) fn scaled(mut self, by: f32) -> Self {
        self.coefficients[..=self.degree].iter_mut().for_each(|coefficient| *coefficient *= by);
        self
    }

    /// This one and a number.
    pub(crate) fn shifted(mut self, by: f32) -> Self {
        self.coefficients[0] += by;
        self
    }

    pub(crate) fn plus(mut self, other: &Self) -> Self {
        for (mine, theirs) in self.coefficients.iter_mut().zip(other.coefficients) {
            *mine += theirs;
        }
        self.degree = self.degree.max(other.degree);
        self
    }

    /// The product, where one of the two is a single power and the degree is not too high. Products
    /// of sums are left alone: multiplied out, their terms may cancel.
    pub(crate) fn times(&self, other: &Self) -> Option<Self> {
        let degree = self.degree + other.degree;
        let single = |polynomial: &Self| {
            polynomial.coefficients.iter().filter(|&&coefficient| coefficient != 0.0).count() <= 1
        };
        if degree > HIGHEST_POWER || !(single(self) || single(other)) {
            return None;
        }
        let mut coefficients = [0.0; HIGHEST_POWER + 1];
        for (i, a) in self.coefficients().iter().enumerate() {
            for (j, b) in other.coefficients().iter().enumerate() {
                coefficients[i + j] += a * b;
            }
        }
        Some(Self { coefficients, degree })
    }
}

/// Applies the function to every number.
#[inline(always)]
pub(super) fn apply(blocks: &mut [Block], function: &Function) {
    match function {
        Function::Sigmoid => each(blocks, |x| 1.0 / (1.0 + exp(-x))),
        Function::Tanh => each(blocks, tanh),
        Function::HardSwish => each(blocks, |x| x * (x / 6.0 + 0.5).clamp(0.0, 1.0)),
        Function::Elu { alpha } => {
            let alpha = *alpha;
            each(blocks, |x| x.max(0.0) + alpha * exp_minus_one(x.min(0.0)));
        }
        Function::Exp => each(blocks, exp),
        // Not ln(1 + exp(x)), which overflows; the logarithm is the system's.
        Function::Softplus => each(blocks, |x| x.max(0.0) + exp(-x.abs()).ln_1p()),
        Function::Sqrt => each(blocks, f32::sqrt),
        Function::Abs => each(blocks, f32::abs),
        Function::Polynomial(polynomial) => {
            let c = &polynomial.coefficients;
            match polynomial.degree {
                1 => each(blocks, |x| horner(&c[..2], x)),
                2 => each(blocks, |x| horner(&c[..3], x)),
                3 => each(blocks, |x| horner(&c[..4], x)),
                4 => each(blocks, |x| horner(&c[..5], x)),
                5 => each(blocks, |x| horner(&c[..6], x)),
                _ => each(blocks, |x| horner(c, x)),
            }
        }
    }
}

#[inline(always)]
fn each(blocks: &mut [Block], f: impl Fn(f32) -> f32) {
    for block in blocks {
        for x in &mut block.0 {
            *x = f(*x);
        }
    }
}

#[inline(always)]
fn horner(coefficients: &[f32], x: f32) -> f32 {
    let (last, rest) = coefficients.split_last().expect("a polynomial has coefficients");
    rest.iter().rev().fold(*last, |sum, coefficient| sum * x + coefficient)
}

/// `exp(x)`, within 5e-7 of itself; what would be below 2^-125 is 0.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    let (half_power, rest) = split(x);
    let result = 2.0 * (half_power + half_power * rest);
    if x > 88.722_84 { f32::INFINITY } else { result }
}

/// `exp(x) - 1` for x up to 88, without cancellation near 0.
#[inline(always)]
fn exp_minus_one(x: f32) -> f32 {
    let (half_power, rest) = split(x);
    2.0 * (half_power * rest + (half_power - 0.5))
}

/// Beyond 20 it is 1 to the last bit, and `exp(2x)` is far from the largest number.
#[inline(always)]
fn tanh(x: f32) -> f32 {
    let grown = exp_minus_one(2.0 * x.clamp(-20.0, 20.0));
    grown / (grown + 2.0)
}

/// `exp(x) = 2 a (1 + b)`: a half of a power of two, and b small. Source: Cephes, `expf`.
#[inline(always)]
fn split(x: f32) -> (f32, f32) {
    // Added to a number below 2^22, 1.5 * 2^23 leaves it rounded in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    let x = x.clamp(-87.0, 88.722_84);
    let rounded = x * std::f32::consts::LOG2_E + ROUND;
    let power = rounded - ROUND;
    // ln 2 in two parts, of which the first times a power has no rounding.
    let rest = x - power * 0.693_359_4 + power * 2.121_944_4e-4;
    let series =
        [0.5, 1.666_666_5e-1, 4.166_579_5e-2, 8.333_452e-3, 1.398_199_9e-3, 1.987_569_1e-4];
    let half_power = f32::from_bits((rounded.to_bits().wrapping_add(126)) << 23);
    (half_power, horner(&series, rest) * rest * rest + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(function: Function, x: f32) -> f32 {
        let mut block = [Block([x; 16])];
        apply(&mut block, &function);
        block[0].0[7]
    }

    #[test]
    fn functions_are_those_of_double_precision() {
        type Exact = fn(f64) -> f64;
        let functions: [(Function, Exact); 6] = [
            (Function::Sigmoid, |x| 1.0 / (1.0 + (-x).exp())),
            (Function::Tanh, f64::tanh),
            (Function::Elu { alpha: 0.5 }, |x| if x > 0.0 { x } else { 0.5 * x.exp_m1() }),
            (Function::Exp, f64::exp),
            (Function::Softplus, |x| x.exp().ln_1p()),
            (Function::HardSwish, |x| x * (x / 6.0 + 0.5).clamp(0.0, 1.0)),
        ];
        for (function, exact) in functions {
            for step in -8_000..8_000 {
                let x = step as f32 / 100.0;
                for x in [x, x * 1e-4] {
                    let (found, wanted) = (applied(function, x), exact(f64::from(x)));
                    let apart = (f64::from(found) - wanted).abs();
                    // Relative to the result, also where that is small.
                    let close = apart <= 5e-7 * wanted.abs() + 1e-37;
                    assert!(close, "{function:?} of {x} is {wanted}, not {found}");
                }
            }
        }
    }

    #[test]
    fn extremes_stay_extremes() {
        for (function, x, wanted) in [
            (Function::Sigmoid, -1e30, 0.0),
            (Function::Sigmoid, 1e30, 1.0),
            (Function::Tanh, f32::NEG_INFINITY, -1.0),
            (Function::Exp, 100.0, f32::INFINITY),
            (Function::Exp, -1e30, 0.0),
            (Function::Elu { alpha: 1.0 }, -1e30, -1.0),
        ] {
            assert!(
                (applied(function, x) - wanted).abs() < 1e-37 || applied(function, x) == wanted
            );
        }
        for function in [Function::Sigmoid, Function::Tanh, Function::Exp, Function::Abs] {
            assert!(applied(function, f32::NAN).is_nan(), "{function:?}");
        }
    }

    #[test]
    fn a_product_of_sums_is_left_alone() {
        let x = Polynomial::identity();
        let square = x.times(&x).unwrap();
        assert_eq!(square.coefficients(), [0.0, 0.0, 1.0]);
        let sum = x.scaled(2.0).shifted(1.0);
        assert_eq!(sum.times(&x).unwrap().coefficients(), [0.0, 1.0, 2.0]);
        assert_eq!(sum.plus(&square).coefficients(), [1.0, 2.0, 1.0]);
        assert_eq!(sum.times(&sum), None);
        let sixth = square.times(&square).unwrap().times(&square).unwrap();
        assert_eq!(sixth.coefficients().len(), HIGHEST_POWER + 1);
        assert_eq!(sixth.times(&x), None);
    }
}
