//! A running bound that may be read at any time.

use super::super::calibration;
use super::Total;
use crate::error::{Error, ErrorKind, Result};

/// A privacy odometer over caps declared beforehand.
///
/// Reading the exact total at a moment chosen by looking at it proves nothing: each of J caps is a
/// [`Filter`](super::Filter) of its own, at delta / J. *Proven*: at any stop, chosen in any way, all
/// releases so far are (epsilon, delta)-private together, epsilon being the smallest cap that they
/// have not passed (Rogers et al. 2016; a union over the J caps).
#[derive(Clone, Debug)]
pub struct Odometer {
    rungs: Vec<Rung>,
    spent: Total,
}

/// One cap of an odometer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rung {
    /// What is promised up to here.
    pub epsilon: f64,
    /// The largest sum of `mu^2`.
    pub mu_squared: f64,
}

impl Odometer {
    /// An odometer with these epsilons as caps, at `delta` for all of them together.
    ///
    /// # Errors
    /// [`ErrorKind::Policy`] unless the caps are above 0 and strictly ascending and delta is in
    /// (0, 1).
    pub fn new(caps: &[f64], delta: f64) -> Result<Self> {
        let ascending = caps.is_sorted_by(|a, b| a < b);
        let positive = caps.first().is_some_and(|cap| *cap > 0.0);
        let finite = caps.last().is_some_and(|cap| cap.is_finite());
        if !(ascending && positive && finite && delta > 0.0 && delta < 1.0) {
            return Err(Error::new(
                ErrorKind::Policy,
                "an odometer needs caps above 0 in ascending order and a delta between 0 and 1",
            ));
        }
        let share = delta / caps.len() as f64;
        let rung = |&epsilon: &f64| {
            let mu = calibration::mu(epsilon, share);
            Rung { epsilon, mu_squared: (mu * mu).next_down() }
        };
        Ok(Self { rungs: caps.iter().map(rung).collect(), spent: Total::default() })
    }

    /// Takes a release of cost `mu` (at least 0) into the total.
    pub fn spend(&mut self, mu: f64) {
        self.spent.add(mu, 1);
    }

    /// The smallest cap that is not passed; none where all are.
    pub fn reading(&self) -> Option<Rung> {
        self.rungs.iter().copied().find(|rung| self.spent.mu_squared() <= rung.mu_squared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_climb_the_ladder_and_end() {
        let mut odometer = Odometer::new(&[1.0, 2.0, 4.0], 3e-5).unwrap();
        assert_eq!(odometer.reading().unwrap().epsilon, 1.0);
        let mut seen = Vec::new();
        for _ in 0..100 {
            odometer.spend(0.1);
            seen.push(odometer.reading().map(|rung| rung.epsilon));
        }
        assert!(seen.is_sorted_by_key(|reading| reading.unwrap_or(f64::INFINITY)));
        for epsilon in [Some(1.0), Some(2.0), Some(4.0)] {
            // Each cap holds as many as its own mu at a third of delta does.
            let held =
                seen.iter().filter(|reading| **reading <= epsilon && reading.is_some()).count();
            let mu = calibration::mu(epsilon.unwrap(), 1e-5);
            assert_eq!(held, (mu * mu / 0.01) as usize, "{epsilon:?}");
        }
        assert_eq!(seen.last(), Some(&None));
    }

    #[test]
    fn caps_out_of_order_are_refused() {
        for (caps, delta) in [
            (&[][..], 1e-5),
            (&[2.0, 1.0], 1e-5),
            (&[0.0, 1.0], 1e-5),
            (&[1.0], 0.0),
            (&[1.0], 1.0),
        ] {
            assert_eq!(Odometer::new(caps, delta).unwrap_err().kind(), ErrorKind::Policy);
        }
    }
}
