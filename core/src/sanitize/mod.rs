//! The stages themselves, in place on slices.
