//! Receipts: what a release promises. They stay on the device.

use frostglass::release as core;

use crate::failure::Result;
use crate::ledger::json;

/// What every release of a session promises, and which kind of promise each is.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Receipt {
    /// The promises.
    pub promises: Vec<Promise>,
    /// What is not protected, one sentence each.
    pub not_protected: Vec<String>,
    /// What one release costs under each adjacency; empty where the policy adds no noise.
    pub costs: Vec<ReleaseCost>,
    /// The whole receipt for a person.
    pub text: String,
    /// The whole receipt as JSON.
    pub json: String,
}

/// One promise, with its kind.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Promise {
    /// What sort of evidence stands behind it.
    pub kind: PromiseKind,
    /// The promise, in one sentence.
    pub statement: String,
}

/// What sort of evidence stands behind a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum PromiseKind {
    /// The code lets nothing else out.
    Mechanical,
    /// A theorem: (epsilon, delta) under a named adjacency.
    Formal,
    /// Encryption, against a semi-honest server.
    Cryptographic,
    /// A measurement by a named attack on named data; not a bound.
    Empirical,
}

/// What one release costs under one adjacency.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct ReleaseCost {
    /// What stays hidden, in words.
    pub hides: String,
    /// Epsilon at the policy's delta.
    pub epsilon: f64,
    /// How often the best guesser of all is right who must tell two adjacent inputs apart, from an even start.
    pub odds: f64,
    /// Whether epsilon is small enough to mean anything.
    pub useful: bool,
}

pub(crate) fn receipt(of: &core::Receipt) -> Result<Receipt> {
    Ok(Receipt {
        promises: of.promises().iter().map(promise).collect(),
        not_protected: of.not_protected().to_vec(),
        costs: of.privacy().into_iter().flat_map(core::Adjacencies::iter).map(cost).collect(),
        text: of.to_string(),
        json: json(of)?,
    })
}

fn promise(of: &core::Promise) -> Promise {
    let kind = match of.kind {
        core::PromiseKind::Mechanical => PromiseKind::Mechanical,
        core::PromiseKind::Formal => PromiseKind::Formal,
        core::PromiseKind::Cryptographic => PromiseKind::Cryptographic,
        core::PromiseKind::Empirical => PromiseKind::Empirical,
    };
    Promise { kind, statement: of.statement.clone() }
}

fn cost(of: &core::AdjacencyCost) -> ReleaseCost {
    let &core::AdjacencyCost { epsilon, odds, useful, .. } = of;
    ReleaseCost { hides: of.hides.clone(), epsilon, odds, useful }
}
