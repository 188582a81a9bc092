//! What a command leaves behind: files that appear whole or not at all, and one answer on standard
//! output.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tempfile::NamedTempFile;

use crate::failure::Failure;

/// Files that are written together: none appears before all are on the disk.
#[derive(Default)]
pub(crate) struct Outputs {
    staged: Vec<(NamedTempFile, PathBuf)>,
    direct: Vec<(Vec<u8>, PathBuf)>,
}

impl Outputs {
    /// Whether a file could be written here, found out before anything is paid for it.
    pub(crate) fn check(path: &Path) -> Result<(), Failure> {
        Self::default().stage(path, b"")
    }

    /// Writes the bytes beside `path`, under a name of their own.
    pub(crate) fn stage(&mut self, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
        let fail = |error: std::io::Error| Failure::file("write", path, &error);
        match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {
                return Err(Failure::bad_input(format!(
                    "cannot write {}: it is a folder",
                    path.display()
                )));
            }
            // A device or a pipe is written to; renaming a file over it would replace it.
            Ok(metadata) if !metadata.is_file() => {
                self.direct.push((bytes.to_vec(), path.to_owned()));
                return Ok(());
            }
            _ => {}
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".frostglass-");
        #[cfg(unix)]
        {
            // As an ordinary new file: what the user's mask leaves of read and write for all.
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let mut file = builder.tempfile_in(folder).map_err(fail)?;
        file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(fail)?;
        self.staged.push((file, path.to_owned()));
        Ok(())
    }

    /// Gives every staged file its name.
    pub(crate) fn commit(self) -> Result<(), Failure> {
        for (file, path) in self.staged {
            file.persist(&path).map_err(|error| Failure::file("write", &path, &error.error))?;
        }
        for (bytes, path) in self.direct {
            std::fs::write(&path, bytes).map_err(|error| Failure::file("write", &path, &error))?;
        }
        Ok(())
    }
}

/// Prints a command's answer: its JSON, or its text.
pub(crate) fn answer<T: Serialize>(
    json: bool,
    report: &T,
    text: impl FnOnce(&T) -> String,
) -> Result<(), Failure> {
    let answer = if json {
        serde_json::to_string_pretty(report).expect("reports are always JSON")
    } else {
        text(report)
    };
    // A reader that closes the pipe early, as `head` does, has had what it wanted.
    match writeln!(std::io::stdout(), "{}", answer.trim_end()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::file("write", Path::new("standard output"), &error))
        }
        _ => Ok(()),
    }
}
