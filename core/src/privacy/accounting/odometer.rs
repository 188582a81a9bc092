//! A running bound that may be read at any time.

use super::super::{Delta, Epsilon, Mu, mu};
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
    pub epsilon: Epsilon,
    /// The largest sum of `mu^2`.
    pub mu_squared: f64,
}

impl Odometer {
    /// An odometer with these epsilons as caps, at `delta` for all of them together.
    ///
    /// # Errors
    /// [`ErrorKind::Policy`] unless there are caps, strictly ascending, and few enough that each one's share
    /// of delta is a [`Delta`].
    pub fn new(caps: &[Epsilon], delta: Delta) -> Result<Self> {
        if caps.is_empty() || !caps.is_sorted_by(|a, b| a < b) {
            return Err(Error::new(
                ErrorKind::Policy,
                "an odometer needs at least one cap, and its caps in ascending order, each once",
            ));
        }
        let share = Delta::new(delta.get() / caps.len() as f64)?;
        let rung = |&epsilon: &Epsilon| {
            let mu = mu(epsilon, share).get();
            Rung { epsilon, mu_squared: (mu * mu).next_down() }
        };
        Ok(Self { rungs: caps.iter().map(rung).collect(), spent: Total::default() })
    }

    /// Takes a release of cost `mu` into the total.
    pub fn spend(&mut self, mu: Mu) {
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

    fn epsilons(values: &[f64]) -> Vec<Epsilon> {
        values.iter().map(|&value| Epsilon::new(value).unwrap()).collect()
    }

    #[test]
    fn readings_climb_the_ladder_and_end() {
        let delta = Delta::new(3e-5).unwrap();
        let mut odometer = Odometer::new(&epsilons(&[1.0, 2.0, 4.0]), delta).unwrap();
        assert_eq!(odometer.reading().unwrap().epsilon.get(), 1.0);
        let mut seen = Vec::new();
        for _ in 0..100 {
            odometer.spend(Mu::new(0.1).unwrap());
            seen.push(odometer.reading().map(|rung| rung.epsilon.get()));
        }
        assert!(seen.is_sorted_by_key(|reading| reading.unwrap_or(f64::INFINITY)));
        for epsilon in [1.0, 2.0, 4.0] {
            // Each cap holds as many as its own mu at a third of delta does.
            let held = seen.iter().flatten().filter(|reading| **reading <= epsilon).count();
            let mu = mu(Epsilon::new(epsilon).unwrap(), Delta::new(1e-5).unwrap()).get();
            assert_eq!(held, (mu * mu / 0.01) as usize, "{epsilon}");
        }
        assert_eq!(seen.last(), Some(&None));
    }

    #[test]
    fn caps_out_of_order_are_refused() {
        let (usual, least) = (Delta::new(1e-5).unwrap(), Delta::new(1e-30).unwrap());
        for (caps, delta) in
            [(&[][..], usual), (&[2.0, 1.0], usual), (&[1.0, 1.0], usual), (&[1.0, 2.0], least)]
        {
            let error = Odometer::new(&epsilons(caps), delta).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Policy);
        }
    }
}
