//! Some floats in registers, and the arithmetic on them.

/// Floats that are computed with together: what one register of an instruction set holds, or
/// [`Several`] such.
///
/// # Safety
/// Every function may only be called where the instruction set is there. Kernels are entered
/// through functions compiled for it, which [`super::Kernels`] hands out after looking at the
/// processor. Pointers must be valid for [`Vector::WIDTH`] floats and aligned to as many, but where
/// any address will do.
pub(super) trait Vector: Copy {
    /// How many floats.
    const WIDTH: usize;

    unsafe fn load(from: *const f32) -> Self;
    /// As [`Vector::load`], from any address.
    unsafe fn load_anywhere(from: *const f32) -> Self;
    unsafe fn store(self, to: *mut f32);
    /// As [`Vector::store`], to any address.
    unsafe fn store_anywhere(self, to: *mut f32);
    /// As many whole numbers of 8 bits, from any address.
    unsafe fn levels(from: *const u8) -> Self;
    /// The same number in every lane.
    unsafe fn constant(value: f32) -> Self;
    /// `self + a * b`, rounded once where the hardware can.
    unsafe fn multiply_add(self, a: Self, b: Self) -> Self;
    unsafe fn add(self, other: Self) -> Self;
    unsafe fn subtract(self, other: Self) -> Self;
    unsafe fn multiply(self, other: Self) -> Self;
    unsafe fn maximum(self, other: Self) -> Self;
    unsafe fn minimum(self, other: Self) -> Self;

    #[inline(always)]
    unsafe fn zero() -> Self {
        // SAFETY: the caller's promise.
        unsafe { Self::constant(0.0) }
    }
}

/// So many vectors beside each other.
#[derive(Clone, Copy)]
pub(super) struct Several<V, const COUNT: usize>(pub(super) [V; COUNT]);

/// Written out for each count: loops over so few, thousands of them in a kernel, took a compiler
/// minutes.
macro_rules! several {
    ($count:literal: $($i:tt)+) => {
        impl<V: Vector> Vector for Several<V, $count> {
            const WIDTH: usize = $count * V::WIDTH;

            #[inline(always)]
            unsafe fn load(from: *const f32) -> Self {
                // SAFETY: the caller's promise, for each as for all; so below.
                unsafe { Self([$(V::load(from.add($i * V::WIDTH))),+]) }
            }

            #[inline(always)]
            unsafe fn load_anywhere(from: *const f32) -> Self {
                // SAFETY: as above.
                unsafe { Self([$(V::load_anywhere(from.add($i * V::WIDTH))),+]) }
            }

            #[inline(always)]
            unsafe fn store(self, to: *mut f32) {
                // SAFETY: as above.
                unsafe { $(self.0[$i].store(to.add($i * V::WIDTH));)+ }
            }

            #[inline(always)]
            unsafe fn store_anywhere(self, to: *mut f32) {
                // SAFETY: as above.
                unsafe { $(self.0[$i].store_anywhere(to.add($i * V::WIDTH));)+ }
            }

            #[inline(always)]
            unsafe fn levels(from: *const u8) -> Self {
                // SAFETY: as above.
                unsafe { Self([$(V::levels(from.add($i * V::WIDTH))),+]) }
            }

            #[inline(always)]
            unsafe fn constant(value: f32) -> Self {
                // SAFETY: as above.
                Self([unsafe { V::constant(value) }; $count])
            }

            #[inline(always)]
            unsafe fn multiply_add(self, a: Self, b: Self) -> Self {
                // SAFETY: as above.
                unsafe { Self([$(self.0[$i].multiply_add(a.0[$i], b.0[$i])),+]) }
            }

            #[inline(always)]
            unsafe fn add(self, other: Self) -> Self {
                // SAFETY: as above.
                unsafe { Self([$(self.0[$i].add(other.0[$i])),+]) }
            }

            #[inline(always)]
            unsafe fn subtract(self, other: Self) -> Self {
                // SAFETY: as above.
                unsafe { Self([$(self.0[$i].subtract(other.0[$i])),+]) }
            }

            #[inline(always)]
            unsafe fn multiply(self, other: Self) -> Self {
                // SAFETY: as above.
                unsafe { Self([$(self.0[$i].multiply(other.0[$i])),+]) }
            }

            #[inline(always)]
            unsafe fn maximum(self, other: Self) -> Self {
                // SAFETY: as above.
                unsafe { Self([$(self.0[$i].maximum(other.0[$i])),+]) }
            }

            #[inline(always)]
            unsafe fn minimum(self, other: Self) -> Self {
                // SAFETY: as above.
                unsafe { Self([$(self.0[$i].minimum(other.0[$i])),+]) }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
several!(2: 0 1);
#[cfg(target_arch = "aarch64")]
several!(4: 0 1 2 3);
