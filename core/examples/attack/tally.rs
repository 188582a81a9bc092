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
    all: Vec<f64>,
    largest: f64,
    policy: String,
}

impl Tally {
    /// One attack's distance over its bound.
    pub(crate) fn ratio(&mut self, kind: &'static str, ratio: f64, policy: &str) {
        let ratios = self.ratios.entry(kind).or_default();
        ratios.all.push(ratio);
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
        writeln!(f, "distance over bound:  attacks  median  9 in 10 above  largest")?;
        for (kind, ratios) in &self.ratios {
            let mut all = ratios.all.clone();
            all.sort_by(f64::total_cmp);
            let (median, tenth) = (all[all.len() / 2], all[all.len() / 10]);
            let largest = ratios.largest;
            writeln!(f, "{kind:<20} {:>9}  {median:.4} {tenth:>14.4}  {largest:.6}", all.len())?;
            writeln!(f, "    reached by {}", ratios.policy)?;
        }
        Ok(())
    }
}
