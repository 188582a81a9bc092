//! The system's allocator, counting what passes through it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);
static HELD: AtomicUsize = AtomicUsize::new(0);
static HIGHEST: AtomicUsize = AtomicUsize::new(0);

/// The allocator of everything in this library. A reallocation counts as one allocation.
pub(crate) struct Counting;

/// How often memory has been asked for since the library was loaded.
pub(crate) fn allocations() -> usize {
    ALLOCATIONS.load(Relaxed)
}

/// Bytes that are allocated now.
pub(crate) fn held() -> usize {
    HELD.load(Relaxed)
}

/// The most bytes that were allocated at once since [`forget_highest`].
pub(crate) fn highest() -> usize {
    HIGHEST.load(Relaxed)
}

/// Begins to look for the highest anew.
pub(crate) fn forget_highest() {
    HIGHEST.store(held(), Relaxed);
}

fn taken(bytes: usize) {
    ALLOCATIONS.fetch_add(1, Relaxed);
    let held = HELD.fetch_add(bytes, Relaxed) + bytes;
    HIGHEST.fetch_max(held, Relaxed);
}

// SAFETY: every call is passed to the system's allocator unchanged, and its answer back.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        taken(layout.size());
        // SAFETY: the caller keeps the contract of `alloc`, which is also the system's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        taken(layout.size());
        // SAFETY: as in `alloc`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the pointer came from the system's allocator with this layout, as the caller of
        // `dealloc` promises.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // In this order old and new count at once, as they may in fact exist at once.
        taken(size);
        HELD.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as in `dealloc`; the new size is the caller's.
        unsafe { System.realloc(pointer, layout, size) }
    }
}
