//! Sixteen windows in AVX-512's registers.

use std::arch::x86_64::*;

use super::Lanes;

#[derive(Clone, Copy)]
pub(in super::super) struct Avx512(__m512);

/// The four floats in every lane of 128 bits, each of the four arguments' in its own.
#[inline(always)]
unsafe fn row(from: *const f32, apart: usize) -> __m512 {
    // SAFETY: the caller's promise.
    unsafe {
        let row = _mm512_castps128_ps512(_mm_loadu_ps(from));
        let row = _mm512_mask_broadcast_f32x4(row, 0x00f0, _mm_loadu_ps(from.add(apart)));
        let row = _mm512_mask_broadcast_f32x4(row, 0x0f00, _mm_loadu_ps(from.add(2 * apart)));
        _mm512_mask_broadcast_f32x4(row, 0xf000, _mm_loadu_ps(from.add(3 * apart)))
    }
}

#[inline(always)]
unsafe fn widened(samples: __m512) -> [__m512d; 2] {
    // SAFETY: the caller's promise.
    unsafe {
        [
            _mm512_cvtps_pd(_mm512_castps512_ps256(samples)),
            _mm512_cvtps_pd(_mm512_extractf32x8_ps(samples, 1)),
        ]
    }
}

/// Half of [`Lanes::nearer`].
#[inline(always)]
unsafe fn nearer(below: __m512d, number: __m512d, above: __m512d) -> (__mmask8, __mmask8) {
    // SAFETY: the caller's promise.
    unsafe {
        let (under, over) = (_mm512_sub_pd(number, below), _mm512_sub_pd(above, number));
        (_mm512_cmp_pd_mask(under, over, _CMP_LT_OQ), _mm512_cmp_pd_mask(under, over, _CMP_EQ_OQ))
    }
}

impl Lanes for Avx512 {
    const COUNT: usize = 16;

    type Wide = [__m512d; 2];
    type Mask = __mmask16;

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { _mm512_set1_ps(value) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller's promise.
        unsafe { _mm512_storeu_ps(to, self.0) }
    }

    #[inline(always)]
    unsafe fn columns(from: *const f32, window: usize) -> [Self; 4] {
        // SAFETY: the caller's promise.
        unsafe {
            let rows = [
                row(from, 4 * window),
                row(from.add(window), 4 * window),
                row(from.add(2 * window), 4 * window),
                row(from.add(3 * window), 4 * window),
            ];
            let low = [_mm512_unpacklo_ps(rows[0], rows[1]), _mm512_unpacklo_ps(rows[2], rows[3])];
            let high = [_mm512_unpackhi_ps(rows[0], rows[1]), _mm512_unpackhi_ps(rows[2], rows[3])];
            [
                Self(_mm512_shuffle_ps(low[0], low[1], 0b01_00_01_00)),
                Self(_mm512_shuffle_ps(low[0], low[1], 0b11_10_11_10)),
                Self(_mm512_shuffle_ps(high[0], high[1], 0b01_00_01_00)),
                Self(_mm512_shuffle_ps(high[0], high[1], 0b11_10_11_10)),
            ]
        }
    }

    #[inline(always)]
    unsafe fn pairs(from: *const f32) -> [Self; 2] {
        // SAFETY: the caller's promise.
        unsafe {
            let (low, high) = (_mm512_loadu_ps(from), _mm512_loadu_ps(from.add(16)));
            [
                Self(_mm512_shuffle_ps(low, high, 0b10_00_10_00)),
                Self(_mm512_shuffle_ps(low, high, 0b11_01_11_01)),
            ]
        }
    }

    #[inline(always)]
    unsafe fn store_pairs(pairs: [Self; 2], to: *mut f32) {
        // SAFETY: the caller's promise.
        unsafe {
            _mm512_storeu_ps(to, _mm512_unpacklo_ps(pairs[0].0, pairs[1].0));
            _mm512_storeu_ps(to.add(16), _mm512_unpackhi_ps(pairs[0].0, pairs[1].0));
        }
    }

    #[inline(always)]
    unsafe fn count(counts: Self, samples: Self) -> Self {
        // SAFETY: the caller's promise.
        unsafe {
            let samples = _mm512_cmp_ps_mask(samples.0, _mm512_setzero_ps(), _CMP_NEQ_OQ);
            let counts = _mm512_castps_si512(counts.0);
            let more = _mm512_mask_sub_epi32(counts, samples, counts, _mm512_set1_epi32(-1));
            Self(_mm512_castsi512_ps(more))
        }
    }

    #[inline(always)]
    unsafe fn no_sums() -> Self::Wide {
        // SAFETY: the caller's promise.
        unsafe { [_mm512_setzero_pd(); 2] }
    }

    #[inline(always)]
    unsafe fn add(sums: Self::Wide, samples: Self) -> Self::Wide {
        // SAFETY: the caller's promise.
        unsafe {
            let samples = widened(samples.0);
            [_mm512_add_pd(sums[0], samples[0]), _mm512_add_pd(sums[1], samples[1])]
        }
    }

