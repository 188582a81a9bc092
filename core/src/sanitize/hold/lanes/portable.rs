//! Eight windows in arrays, for processors that have no lanes of their own here.

use std::array::from_fn;

use super::Lanes;

const COUNT: usize = 8;

#[derive(Clone, Copy)]
pub(in super::super) struct Portable([f32; COUNT]);

impl Portable {
    fn of(lane: impl FnMut(usize) -> f32) -> Self {
        Self(from_fn(lane))
    }

    fn distance(self, lane: usize, number: f64) -> f64 {
        (f64::from(self.0[lane]) - number).abs()
    }
}

impl Lanes for Portable {
    const COUNT: usize = COUNT;

    type Wide = [f64; COUNT];
    type Mask = [bool; COUNT];

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        Self([value; COUNT])
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller's promise.
        unsafe { to.cast::<[f32; COUNT]>().write_unaligned(self.0) }
    }

    #[inline(always)]
    unsafe fn columns(from: *const f32, window: usize) -> [Self; 4] {
        // SAFETY: the caller's promise.
        from_fn(|column| Self::of(|lane| unsafe { *from.add(lane * window + column) }))
    }

    #[inline(always)]
    unsafe fn pairs(from: *const f32) -> [Self; 2] {
        // SAFETY: the caller's promise.
        from_fn(|sample| Self::of(|lane| unsafe { *from.add(lane * 2 + sample) }))
    }

    #[inline(always)]
    unsafe fn store_pairs(pairs: [Self; 2], to: *mut f32) {
        for lane in 0..COUNT {
            for (sample, pairs) in pairs.iter().enumerate() {
                // SAFETY: the caller's promise.
                unsafe { to.add(lane * 2 + sample).write(pairs.0[lane]) }
            }
        }
    }

    #[inline(always)]
    unsafe fn count(counts: Self, samples: Self) -> Self {
        Self::of(|lane| {
            f32::from_bits(counts.0[lane].to_bits() + u32::from(samples.0[lane] != 0.0))
        })
    }

    #[inline(always)]
    unsafe fn no_sums() -> Self::Wide {
        [0.0; COUNT]
    }

    #[inline(always)]
    unsafe fn add(sums: Self::Wide, samples: Self) -> Self::Wide {
        from_fn(|lane| sums[lane] + f64::from(samples.0[lane]))
    }

    #[inline(always)]
    unsafe fn means(sums: Self::Wide, counts: Self) -> Self::Wide {
        from_fn(|lane| sums[lane] / f64::from(counts.0[lane].to_bits()))
    }

    #[inline(always)]
    unsafe fn floor(numbers: Self::Wide) -> Self {
        Self::of(|lane| {
            let nearest = numbers[lane] as f32;
            if f64::from(nearest) > numbers[lane] { nearest.next_down() } else { nearest }
        })
    }

    #[inline(always)]
    unsafe fn neighbours(samples: Self, threshold: Self, below: Self, above: Self) -> (Self, Self) {
        let (samples, threshold) = (samples.0, threshold.0);
        let between = |lane: usize, taken: bool, other: f32, none: f32| -> (f32, f32) {
            (if taken && samples[lane] != 0.0 { samples[lane] } else { none }, other)
        };
        (
            Self::of(|lane| {
                let taken = samples[lane] <= threshold[lane];
                let (sample, below) = between(lane, taken, below.0[lane], f32::NEG_INFINITY);
                if sample > below { sample } else { below }
            }),
            Self::of(|lane| {
                let taken = samples[lane] > threshold[lane];
                let (sample, above) = between(lane, taken, above.0[lane], f32::INFINITY);
                if sample < above { sample } else { above }
            }),
        )
    }

    #[inline(always)]
    unsafe fn nearer(below: Self, numbers: Self::Wide, above: Self) -> (Self::Mask, Self::Mask) {
        let under: Self::Wide = from_fn(|lane| below.distance(lane, numbers[lane]));
        let over: Self::Wide = from_fn(|lane| above.distance(lane, numbers[lane]));
        (from_fn(|lane| under[lane] < over[lane]), from_fn(|lane| under[lane] == over[lane]))
    }

    #[inline(always)]
    unsafe fn far(larger: [Self; 2], smaller: [Self; 2]) -> Self::Mask {
        from_fn(|lane| {
            let larger = larger[0].0[lane].abs().max(larger[1].0[lane].abs());
            let smaller = smaller[0].0[lane].abs().min(smaller[1].0[lane].abs());
            larger * super::FAR > smaller
        })
    }

    #[inline(always)]
    unsafe fn equal(self, other: Self) -> Self::Mask {
        from_fn(|lane| self.0[lane] == other.0[lane])
    }

    #[inline(always)]
    unsafe fn none(counts: Self) -> Self::Mask {
        from_fn(|lane| counts.0[lane].to_bits() == 0)
    }

    #[inline(always)]
    unsafe fn signs(self) -> Self::Mask {
        from_fn(|lane| self.0[lane].is_sign_negative())
    }

    #[inline(always)]
    unsafe fn bits_of_both(self, other: Self) -> Self {
        Self::of(|lane| f32::from_bits(self.0[lane].to_bits() | other.0[lane].to_bits()))
    }

    #[inline(always)]
    unsafe fn select(mask: Self::Mask, one: Self, other: Self) -> Self {
        Self::of(|lane| if mask[lane] { one.0[lane] } else { other.0[lane] })
    }

    #[inline(always)]
    unsafe fn and(a: Self::Mask, b: Self::Mask) -> Self::Mask {
        from_fn(|lane| a[lane] & b[lane])
    }

    #[inline(always)]
    unsafe fn or(a: Self::Mask, b: Self::Mask) -> Self::Mask {
        from_fn(|lane| a[lane] | b[lane])
    }

    #[inline(always)]
    unsafe fn without(a: Self::Mask, b: Self::Mask) -> Self::Mask {
        from_fn(|lane| a[lane] & !b[lane])
    }

    #[inline(always)]
    unsafe fn any(mask: Self::Mask) -> bool {
        mask.contains(&true)
    }

    #[inline(always)]
    unsafe fn fill(value: *const f32, to: *mut f32, count: usize) {
        // SAFETY: the caller's promise.
        unsafe {
            let value = *value;
            for index in 0..count {
                to.add(index).write(value);
            }
        }
    }
}
