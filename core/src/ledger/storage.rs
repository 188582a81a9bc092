//! What a ledger asks of a file system, small enough to be played by a simulated one in tests.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// A file system.
pub(super) trait Storage {
    /// A file that is open.
    type File: StorageFile;

    /// Opens a file that exists, for reading and, where asked, for writing.
    fn open(&self, path: &Path, access: Access) -> io::Result<Self::File>;

    /// Makes a file in the place of the one that is there, if one is.
    fn create(&self, path: &Path) -> io::Result<Self::File>;

    /// Opens a file that nobody reads, for its lock alone; makes it where it is missing.
    fn open_lock(&self, path: &Path) -> io::Result<Self::File>;

    /// Makes a folder, or leaves the one that is there.
    fn create_folder(&self, path: &Path) -> io::Result<()>;

    /// What stands under this name now, though another file may be open.
    fn stamp(&self, path: &Path) -> io::Result<Stamp>;

    /// The path of the file itself, where this one is a symbolic link to it.
    fn followed(&self, path: &Path) -> io::Result<PathBuf>;

    /// Whether anything has this name.
    fn exists(&self, path: &Path) -> io::Result<bool>;

    /// Gives a file another name in the same folder, in one step, replacing what has it.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Takes a file away.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Returns once the names in a folder are on the disk.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
}

/// What a file is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Reading, beside other readers.
    Read,
    /// Reading and writing, alone.
    Write,
}

/// A file that is open. Dropping it closes it and frees its lock.
pub(super) trait StorageFile {
    /// Waits for the lock: shared for reading, exclusive for writing.
    fn lock(&self, access: Access) -> io::Result<()>;

    /// Which file it is, and when it was last written.
    fn stamp(&self) -> io::Result<Stamp>;

    /// Bytes in it.
    fn length(&self) -> io::Result<u64>;

    /// Reads as many bytes as there are from `offset` on, up to the buffer's length.
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// Writes all of `bytes` at `offset`. A failure may leave a part of them.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Cuts it to this length.
    fn truncate(&mut self, length: u64) -> io::Result<()>;

    /// Returns once everything written to it is on the disk.
    fn sync(&mut self) -> io::Result<()>;
}

/// Which file something is, and what shows that it was written to. Times are compared for being the
/// same, and with no clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// The device and the file's number on it; the same for two names of one file. Zeros where the
    /// system does not tell (Windows): there all files count as the same one.
    pub(super) file: [u64; 2],
    /// Bytes in it.
    pub(super) length: u64,
    /// When its bytes were last written, in the file system's own units.
    pub(super) written: [i64; 2],
    /// When anything of it was last changed: nobody sets this time. Zeros where there is none.
    pub(super) changed: [i64; 2],
}

impl Stamp {
    #[cfg(unix)]
    fn of(file: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self {
            file: [file.dev(), file.ino()],
            length: file.len(),
            written: [file.mtime(), file.mtime_nsec()],
            changed: [file.ctime(), file.ctime_nsec()],
        }
    }

    #[cfg(not(unix))]
    fn of(file: &Metadata) -> Self {
        let written = file.modified().ok().and_then(|time| {
            let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
            Some([i64::try_from(since.as_secs()).ok()?, i64::from(since.subsec_nanos())])
        });
        Self {
            file: [0; 2],
            length: file.len(),
            written: written.unwrap_or_default(),
            changed: [0; 2],
        }
    }
}

/// The operating system's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Disk {
    /// How long to wait for a lock. A clock decides nothing else, and this one cannot be set.
    pub(super) patience: Duration,
}

impl Default for Disk {
    fn default() -> Self {
        Self { patience: Duration::from_secs(10) }
    }
}

/// A file of [`Disk`].
#[derive(Debug)]
pub(super) struct DiskFile {
    file: File,
    patience: Duration,
}

impl Disk {
    fn file(&self, file: File) -> DiskFile {
        DiskFile { file, patience: self.patience }
    }
}

