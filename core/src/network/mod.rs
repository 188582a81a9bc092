//! A whole network: the tails that follow a front.
