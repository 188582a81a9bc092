//! The commands, one file each.

pub(crate) mod android;
pub(crate) mod attack;
pub(crate) mod bench;
pub(crate) mod golden;
pub(crate) mod ios;
pub(crate) mod setup;
pub(crate) mod test;
