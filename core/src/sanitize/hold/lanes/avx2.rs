//! Eight windows in AVX2's registers.

use std::arch::x86_64::*;

use super::Lanes;

#[derive(Clone, Copy)]
pub(in super::super) struct Avx2(__m256);

#[inline(always)]
unsafe fn widened(samples: __m256) -> [__m256d; 2] {
    // SAFETY: the caller's promise.
    unsafe {
        [
            _mm256_cvtps_pd(_mm256_castps256_ps128(samples)),
            _mm256_cvtps_pd(_mm256_extractf128_ps(samples, 1)),
        ]
    }
}

/// A mask of eight lanes from two of four.
#[inline(always)]
unsafe fn narrowed(low: __m256d, high: __m256d) -> __m256 {
    // SAFETY: the caller's promise.
    unsafe {
        let (low, high) = (_mm256_castpd_ps(low), _mm256_castpd_ps(high));
        let mixed = _mm256_castps_pd(_mm256_shuffle_ps(low, high, 0b10_00_10_00));
        _mm256_castpd_ps(_mm256_permute4x64_pd(mixed, 0b11_01_10_00))
    }
}

/// Four floats in each lane of 128 bits.
#[inline(always)]
unsafe fn row(from: *const f32, apart: usize) -> __m256 {
    // SAFETY: the caller's promise.
    unsafe {
        let low = _mm256_castps128_ps256(_mm_loadu_ps(from));
        _mm256_insertf128_ps(low, _mm_loadu_ps(from.add(apart)), 1)
    }
}

/// Half of [`Lanes::nearer`].
#[inline(always)]
unsafe fn nearer(below: __m256d, number: __m256d, above: __m256d) -> (__m256d, __m256d) {
    // SAFETY: the caller's promise.
    unsafe {
        let (under, over) = (_mm256_sub_pd(number, below), _mm256_sub_pd(above, number));
        (_mm256_cmp_pd(under, over, _CMP_LT_OQ), _mm256_cmp_pd(under, over, _CMP_EQ_OQ))
    }
}

/// Without the signs.
#[inline(always)]
unsafe fn magnitude(lanes: __m256) -> __m256 {
    // SAFETY: the caller's promise.
    unsafe { _mm256_andnot_ps(_mm256_set1_ps(-0.0), lanes) }
}

impl Lanes for Avx2 {
    const COUNT: usize = 8;

