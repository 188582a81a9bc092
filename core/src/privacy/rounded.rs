//! Formal figures as they are printed: never smaller than they are.

/// A figure of at least 0, rounded *up* to four significant digits.
///
/// A formal sentence is true only if the number in it is not below the one that was proven, so that
/// nothing is rounded to the nearest. Infinity is `infinite`.
pub fn rounded_up(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    if !value.is_finite() {
        return if value > 0.0 { "infinite".into() } else { "unknown".into() };
    }
    // Four digits to the nearest first; where that is below the value, one more in the last place.
    let mut text = format!("{value:.3e}");
    if text.parse::<f64>().is_ok_and(|nearest| nearest < value) {
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let thousands: u64 = digits.replace('.', "").parse().unwrap_or(0);
        let exponent: i32 = exponent.parse().unwrap_or(0);
        text = format!("{}e{}", thousands + 1, exponent - 3);
    }
    let rounded: f64 = text.parse().unwrap_or(value);
    if (1e-3..1e15).contains(&rounded) { plain(rounded) } else { scientific(rounded) }
}

/// Four significant digits of a number that has no more, without an exponent and without zeros that say
/// nothing.
fn plain(value: f64) -> String {
    let decimals = (3 - value.log10().floor() as i32).max(0) as usize;
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
}

fn scientific(value: f64) -> String {
    let text = format!("{value:.3e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    format!("{}e{exponent}", digits.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_printed_smaller_than_it_is() {
        for (value, text) in [
            (0.0, "0"),
            (5.0, "5"),
            (0.0004, "4e-4"),
            (1e-5, "1e-5"),
            (1.0001e-5, "1.001e-5"),
            (4.9999999, "5"),
            (4.99901, "5"),
            (4.9981, "4.999"),
            (365.01, "365.1"),
            (1267.0, "1267"),
            (21348.1, "21350"),
            (99999.0, "100000"),
            (0.009_999_9, "0.01"),
            (1e300, "1e300"),
            (f64::INFINITY, "infinite"),
            (f64::NAN, "unknown"),
        ] {
            assert_eq!(rounded_up(value), text, "{value:e}");
        }
    }

    #[test]
    fn on_every_scale_it_is_above_by_less_than_one_part_in_a_thousand() {
        let mut value = 1e-300;
        while value < 1e300 {
            let printed: f64 = rounded_up(value).parse().unwrap();
            assert!(printed >= value && printed <= value * 1.001_001, "{value:e}: {printed:e}");
            value *= 1.2345;
        }
    }
}
