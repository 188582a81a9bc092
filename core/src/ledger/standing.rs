//! What a ledger says of itself.

use std::fmt;

use serde::Serialize;

use super::cap::Cap;
use super::cost::{Cost, Costs};
use super::record::{Header, Id};

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
    /// What adjacent inputs differ in: activation, patch(PIXELS) or image.
    pub unit: String,
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
}

impl SpentUnder {
    fn of(cost: &Cost, delta: f64) -> Self {
        let epsilon = cost.epsilon(delta);
        let known = |value: f64| epsilon.is_finite().then_some(value);
        Self {
            mu: known(cost.mu_squared.sqrt()),
            rho: known(cost.mu_squared / 2.0),
            epsilon: known(epsilon),
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
        Self { epsilon: cap.epsilon(), delta: cap.delta(), unit: cap.unit().to_string() }
    }
}

fn name(id: &Id) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CapText { epsilon, delta, unit } = &self.cap;
        writeln!(f, "ledger  {}", self.ledger)?;
        if let Some(continued) = &self.continues {
            writeln!(f, "goes on from {continued}")?;
        }
        writeln!(f, "budget  epsilon {epsilon} at delta {delta:e} for unit {unit}: the promise")?;
        writeln!(f, "over    {}", self.over)?;
        writeln!(f, "releases {} charged; spent so far, for information:", self.releases)?;
        let mut line = |name: &str, spent: &SpentUnder| match (spent.epsilon, spent.mu, spent.rho) {
            (Some(epsilon), Some(mu), Some(rho)) => {
                writeln!(f, "  {name:<12} epsilon {epsilon:.6}  mu {mu:.6}  rho {rho:.6}")
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
