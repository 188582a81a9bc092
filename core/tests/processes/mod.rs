//! Processes that charge to one ledger, and what each of them was handed out.
#![allow(dead_code, reason = "each suite uses its own part")]

use std::ffi::c_int;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::num::NonZeroU32;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use frostglass::ledger::{Account, Ledger, Payment};
use frostglass::privacy::{Epsilon, Mechanism, Normalisation, Scope, Sensitivity, Target};

unsafe extern "C" {
    safe fn fork() -> c_int;
    pub(crate) safe fn getpid() -> c_int;
    pub(crate) safe fn kill(process: c_int, signal: c_int) -> c_int;
    fn waitpid(process: c_int, status: *mut c_int, options: c_int) -> c_int;
    safe fn _exit(status: c_int) -> !;
}

pub(crate) const SIGKILL: c_int = 9;

/// Calibrated once: children find it in their memory.
pub(crate) static MECHANISM: LazyLock<Mechanism> = LazyLock::new(|| {
    let scope = Scope { rows: 4, columns: 4, reach: None };
    let sensitivity = Sensitivity::new(Normalisation::default(), 8, None);
    Mechanism::calibrate(scope, sensitivity, Target::new(Epsilon::new(1.0).unwrap())).unwrap()
});

/// A child process; killed when it is forgotten.
pub(crate) struct Child(pub(crate) c_int);

impl Child {
    /// What a process does that `made` has just made: `work`, and nothing of what its parent was at.
    pub(crate) fn of(made: c_int, work: impl FnOnce()) -> Self {
        assert!(made >= 0, "no child could be made");
        if made == 0 {
            let done = catch_unwind(AssertUnwindSafe(work));
            _exit(if done.is_ok() { 0 } else { 101 });
        }
        Self(made)
    }

    pub(crate) fn fork(work: impl FnOnce()) -> Self {
        Self::of(fork(), work)
    }

    /// Its exit status, or the signal that ended it as a negative number.
    pub(crate) fn wait(self) -> i32 {
        let mut status = 0;
        // SAFETY: the status is written to a number that lives here.
        assert_eq!(unsafe { waitpid(self.0, &mut status, 0) }, self.0);
        std::mem::forget(self);
        if status & 127 == 0 { status >> 8 } else { -(status & 127) }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        kill(self.0, SIGKILL);
    }
}

pub(crate) fn open(path: &Path, block: u32) -> frostglass::Result<(String, Account)> {
    let ledger = Arc::new(Ledger::open(path)?);
    let name = ledger.standing()?.ledger;
    let block = NonZeroU32::new(block).unwrap();
    Ok((name, Account::open(ledger, Some(&MECHANISM), block)?))
}

/// A file that many processes add lines to: what they handed out.
pub(crate) struct Log {
    pub(crate) file: File,
    path: PathBuf,
}

impl Log {
    pub(crate) fn begin(path: PathBuf) -> Self {
        let file = OpenOptions::new().create(true).append(true).open(&path).unwrap();
        Self { file, path }
    }

    /// One write a line, so that a killed process leaves whole ones.
    pub(crate) fn paid(&self, ledger: &str, Payment { record, index }: Payment) {
        (&self.file).write_all(format!("{ledger} {record} {index}\n").as_bytes()).unwrap();
    }

    /// All lines, and none from now on.
    pub(crate) fn take(&self) -> Vec<(String, u64, u32)> {
        let text = fs::read_to_string(&self.path).unwrap();
        self.file.set_len(0).unwrap();
        let line = |line: &str| {
            let mut parts = line.split(' ');
            let ledger = parts.next()?.to_owned();
            Some((ledger, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
        };
        text.lines().map(|text| line(text).unwrap_or_else(|| panic!("{text:?}"))).collect()
    }
}
