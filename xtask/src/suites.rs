//! The suites, one file a subject.

mod android;
mod arm;
pub(crate) mod builds;
mod core;
mod ffi;
mod ios;
pub(crate) mod lab;
mod lint;
mod page;
mod program;
mod sanitized;

use crate::suite::Suite;

/// Every suite there is.
pub(crate) fn all() -> Vec<Suite> {
    [
        lint::SUITES,
        core::SUITES,
        arm::SUITES,
        ffi::SUITES,
        sanitized::SUITES,
        android::SUITES,
        ios::SUITES,
        program::SUITES,
        lab::SUITES,
        page::SUITES,
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::ValueEnum;

    use super::*;
    use crate::suite::{Tier, select};

    #[test]
    fn names_are_unique_because_logs_are_called_after_them() {
        let suites = all();
        let names: BTreeSet<_> = suites.iter().map(|suite| suite.name).collect();
        assert_eq!(names.len(), suites.len());
    }

    #[test]
    fn every_tier_has_a_suite() {
        for tier in Tier::value_variants() {
            assert!(!select(&all(), &[*tier]).is_empty(), "{tier} is empty");
        }
    }
}
