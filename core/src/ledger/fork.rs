//! Which process this is, told apart from the one that it was forked off.
//!
//! A fork copies whatever a process has in memory, releases that are paid for and not yet made
//! included. A process's number does not tell the copy from the original: two processes of
//! different PID namespaces may have the same. Therefore a word of memory that a fork sets to zero:
//!
//! - Linux and Android: the word lies in a page that the kernel wipes in every child that gets a
//!   copy of it (`MADV_WIPEONFORK`, since Linux 4.14), however the child was made. A child that
//!   shares its parent's memory (`vfork`, `CLONE_VM`) shares the releases as well: there is one of
//!   each, and nothing to tell apart.
//! - Every Unix, and Linux before 4.14: `pthread_atfork` sets it to zero in the child. That covers
//!   `fork`, and on Apple's systems there is no other way. What a system call made behind the C
//!   library's back it does not see.
//! - Elsewhere (Windows) processes are not copied.
#![cfg_attr(
    unix,
    allow(unsafe_code, reason = "a page that is asked of the system, and a function of libc's")
)]

#[cfg(unix)]
use std::ptr;
#[cfg(unix)]
use std::sync::atomic::AtomicPtr;
use std::sync::atomic::{AtomicU64, Ordering};

/// Which process: the same value as long as it lives, and another in each of its children.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Process(u64);

/// Numbers given out in this process and in those that it descends from. A child's is larger than
/// all that it could have inherited.
static GIVEN_OUT: AtomicU64 = AtomicU64::new(0);

impl Process {
    /// The one that runs this.
    pub(super) fn current() -> Self {
        let word = word();
        match word.load(Ordering::Acquire) {
            0 => {
                let number = GIVEN_OUT.fetch_add(1, Ordering::Relaxed) + 1;
                // Of two threads that find it zero, both take the first one's.
                match word.compare_exchange(0, number, Ordering::AcqRel, Ordering::Acquire) {
                    Ok(_) => Self(number),
                    Err(first) => Self(first),
                }
            }
            number => Self(number),
        }
    }
}

#[cfg(test)]
impl Process {
    /// None that ever runs.
    pub(super) const NOBODY: Self = Self(u64::MAX);
}

/// The word where no page can be had that the kernel wipes.
static ORDINARY: AtomicU64 = AtomicU64::new(0);

#[cfg(not(unix))]
fn word() -> &'static AtomicU64 {
    &ORDINARY
}

/// Where the word lies, once somebody has asked. Not behind a lock: one that another thread held
/// during a fork would stay locked in the child.
#[cfg(unix)]
static WORD: AtomicPtr<AtomicU64> = AtomicPtr::new(ptr::null_mut());

#[cfg(unix)]
fn word() -> &'static AtomicU64 {
    let mut word = WORD.load(Ordering::Acquire);
    if word.is_null() {
        // Whoever uses the word has seen to it that a fork wipes it. Twice does no harm.
        forget_in_children();
        let own = wiped_page().unwrap_or(ptr::from_ref(&ORDINARY).cast_mut());
        word = match WORD.compare_exchange(
            ptr::null_mut(),
            own,
            Ordering::AcqRel,
            Ordering::Acquire,
        ) {
            Ok(_) => own,
            // Another thread was quicker; a page of this thread's stays unused.
            Err(first) => first,
        };
    }
    // SAFETY: `word` is not null any more.
    unsafe { at(word) }
}

/// The word at an address that stands, or is to stand, in `WORD`.
///
/// # Safety
/// `word` must not be null.
#[cfg(unix)]
unsafe fn at(word: *mut AtomicU64) -> &'static AtomicU64 {
    // SAFETY: the pointer is to `ORDINARY` or to the beginning of a page that is mapped for reading
    // and writing and never unmapped; either lives as long as the program and is aligned. Zeros are
    // an `AtomicU64`. The kernel wipes only a child's copy, before the child runs.
    unsafe { &*word }
}

/// Sets the word to zero in every child that `fork` makes from now on.
#[cfg(unix)]
fn forget_in_children() {
    use std::ffi::c_int;

    unsafe extern "C" {
        fn pthread_atfork(
            prepare: Option<extern "C" fn()>,
            parent: Option<extern "C" fn()>,
            child: Option<extern "C" fn()>,
        ) -> c_int;
    }

    extern "C" fn in_the_child() {
        // Atomics alone: after a fork a child may call hardly anything.
        let word = WORD.load(Ordering::Acquire);
        if !word.is_null() {
            // SAFETY: just looked at. While there is none, nobody has used it.
            unsafe { at(word) }.store(0, Ordering::Release);
        }
    }

    // SAFETY: the function is POSIX's, of this signature, and the handler takes no lock and allocates
    // nothing. Where it cannot be registered (no memory) the page still serves.
    let _ = unsafe { pthread_atfork(None, None, Some(in_the_child)) };
}

/// A page that reads as zeros in every child; none where the kernel knows of none.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn wiped_page() -> Option<*mut AtomicU64> {
    use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap_anonymous};

    // The kernel rounds up to its own page.
    const LENGTH: usize = 4096;
    // SAFETY: a new mapping, at an address of the kernel's choice, overlaps nothing.
    let page = unsafe {
        mmap_anonymous(
            ptr::null_mut(),
            LENGTH,
            ProtFlags::READ | ProtFlags::WRITE,
            MapFlags::PRIVATE,
        )
    };
    let page = page.ok()?;
    // SAFETY: the mapping was made above, nobody else knows it, and the advice changes nothing in
    // this process.
    let advised = unsafe { madvise(page, LENGTH, Advice::LinuxWipeOnFork) };
    advised.ok().map(|()| page.cast())
}

#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
fn wiped_page() -> Option<*mut AtomicU64> {
    None
}
