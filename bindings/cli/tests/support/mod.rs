//! Running the program, and files to feed it.
#![allow(dead_code, reason = "each suite uses its own part")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_frostglass");

/// The zoo's folder.
pub(crate) fn zoo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/zoo")
}

/// The demo's photograph, in which the face is at 168,65,113,113.
pub(crate) fn photo() -> String {
    zoo().join("dlib-face/photo.png").into_os_string().into_string().expect("a path in UTF-8")
}

/// `sanitize` with dlib-face, as a person types it.
pub(crate) fn sanitize<'a>(
    photo: &'a str,
    cut: &'a str,
    policy: &'a str,
    out: &'a str,
    more: &[&'a str],
) -> Vec<&'a str> {
    let given = ["sanitize", photo, "--model", "dlib-face", "--cut", cut, "--policy", policy];
    [&given[..], &["--out", out], more].concat()
}

/// A folder of its own to run in.
pub(crate) struct Desk {
    folder: TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).expect("a file in the temporary folder");
        path
    }

    /// Every file in the folder, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.folder.path())
            .expect("the temporary folder")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
            .collect();
        names.sort();
        names
    }

    /// Runs the program here.
    pub(crate) fn run<S: AsRef<str>>(&self, arguments: &[S]) -> Output {
        let arguments = arguments.iter().map(AsRef::as_ref);
        Command::new(PROGRAM)
            .current_dir(self.folder.path())
            .args(arguments)
            .output()
            .expect("the program runs")
    }

    /// Runs the program within four gibibytes of address space.
    pub(crate) fn run_confined<S: AsRef<str>>(&self, arguments: &[S]) -> Output {
        let arguments = arguments.iter().map(AsRef::as_ref);
        Command::new("sh")
            .current_dir(self.folder.path())
            .args(["-c", "ulimit -v 4194304 && exec \"$0\" \"$@\"", PROGRAM])
            .args(arguments)
            .output()
            .expect("a shell runs the program")
    }

    /// Runs the program, which must succeed, and reads its JSON.
    pub(crate) fn json<S: AsRef<str>>(&self, arguments: &[S]) -> serde_json::Value {
        let mut all: Vec<&str> = arguments.iter().map(AsRef::as_ref).collect();
        all.push("--json");
        let output = self.run(&all);
        assert!(output.status.success(), "{all:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("one JSON object")
    }
}
