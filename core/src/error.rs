//! One error type: a coarse kind that stays stable, and a message for a person.
//!
//! A foreign caller decides on [`ErrorKind`] alone, so that what happens inside may change without
//! breaking an app. Messages say what was wrong and what would be right. They never hold a pixel,
//! an activation, a secret or a file's path.

use std::borrow::Cow;
use std::fmt;

/// What went wrong, coarsely. The list may grow; a kind's meaning does not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A picture or a frame cannot be used: not an image, wrong size, a crop outside it.
    Frame,
    /// A model or its card cannot be used: malformed, hostile, unsupported, or not the one expected.
    Model,
    /// The model has no cut of that name.
    Cut,
    /// A network cannot be held at a tap: no such tensor or layer, nothing that holding would change,
    /// or a window, a range of windows or a degree of sanitisation that is none.
    Tap,
    /// A policy does not parse, or its stages do not compose.
    Policy,
    /// The activations cannot be sanitised: a value that is not a number where the stage needs one.
    Activations,
    /// A release file is malformed or from a newer format.
    Release,
    /// A buffer handed in has the wrong length.
    Buffer,
    /// A privacy budget would be passed.
    Budget,
    /// A ledger cannot be used: its budget or its file is malformed, damaged, missing or from a
    /// newer format.
    Ledger,
    /// A token is malformed, stands for another release, or is used up.
    Token,
    /// Somebody else holds what is needed, such as a ledger's lock; the same call may succeed later.
    Busy,
    /// A front cannot run on so many threads.
    Threads,
    /// The session has been closed.
    Closed,
    /// The operating system failed us: no randomness, no memory, no such file.
    System,
    /// A defect in this library.
    Internal,
}

/// An error: its [`ErrorKind`] and one line for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    message: Cow<'static, str>,
}

impl Error {
    /// An error of this kind with this message (one line, without a full stop).
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, message: message.into() }
    }

    /// What went wrong, coarsely.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What was wrong and what would be right, in one line.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Shorthand for results with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
