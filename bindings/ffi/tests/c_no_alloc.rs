//! From C's pixels to the last byte of the release nothing is allocated.

#[path = "../../../core/tests/counting/mod.rs"]
mod counting;
mod support;

use counting::own_allocations;
use frostglass_ffi::c::MADE;
use support::{call, open, pixels, rgba};

/// [`call`] itself makes no token here, and so allocates nothing either.
#[test]
fn a_call_from_c_allocates_nothing() {
    for policy in ["grid(i8)", "hold(3)", "dp(epsilon=5)"] {
        let session = open(policy);
        let pixels = pixels();
        let mut release = vec![0; session.release_length() as usize];
        let mut make = || call(session.number(), &rgba(&pixels), None, &mut release);
        assert_eq!(make(), Ok(MADE));
        let before = own_allocations();
        for _ in 0..100 {
            assert_eq!(make(), Ok(MADE));
        }
        assert_eq!(own_allocations() - before, 0, "{policy}");
    }
}
