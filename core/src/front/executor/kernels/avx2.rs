//! Sixteen floats in two AVX2 registers.

use std::arch::x86_64::*;

use super::simd::Simd;
use super::vector::{Several, Vector};

/// Eight floats.
#[derive(Clone, Copy)]
pub(super) struct Half(__m256);

pub(super) type Avx2 = Several<Half, 2>;

impl Vector for Half {
    const WIDTH: usize = 8;

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: as above, and the pointer is good for what the trait says.
        Self(unsafe { _mm256_load_ps(from) })
    }

    #[inline(always)]
    unsafe fn load_anywhere(from: *const f32) -> Self {
        // SAFETY: as above, and the pointer is good for what the trait says.
        Self(unsafe { _mm256_loadu_ps(from) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: as above, and the pointer is good for what the trait says.
        unsafe { _mm256_store_ps(to, self.0) }
    }

    #[inline(always)]
    unsafe fn store_anywhere(self, to: *mut f32) {
        // SAFETY: as above, and the pointer is good for what the trait says.
        unsafe { _mm256_storeu_ps(to, self.0) }
    }

    #[inline(always)]
    unsafe fn levels(from: *const u8) -> Self {
        // SAFETY: the pointer is good for eight numbers, and the instruction set is there.
        unsafe { Self(_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(from.cast())))) }
    }

    #[inline(always)]
    unsafe fn constant(value: f32) -> Self {
        // SAFETY: the caller runs where this instruction set is there.
        Self(unsafe { _mm256_set1_ps(value) })
    }

    #[inline(always)]
    unsafe fn multiply_add(self, a: Self, b: Self) -> Self {
        // SAFETY: the caller runs where this instruction set is there.
        Self(unsafe { _mm256_fmadd_ps(a.0, b.0, self.0) })
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        // SAFETY: the caller runs where this instruction set is there.
        Self(unsafe { _mm256_add_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn subtract(self, other: Self) -> Self {
        // SAFETY: the caller runs where this instruction set is there.
        Self(unsafe { _mm256_sub_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn multiply(self, other: Self) -> Self {
        // SAFETY: the caller runs where this instruction set is there.
        Self(unsafe { _mm256_mul_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn maximum(self, other: Self) -> Self {
        // SAFETY: the caller runs where this instruction set is there.
        Self(unsafe { _mm256_max_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn minimum(self, other: Self) -> Self {
        // SAFETY: the caller runs where this instruction set is there.
        Self(unsafe { _mm256_min_ps(self.0, other.0) })
    }
}

impl Simd for Avx2 {
    type Part = Half;

    const TILES: usize = 12;
    const CHUNK: usize = 2;

    /// By squares of eight times eight, each of which changes its place with its mirror image.
    #[inline(always)]
    unsafe fn transpose(rows: [Self; 16]) -> [Self; 16] {
        let mut columns = rows;
        for down in 0..2 {
            for across in 0..2 {
                let square = std::array::from_fn(|i| rows[8 * down + i].0[across].0);
                // SAFETY: registers only.
                let square = unsafe { transpose_square(square) };
                for (i, column) in square.into_iter().enumerate() {
                    columns[8 * across + i].0[down] = Half(column);
                }
            }
        }
        columns
    }

    #[inline(always)]
    unsafe fn splat(from: *const f32) -> Self {
        // SAFETY: as above, and the pointer is good for what the trait says.
        Self([Half(unsafe { _mm256_broadcast_ss(&*from) }); 2])
    }
}

/// By pairs, by fours, then whole halves of registers.
#[inline(always)]
unsafe fn transpose_square(rows: [__m256; 8]) -> [__m256; 8] {
    let mut pairs = rows;
    let mut fours = rows;
    let mut columns = rows;
    // SAFETY: registers only.
    unsafe {
        for i in (0..8).step_by(2) {
            pairs[i] = _mm256_unpacklo_ps(rows[i], rows[i + 1]);
            pairs[i + 1] = _mm256_unpackhi_ps(rows[i], rows[i + 1]);
        }
        for i in (0..8).step_by(4) {
            let pair = |j: usize| _mm256_castps_pd(pairs[i + j]);
            fours[i] = _mm256_castpd_ps(_mm256_unpacklo_pd(pair(0), pair(2)));
            fours[i + 1] = _mm256_castpd_ps(_mm256_unpackhi_pd(pair(0), pair(2)));
            fours[i + 2] = _mm256_castpd_ps(_mm256_unpacklo_pd(pair(1), pair(3)));
            fours[i + 3] = _mm256_castpd_ps(_mm256_unpackhi_pd(pair(1), pair(3)));
        }
        for i in 0..4 {
            columns[i] = _mm256_permute2f128_ps::<0x20>(fours[i], fours[4 + i]);
            columns[4 + i] = _mm256_permute2f128_ps::<0x31>(fours[i], fours[4 + i]);
        }
    }
    columns
}
