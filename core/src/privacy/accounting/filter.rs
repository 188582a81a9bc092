//! A cap that releases must stay under, whatever they depend on.

use super::super::calibration;
use super::Total;
use crate::error::{Error, ErrorKind, Result};

/// A privacy filter: lets releases pass while their total stays under a cap fixed beforehand.
///
/// *Proven*: all that passed is (epsilon, delta)-private together even where every mu was chosen
/// after looking at earlier releases, since Gaussian mechanisms compose fully adaptively under a cap
/// on the sum of `mu^2` (Smith and Thakurta 2022; Koskela, Tobaben and Honkela 2023). It is *not*
/// proven of the smaller total that has been spent so far, read at a moment chosen by looking at it:
/// see [`Odometer`](super::Odometer).
#[derive(Clone, Copy, Debug)]
pub struct Filter {
    cap: f64,
    spent: Total,
}

impl Filter {
    /// A filter for (epsilon, delta).
    ///
    /// # Errors
    /// [`ErrorKind::Policy`] unless epsilon is above 0 and finite, and delta in (0, 1).
    pub fn new(epsilon: f64, delta: f64) -> Result<Self> {
        if !(epsilon > 0.0 && epsilon.is_finite() && delta > 0.0 && delta < 1.0) {
            return Err(Error::new(
                ErrorKind::Policy,
                "a filter needs an epsilon above 0 and a delta between 0 and 1",
            ));
        }
        let mu = calibration::mu(epsilon, delta);
        Ok(Self { cap: (mu * mu).next_down(), spent: Total::default() })
    }

    /// Takes one release of cost `mu` into the total, or refuses it and changes nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`] where the cap would be passed.
    pub fn spend(&mut self, mu: f64) -> Result<()> {
        let mut after = self.spent;
        after.add(mu.max(0.0), 1);
        // A cost that is not a number, or below 0, is within no cap.
        let within = mu >= 0.0 && after.mu_squared() <= self.cap;
        if !within {
            return Err(Error::new(
                ErrorKind::Budget,
                format!(
                    "a release of mu {mu} would pass the cap: {:.6} of {:.6} is spent, in squares of mu",
                    self.spent.mu_squared(),
                    self.cap
                ),
            ));
        }
        self.spent = after;
        Ok(())
    }

    /// The share of the cap that is spent, in squares of mu: what adds up.
    pub fn share_spent(&self) -> f64 {
        self.spent.mu_squared() / self.cap
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_lets_its_cap_through_and_no_more() {
        let each = calibration::mu(1.0, 1e-5) / 3.0;
        let mut filter = Filter::new(1.0, 1e-5).unwrap();
        for _ in 0..8 {
            filter.spend(each).unwrap();
        }
        let before = filter.share_spent();
        // The ninth would fill the cap to the last digit, where rounding up passes it.
        let refusal = filter.spend(each * 1.001).unwrap_err();
        assert_eq!(refusal.kind(), ErrorKind::Budget);
        assert_eq!(filter.share_spent(), before, "a refusal changes nothing");
        filter.spend(each * 0.999).unwrap();
        assert!(filter.spend(f64::NAN).is_err() && filter.spend(-1.0).is_err());
        assert!(filter.spend(f64::INFINITY).is_err());
    }

    #[test]
    fn caps_that_are_none_are_refused() {
        for (epsilon, delta) in [
            (0.0, 1e-5),
            (-1.0, 1e-5),
            (f64::NAN, 1e-5),
            (f64::INFINITY, 1e-5),
            (1.0, 0.0),
            (1.0, 1.0),
        ] {
            assert_eq!(Filter::new(epsilon, delta).unwrap_err().kind(), ErrorKind::Policy);
        }
    }
}
