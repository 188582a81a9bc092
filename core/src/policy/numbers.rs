//! Numbers as a policy spells them: decimal, or a power of two as `2^-4`.

/// Reads a finite number; `2^k` with a whole k is a power of two.
pub(super) fn parse(text: &str) -> Option<f64> {
    if let Some(exponent) = text.strip_prefix("2^") {
        let exponent: i32 = exponent.parse().ok()?;
        return Some(f64::from(exponent).exp2()).filter(|value| value.is_normal());
    }
    // Rust reads "inf" and "nan" as numbers; a policy does not.
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E');
    text.parse().ok().filter(|value: &f64| text.chars().all(plain) && value.is_finite())
}

/// The shortest decimal that reads back as the same number.
pub(crate) fn print(value: impl std::fmt::Debug) -> String {
    let text = format!("{value:?}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// A step: `2^k` where it is a power of two, the shortest decimal otherwise.
pub(super) fn print_step(step: f32) -> String {
    let exponent = step.log2();
    if exponent == exponent.trunc() && exponent.exp2() == step {
        format!("2^{exponent}")
    } else {
        print(step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_two_and_decimals_are_numbers_and_words_are_not() {
        assert_eq!(parse("2^-4"), Some(0.0625));
        assert_eq!(parse("1e-5"), Some(1e-5));
        assert_eq!(parse("-3.5"), Some(-3.5));
        for text in ["", "inf", "NaN", "2^", "2^1.5", "2^5000", "1_000", "0x10", "1e999"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_printed_reads_back() {
        for value in [5.0, 0.1, 1e-5, 1e300, 123456.75] {
            assert_eq!(parse(&print(value)), Some(value), "{}", print(value));
        }
        assert_eq!((print(5.0), print(1e-5)), ("5".into(), "1e-5".into()));
        for step in [0.0625f32, 1.0, 1024.0, 0.1, 0.032389194] {
            assert_eq!(parse(&print_step(step)).unwrap() as f32, step);
        }
        assert_eq!(print_step(0.0625), "2^-4");
    }
}