    #[inline(always)]
    unsafe fn means(sums: Self::Wide, counts: Self) -> Self::Wide {
        // SAFETY: the caller's promise.
        unsafe {
            let counts = _mm512_castps_si512(counts.0);
            let low = _mm512_cvtepi32_pd(_mm512_castsi512_si256(counts));
            let high = _mm512_cvtepi32_pd(_mm512_extracti32x8_epi32(counts, 1));
            [_mm512_div_pd(sums[0], low), _mm512_div_pd(sums[1], high)]
        }
    }

    #[inline(always)]
    unsafe fn floor(numbers: Self::Wide) -> Self {
        const DOWN: i32 = _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC;
        // SAFETY: the caller's promise.
        unsafe {
            let low = _mm512_castps256_ps512(_mm512_cvt_roundpd_ps::<DOWN>(numbers[0]));
            Self(_mm512_insertf32x8(low, _mm512_cvt_roundpd_ps::<DOWN>(numbers[1]), 1))
        }
    }

    #[inline(always)]
    unsafe fn neighbours(samples: Self, threshold: Self, below: Self, above: Self) -> (Self, Self) {
        // SAFETY: the caller's promise.
        unsafe {
            let zero = _mm512_setzero_ps();
            let some = _mm512_cmp_ps_mask(samples.0, zero, _CMP_NEQ_OQ);
            let under = _mm512_mask_cmp_ps_mask(some, samples.0, threshold.0, _CMP_LE_OQ);
            let over = _mm512_mask_cmp_ps_mask(some, samples.0, threshold.0, _CMP_GT_OQ);
            (
                Self(_mm512_mask_max_ps(below.0, under, below.0, samples.0)),
                Self(_mm512_mask_min_ps(above.0, over, above.0, samples.0)),
            )
        }
    }

    #[inline(always)]
    unsafe fn nearer(below: Self, numbers: Self::Wide, above: Self) -> (Self::Mask, Self::Mask) {
        // SAFETY: the caller's promise.
        unsafe {
            let (below, above) = (widened(below.0), widened(above.0));
            let low = nearer(below[0], numbers[0], above[0]);
            let high = nearer(below[1], numbers[1], above[1]);
            (u16::from(low.0) | u16::from(high.0) << 8, u16::from(low.1) | u16::from(high.1) << 8)
        }
    }

    #[inline(always)]
    unsafe fn far(larger: [Self; 2], smaller: [Self; 2]) -> Self::Mask {
        // SAFETY: the caller's promise.
        unsafe {
            let larger = _mm512_max_ps(_mm512_abs_ps(larger[0].0), _mm512_abs_ps(larger[1].0));
            let smaller = _mm512_min_ps(_mm512_abs_ps(smaller[0].0), _mm512_abs_ps(smaller[1].0));
            let scaled = _mm512_mul_ps(larger, _mm512_set1_ps(super::FAR));
            _mm512_cmp_ps_mask(scaled, smaller, _CMP_GT_OQ)
        }
    }

    #[inline(always)]
    unsafe fn equal(self, other: Self) -> Self::Mask {
        // SAFETY: the caller's promise.
        unsafe { _mm512_cmp_ps_mask(self.0, other.0, _CMP_EQ_OQ) }
    }

    #[inline(always)]
    unsafe fn none(counts: Self) -> Self::Mask {
        // SAFETY: the caller's promise.
        unsafe { _mm512_testn_epi32_mask(_mm512_castps_si512(counts.0), _mm512_set1_epi32(-1)) }
    }

    #[inline(always)]
    unsafe fn signs(self) -> Self::Mask {
        // SAFETY: the caller's promise.
        unsafe { _mm512_movepi32_mask(_mm512_castps_si512(self.0)) }
    }

    #[inline(always)]
    unsafe fn bits_of_both(self, other: Self) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { _mm512_or_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn select(mask: Self::Mask, one: Self, other: Self) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { _mm512_mask_blend_ps(mask, other.0, one.0) })
    }

    #[inline(always)]
    unsafe fn and(a: Self::Mask, b: Self::Mask) -> Self::Mask {
        a & b
    }

    #[inline(always)]
    unsafe fn or(a: Self::Mask, b: Self::Mask) -> Self::Mask {
        a | b
    }

    #[inline(always)]
    unsafe fn without(a: Self::Mask, b: Self::Mask) -> Self::Mask {
        a & !b
    }

    #[inline(always)]
    unsafe fn any(mask: Self::Mask) -> bool {
        mask != 0
    }

    #[inline(always)]
    unsafe fn fill(value: *const f32, to: *mut f32, count: usize) {
        // SAFETY: the caller's promise.
        unsafe {
            match count {
                ..=4 => _mm_storeu_ps(to, _mm_set1_ps(*value)),
                5..=8 => _mm256_storeu_ps(to, _mm256_set1_ps(*value)),
                9..16 => _mm512_storeu_ps(to, _mm512_set1_ps(*value)),
                _ => {
                    let value = _mm512_set1_ps(*value);
                    let mut at = 0;
                    while at + 16 <= count {
                        _mm512_storeu_ps(to.add(at), value);
                        at += 16;
                    }
                    // The last register's worth may overlap the one before.
                    _mm512_storeu_ps(to.add(count - 16), value);
                }
            }
        }
    }
}
