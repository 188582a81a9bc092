//! The choice itself.

use super::{Candidate, Figures, NoneFits, PrivacyDemand, Quantity, Selection};

/// Chooses a front (*PrivyNet*, section 3.3).
///
/// Of the candidates within all limits it is the deepest where the demand on privacy is high, and the
/// shallowest where it is low; among equally deep ones the one with the most channels, and the first
/// of equals. A figure that is not known is taken to be beyond its limit.
///
/// # Errors
/// [`NoneFits`] names the candidate that comes closest, and what is in the way of each.
pub fn select(
    candidates: &[Candidate],
    limits: &Figures,
    demand: PrivacyDemand,
) -> Result<Selection, NoneFits> {
    let mut beyond = Vec::with_capacity(candidates.len());
    let mut best: Option<(usize, f64)> = None;
    for (index, candidate) in candidates.iter().enumerate() {
        let passed = candidate.figures.beyond(limits);
        // Below every other where no limit is passed.
        let excess = candidate.figures.largest_excess(limits, &passed);
        beyond.push(passed);
        let better = best.is_none_or(|(other, least)| {
            excess < least || excess == least && candidate.is_preferred(&candidates[other], demand)
        });
        if better {
            best = Some((index, excess));
        }
    }
    match best {
        Some((chosen, _)) if beyond[chosen].is_empty() => Ok(Selection { chosen, beyond }),
        closest => Err(NoneFits { closest: closest.map(|(index, _)| index), beyond }),
    }
}

impl Candidate {
    /// Whether it would be chosen rather than another that is as close to the limits.
    fn is_preferred(&self, other: &Self, demand: PrivacyDemand) -> bool {
        if self.depth == other.depth {
            return self.channels > other.channels;
        }
        match demand {
            PrivacyDemand::High => self.depth > other.depth,
            PrivacyDemand::Low => self.depth < other.depth,
        }
    }
}

impl Figures {
    fn of(&self, quantity: Quantity) -> Option<f64> {
        match quantity {
            Quantity::Latency => self.latency_microseconds,
            Quantity::Memory => self.memory_bytes.map(|bytes| bytes as f64),
            Quantity::Energy => self.energy_joules,
            Quantity::Leakage => self.psnr,
        }
    }

    /// The quantities that are limited and not known to be within their limit.
    fn beyond(&self, limits: &Self) -> Vec<Quantity> {
        let mut beyond =
            vec![Quantity::Latency, Quantity::Memory, Quantity::Energy, Quantity::Leakage];
        beyond.retain(|&quantity| {
            let within = |limit| self.of(quantity).is_some_and(|figure| figure <= limit);
            limits.of(quantity).is_some_and(|limit| !within(limit))
        });
        beyond
    }

    /// The largest excess over the limits that are passed, in decibels.
    fn largest_excess(&self, limits: &Self, passed: &[Quantity]) -> f64 {
        let mut largest = f64::NEG_INFINITY;
        for &quantity in passed {
            let (figure, limit) = (self.of(quantity), limits.of(quantity));
            let excess = match (figure.zip(limit), quantity) {
                (None, _) => f64::INFINITY,
                (Some((figure, limit)), Quantity::Leakage) => figure - limit,
                (Some((figure, limit)), _) => 10.0 * (figure / limit).log10(),
            };
            // What is no number is no nearer than what is not known.
            largest = largest.max(if excess.is_nan() { f64::INFINITY } else { excess });
        }
        largest
    }
}
