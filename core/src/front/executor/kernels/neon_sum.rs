//! Winograd's sums on NEON, register by register.
//!
//! One load brings four registers here, which no compiler chooses: a loop over four channels of five
//! tiles is eighty multiply-adds and eight other instructions. Sums stand in v8 to v27, four registers a
//! tile; the sixteen filters of a channel in v0 to v3; four channels of each tile in v4 to v7 and v28.

use std::arch::asm;

use super::factors::{Begin, Factors};
use crate::front::executor::block::LANES;

/// For each tile: the register of its inputs, and those of its sums.
macro_rules! for_tiles {
    (1, $do:ident $(, $with:tt)*) => { $do!([$($with)*] [4 8 9 10 11]) };
    (2, $do:ident $(, $with:tt)*) => { $do!([$($with)*] [4 8 9 10 11] [5 12 13 14 15]) };
    (3, $do:ident $(, $with:tt)*) => {
        $do!([$($with)*] [4 8 9 10 11] [5 12 13 14 15] [6 16 17 18 19])
    };
    (4, $do:ident $(, $with:tt)*) => {
        $do!([$($with)*] [4 8 9 10 11] [5 12 13 14 15] [6 16 17 18 19] [7 20 21 22 23])
    };
    (5, $do:ident $(, $with:tt)*) => {
        $do!([$($with)*] [4 8 9 10 11] [5 12 13 14 15] [6 16 17 18 19] [7 20 21 22 23]
            [28 24 25 26 27])
    };
}

/// A channel, which lies in this lane of inputs: its filters, times every tile.
macro_rules! channel {
    ([$operation:literal $lane:literal] $([$x:literal $a:literal $b:literal $c:literal $d:literal])+) => {
        concat!(
            "ld1 {{v0.4s, v1.4s, v2.4s, v3.4s}}, [{filters}], #64\n",
            $($operation, " v", $a, ".4s, v0.4s, v", $x, ".s[", $lane, "]\n",)+
            $($operation, " v", $b, ".4s, v1.4s, v", $x, ".s[", $lane, "]\n",)+
            $($operation, " v", $c, ".4s, v2.4s, v", $x, ".s[", $lane, "]\n",)+
            $($operation, " v", $d, ".4s, v3.4s, v", $x, ".s[", $lane, "]\n",)+
        )
    };
}

/// Four channels of every tile, and on to the next part.
macro_rules! inputs {
    (1) => {
        "ld1 {{v4.4s}}, [{inputs}], {part}\n"
    };
    (2) => {
        "ld1 {{v4.4s, v5.4s}}, [{inputs}], {part}\n"
    };
    (3) => {
        "ld1 {{v4.4s, v5.4s, v6.4s}}, [{inputs}], {part}\n"
    };
    (4) => {
        "ld1 {{v4.4s, v5.4s, v6.4s, v7.4s}}, [{inputs}], {part}\n"
    };
    (5) => {
        "ldr q28, [{inputs}, #64]\nld1 {{v4.4s, v5.4s, v6.4s, v7.4s}}, [{inputs}], {part}\n"
    };
}

/// Four channels; sums begin with the first where `$first` multiplies only.
macro_rules! part {
    ($tiles:tt, $first:literal) => {
        concat!(
            inputs!($tiles),
            for_tiles!($tiles, channel, $first, 0),
            for_tiles!($tiles, channel, "fmla", 1),
            for_tiles!($tiles, channel, "fmla", 2),
            for_tiles!($tiles, channel, "fmla", 3),
        )
    };
}

/// Loads or stores of all sums, the address growing in between.
macro_rules! each {
    ([$operation:literal $address:literal] $([$x:literal $a:literal $b:literal $c:literal $d:literal])+) => {
        concat!($(
            $operation, " {{v", $a, ".4s, v", $b, ".4s, v", $c, ".4s, v", $d, ".4s}}, ", $address,
            "\n",
        )+)
    };
}

macro_rules! sums {
    ($name:ident, $tiles:tt) => {
        /// # Safety
        /// As for [`super::factors::sum`].
        #[inline(always)]
        pub(super) unsafe fn $name(factors: &Factors, to: *mut f32) {
            let (begin, between) = match factors.begin {
                Begin::Zero => (std::ptr::null(), 0),
                Begin::At(biases) => (biases, 0),
                Begin::There => (to.cast_const(), LANES * size_of::<f32>()),
            };
            // SAFETY: the caller's promise: what is read and written is what the factors describe.
            unsafe {
                asm!(
                    // What sums begin with.
                    "cbz {begin}, 2f",
                    for_tiles!($tiles, each, "ld1", "[{begin}], {between}"),
                    "b 4f",
                    "2: cbnz {parts}, 3f",
                    inputs!($tiles),
                    for_tiles!($tiles, channel, "fmul", 0),
                    "b 9f",
                    "3:",
                    part!($tiles, "fmul"),
                    "sub {parts}, {parts}, #1",
                    // Whole parts, two at a time.
                    "4: tbz {parts}, #0, 5f",
                    part!($tiles, "fmla"),
                    "5: lsr {parts}, {parts}, #1",
                    "cbz {parts}, 6f",
                    "7:",
                    part!($tiles, "fmla"),
                    part!($tiles, "fmla"),
                    "subs {parts}, {parts}, #1",
                    "b.ne 7b",
                    // Up to three channels of the last.
                    "6: cbz {rest}, 8f",
                    inputs!($tiles),
                    for_tiles!($tiles, channel, "fmla", 0),
                    "9: subs {rest}, {rest}, #1",
                    "b.eq 8f",
                    for_tiles!($tiles, channel, "fmla", 1),
                    "subs {rest}, {rest}, #1",
                    "b.eq 8f",
                    for_tiles!($tiles, channel, "fmla", 2),
                    "8:",
                    for_tiles!($tiles, each, "st1", "[{to}], #64"),
                    begin = inout(reg) begin => _,
                    between = in(reg) between,
                    inputs = inout(reg) factors.inputs => _,
                    part = in(reg) factors.input_part * size_of::<f32>(),
                    filters = inout(reg) factors.filters => _,
                    parts = inout(reg) factors.channels / 4 => _,
                    rest = inout(reg) factors.channels % 4 => _,
                    to = inout(reg) to => _,
                    out("v0") _, out("v1") _, out("v2") _, out("v3") _, out("v4") _, out("v5") _,
                    out("v6") _, out("v7") _, out("v8") _, out("v9") _, out("v10") _,
                    out("v11") _, out("v12") _, out("v13") _, out("v14") _, out("v15") _,
                    out("v16") _, out("v17") _, out("v18") _, out("v19") _, out("v20") _,
                    out("v21") _, out("v22") _, out("v23") _, out("v24") _, out("v25") _,
                    out("v26") _, out("v27") _, out("v28") _,
                    options(nostack),
                );
            }
        }
    };
}

sums!(of_one, 1);
sums!(of_two, 2);
sums!(of_three, 3);
sums!(of_four, 4);
sums!(of_five, 5);
