//! Winograd's filters on NEON, sixteen at a time.
//!
//! One load or store moves four registers here, and the address with them: transforms of filters are
//! mostly loads and stores. Three taps of sixteen filters stand in v0 to v11, what becomes of them in v12
//! to v27, factors in v31.

use std::arch::aarch64::vld1q_f32;
use std::arch::asm;

use super::winograd::transform::FACTORS;
use crate::front::executor::block::LANES;

const TAPS: usize = 3;

/// An operation on four registers and as many.
macro_rules! four {
    ($operation:literal, [$($to:literal $a:literal $b:literal),+]) => {
        concat!($($operation, " v", $to, ".4s, v", $a, ".4s, v", $b, ".4s\n"),+)
    };
}

/// An operation on four registers and a factor.
macro_rules! four_by {
    ($operation:literal, $factor:literal, [$($to:literal $a:literal),+]) => {
        concat!($($operation, " v", $to, ".4s, v", $a, ".4s, v31.s[", $factor, "]\n"),+)
    };
}

macro_rules! load {
    ($from:literal) => {
        concat!(
            "ld1 {{v0.4s, v1.4s, v2.4s, v3.4s}}, ",
            $from,
            "\n",
            "ld1 {{v4.4s, v5.4s, v6.4s, v7.4s}}, ",
            $from,
            "\n",
            "ld1 {{v8.4s, v9.4s, v10.4s, v11.4s}}, ",
            $from,
            "\n",
        )
    };
}

macro_rules! store {
    (0, $to:literal) => {
        concat!("st1 {{v0.4s, v1.4s, v2.4s, v3.4s}}, ", $to, "\n")
    };
    (8, $to:literal) => {
        concat!("st1 {{v8.4s, v9.4s, v10.4s, v11.4s}}, ", $to, "\n")
    };
    (16, $to:literal) => {
        concat!("st1 {{v16.4s, v17.4s, v18.4s, v19.4s}}, ", $to, "\n")
    };
    (20, $to:literal) => {
        concat!("st1 {{v20.4s, v21.4s, v22.4s, v23.4s}}, ", $to, "\n")
    };
}

/// The even powers of a point and of its negative stand in v12 to v15; their odd ones in v4 to v7, or in
/// v24 to v27.
macro_rules! both {
    (4, $to:literal) => {
        concat!(
            four!("fadd", [16 12 4, 17 13 5, 18 14 6, 19 15 7]),
            four!("fsub", [20 12 4, 21 13 5, 22 14 6, 23 15 7]),
            store!(16, $to),
            store!(20, $to),
        )
    };
    (24, $to:literal) => {
        concat!(
            four!("fadd", [16 12 24, 17 13 25, 18 14 26, 19 15 27]),
            four!("fsub", [20 12 24, 21 13 25, 22 14 26, 23 15 27]),
            store!(16, $to),
            store!(20, $to),
        )
    };
}

macro_rules! even {
    ($first:literal, $second:literal) => {
        concat!(
            four_by!("fmul", $first, [12 0, 13 1, 14 2, 15 3]),
            four_by!("fmla", $second, [12 8, 13 9, 14 10, 15 11]),
        )
    };
}

/// Three taps' products, one after the other.
macro_rules! line {
    (6, $to:literal) => {
        concat!(
            store!(0, $to),
            four!("fadd", [12 0 8, 13 1 9, 14 2 10, 15 3 11]),
            both!(4, $to),
            even!(0, 1),
            both!(4, $to),
            store!(8, $to),
        )
    };
    (8, $to:literal) => {
        concat!(
            store!(0, $to),
            four!("fadd", [12 0 8, 13 1 9, 14 2 10, 15 3 11]),
            both!(4, $to),
            four_by!("fmul", 1, [24 4, 25 5, 26 6, 27 7]),
            even!(0, 2),
            both!(24, $to),
            even!(2, 0),
            both!(24, $to),
            store!(8, $to),
        )
    };
}

macro_rules! rows {
    ($under:tt, $($row:literal)+) => {
        concat!($(concat!("// Row ", $row, "\n", load!("[{half}], #64"), line!($under, "[{at}], {apart}")),)+)
    };
}

macro_rules! filters {
    ($name:ident, $under:tt, $back:literal, $($row:literal)+) => {
        /// Filters `[filter][row][column]` become `[product][filter]`, `apart` floats from product to
        /// product.
        ///
        /// # Safety
        /// As for [`super::winograd::transform_filters`].
        pub(super) unsafe fn $name(from: *const f32, count: usize, to: *mut f32, apart: usize) {
            let mut half = [0.0_f32; $under * TAPS * LANES];
            if count == 0 {
                return;
            }
            // SAFETY: the caller's promise; columns go through `half`, which is as large.
            unsafe {
                asm!(
                    "2:",
                    "mov {half}, {halves}",
                    // Columns.
                    load!("[{from}], {row}"),
                    "sub {from}, {from}, #512",
                    line!($under, "[{half}], {row}"),
                    concat!("sub {half}, {half}, #", $back),
                    load!("[{from}], {row}"),
                    "sub {from}, {from}, #512",
                    line!($under, "[{half}], {row}"),
                    concat!("sub {half}, {half}, #", $back),
                    load!("[{from}], {row}"),
                    "sub {from}, {from}, #128",
                    line!($under, "[{half}], {row}"),
                    "mov {half}, {halves}",
                    "mov {at}, {to}",
                    rows!($under, $($row)+),
                    "add {to}, {to}, #64",
                    "subs {count}, {count}, #1",
                    "b.ne 2b",
                    from = inout(reg) from => _,
                    to = inout(reg) to => _,
                    at = out(reg) _,
                    half = out(reg) _,
                    halves = in(reg) half.as_mut_ptr(),
                    row = in(reg) TAPS * LANES * size_of::<f32>(),
                    apart = in(reg) apart * size_of::<f32>(),
                    count = inout(reg) count => _,
                    in("v31") vld1q_f32(FACTORS[usize::from($under == 8)].as_ptr()),
                    out("v0") _, out("v1") _, out("v2") _, out("v3") _, out("v4") _, out("v5") _,
                    out("v6") _, out("v7") _, out("v8") _, out("v9") _, out("v10") _,
                    out("v11") _, out("v12") _, out("v13") _, out("v14") _, out("v15") _,
                    out("v16") _, out("v17") _, out("v18") _, out("v19") _, out("v20") _,
                    out("v21") _, out("v22") _, out("v23") _, out("v24") _, out("v25") _,
                    out("v26") _, out("v27") _,
                    options(nostack),
                );
            }
        }
    };
}

filters!(of_six, 6, 1088, 0 1 2 3 4 5);
filters!(of_eight, 8, 1472, 0 1 2 3 4 5 6 7);
