//! The object an app holds.
