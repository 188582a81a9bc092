//! Ledgers: what all releases of a device may cost together.

use std::sync::Arc;

use frostglass::ledger as core;

use crate::failure::{ErrorKind, Failure, Result};
use crate::policy::Adjacency;

/// The file that adds up what releases cost, and refuses past its budget.
#[derive(Debug, uniffi::Object)]
pub struct Ledger(pub(crate) Arc<core::Ledger>);

/// The most that all releases of a ledger may cost together; fixed before the first.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Budget {
    /// The epsilon that is not passed.
    pub epsilon: f64,
    /// The delta that goes with it.
    pub delta: f64,
    /// What adjacent inputs differ in, or a person.
    pub unit: BudgetUnit,
}

/// What a budget speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum BudgetUnit {
    /// What two inputs may differ in.
    Within {
        /// How they differ.
        adjacency: Adjacency,
    },
    /// One person: all photographs of that person that this device sends, each against any other.
    Person,
}

impl BudgetUnit {
    fn into_core(self) -> Result<core::Unit> {
        Ok(match self {
            Self::Within { adjacency } => adjacency.into_core()?.into(),
            Self::Person => core::Unit::Person,
        })
    }
}

/// The total of a ledger beside its budget. The budget is the promise; what is spent is for
/// information.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Standing {
    /// Which ledger: 32 hexadecimal digits.
    pub ledger: String,
    /// What the total is over, in words.
    pub over: String,
    /// The budget's epsilon.
    pub epsilon: f64,
    /// The budget's delta.
    pub delta: f64,
    /// The budget's adjacency, as text.
    pub unit: String,
    /// Releases charged, reserved ones included.
    pub releases: u64,
    /// Spent under the budget's own adjacency.
    pub spent: Spent,
    /// Spent where one activation of each release changes.
    pub spent_activation: Spent,
    /// Spent where the whole image of each release changes.
    pub spent_image: Spent,
    /// For a person.
    pub text: String,
    /// The same as JSON.
    pub json: String,
}

/// What is spent under one adjacency; nothing where it is not known any more.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Spent {
    /// All releases together are as private as one Gaussian release of this mu.
    pub mu: Option<f64>,
    /// Epsilon at the budget's delta.
    pub epsilon: Option<f64>,
    /// Whether that guarantees anything of use: epsilon at most 20, delta at most 0.001.
    pub useful: bool,
}

/// What reading a ledger's file from end to end found.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct LedgerCheck {
    /// Whether charges can go on.
    pub whole: bool,
    /// Records that verify.
    pub records: u64,
    /// Where the damage begins, where there is some.
    pub damaged_at: Option<u64>,
    /// The total; where damage hides it, the whole budget.
    pub standing: Standing,
}

#[uniffi::export]
impl Ledger {
    /// Opens the ledger in a file, which must have this budget, or begins one with it. Keep the file
    /// out of backups: one that is put back gives its budget back.
    #[uniffi::constructor]
    pub fn open(path: &str, budget: Budget) -> Result<Arc<Self>> {
        let cap = core::Cap::new(budget.epsilon, budget.delta, budget.unit.into_core()?)?;
        Ok(Arc::new(Self(Arc::new(core::Ledger::open_or_create(path, cap)?))))
    }

    /// What is spent so far.
    pub fn standing(&self) -> Result<Standing> {
        standing(&self.0.standing()?)
    }

    /// Removes the release that was kept under a token. The token stays used.
    pub fn forget(&self, token: String) -> Result<()> {
        Ok(self.0.forget(&core::Token::new(token)?)?)
    }
}

/// Reads the ledger in a file from end to end, changing nothing; a damaged one too.
#[uniffi::export]
pub fn check_ledger(path: &str) -> Result<LedgerCheck> {
    let found = core::Ledger::verify(path)?;
    Ok(LedgerCheck {
        whole: found.whole,
        records: found.records,
        damaged_at: found.damage.as_ref().map(|damage| damage.offset),
        standing: standing(&found.standing)?,
    })
}

/// Puts a successor in the place of a damaged ledger, without forgetting anything spent, and says
/// where the damaged file now lies.
#[uniffi::export]
pub fn continue_damaged_ledger(path: &str) -> Result<String> {
    Ok(core::Ledger::continue_damaged(path)?.to_string_lossy().into_owned())
}

fn standing(of: &core::Standing) -> Result<Standing> {
    let spent = |spent: &core::SpentUnder| Spent {
        mu: spent.mu,
        epsilon: spent.epsilon,
        useful: spent.useful,
    };
    Ok(Standing {
        ledger: of.ledger.clone(),
        over: of.over.to_owned(),
        epsilon: of.cap.epsilon,
        delta: of.cap.delta,
        unit: of.cap.unit.clone(),
        releases: of.releases,
        spent: spent(&of.spent.unit),
        spent_activation: spent(&of.spent.activation),
        spent_image: spent(&of.spent.image),
        text: of.to_string(),
        json: json(of)?,
    })
}

/// One line of JSON.
pub(crate) fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|_| Failure::new(ErrorKind::Internal, "it cannot be written as JSON"))
}
