//! The one error that crosses the boundary: a coarse kind that stays, and a line for a person.

use std::panic::{AssertUnwindSafe, catch_unwind};

use frostglass::Error;

/// What went wrong, coarsely. The list may grow; names, numbers and meanings do not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, uniffi::Enum)]
#[repr(i32)]
pub enum ErrorKind {
    /// A picture cannot be used: no pixels, a size or stride that its bytes do not have, a crop
    /// outside it.
    Frame = 1,
    /// A model cannot be used: malformed, hostile, unsupported, or not the one expected.
    Model = 2,
    /// The model has no cut of that name.
    Cut = 3,
    /// A policy does not parse, or its stages do not compose.
    Policy = 4,
    /// The activations cannot be sanitised: one of them is not a number.
    Activations = 5,
    /// A release is malformed or from a newer format.
    Release = 6,
    /// A buffer cannot be used: of the wrong length, on the heap, read-only, or one memory for two
    /// purposes.
    Buffer = 7,
    /// A privacy budget would be passed.
    Budget = 8,
    /// A ledger cannot be used: malformed, damaged, missing, or from a newer format.
    Ledger = 9,
    /// A token is malformed, stands for another release, or is used up.
    Token = 10,
    /// Somebody else holds what is needed; the same call may succeed later.
    Busy = 11,
    /// A front cannot run on so many threads.
    Threads = 12,
    /// The session has been closed.
    Closed = 13,
    /// The operating system failed: no randomness, no memory, no such file.
    System = 14,
    /// A defect in the library.
    Internal = 15,
}

/// Why a call was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum Failure {
    /// Something was wrong with the call, or went wrong in it.
    #[error("{reason}")]
    Refused {
        /// What an app decides on.
        kind: ErrorKind,
        /// What was wrong and what would be right, in one line; no pixel, no path, no secret.
        reason: String,
    },
}

pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    pub(crate) fn new(kind: ErrorKind, reason: impl Into<String>) -> Self {
        Self::Refused { kind, reason: reason.into() }
    }

    /// What an app decides on.
    pub fn kind(&self) -> ErrorKind {
        let Self::Refused { kind, .. } = self;
        *kind
    }

    /// The line for a person.
    pub fn reason(&self) -> &str {
        let Self::Refused { reason, .. } = self;
        reason
    }
}

impl From<frostglass::ErrorKind> for ErrorKind {
    fn from(kind: frostglass::ErrorKind) -> Self {
        use frostglass::ErrorKind as Core;
        match kind {
            Core::Frame => Self::Frame,
            Core::Model => Self::Model,
            Core::Cut => Self::Cut,
            Core::Policy => Self::Policy,
            Core::Activations => Self::Activations,
            Core::Release => Self::Release,
            Core::Buffer => Self::Buffer,
            Core::Budget => Self::Budget,
            Core::Ledger => Self::Ledger,
            Core::Token => Self::Token,
            Core::Busy => Self::Busy,
            Core::Threads => Self::Threads,
            Core::Closed => Self::Closed,
            Core::System => Self::System,
            // A kind that an app does not know yet is one it can do nothing about.
            _ => Self::Internal,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(error.kind().into(), error.message())
    }
}

/// Runs a call of another language: a panic in it is an error, not the end of the app. Its message
/// stays here, since nobody has looked at what it says.
pub(crate) fn guarded<T>(call: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|_| {
        let reason = "a defect in the library; the session can still be used";
        Err(Failure::new(ErrorKind::Internal, reason))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_that_does_not_repeat_it() {
        let failure = guarded::<()>(|| panic!("pixel 7 is 255")).unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::Internal);
        assert!(!failure.reason().contains('7'));
    }

    #[test]
    fn a_kind_of_the_core_is_the_same_kind_here() {
        for (core, kind) in [
            (frostglass::ErrorKind::Frame, ErrorKind::Frame),
            (frostglass::ErrorKind::Token, ErrorKind::Token),
            (frostglass::ErrorKind::Internal, ErrorKind::Internal),
        ] {
            let failure = Failure::from(Error::new(core, "why"));
            assert_eq!((failure.kind(), failure.reason()), (kind, "why"));
            assert_eq!(failure.to_string(), "why");
        }
    }
}
