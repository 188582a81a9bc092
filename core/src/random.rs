//! The single source of randomness.