    type Wide = [__m256d; 2];
    type Mask = __m256;

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { _mm256_set1_ps(value) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller's promise.
        unsafe { _mm256_storeu_ps(to, self.0) }
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
            let low = [_mm256_unpacklo_ps(rows[0], rows[1]), _mm256_unpacklo_ps(rows[2], rows[3])];
            let high = [_mm256_unpackhi_ps(rows[0], rows[1]), _mm256_unpackhi_ps(rows[2], rows[3])];
            [
                Self(_mm256_shuffle_ps(low[0], low[1], 0b01_00_01_00)),
                Self(_mm256_shuffle_ps(low[0], low[1], 0b11_10_11_10)),
                Self(_mm256_shuffle_ps(high[0], high[1], 0b01_00_01_00)),
                Self(_mm256_shuffle_ps(high[0], high[1], 0b11_10_11_10)),
            ]
        }
    }

    #[inline(always)]
    unsafe fn pairs(from: *const f32) -> [Self; 2] {
        // SAFETY: the caller's promise.
        unsafe {
            let (low, high) = (_mm256_loadu_ps(from), _mm256_loadu_ps(from.add(8)));
            [
                Self(_mm256_shuffle_ps(low, high, 0b10_00_10_00)),
                Self(_mm256_shuffle_ps(low, high, 0b11_01_11_01)),
            ]
        }
    }

    #[inline(always)]
    unsafe fn store_pairs(pairs: [Self; 2], to: *mut f32) {
        // SAFETY: the caller's promise.
        unsafe {
            _mm256_storeu_ps(to, _mm256_unpacklo_ps(pairs[0].0, pairs[1].0));
            _mm256_storeu_ps(to.add(8), _mm256_unpackhi_ps(pairs[0].0, pairs[1].0));
        }
    }

    #[inline(always)]
    unsafe fn count(counts: Self, samples: Self) -> Self {
        // SAFETY: the caller's promise.
        unsafe {
            let some = _mm256_cmp_ps(samples.0, _mm256_setzero_ps(), _CMP_NEQ_OQ);
            let counts = _mm256_castps_si256(counts.0);
            Self(_mm256_castsi256_ps(_mm256_sub_epi32(counts, _mm256_castps_si256(some))))
        }
    }

    #[inline(always)]
    unsafe fn no_sums() -> Self::Wide {
        // SAFETY: the caller's promise.
        unsafe { [_mm256_setzero_pd(); 2] }
    }

    #[inline(always)]
    unsafe fn add(sums: Self::Wide, samples: Self) -> Self::Wide {
        // SAFETY: the caller's promise.
        unsafe {
            let samples = widened(samples.0);
            [_mm256_add_pd(sums[0], samples[0]), _mm256_add_pd(sums[1], samples[1])]
        }
    }

    #[inline(always)]
    unsafe fn means(sums: Self::Wide, counts: Self) -> Self::Wide {
        // SAFETY: the caller's promise.
        unsafe {
            let counts = _mm256_castps_si256(counts.0);
            let low = _mm256_cvtepi32_pd(_mm256_castsi256_si128(counts));
            let high = _mm256_cvtepi32_pd(_mm256_extracti128_si256(counts, 1));
            [_mm256_div_pd(sums[0], low), _mm256_div_pd(sums[1], high)]
        }
    }

    #[inline(always)]
    unsafe fn floor(numbers: Self::Wide) -> Self {
        // SAFETY: the caller's promise.
        unsafe {
            let low = _mm256_castps128_ps256(_mm256_cvtpd_ps(numbers[0]));
            let nearest = _mm256_insertf128_ps(low, _mm256_cvtpd_ps(numbers[1]), 1);
            let back = widened(nearest);
            let above = narrowed(
                _mm256_cmp_pd(back[0], numbers[0], _CMP_GT_OQ),
                _mm256_cmp_pd(back[1], numbers[1], _CMP_GT_OQ),
            );
            // One less in the order of floats is one more in a negative float's bits. Of zero, which is
            // above a number that is too small for a float, it makes what is not a number.
            let bits = _mm256_castps_si256(nearest);
            let step = _mm256_or_si256(_mm256_srai_epi32(bits, 31), _mm256_set1_epi32(1));
            let step = _mm256_and_si256(step, _mm256_castps_si256(above));
            Self(_mm256_castsi256_ps(_mm256_sub_epi32(bits, step)))
        }
    }

    #[inline(always)]
    unsafe fn neighbours(samples: Self, threshold: Self, below: Self, above: Self) -> (Self, Self) {
        // SAFETY: the caller's promise.
        unsafe {
            // What is not a number, as a first operand, leaves the second.
            let zero = _mm256_cmp_ps(samples.0, _mm256_setzero_ps(), _CMP_EQ_OQ);
            let samples = _mm256_or_ps(samples.0, zero);
            let over = _mm256_cmp_ps(samples, threshold.0, _CMP_NLE_UQ);
            let under = _mm256_cmp_ps(samples, threshold.0, _CMP_NGT_UQ);
            (
                Self(_mm256_max_ps(_mm256_or_ps(samples, over), below.0)),
                Self(_mm256_min_ps(_mm256_or_ps(samples, under), above.0)),
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
            (narrowed(low.0, high.0), narrowed(low.1, high.1))
        }
    }

    #[inline(always)]
    unsafe fn far(larger: [Self; 2], smaller: [Self; 2]) -> Self::Mask {
        // SAFETY: the caller's promise.
        unsafe {
            let larger = _mm256_max_ps(magnitude(larger[0].0), magnitude(larger[1].0));
            let smaller = _mm256_min_ps(magnitude(smaller[0].0), magnitude(smaller[1].0));
            let scaled = _mm256_mul_ps(larger, _mm256_set1_ps(super::FAR));
            _mm256_cmp_ps(scaled, smaller, _CMP_GT_OQ)
        }
    }

    #[inline(always)]
    unsafe fn equal(self, other: Self) -> Self::Mask {
        // SAFETY: the caller's promise.
        unsafe { _mm256_cmp_ps(self.0, other.0, _CMP_EQ_OQ) }
    }

    #[inline(always)]
    unsafe fn none(counts: Self) -> Self::Mask {
        // SAFETY: the caller's promise.
        unsafe {
            let counts = _mm256_castps_si256(counts.0);
            _mm256_castsi256_ps(_mm256_cmpeq_epi32(counts, _mm256_setzero_si256()))
        }
    }

    #[inline(always)]
    unsafe fn signs(self) -> Self::Mask {
        // SAFETY: the caller's promise.
        unsafe { _mm256_castsi256_ps(_mm256_srai_epi32(_mm256_castps_si256(self.0), 31)) }
    }

    #[inline(always)]
    unsafe fn bits_of_both(self, other: Self) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { _mm256_or_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn select(mask: Self::Mask, one: Self, other: Self) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { _mm256_blendv_ps(other.0, one.0, mask) })
    }

    #[inline(always)]
    unsafe fn and(a: Self::Mask, b: Self::Mask) -> Self::Mask {
        // SAFETY: the caller's promise.
        unsafe { _mm256_and_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn or(a: Self::Mask, b: Self::Mask) -> Self::Mask {
        // SAFETY: the caller's promise.
        unsafe { _mm256_or_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn without(a: Self::Mask, b: Self::Mask) -> Self::Mask {
        // SAFETY: the caller's promise.
        unsafe { _mm256_andnot_ps(b, a) }
    }

    #[inline(always)]
    unsafe fn any(mask: Self::Mask) -> bool {
        // SAFETY: the caller's promise.
        unsafe { _mm256_movemask_ps(mask) != 0 }
    }

    #[inline(always)]
    unsafe fn fill(value: *const f32, to: *mut f32, count: usize) {
        // SAFETY: the caller's promise.
        unsafe {
            match count {
                ..=4 => _mm_storeu_ps(to, _mm_set1_ps(*value)),
                5..8 => _mm256_storeu_ps(to, _mm256_set1_ps(*value)),
                _ => {
                    let value = _mm256_set1_ps(*value);
                    let mut at = 0;
                    while at + 8 <= count {
                        _mm256_storeu_ps(to.add(at), value);
                        at += 8;
                    }
                    // The last register's worth may overlap the one before.
                    _mm256_storeu_ps(to.add(count - 8), value);
                }
            }
        }
    }
}
