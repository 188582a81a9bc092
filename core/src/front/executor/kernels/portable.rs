//! Sixteen floats without vector instructions of our choosing: the reference every other set is
//! held to, and what runs where there is no other.

use super::simd::Simd;
use super::vector::Vector;

#[derive(Clone, Copy)]
pub(super) struct Portable([f32; 16]);

impl Portable {
    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(f32, f32) -> f32) -> Self {
        Self(std::array::from_fn(|i| f(self.0[i], other.0[i])))
    }
}

impl Vector for Portable {
    const WIDTH: usize = 16;

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller gives a pointer to sixteen floats.
        Self(unsafe { from.cast::<[f32; 16]>().read() })
    }

    #[inline(always)]
    unsafe fn load_anywhere(from: *const f32) -> Self {
        // SAFETY: the caller gives a pointer to sixteen floats.
        Self(unsafe { from.cast::<[f32; 16]>().read() })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller gives a pointer to sixteen floats.
        unsafe { to.cast::<[f32; 16]>().write(self.0) }
    }

    #[inline(always)]
    unsafe fn store_anywhere(self, to: *mut f32) {
        // SAFETY: the caller gives a pointer to sixteen floats.
        unsafe { to.cast::<[f32; 16]>().write(self.0) }
    }

    #[inline(always)]
    unsafe fn levels(from: *const u8) -> Self {
        // SAFETY: the caller gives a pointer to sixteen numbers.
        Self(unsafe { from.cast::<[u8; 16]>().read() }.map(f32::from))
    }

    #[inline(always)]
    unsafe fn constant(value: f32) -> Self {
        Self([value; 16])
    }

    #[inline(always)]
    unsafe fn multiply_add(self, a: Self, b: Self) -> Self {
        // Two roundings: a fused one is a library call where the hardware has none.
        Self(std::array::from_fn(|i| self.0[i] + a.0[i] * b.0[i]))
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }

    #[inline(always)]
    unsafe fn subtract(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }

    #[inline(always)]
    unsafe fn multiply(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }

    #[inline(always)]
    unsafe fn maximum(self, other: Self) -> Self {
        self.zip(other, |a, b| if a > b { a } else { b })
    }

    #[inline(always)]
    unsafe fn minimum(self, other: Self) -> Self {
        self.zip(other, |a, b| if a < b { a } else { b })
    }
}

impl Simd for Portable {
    type Part = Self;

    const TILES: usize = 12;
    const CHUNK: usize = 2;

    #[inline(always)]
    unsafe fn transpose(rows: [Self; 16]) -> [Self; 16] {
        std::array::from_fn(|j| Self(std::array::from_fn(|i| rows[i].0[j])))
    }

    #[inline(always)]
    unsafe fn splat(from: *const f32) -> Self {
        // SAFETY: the caller gives a pointer to one float.
        Self([unsafe { *from }; 16])
    }
}
