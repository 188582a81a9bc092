//! Times sample-and-hold beside a copy of memory, or lets an emulator count its instructions.
//!
//! ```text
//! hold time ROUNDS      nanoseconds of each round, as JSON
//! hold count            the same work once, between marks that an emulator's plugin counts at
//! ```
//!
//! `cargo xtask bench hold` runs both and says what they mean.
#![allow(unsafe_code, reason = "a mark is a system call, which the standard library does not make")]

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::time::Instant;

use frostglass::sanitize::{Hold, sample_and_hold};

/// Numbers of VGG's first map at 224: 64 x 224 x 224.
const MAP: usize = 64 * 224 * 224;

/// Numbers of the yardstick: 128 MB, past every cache.
const COPIED: usize = 128_000_000 / size_of::<f32>();

/// Numbers whose instructions are counted: each takes as many in a longer map.
const COUNTED: usize = 1 << 18;

const WINDOWS: std::ops::RangeInclusive<usize> = 2..=64;

/// The system call that the plugin takes for a mark.
const MARK: i64 = 4000;

unsafe extern "C" {
    fn syscall(number: i64, ...) -> i64;
}

fn mark() {
    // SAFETY: no kernel has this call; it returns an error.
    unsafe { syscall(MARK) };
}

/// Numbers between -1 and 1, the same in every run.
fn numbers(count: usize) -> Vec<f32> {
    let mut state = 1u64;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// A map without zeros, and one after a ReLU, half zeros.
fn maps(count: usize) -> [(&'static str, Vec<f32>); 2] {
    let dense = numbers(count);
    let relu = dense.iter().map(|value| value.max(0.0)).collect();
    [("dense", dense), ("after a ReLU", relu)]
}

fn hold(map: &mut [f32], window: usize) {
    let window = NonZeroUsize::new(window).expect("windows are at least 2");
    sample_and_hold(map, 224, Hold::new(window)).expect("finite numbers");
    black_box(map);
}

fn nanoseconds(work: impl FnOnce()) -> u64 {
    let begun = Instant::now();
    work();
    begun.elapsed().as_nanos() as u64
}

/// The yardstick stands in every round, so that both meet the same machine.
fn time(rounds: usize) {
    let from = numbers(COPIED);
    let mut to = vec![0f32; COPIED];
    let mut copied = Vec::new();
    let mut held: Vec<(String, usize, Vec<u64>)> = Vec::new();
    let clean = maps(MAP);
    let mut map = vec![0f32; MAP];
    for round in 0..=rounds {
        let mut copy = || {
            nanoseconds(|| {
                to.copy_from_slice(black_box(&from));
                black_box(&to);
            })
        };
        let mut copies = vec![copy()];
        let mut index = 0;
        for (name, clean) in &clean {
            for window in WINDOWS {
                map.copy_from_slice(clean);
                let took = nanoseconds(|| hold(&mut map, window));
                if round == 0 {
                    held.push(((*name).to_owned(), window, Vec::new()));
                } else {
                    held[index].2.push(took);
                }
                index += 1;
            }
            copies.push(copy());
        }
        if round > 0 {
            copied.extend(copies);
        }
    }
    let held: Vec<_> = held
        .into_iter()
        .map(|(map, window, nanoseconds)| {
            serde_json::json!({ "map": map, "window": window, "nanoseconds": nanoseconds })
        })
        .collect();
    let report = serde_json::json!({
        "map_bytes": MAP * size_of::<f32>(),
        "copied_bytes": COPIED * size_of::<f32>(),
        "copied": copied,
        "held": held,
    });
    println!("{report}");
}

fn count() {
    let from = numbers(COUNTED);
    let mut to = vec![0f32; COUNTED];
    let mut order = vec![serde_json::json!("marking"), serde_json::json!("copy")];
    mark();
    mark();
    to.copy_from_slice(black_box(&from));
    mark();
    black_box(&to);
    for (name, clean) in maps(COUNTED) {
        for window in WINDOWS {
            let mut map = clean.clone();
            mark();
            hold(&mut map, window);
            mark();
            order.push(serde_json::json!({ "map": name, "window": window }));
        }
    }
    println!("{}", serde_json::json!({ "numbers": COUNTED, "order": order }));
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["time", rounds] => time(rounds.parse().expect("a number of rounds")),
        ["count"] => count(),
        _ => panic!("hold time ROUNDS, or hold count"),
    }
}
