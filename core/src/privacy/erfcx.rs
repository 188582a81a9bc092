//! The scaled complementary error function, which keeps Gaussian tails from cancelling.

/// `exp(x^2) erfc(x)` for `x >= 0`, to about 1e-13 relative.
///
/// Below 10 by its definition (`exp(x^2)` costs at most `x^2` units in the last place), above by
/// the continued fraction of Laplace, which converges in a few terms there.
pub(super) fn erfcx(x: f64) -> f64 {
    if x < FAR { (x * x).exp() * libm::erfc(x) } else { OVER_ROOT_PI / (x + tail(x)) }
}

/// How steeply `erfcx` falls, `2 / sqrt(pi) - 2 x erfcx(x)`, for x above -1: to about 1e-12 relative.
///
/// Below 10 the subtraction costs at most `2 x^2` units; above, it is done in the continued fraction.
pub(super) fn fall_of_erfcx(x: f64) -> f64 {
    if x < FAR {
        return 2.0 * (OVER_ROOT_PI - x * erfcx(x));
    }
    let tail = tail(x);
    2.0 * OVER_ROOT_PI * tail / (x + tail)
}

/// Where the continued fraction takes over.
const FAR: f64 = 10.0;

/// `1 / sqrt(pi)`.
const OVER_ROOT_PI: f64 = std::f64::consts::FRAC_2_SQRT_PI / 2.0;

/// What Laplace's continued fraction for `erfcx` adds to x: `(1/2) / (x + 1 / (x + (3/2) / (x + ...)))`.
fn tail(x: f64) -> f64 {
    let mut tail = 0.0;
    for k in (1..=40).rev() {
        tail = f64::from(k) / 2.0 / (x + tail);
    }
    tail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_agrees_with_published_values_on_both_branches() {
        // NIST Digital Library of Mathematical Functions, 7.7 and 7.12, evaluated to 16 digits.
        for (x, wanted) in [
            (0.0, 1.0),
            (1.0, 0.427_583_576_155_807),
            (5.0, 0.110_704_637_733_068_6),
            (20.0, 0.028_174_348_741_051_32),
        ] {
            assert!((erfcx(x) / wanted - 1.0).abs() < 1e-13, "erfcx({x}) = {}", erfcx(x));
        }
        let (below, above) = (erfcx(10.0 - 1e-12), erfcx(10.0));
        assert!((below / above - 1.0).abs() < 1e-12, "the branches meet: {below} {above}");
    }

    #[test]
    fn its_slope_agrees_with_its_differences_and_on_both_branches() {
        let mut x: f64 = -0.5;
        while x < 30.0 {
            let h = 1e-4 * (1.0 + x.abs());
            let difference = (erfcx(x - h) - erfcx(x + h)) / (2.0 * h);
            let fall = fall_of_erfcx(x);
            assert!((fall / difference - 1.0).abs() < 1e-6, "x = {x}: {fall} {difference}");
            x += 0.37;
        }
        let (below, above) = (fall_of_erfcx(10.0 - 1e-12), fall_of_erfcx(10.0));
        assert!((below / above - 1.0).abs() < 1e-11, "the branches meet: {below} {above}");
    }
}
