//! What a ledger says of itself.

use std::fmt;

use serde::Serialize;

use super::cap::Cap;
use super::cost::{Cost, Costs};
use super::record::{Header, Id};
use crate::privacy::{self, Delta, rounded_up};

/// The total of a ledger, beside its cap.
///
/// The cap is the promise: *formal*, fixed before the first release. What is spent so far is for
/// information: an epsilon that is read off on the way and stopped at is not a promise.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Standing {
    /// Which ledger: 32 hexadecimal digits.
    pub ledger: String,
    /// The ledger that this one continues, where it continues one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub continues: Option<String>,
    /// What the total is over, in words.
    pub over: &'static str,
    /// The budget.
    pub cap: CapText,
    /// Releases charged, those that are reserved and not yet made included.
    pub releases: u64,
    /// Spent so far.
    pub spent: Spent,
}

/// A budget as its parts.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CapText {
    /// The epsilon that is never passed.
    pub epsilon: f64,
    /// The delta that goes with it.
    pub delta: f64,
    /// Whether that guarantees anything of use: epsilon at most 20 and delta at most 1e-3.
    pub useful: bool,
    /// What adjacent inputs differ in: activation, patch(PIXELS), image or person.
    pub unit: String,
    /// What that hides, in words.
    pub hides: String,
}

/// What is spent so far, under the ledger's three adjacencies.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Spent {
    /// Under the budget's own adjacency.
    pub unit: SpentUnder,
    /// Where one activation of each release changes.
    pub activation: SpentUnder,
    /// Where the whole image of each release changes.
    pub image: SpentUnder,
}

/// What is spent so far under one adjacency; null where it is not known any more.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SpentUnder {
    /// All releases together are as private as one Gaussian release of this mu.
    pub mu: Option<f64>,
    /// The same in zero-concentrated differential privacy: mu^2 / 2.
    pub rho: Option<f64>,
    /// Epsilon at the budget's delta, the sampler's error charged.
    pub epsilon: Option<f64>,
    /// Whether that guarantees anything of use: epsilon at most 20 and delta at most 1e-3.
    pub useful: bool,
}

fn is_useful(epsilon: f64, delta: f64) -> bool {
    Delta::new(delta).is_ok_and(|delta| privacy::is_useful(epsilon, delta))
}

impl SpentUnder {
    fn of(cost: &Cost, delta: f64) -> Self {
        let epsilon = cost.epsilon(delta);
        let known = |value: f64| epsilon.is_finite().then_some(value);
        Self {
            mu: known(cost.mu_squared().sqrt()),
            rho: known(cost.mu_squared() / 2.0),
            epsilon: known(epsilon),
            useful: is_useful(epsilon, delta),
        }
    }
}

impl Standing {
    pub(super) fn of(header: &Header, total: &Costs, releases: u64) -> Self {
        let cap = &header.cap;
        let spent = |cost| SpentUnder::of(cost, cap.delta());
        Self {
            ledger: name(&header.id),
            continues: (header.continues != Id::default()).then(|| name(&header.continues)),
            over: "all releases charged to this ledger, whichever pictures they are of",
            cap: CapText::of(cap),
            releases,
            spent: Spent {
                unit: spent(&total.unit),
                activation: spent(&total.activation),
                image: spent(&total.image),
            },
        }
    }
}

impl CapText {
    fn of(cap: &Cap) -> Self {
        let (epsilon, delta, unit) = (cap.epsilon(), cap.delta(), cap.unit());
        let useful = is_useful(epsilon, delta);
        Self { epsilon, delta, useful, unit: unit.to_string(), hides: unit.in_words() }
    }
}

fn name(id: &Id) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CapText { epsilon, delta, useful, unit, hides } = &self.cap;
        let verdict = |useful: bool| if useful { "" } else { ": no useful guarantee" };
        writeln!(f, "ledger  {}", self.ledger)?;
        if let Some(continued) = &self.continues {
            writeln!(f, "goes on from {continued}")?;
        }
        writeln!(
            f,
            "budget  epsilon {epsilon} at delta {delta:e} for unit {unit}: the promise{}",
            verdict(*useful).replace(':', ",")
        )?;
        writeln!(f, "hides   {hides}")?;
        writeln!(f, "over    {}", self.over)?;
        writeln!(f, "releases {} charged; spent so far, for information:", self.releases)?;
        let mut line = |name: &str, spent: &SpentUnder| match (spent.epsilon, spent.mu, spent.rho) {
            (Some(epsilon), Some(mu), Some(rho)) => {
                let (epsilon, verdict) = (rounded_up(epsilon), verdict(spent.useful));
                writeln!(f, "  {name:<12} epsilon {epsilon}  mu {mu:.6}  rho {rho:.6}{verdict}")
            }
            _ => writeln!(f, "  {name:<12} not known any more"),
        };
        line(unit, &self.spent.unit)?;
        for (name, spent) in [("activation", &self.spent.activation), ("image", &self.spent.image)]
        {
            if name != unit {
                line(name, spent)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_guarantees_nothing_of_use_is_said_to() {
        for (cap, useful) in
            [("20,1e-3,image", true), ("20.1,1e-5,image", false), ("1,2e-3,person", false)]
        {
            let header = Header::begin(cap.parse().unwrap()).unwrap();
            let standing = Standing::of(&header, &Costs::default(), 0);
            assert_eq!(standing.cap.useful, useful, "{cap}");
            assert_eq!(!standing.to_string().contains("no useful guarantee"), useful, "{cap}");
        }
        let header = Header::begin("10,1e-5,person".parse().unwrap()).unwrap();
        let cost = Cost::new([100.0, 0.0, 0.0]).unwrap();
        let total = Costs { activation: Cost::default(), unit: Cost::default(), image: cost };
        let standing = Standing::of(&header, &total, 1);
        assert!(standing.cap.useful && standing.spent.unit.useful && !standing.spent.image.useful);
        let text = standing.to_string();
        assert!(text.contains("hides   one person"), "{text}");
        assert_eq!(text.matches("no useful guarantee").count(), 1, "{text}");
    }
}
