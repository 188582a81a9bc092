//! Files that are read whole.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::failure::Failure;

/// Reads a file of at most `limit` bytes; a longer one is refused before it fills the memory.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let fail = |error: std::io::Error| Failure::file("read", path, &error);
    let file = File::open(path).map_err(fail)?;
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).map_err(fail)?;
    if bytes.len() as u64 > limit {
        return Err(Failure::bad_input(format!(
            "{} is larger than {} MiB, the most that is read",
            path.display(),
            limit >> 20
        )));
    }
    Ok(bytes)
}

/// Reads a text file.
pub(crate) fn read_text(path: &Path, limit: u64) -> Result<String, Failure> {
    String::from_utf8(read(path, limit)?)
        .map_err(|_| Failure::bad_input(format!("{} is not text in UTF-8", path.display())))
}
