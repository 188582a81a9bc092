//! A packed front in any build, one without ONNX above all: opened, run and released.
//! `front/packed.rs` says how the file came about.

use std::num::NonZeroU32;
use std::sync::Arc;

use frostglass::ErrorKind;
use frostglass::frame::Frame;
use frostglass::front::{Digest, PackedFront, Precision};
use frostglass::ledger::Ledger;
use frostglass::probe::ProcessMeter;
use frostglass::session::Frostglass;

const LITTLE: &[u8] = include_bytes!("packed/little.front");

#[test]
fn a_session_runs_on_a_packed_front() {
    let packed = PackedFront::open(LITTLE).unwrap();
    let front = Arc::new(packed.compile_with(Precision::Exact).unwrap());
    let memory = front.memory();
    assert_eq!(memory.weight_bytes, 4 * 54);
    assert_eq!(memory.packed_weight_bytes, 64 * 27, "one block an input channel and tap");
    let session = Frostglass::open(front, &"grid(i16)".parse().unwrap()).unwrap();
    let pixels: Vec<u8> = (0..8 * 8 * 3).map(|i| (i * 29 % 251) as u8).collect();
    let frame = Frame::rgb8(&pixels, 8, 8).unwrap();
    let release = session.sanitize(&frame).unwrap();
    assert_eq!(release.shape(), [2, 4, 4]);
    assert_eq!(release.model(), packed.model().to_string());
    assert_eq!(release.cut(), "p");

    // Weights are multiples of 1/64: every sum is exact, in whatever order it is taken.
    let weight = |output: usize, input: usize, tap: usize| {
        ((output * 27 + input * 9 + tap) as f32 - 27.0) / 64.0
    };
    let value = |output: usize, row: usize, column: usize| {
        let mut sum = [0.5, -0.5][output];
        for (input, tap) in (0..3).flat_map(|input| (0..9).map(move |tap| (input, tap))) {
            let (row, column) = (row + tap / 3, column + tap % 3);
            if (1..9).contains(&row) && (1..9).contains(&column) {
                let pixel = pixels[((row - 1) * 8 + column - 1) * 3 + input];
                sum += weight(output, input, tap) * f32::from(pixel);
            }
        }
        sum.max(0.0)
    };
    let mut released = release.values();
    for (output, row) in (0..2).flat_map(|output| (0..4).map(move |row| (output, row))) {
        for column in 0..4 {
            let window = [(0, 0), (0, 1), (1, 0), (1, 1)];
            let largest = window
                .map(|(down, right)| value(output, 2 * row + down, 2 * column + right))
                .into_iter()
                .fold(0.0, f32::max);
            assert_eq!(released.next(), Some(largest.round_ties_even()));
        }
    }
}

#[test]
fn a_profile_is_of_runs_that_let_nothing_out() {
    let front = Arc::new(PackedFront::open(LITTLE).unwrap().compile().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let cap = "1,1e-5,image".parse().unwrap();
    let ledger = Arc::new(Ledger::create(folder.path().join("ledger"), cap).unwrap());
    let policy = "dp(epsilon=1, unit=image)".parse().unwrap();
    let session = Frostglass::open(front, &policy).unwrap();
    let session = session.charging(Arc::clone(&ledger), NonZeroU32::MIN).unwrap();
    let runs = NonZeroU32::new(12).unwrap();
    let report = session.profile(runs, &mut ProcessMeter).unwrap();
    assert_eq!(report.runs, 12);
    assert!(!report.time.least.is_zero() && report.energy.is_none());
    assert_eq!(ledger.standing().unwrap().releases, 0, "nothing is charged");
    session.close();
    let closed = session.profile(runs, &mut ProcessMeter).unwrap_err();
    assert_eq!(closed.kind(), ErrorKind::Closed);
}

#[test]
fn another_file_than_the_one_expected_is_refused() {
    let digest = PackedFront::open(LITTLE).unwrap().digest();
    assert_eq!(digest, Digest::of(&LITTLE[..LITTLE.len() - 32]));
    assert!(PackedFront::open_expecting(LITTLE, digest).is_ok());
    let error = PackedFront::open_expecting(LITTLE, Digest::of(b"another")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Model);
    let mut damaged = LITTLE.to_vec();
    damaged[LITTLE.len() / 2] ^= 1;
    assert!(PackedFront::open(damaged).unwrap_err().message().contains("damaged"));
}
