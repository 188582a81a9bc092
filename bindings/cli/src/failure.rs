//! How a command fails: one line, and an exit code that a script can tell apart.

use std::path::Path;
use std::process::ExitCode;

use frostglass::{Error, ErrorKind};

/// A failed command.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    line: String,
}

const OTHER: u8 = 1;
const BAD_INPUT: u8 = 2;
const REFUSED_BY_BUDGET: u8 = 3;

impl Failure {
    /// Something that the caller gave cannot be used.
    pub(crate) fn bad_input(line: impl Into<String>) -> Self {
        Self { code: BAD_INPUT, line: line.into() }
    }

    /// A file that cannot be read or written.
    pub(crate) fn file(what: &str, path: &Path, error: &std::io::Error) -> Self {
        Self::bad_input(format!("cannot {what} {}: {}", path.display(), reason(error)))
    }

    /// A failure of the core, with the thing that it speaks of before it.
    pub(crate) fn of(what: impl std::fmt::Display, error: &Error) -> Self {
        Self { line: format!("{what}: {error}"), ..Self::from(error.clone()) }
    }

    /// Arguments that clap refused, its several lines made one.
    pub(crate) fn usage(error: &clap::Error) -> Self {
        let text = error.to_string();
        let useful = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let line: Vec<&str> = useful.take_while(|line| !line.starts_with("Usage:")).collect();
        let line = line.join(" ");
        Self::bad_input(line.strip_prefix("error: ").unwrap_or(&line))
    }

    /// Prints the line and gives the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        eprintln!("frostglass: {}", self.line.replace('\n', " "));
        ExitCode::from(self.code)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let code = match error.kind() {
            ErrorKind::Budget => REFUSED_BY_BUDGET,
            ErrorKind::System | ErrorKind::Busy | ErrorKind::Internal | ErrorKind::Closed => OTHER,
            _ => BAD_INPUT,
        };
        Self { code, line: error.to_string() }
    }
}

/// The system's words without its error number.
fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}
