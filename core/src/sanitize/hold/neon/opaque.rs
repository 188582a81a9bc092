//! Values that the compiler must not see through: no instruction, but better ones around it.

use std::arch::aarch64::uint32x4_t;
use std::arch::asm;

/// A pointer moved on by so many. Where several move together and the compiler sees it, it computes them
/// anew from one distance at every step, an instruction each, rather than as they are used.
#[inline(always)]
pub(super) unsafe fn moved<T>(pointer: *const T, by: usize) -> *const T {
    // SAFETY: the caller's promise.
    unsafe {
        let mut pointer = pointer.add(by);
        asm!("/* {0} */", inout(reg) pointer, options(pure, readonly, nostack, preserves_flags));
        pointer
    }
}

/// A mask as an integer. Seen as a mask, it is made narrow before it is reduced.
#[inline(always)]
pub(super) unsafe fn mask(mut mask: uint32x4_t) -> uint32x4_t {
    // SAFETY: it stays what it was.
    unsafe {
        asm!("/* {0:v} */", inout(vreg) mask, options(pure, nomem, nostack, preserves_flags));
    }
    mask
}
