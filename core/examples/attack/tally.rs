//! What all attacks came to.

use std::collections::BTreeMap;
use std::fmt;

/// Counts, and how near to its bound each kind of attack came.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) policies: u64,
    /// Drawn, and refused with an error that says why.
    pub(crate) refused: u64,
    pub(crate) violations: u64,
    ratios: BTreeMap<&'static str, Ratios>,
}

#[derive(Debug, Default)]
struct Ratios {
    attacks: u64,
    /// Those of bounds of ten steps and more: on a coarser grid a map can hardly move at all.
    fine: Vec<f64>,
    largest: f64,
    policy: String,
}

impl Tally {
    /// One attack's distance and its bound, in steps.
    pub(crate) fn attack(&mut self, kind: &'static str, distance: f64, bound: f64, policy: &str) {
        let ratios = self.ratios.entry(kind).or_default();
        let ratio = distance / bound;
        ratios.attacks += 1;
        if bound >= 10.0 {
            ratios.fine.push(ratio);
        }
        if ratio > ratios.largest {
            (ratios.largest, ratios.policy) = (ratio, policy.to_owned());
        }
    }

    /// A promise that does not hold.
    pub(crate) fn violation(&mut self, policy: &str, what: &str) {
        self.violations += 1;
        println!("VIOLATION: {what}\n  {policy}");
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} policies attacked, {} more refused, {} violations",
            self.policies, self.refused, self.violations
        )?;
        writeln!(f, "distance over bound:")?;
        for (kind, ratios) in &self.ratios {
            let mut fine = ratios.fine.clone();
            fine.sort_by(f64::total_cmp);
            let median = fine.get(fine.len() / 2).copied().unwrap_or(0.0);
            writeln!(
                f,
                "{kind}: {} attacks, the largest {:.6}; of {} bounds of ten steps and more the median {median:.4}",
                ratios.attacks,
                ratios.largest,
                fine.len()
            )?;
            writeln!(f, "    reached by {}", ratios.policy)?;
        }
        Ok(())
    }
}
