//! A disk in memory that knows what a real one would still have after it lost power.
//!
//! It promises no more than file systems do: what was synced stays; of what was written since,
//! anything may be there, a part of it, or nothing; names are on the disk once their folder was
//! synced, and before that as many of the changes as the disk got to.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::ledger::storage::{Access, Stamp, Storage, StorageFile};

/// A disk; clones are the same one.
#[derive(Clone, Debug, Default)]
pub(super) struct Simulated {
    world: Arc<Mutex<World>>,
}

#[derive(Debug, Default)]
struct World {
    names: BTreeMap<PathBuf, usize>,
    names_on_disk: BTreeMap<PathBuf, usize>,
    renamed: Vec<Change>,
    files: Vec<Contents>,
    steps: u64,
    fault: Option<Fault>,
    dead: bool,
    at_next_lock: Option<Meanwhile>,
}

/// What somebody else does while a lock is waited for.
struct Meanwhile(Box<dyn FnOnce() + Send>);

impl fmt::Debug for Meanwhile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meanwhile")
    }
}

#[derive(Clone, Debug)]
enum Change {
    Name(PathBuf, usize),
    Gone(PathBuf),
}

#[derive(Clone, Debug, Default)]
struct Contents {
    seen: Vec<u8>,
    on_disk: Vec<u8>,
    since: Vec<Write>,
    /// How often it was written to.
    written: i64,
}

#[derive(Clone, Debug)]
enum Write {
    At(usize, Vec<u8>),
    Cut(usize),
}

/// What goes wrong, and at which step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fault {
    pub(super) step: u64,
    pub(super) what: What,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    /// The process dies; a write gets this far.
    Death { written: usize },
    /// This step fails, a write after this many bytes, and the process lives.
    Error { kind: io::ErrorKind, written: usize },
    /// This step and every later one that writes fail.
    Errors(io::ErrorKind),
}

/// What a disk that lost power has of one write.
#[derive(Clone, Copy, Debug)]
pub(super) enum Survives {
    Nothing,
    All,
    /// This many bytes, and the file ends there.
    Beginning(usize),
    /// This many bytes, and zeros up to where the write would have ended.
    BeginningThenZeros(usize),
}

fn apply(bytes: &mut Vec<u8>, write: &Write, survives: Survives) {
    match (write, survives) {
        (_, Survives::Nothing) => {}
        (Write::Cut(length), _) => bytes.truncate(*length),
        (Write::At(offset, new), survives) => {
            let (kept, length) = match survives {
                Survives::Beginning(kept) => (kept.min(new.len()), kept.min(new.len())),
                Survives::BeginningThenZeros(kept) => (kept.min(new.len()), new.len()),
                _ => (new.len(), new.len()),
            };
            if length == 0 {
                return;
            }
            if bytes.len() < offset + length {
                bytes.resize(offset + length, 0);
            }
            bytes[*offset..offset + kept].copy_from_slice(&new[..kept]);
        }
    }
}

impl Simulated {
    pub(super) fn set_fault(&self, fault: Option<Fault>) {
        self.world.lock().unwrap().fault = fault;
    }

    /// Steps taken so far: everything that changes something, and every sync.
    pub(super) fn steps(&self) -> u64 {
        self.world.lock().unwrap().steps
    }

    pub(super) fn is_dead(&self) -> bool {
        self.world.lock().unwrap().dead
    }

    /// The process is gone and another begins: the system had all that was written.
    pub(super) fn restart(&self) {
        let mut world = self.world.lock().unwrap();
        world.dead = false;
        world.fault = None;
    }

