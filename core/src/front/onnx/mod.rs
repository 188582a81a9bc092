//! From the bytes of an ONNX file to a checked graph.
//!
//! A model file is hostile until shown otherwise: a file of 182 bytes can make a well-meant reader
//! ask for 64 GiB. So a file passes through four steps, each of which only sees what the one before
//! let through:
//!
//! 1. [`wire`] walks the protobuf in place and counts what decoding it would cost;
//! 2. `prost` decodes it, with the message types that tract ships;
//! 3. [`mod@read`] takes the graph node by node, in order: names, operators and attributes must be
//!    known, and every tensor's exact shape is worked out before it exists;
//! 4. what remains is a [`Graph`] of our own: tract is handed a model newly written from it, and
//!    never sees the file.

mod attributes;
mod builder;
mod fold;
mod limits;
mod node;
mod operators;
mod read;
mod tensor;
mod wire;

pub(crate) use read::read;

use crate::error::{Error, ErrorKind};
#[cfg(doc)]
use crate::front::graph::Graph;

fn refusal(what: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Model, what.to_string())
}
