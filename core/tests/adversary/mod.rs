//! An adversary of the sensitivity bounds: from inputs that theory calls the worst, and from there by a
//! random search on every scale, two adjacent inputs whose maps, as the product computes and floors them,
//! lie as far apart as it can bring them.
//!
//! It is *empirical*: that nothing passes a bound proves nothing, that something does is a counterexample.

mod draws;
mod search;
mod starts;

pub(crate) use draws::Draws;
pub(crate) use search::{Changed, Measured, Pair, furthest};
