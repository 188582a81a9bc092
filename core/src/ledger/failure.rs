//! What can go wrong with a ledger's file, in words.

use std::io;

use crate::error::{Error, ErrorKind};

/// A file system's refusal; the ledger could not be `done` ("opened", "written").
pub(super) fn of(done: &str, error: &io::Error) -> Error {
    use io::ErrorKind as Io;
    match error.kind() {
        Io::WouldBlock => Error::new(
            ErrorKind::Busy,
            "another program has held the ledger's lock for too long; nothing was charged: try again",
        ),
        Io::NotFound => Error::new(
            ErrorKind::Ledger,
            format!("the ledger cannot be {done}: no such file, or no such folder to begin one in"),
        ),
        Io::IsADirectory | Io::NotADirectory => Error::new(
            ErrorKind::Ledger,
            format!("the ledger cannot be {done}: a ledger is a plain file in a folder"),
        ),
        Io::PermissionDenied | Io::ReadOnlyFilesystem => Error::new(
            ErrorKind::Ledger,
            format!(
                "the ledger cannot be {done}: the file or its folder is read-only for this user; nothing was released"
            ),
        ),
        Io::StorageFull | Io::QuotaExceeded => Error::new(
            ErrorKind::System,
            format!("the ledger cannot be {done}: the disk is full; nothing was released"),
        ),
        _ => {
            let text = error.to_string();
            let reason = text.split(" (os error").next().unwrap_or(&text).to_lowercase();
            Error::new(
                ErrorKind::System,
                format!("the ledger cannot be {done}: {reason}; nothing was released"),
            )
        }
    }
}

/// A ledger that holds something other than records from this byte on.
pub(super) fn damaged(offset: u64) -> Error {
    Error::new(
        ErrorKind::Ledger,
        format!(
            "the ledger is damaged at byte {offset}: nothing was charged and nothing changed; put a whole copy back, or go on from what is known to be spent (`frostglass ledger verify FILE --continue`)"
        ),
    )
}

/// A ledger whose successor has not got its name yet, or got another one.
pub(super) fn retired() -> Error {
    Error::new(
        ErrorKind::Ledger,
        "this ledger was damaged and is being continued by another, and nothing can be charged to this one: where that was interrupted, `frostglass ledger verify FILE --continue` completes it",
    )
}
