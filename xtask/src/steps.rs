//! Running a suite's commands: shown live and kept in a log.

use std::cell::RefCell;
use std::env;
use std::fs::{self, File};
use std::io::{self, IsTerminal, PipeReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use xshell::{Cmd, Shell};

use crate::Result;
use crate::workplace::Workplace;

/// How long to wait, once a command has ended, for others that still hold its output open. A
/// browser leaves such processes behind, and a suite must not wait for them forever.
const STRAGGLERS: Duration = Duration::from_secs(2);

/// The commands of one suite, run one after the other; the first that fails ends the suite.
pub(crate) struct Steps<'a> {
    pub(crate) workplace: &'a Workplace,
    /// Stands in the repository's root; commands are made with `cmd!(steps.shell, "...")`.
    pub(crate) shell: Shell,
    log: RefCell<File>,
    log_path: PathBuf,
}

impl<'a> Steps<'a> {
    /// Starts the log called `name` anew.
    pub(crate) fn begin(workplace: &'a Workplace, name: &str) -> Result<Self> {
        let logs = workplace.target_dir.join("logs");
        fs::create_dir_all(&logs)?;
        let log_path = logs.join(format!("{name}.log"));
        let log = RefCell::new(File::create(&log_path)?);
        let shell = workplace.shell()?;
        if io::stdout().is_terminal() && env::var_os("CARGO_TERM_COLOR").is_none() {
            // Cargo writes into our pipe and would otherwise take us for a file.
            shell.set_var("CARGO_TERM_COLOR", "always");
        }
        Ok(Self { workplace, shell, log, log_path })
    }

    /// Where the output is kept.
    pub(crate) fn log_path(&self) -> &Path {
        &self.log_path
    }

    /// Runs one command without input. Its output and its errors share one pipe, so that they keep
    /// their order, and go both to our own output and to the log.
    pub(crate) fn run(&self, command: Cmd<'_>) -> Result<()> {
        let line = command.to_string();
        self.say(format!("$ {line}\n").as_bytes())?;
        let (reader, writer) = io::pipe()?;
        let mut command = Command::from(command);
        for variable in left_by_outer_cargo() {
            command.env_remove(variable);
        }
        command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
        let mut child = command.spawn().map_err(|error| format!("`{line}`: {error}"))?;
        // The pipe ends when every writer is closed: ours are inside `command`.
        drop(command);

        let chunks = read_in_background(reader);
        let mut ended = None;
        loop {
            match chunks.recv_timeout(Duration::from_millis(100)) {
                Ok(chunk) => self.say(&chunk)?,
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if ended.is_none() && child.try_wait()?.is_some() {
                ended = Some(Instant::now());
            }
            if ended.is_some_and(|instant| instant.elapsed() > STRAGGLERS) {
                break;
            }
        }
        let status = child.wait()?;
        if status.success() { Ok(()) } else { Err(format!("`{line}`: {status}").into()) }
    }

    fn say(&self, bytes: &[u8]) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes)?;
        stdout.flush()?;
        self.log.borrow_mut().write_all(bytes)
    }
}

/// A thread of its own reads, because a read cannot be given up.
fn read_in_background(mut reader: PipeReader) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(count @ 1..) = reader.read(&mut buffer) {
            if sender.send(buffer[..count].to_vec()).is_err() {
                break;
            }
        }
    });
    receiver
}

/// `cargo xtask` is itself run by cargo, which describes our package to us in these variables. Some
/// build scripts watch them: passed on, they would make the same crates be built anew for everybody
/// who also runs cargo by hand.
fn left_by_outer_cargo() -> impl Iterator<Item = std::ffi::OsString> {
    env::vars_os().map(|(name, _)| name).filter(|name| {
        let name = name.to_string_lossy();
        name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
    })
}

#[cfg(test)]
mod tests {
    use xshell::cmd;

    use super::*;

    fn workplace(name: &str) -> Workplace {
        let folder =
            env::temp_dir().join(format!("frostglass-xtask-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Workplace { root: folder.clone(), cache: folder.clone(), target_dir: folder, ci: false }
    }

    #[test]
    fn output_and_errors_reach_the_log_in_their_order() {
        let workplace = workplace("order");
        let steps = Steps::begin(&workplace, "order").unwrap();
        let script = "echo one; echo two >&2; echo three";
        steps.run(cmd!(steps.shell, "sh -c {script}")).unwrap();
        let log = fs::read_to_string(steps.log_path()).unwrap();
        assert!(log.ends_with("one\ntwo\nthree\n"), "{log}");
        fs::remove_dir_all(workplace.root).unwrap();
    }

    #[test]
    fn a_failure_names_the_command_and_its_status() {
        let workplace = workplace("failure");
        let steps = Steps::begin(&workplace, "failure").unwrap();
        let failed = steps.run(cmd!(steps.shell, "sh -c 'exit 3'")).unwrap_err().to_string();
        assert!(failed.contains("exit 3") && failed.contains("status: 3"), "{failed}");
        let absent = steps.run(cmd!(steps.shell, "no-such-program")).unwrap_err().to_string();
        assert!(absent.contains("no-such-program"), "{absent}");
        fs::remove_dir_all(workplace.root).unwrap();
    }

    #[test]
    fn a_process_left_behind_does_not_hold_the_suite_up() {
        let workplace = workplace("straggler");
        let steps = Steps::begin(&workplace, "straggler").unwrap();
        let begun = Instant::now();
        steps.run(cmd!(steps.shell, "sh -c 'sleep 30 & exit 0'")).unwrap();
        assert!(begun.elapsed() < Duration::from_secs(25));
        fs::remove_dir_all(workplace.root).unwrap();
    }
}
