//! Lanes: windows that are worked on side by side, one in each lane of a register.
#![allow(unsafe_code, reason = "kernels: the instructions are the processor's own")]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod portable;

#[cfg(target_arch = "x86_64")]
pub(super) use avx2::Avx2;
#[cfg(target_arch = "x86_64")]
pub(super) use avx512::Avx512;
pub(super) use portable::Portable;

/// One number of each window, and what the kernel does with such numbers.
///
/// # Safety
/// The processor has the instructions that the implementation is written in, and pointers are valid
/// for what a method says that it reads or writes, at any address.
pub(super) trait Lanes: Copy {
    /// Windows side by side.
    const COUNT: usize;

    /// As many numbers in `f64`.
    type Wide: Copy;
    /// Which lanes.
    type Mask: Copy;

    unsafe fn splat(value: f32) -> Self;
    unsafe fn store(self, to: *mut f32);

    /// Four consecutive samples of every window: lane i of result j is `from[i * window + j]`.
    unsafe fn columns(from: *const f32, window: usize) -> [Self; 4];

    /// Both samples of every window of two, the windows in any order.
    unsafe fn pairs(from: *const f32) -> [Self; 2];
    /// Writes them back where they came from.
    unsafe fn store_pairs(pairs: [Self; 2], to: *mut f32);

    /// How many samples are not zero, as integers, one more where this one is not.
    unsafe fn count(counts: Self, samples: Self) -> Self;
    unsafe fn no_sums() -> Self::Wide;
    unsafe fn add(sums: Self::Wide, samples: Self) -> Self::Wide;
    /// The sums over the counts: not a number where a count is zero.
    unsafe fn means(sums: Self::Wide, counts: Self) -> Self::Wide;

    /// The largest `f32` that is not above the number. Where that is zero it may be not a number.
    unsafe fn floor(numbers: Self::Wide) -> Self;
    /// Of samples that are not zero: the larger of the sample and `below` where it is at most the
    /// threshold, the smaller of it and `above` where it is not. None is where the threshold is not a
    /// number.
    unsafe fn neighbours(samples: Self, threshold: Self, below: Self, above: Self) -> (Self, Self);

    /// Where the number is nearer to `below` than to `above`, and where it is as near to both.
    unsafe fn nearer(below: Self, numbers: Self::Wide, above: Self) -> (Self::Mask, Self::Mask);
    /// Where the larger magnitude of the first two is more than 2^25 times the smaller of the others.
    unsafe fn far(larger: [Self; 2], smaller: [Self; 2]) -> Self::Mask;

    unsafe fn equal(self, other: Self) -> Self::Mask;
    /// Where an integer is zero.
    unsafe fn none(counts: Self) -> Self::Mask;
    unsafe fn signs(self) -> Self::Mask;
    unsafe fn bits_of_both(self, other: Self) -> Self;
    /// `one` where the mask is set, `other` elsewhere.
    unsafe fn select(mask: Self::Mask, one: Self, other: Self) -> Self;

    unsafe fn and(a: Self::Mask, b: Self::Mask) -> Self::Mask;
    unsafe fn or(a: Self::Mask, b: Self::Mask) -> Self::Mask;
    /// `a` where `b` is not set.
    unsafe fn without(a: Self::Mask, b: Self::Mask) -> Self::Mask;
    unsafe fn any(mask: Self::Mask) -> bool;

    /// Writes one float at least so many times, and then up to [`overrun`] more.
    unsafe fn fill(value: *const f32, to: *mut f32, count: usize);
}

/// Floats that [`Lanes::fill`] may write beyond what it is asked for.
pub(super) fn overrun<L: Lanes>(count: usize) -> usize {
    if count >= L::COUNT { 0 } else { count.next_power_of_two().max(4) - count }
}

/// What [`Lanes::far`] multiplies the larger one by.
const FAR: f32 = 1.0 / (1 << 25) as f32;
