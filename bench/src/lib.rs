//! A C boundary over the core's lab build, so that one process can time it beside other engines.
//!
//! `cargo xtask bench front` builds it and calls it from Python (`frostglass_lab.bench`). It is never
//! shipped: it hands out activations, and trusts its caller with lengths and pointers.
//!
//! All functions are for one thread. A panic ends the process, which is what a benchmark should do.

#![allow(
    unsafe_code,
    reason = "a C boundary and a counting allocator, for a benchmark that is never shipped"
)]

pub mod boundary;
mod counting;
mod peak;
pub mod tract;

use counting::Counting;

#[global_allocator]
static HEAP: Counting = Counting;