    /// The power goes and comes back. `changes` says how many of the unsynced names arrived, and
    /// `survives` what of each unsynced write did.
    pub(super) fn lose_power(
        &self,
        changes: impl FnOnce(usize) -> usize,
        mut survives: impl FnMut() -> Survives,
    ) {
        self.restart();
        let world = &mut *self.world.lock().unwrap();
        let arrived = changes(world.renamed.len());
        for change in world.renamed.drain(..).take(arrived) {
            match change {
                Change::Name(path, file) => world.names_on_disk.insert(path, file),
                Change::Gone(path) => world.names_on_disk.remove(&path),
            };
        }
        world.names = world.names_on_disk.clone();
        for file in &mut world.files {
            for write in std::mem::take(&mut file.since) {
                apply(&mut file.on_disk, &write, survives());
            }
            file.seen = file.on_disk.clone();
        }
    }

    /// A file's bytes as a process sees them.
    pub(super) fn read(&self, path: &Path) -> Option<Vec<u8>> {
        let world = self.world.lock().unwrap();
        world.names.get(path).map(|&file| world.files[file].seen.clone())
    }

    /// Puts bytes on the disk behind everybody's back.
    pub(super) fn put(&self, path: &Path, bytes: &[u8]) {
        let mut world = self.world.lock().unwrap();
        let file = world.names.get(path).copied().unwrap_or(world.files.len());
        let written = world.files.get(file).map_or(0, |file| file.written + 1);
        let (seen, on_disk) = (bytes.to_vec(), bytes.to_vec());
        let contents = Contents { seen, on_disk, since: Vec::new(), written };
        if file == world.files.len() {
            world.files.push(Contents::default());
        }
        world.files[file] = contents;
        world.names.insert(path.to_owned(), file);
        world.names_on_disk.insert(path.to_owned(), file);
    }

    /// Another name for the same file, or the same name for another one.
    pub(super) fn link(&self, from: &Path, to: &Path) {
        let mut world = self.world.lock().unwrap();
        let file = world.names[from];
        world.names.insert(to.to_owned(), file);
        world.names_on_disk.insert(to.to_owned(), file);
    }

    /// What somebody else does while the next lock is waited for.
    pub(super) fn at_next_lock(&self, meanwhile: impl FnOnce() + Send + 'static) {
        self.world.lock().unwrap().at_next_lock = Some(Meanwhile(Box::new(meanwhile)));
    }

    pub(super) fn names(&self) -> Vec<PathBuf> {
        self.world.lock().unwrap().names.keys().cloned().collect()
    }
}

fn dead() -> io::Error {
    io::Error::other("this process has died")
}

impl World {
    /// One more step. An answer of some number is how far a write gets before it fails.
    fn step(&mut self) -> Result<(), (usize, io::Error)> {
        if self.dead {
            return Err((0, dead()));
        }
        let now = self.steps;
        self.steps += 1;
        let Some(Fault { step, what }) = self.fault else { return Ok(()) };
        match what {
            What::Death { written } if now == step => {
                self.dead = true;
                Err((written, dead()))
            }
            What::Error { kind, written } if now == step => Err((written, kind.into())),
            What::Errors(kind) if now >= step => Err((0, kind.into())),
            _ => Ok(()),
        }
    }

    fn plain_step(&mut self) -> io::Result<()> {
        self.step().map_err(|(_, error)| error)
    }

    fn stamp(&self, file: usize) -> Stamp {
        let Contents { seen, written, .. } = &self.files[file];
        Stamp {
            file: [0, file as u64],
            length: seen.len() as u64,
            written: [0; 2],
            changed: [*written, 0],
        }
    }

    fn name(&mut self, path: &Path, file: usize) {
        self.names.insert(path.to_owned(), file);
        self.renamed.push(Change::Name(path.to_owned(), file));
    }
}

#[derive(Debug)]
pub(super) struct SimulatedFile {
    world: Arc<Mutex<World>>,
    file: usize,
    access: Access,
}

impl Simulated {
    fn file(&self, file: usize, access: Access) -> SimulatedFile {
        SimulatedFile { world: Arc::clone(&self.world), file, access }
    }
}

impl Storage for Simulated {
    type File = SimulatedFile;

