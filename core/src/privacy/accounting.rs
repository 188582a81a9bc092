//! What several releases cost together.
//!
//! A release through a Gaussian mechanism costs `mu = Delta / sigma` under an adjacency
//! ([`Spend::mu`](super::Spend)), whatever the (epsilon, delta) it was calibrated to. Totals are made
//! from the mus, all under the same adjacency:
//!
//! | type | what it gives | valid |
//! |---|---|---|
//! | [`Total`] | Gaussian DP: exact; zCDP beside it | for a list fixed beforehand, or at a filter's cap |
//! | [`RenyiTotal`] | Rényi DP at fixed orders, for mini-batches drawn in secret | for a list fixed beforehand |
//! | [`Filter`] | stops before a cap fixed beforehand is passed | fully adaptively |
//! | [`Odometer`] | a running bound on a ladder of caps declared beforehand | fully adaptively, at any stop |
//! | [`paper`] | the paper's equations 9, 10 and Corollary 2 | calculators: they back no promise |
//!
//! By default nothing is amplified: an image that is used T times pays T times.

mod filter;
mod odometer;
pub mod paper;
mod renyi;
mod sampling;
mod total;

pub use filter::Filter;
pub use odometer::{Odometer, Rung};
pub use renyi::{ORDERS, RenyiTotal};
pub use sampling::FixedSizeSampling;
pub use total::Total;
