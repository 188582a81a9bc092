//! The executor: a checked graph as a plan of steps over rows.
//!
//! A step makes a few rows of its output as soon as the rows under them exist, and each tensor keeps
//! only the rows that somebody still needs, in a ring. All rings lie in one arena whose size is known
//! before it is allocated; a run allocates nothing.
//!
//! Inside, sixteen channels of a pixel stand together ([`block::Block`]), rows of such pixels follow
//! one another block by block of channels, with room for padding at both ends. [`lower`] turns a graph
//! into steps, folding and fusing what it can; [`schedule`] decides which rows are made when, once, for
//! every run; [`run`] follows it, turn by turn ([`turns`]); [`kernels`] do the arithmetic.
//!
//! A node that no step covers runs on tract: a step of its own takes the whole inputs as planes and
//! hands them over. It alone allocates.

mod block;
mod builder;
mod choice;
mod copies;
mod crew;
mod describe;
mod draft;
mod keep;
mod kernels;
mod layout;
mod lower;
mod pack;
mod phases;
mod plan;
mod rounding;
mod run;
mod schedule;
mod shape;
mod sixteen;
mod stem;
mod step;
mod stripes;
#[cfg(test)]
mod tests;
mod turns;

pub(crate) use choice::under_tiles;
pub(crate) use plan::{Plan, PlanState};
pub(crate) use rounding::Bound;
pub(crate) use stripes::MOST_THREADS;
