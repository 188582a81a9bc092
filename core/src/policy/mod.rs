//! An ordered list of stages and how they compose.