impl Storage for Disk {
    type File = DiskFile;

    fn open(&self, path: &Path, access: Access) -> io::Result<DiskFile> {
        // Looked at first: to open a pipe would wait for its other end.
        if !fs::metadata(path)?.is_file() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory));
        }
        let file = OpenOptions::new().read(true).write(access == Access::Write).open(path)?;
        Ok(self.file(file))
    }

    fn create(&self, path: &Path) -> io::Result<DiskFile> {
        // Not emptied: whatever other names it has keep what they stand for.
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        private(&mut options).open(path).map(|file| self.file(file))
    }

    fn open_lock(&self, path: &Path) -> io::Result<DiskFile> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        private(&mut options).open(path).map(|file| self.file(file))
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        match fs::create_dir(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
            result => result,
        }
    }

    fn stamp(&self, path: &Path) -> io::Result<Stamp> {
        fs::metadata(path).map(|metadata| Stamp::of(&metadata))
    }

    fn followed(&self, path: &Path) -> io::Result<PathBuf> {
        if fs::symlink_metadata(path)?.is_symlink() {
            return path.canonicalize();
        }
        Ok(path.to_owned())
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        path.try_exists()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    #[cfg(unix)]
    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    /// Elsewhere folders cannot be opened as files; names are the file system's journal's business.
    #[cfg(not(unix))]
    fn sync_folder(&self, _path: &Path) -> io::Result<()> {
        Ok(())
    }
}

/// What a person has released is nobody else's business: only the owner reads it.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

impl StorageFile for DiskFile {
    fn lock(&self, access: Access) -> io::Result<()> {
        let start = Instant::now();
        let mut pause = Duration::from_micros(50);
        // Asked again and again, not waited for: a holder that the system has suspended would
        // otherwise hold its callers for good.
        while !try_lock(&self.file, access)? {
            if start.elapsed() >= self.patience {
                return Err(io::Error::from(io::ErrorKind::WouldBlock));
            }
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(5));
        }
        Ok(())
    }

    fn stamp(&self) -> io::Result<Stamp> {
        self.file.metadata().map(|metadata| Stamp::of(&metadata))
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.seek(SeekFrom::Start(offset))?;
        let mut read = 0;
        while read < buffer.len() {
            match self.file.read(&mut buffer[read..]) {
                Ok(0) => break,
                Ok(count) => read += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(read)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(offset))?;
        self.file.write_all(bytes)
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }

    fn sync(&mut self) -> io::Result<()> {
        // Contents and length; on Apple's systems the device's own cache as well.
        self.file.sync_data()
    }
}

/// Closing is not enough: a child that was forked off meanwhile has the file open as well.
impl Drop for DiskFile {
    fn drop(&mut self) {
        // What cannot be unlocked was not locked, or is as good as closed.
        #[cfg(unix)]
        let _ = rustix::fs::flock(&self.file, rustix::fs::FlockOperation::Unlock);
        #[cfg(not(unix))]
        let _ = self.file.unlock();
    }
}

/// Takes an advisory lock if it is free. `flock` belongs to the open file, so that two threads that
/// opened it each exclude one another as two processes do. Not the standard library's: on Android it
/// answers that there are no locks.
#[cfg(unix)]
fn try_lock(file: &File, access: Access) -> io::Result<bool> {
    use rustix::fs::{FlockOperation, flock};
    use rustix::io::Errno;

    let operation = match access {
        Access::Read => FlockOperation::NonBlockingLockShared,
        Access::Write => FlockOperation::NonBlockingLockExclusive,
    };
    match flock(file, operation) {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK | Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(unix))]
fn try_lock(file: &File, access: Access) -> io::Result<bool> {
    let result = match access {
        Access::Read => file.try_lock_shared(),
        Access::Write => file.try_lock(),
    };
    match result {
        Ok(()) => Ok(true),
        Err(fs::TryLockError::WouldBlock) => Ok(false),
        Err(fs::TryLockError::Error(error)) => Err(error),
    }
}
