//! The budget of a ledger, fixed when the ledger is begun.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::unit::Unit;
use crate::error::{Error, ErrorKind, Result};

/// The most that all releases of a ledger may cost together: (epsilon, delta) for one unit.
///
/// It is written `EPSILON,DELTA,UNIT`, as in `20,1e-5,activation`, `8,1e-6,patch(16)`,
/// `10,1e-5,image` or `10,1e-5,person`. A cap that is fixed before the first release, and by nothing that a release
/// showed, holds for releases that are chosen one after the other; so a ledger keeps the cap that
/// it was begun with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Cap {
    epsilon: f64,
    delta: f64,
    #[serde(serialize_with = "as_text")]
    unit: Unit,
}

/// The largest epsilon of a cap: what a policy may name.
const LARGEST_EPSILON: f64 = 1e9;

/// The smallest delta of a cap: what a policy may name.
const SMALLEST_DELTA: f64 = 1e-30;

impl Cap {
    /// This budget, once each part is in its range.
    ///
    /// # Errors
    /// [`ErrorKind::Ledger`] names the part and its range.
    pub fn new(epsilon: f64, delta: f64, unit: impl Into<Unit>) -> Result<Self> {
        let unit = unit.into();
        let require = |holds: bool, what: &str, value: &dyn fmt::Display| {
            if holds { Ok(()) } else { Err(wrong(format!("{what}, not {value}"))) }
        };
        require(
            epsilon > 0.0 && epsilon <= LARGEST_EPSILON,
            "epsilon must be above 0 and at most 1e9",
            &epsilon,
        )?;
        require(
            (SMALLEST_DELTA..1.0).contains(&delta),
            "delta must be at least 1e-30 and below 1",
            &delta,
        )?;
        Ok(Self { epsilon, delta, unit })
    }

    /// The epsilon that is not to be passed.
    pub fn epsilon(&self) -> f64 {
        self.epsilon
    }

    /// The delta that goes with it.
    pub fn delta(&self) -> f64 {
        self.delta
    }

    /// What adjacent inputs differ in.
    pub fn unit(&self) -> Unit {
        self.unit
    }
}

fn wrong(message: String) -> Error {
    Error::new(ErrorKind::Ledger, format!("the budget: {message}"))
}

fn as_text<S: serde::Serializer>(unit: &Unit, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(unit)
}

impl fmt::Display for Cap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{:e},{}", self.epsilon, self.delta, self.unit)
    }
}

impl FromStr for Cap {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut parts = text.splitn(3, ',').map(str::trim);
        let (Some(epsilon), Some(delta), Some(unit)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(wrong(format!(
                "{:?} is not EPSILON,DELTA,UNIT, as in 20,1e-5,activation",
                shortened(text)
            )));
        };
        let number = |name: &str, text: &str| {
            text.parse::<f64>()
                .map_err(|_| wrong(format!("{name} must be a number, not {:?}", shortened(text))))
        };
        let (epsilon, delta) = (number("epsilon", epsilon)?, number("delta", delta)?);
        let unit: Unit = unit.parse().map_err(|error: Error| wrong(error.message().to_owned()))?;
        Self::new(epsilon, delta, unit)
    }
}

/// The beginning of what somebody typed, for a message of one line.
fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_reads_as_it_is_written() {
        for text in ["20,1e-5,activation", "8,1e-6,patch(16)", "0.5,1e-12,image", "10,1e-5,person"]
        {
            let cap: Cap = text.parse().unwrap();
            assert_eq!(cap.to_string(), text);
            assert_eq!(cap.to_string().parse::<Cap>().unwrap(), cap);
        }
        let spaced: Cap = " 20, 1e-5 , patch( 3 ) ".parse().unwrap();
        assert_eq!(
            spaced,
            Cap::new(20.0, 1e-5, crate::privacy::Adjacency::patch(3).unwrap()).unwrap()
        );
    }

    #[test]
    fn a_budget_that_means_nothing_is_refused_with_its_reason() {
        for (text, says) in [
            ("", "EPSILON,DELTA,UNIT"),
            ("5", "EPSILON,DELTA,UNIT"),
            ("5,1e-5", "EPSILON,DELTA,UNIT"),
            ("-1,1e-5,image", "above 0"),
            ("0,1e-5,image", "above 0"),
            ("NaN,1e-5,image", "above 0"),
            ("inf,1e-5,image", "at most 1e9"),
            ("five,1e-5,image", "must be a number"),
            ("5,0,image", "below 1"),
            ("5,1,image", "below 1"),
            ("5,NaN,image", "below 1"),
            ("5,-1e-5,image", "below 1"),
            ("5,1e-5,", "activation, patch(PIXELS), image and person"),
            ("5,1e-5,persons", "activation, patch(PIXELS), image and person"),
            ("5,1e-5,patch(0)", "1 to 65536"),
            ("5,1e-5,patch(70000)", "1 to 65536"),
            ("5,1e-5,patch(-1)", "whole number"),
            ("5,1e-5,image,more", "activation, patch(PIXELS), image and person"),
        ] {
            let error = text.parse::<Cap>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Ledger, "{text}");
            assert!(error.message().contains(says), "{text}: {error}");
        }
    }
}
