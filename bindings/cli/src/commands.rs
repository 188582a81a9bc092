//! The commands, one file each.

pub(crate) mod cuts;
pub(crate) mod demo;
pub(crate) mod inspect;
pub(crate) mod lab_chart;
pub(crate) mod lab_front;
pub(crate) mod lab_sanitize;
pub(crate) mod ledger;
pub(crate) mod pack;
pub(crate) mod privacy;
pub(crate) mod sanitize;
pub(crate) mod steps;
pub(crate) mod sweep;