    fn open(&self, path: &Path, access: Access) -> io::Result<SimulatedFile> {
        let world = self.world.lock().unwrap();
        if world.dead {
            return Err(dead());
        }
        let file = *world.names.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(self.file(file, access))
    }

    fn create(&self, path: &Path) -> io::Result<SimulatedFile> {
        let mut world = self.world.lock().unwrap();
        world.plain_step()?;
        // A new file each time: emptying the old one is at the disk's leisure as well.
        let file = world.files.len();
        world.files.push(Contents::default());
        world.name(path, file);
        Ok(self.file(file, Access::Write))
    }

    fn open_lock(&self, path: &Path) -> io::Result<SimulatedFile> {
        let existing = self.world.lock().unwrap().names.get(path).copied();
        match existing {
            Some(file) => Ok(self.file(file, Access::Write)),
            None => self.create(path),
        }
    }

    fn create_folder(&self, _path: &Path) -> io::Result<()> {
        self.world.lock().unwrap().plain_step()
    }

    fn stamp(&self, path: &Path) -> io::Result<Stamp> {
        let world = self.world.lock().unwrap();
        let file = *world.names.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(world.stamp(file))
    }

    fn followed(&self, path: &Path) -> io::Result<PathBuf> {
        Ok(path.to_owned())
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        Ok(self.world.lock().unwrap().names.contains_key(path))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut world = self.world.lock().unwrap();
        world.plain_step()?;
        let file = world.names.remove(from).ok_or(io::ErrorKind::NotFound)?;
        world.name(to, file);
        world.renamed.push(Change::Gone(from.to_owned()));
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut world = self.world.lock().unwrap();
        world.plain_step()?;
        world.names.remove(path).ok_or(io::ErrorKind::NotFound)?;
        world.renamed.push(Change::Gone(path.to_owned()));
        Ok(())
    }

    fn sync_folder(&self, _path: &Path) -> io::Result<()> {
        let mut world = self.world.lock().unwrap();
        world.plain_step()?;
        world.names_on_disk = world.names.clone();
        world.renamed.clear();
        Ok(())
    }
}

impl SimulatedFile {
    fn write(&mut self, write: Write) -> io::Result<()> {
        assert_eq!(self.access, Access::Write, "a file opened for reading was written to");
        let mut world = self.world.lock().unwrap();
        let result = world.step();
        let contents = &mut world.files[self.file];
        contents.written += 1;
        match result {
            Ok(()) => {
                apply(&mut contents.seen, &write, Survives::All);
                contents.since.push(write);
                Ok(())
            }
            Err((written, error)) => {
                if let Write::At(offset, mut bytes) = write {
                    bytes.truncate(written);
                    let part = Write::At(offset, bytes);
                    apply(&mut contents.seen, &part, Survives::All);
                    contents.since.push(part);
                }
                Err(error)
            }
        }
    }
}

impl StorageFile for SimulatedFile {
    /// Tests take turns; real locks are tried on a real disk.
    fn lock(&self, _access: Access) -> io::Result<()> {
        let meanwhile = self.world.lock().unwrap().at_next_lock.take();
        if let Some(Meanwhile(act)) = meanwhile {
            act();
        }
        Ok(())
    }

    fn stamp(&self) -> io::Result<Stamp> {
        Ok(self.world.lock().unwrap().stamp(self.file))
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.world.lock().unwrap().files[self.file].seen.len() as u64)
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let world = self.world.lock().unwrap();
        let bytes = world.files[self.file].seen.get(offset as usize..).unwrap_or_default();
        let read = bytes.len().min(buffer.len());
        buffer[..read].copy_from_slice(&bytes[..read]);
        Ok(read)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.write(Write::At(offset as usize, bytes.to_vec()))
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.write(Write::Cut(length as usize))
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut world = self.world.lock().unwrap();
        world.plain_step()?;
        let contents = &mut world.files[self.file];
        contents.on_disk = contents.seen.clone();
        contents.since.clear();
        Ok(())
    }
}
