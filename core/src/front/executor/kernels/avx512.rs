//! Sixteen floats in one AVX-512 register.

use std::arch::x86_64::*;

use super::simd::Simd;
use super::vector::Vector;

#[derive(Clone, Copy)]
pub(super) struct Avx512(__m512);

impl Vector for Avx512 {
    const WIDTH: usize = 16;

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: as above, and the pointer is good for what the trait says.
        unsafe { Self(_mm512_load_ps(from)) }
    }

    #[inline(always)]
    unsafe fn load_anywhere(from: *const f32) -> Self {
        // SAFETY: as above, and the pointer is good for what the trait says.
        unsafe { Self(_mm512_loadu_ps(from)) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: as above, and the pointer is good for what the trait says.
        unsafe { _mm512_store_ps(to, self.0) }
    }

    #[inline(always)]
    unsafe fn store_anywhere(self, to: *mut f32) {
        // SAFETY: as above, and the pointer is good for what the trait says.
        unsafe { _mm512_storeu_ps(to, self.0) }
    }

    #[inline(always)]
    unsafe fn levels(from: *const u8) -> Self {
        // SAFETY: the pointer is good for sixteen numbers, and the instruction set is there.
        unsafe { Self(_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(from.cast())))) }
    }

    #[inline(always)]
    unsafe fn constant(value: f32) -> Self {
        // SAFETY: the caller runs where this instruction set is there.
        unsafe { Self(_mm512_set1_ps(value)) }
    }

    #[inline(always)]
    unsafe fn multiply_add(self, a: Self, b: Self) -> Self {
        // SAFETY: the caller runs where this instruction set is there.
        unsafe { Self(_mm512_fmadd_ps(a.0, b.0, self.0)) }
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        // SAFETY: the caller runs where this instruction set is there.
        unsafe { Self(_mm512_add_ps(self.0, other.0)) }
    }

    #[inline(always)]
    unsafe fn subtract(self, other: Self) -> Self {
        // SAFETY: the caller runs where this instruction set is there.
        unsafe { Self(_mm512_sub_ps(self.0, other.0)) }
    }

    #[inline(always)]
    unsafe fn multiply(self, other: Self) -> Self {
        // SAFETY: the caller runs where this instruction set is there.
        unsafe { Self(_mm512_mul_ps(self.0, other.0)) }
    }

    #[inline(always)]
    unsafe fn maximum(self, other: Self) -> Self {
        // SAFETY: the caller runs where this instruction set is there.
        unsafe { Self(_mm512_max_ps(self.0, other.0)) }
    }

    #[inline(always)]
    unsafe fn minimum(self, other: Self) -> Self {
        // SAFETY: the caller runs where this instruction set is there.
        unsafe { Self(_mm512_min_ps(self.0, other.0)) }
    }
}

impl Simd for Avx512 {
    type Part = Self;

    const TILES: usize = 12;
    const CHUNK: usize = 2;

    /// By pairs, by fours, then whole quarters of registers.
    #[inline(always)]
    unsafe fn transpose(rows: [Self; 16]) -> [Self; 16] {
        let mut pairs = rows;
        let mut fours = rows;
        let mut columns = rows;
        // SAFETY: registers only.
        unsafe {
            for i in (0..16).step_by(2) {
                pairs[i].0 = _mm512_unpacklo_ps(rows[i].0, rows[i + 1].0);
                pairs[i + 1].0 = _mm512_unpackhi_ps(rows[i].0, rows[i + 1].0);
            }
            for i in (0..16).step_by(4) {
                let pair = |j: usize| _mm512_castps_pd(pairs[i + j].0);
                fours[i].0 = _mm512_castpd_ps(_mm512_unpacklo_pd(pair(0), pair(2)));
                fours[i + 1].0 = _mm512_castpd_ps(_mm512_unpackhi_pd(pair(0), pair(2)));
                fours[i + 2].0 = _mm512_castpd_ps(_mm512_unpacklo_pd(pair(1), pair(3)));
                fours[i + 3].0 = _mm512_castpd_ps(_mm512_unpackhi_pd(pair(1), pair(3)));
            }
            for j in 0..4 {
                let four = |i: usize| fours[4 * i + j].0;
                let even = _mm512_shuffle_f32x4::<0x88>(four(0), four(1));
                let odd = _mm512_shuffle_f32x4::<0xdd>(four(0), four(1));
                let even_high = _mm512_shuffle_f32x4::<0x88>(four(2), four(3));
                let odd_high = _mm512_shuffle_f32x4::<0xdd>(four(2), four(3));
                columns[j].0 = _mm512_shuffle_f32x4::<0x88>(even, even_high);
                columns[8 + j].0 = _mm512_shuffle_f32x4::<0xdd>(even, even_high);
                columns[4 + j].0 = _mm512_shuffle_f32x4::<0x88>(odd, odd_high);
                columns[12 + j].0 = _mm512_shuffle_f32x4::<0xdd>(odd, odd_high);
            }
        }
        columns
    }

    #[inline(always)]
    unsafe fn splat(from: *const f32) -> Self {
        // SAFETY: as above, and the pointer is good for what the trait says.
        unsafe { Self(_mm512_set1_ps(*from)) }
    }
}
