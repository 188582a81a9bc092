//! A cap that releases must stay under, whatever they depend on.

use super::super::{Delta, Epsilon, Mu, mu};
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
    pub fn new(epsilon: Epsilon, delta: Delta) -> Self {
        let mu = mu(epsilon, delta).get();
        Self { cap: (mu * mu).next_down(), spent: Total::default() }
    }

    /// Takes one release of cost `mu` into the total, or refuses it and changes nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`] where the cap would be passed.
    pub fn spend(&mut self, mu: Mu) -> Result<()> {
        let mut after = self.spent;
        after.add(mu, 1);
        if after.mu_squared() > self.cap {
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
        let (epsilon, delta) = (Epsilon::new(1.0).unwrap(), Delta::new(1e-5).unwrap());
        let third = |share: f64| Mu::new(mu(epsilon, delta).get() / 3.0 * share).unwrap();
        let mut filter = Filter::new(epsilon, delta);
        for _ in 0..8 {
            filter.spend(third(1.0)).unwrap();
        }
        let before = filter.share_spent();
        // The ninth would fill the cap to the last digit, where rounding up passes it.
        let refusal = filter.spend(third(1.001)).unwrap_err();
        assert_eq!(refusal.kind(), ErrorKind::Budget);
        assert_eq!(filter.share_spent(), before, "a refusal changes nothing");
        filter.spend(third(0.999)).unwrap();
        assert!(filter.spend(Mu::new(1e100).unwrap()).is_err());
    }
}
