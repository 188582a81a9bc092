//! Releases of adjacent pictures, at one seed, through a session: no further apart than the receipt says.
//!
//! The noise is the same in both, so that what is left between two releases is how far the map moved,
//! less what the grid's ends cut off.
#![cfg(all(feature = "onnx", feature = "lab"))]

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use frostglass::frame::Frame;
use frostglass::front::{Card, CompileOptions, Model, Precision};
use frostglass::policy::{Policy, Site};
use frostglass::privacy::Adjacency;
use frostglass::session::Frostglass;

/// The side of the pictures that the network reads: nothing is resized.
const SIDE: usize = 150;

fn zoo(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/zoo/dlib-face").join(file)
}

static MODEL: LazyLock<Model> = LazyLock::new(|| {
    let card = Card::parse(&std::fs::read_to_string(zoo("card.toml")).unwrap()).unwrap();
    Model::open(&std::fs::read(zoo("front.onnx")).unwrap(), card).unwrap()
});

fn session(cut: &str, policy: &str, precision: Precision) -> Frostglass {
    let front = MODEL.compile_with(cut, CompileOptions::from(precision)).unwrap();
    Frostglass::open(Arc::new(front), &policy.parse::<Policy>().unwrap()).unwrap()
}

/// Reproducible bytes.
fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut byte = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..length).map(|_| byte()).collect()
}

/// Black, white, noise, stripes of one and of eight pixels.
fn pictures() -> Vec<Vec<u8>> {
    let stripes = |width: usize| {
        let value =
            move |at: usize| if (at / 3 % SIDE / width).is_multiple_of(2) { 0 } else { 255 };
        (0..SIDE * SIDE * 3).map(value).collect()
    };
    let length = SIDE * SIDE * 3;
    vec![vec![0; length], vec![255; length], noise(length, 1), stripes(1), stripes(8)]
}

/// The picture with a square of another in it.
fn with_patch(picture: &[u8], other: &[u8], side: usize, [row, column]: [usize; 2]) -> Vec<u8> {
    let mut changed = picture.to_vec();
    for row in row..(row + side).min(SIDE) {
        let at = (row * SIDE + column) * 3..(row * SIDE + (column + side).min(SIDE)) * 3;
        changed[at.clone()].copy_from_slice(&other[at]);
    }
    changed
}

fn integers(session: &Frostglass, picture: &[u8], seed: u64) -> Vec<f64> {
    let frame = Frame::rgb8(picture, SIDE, SIDE).unwrap();
    let release = session.sanitize_seeded(&frame, seed).unwrap();
    let step = f64::from(release.grid().step.get());
    release.values().map(|value| (f64::from(value) / step).round()).collect()
}

/// Holds every pair of these pictures that differ in such a patch against what the session promises; the
/// largest share of it.
fn largest_share(session: &Frostglass, side: usize, places: &[[usize; 2]]) -> f64 {
    let receipt = session.receipt();
    let privacy = receipt.privacy().unwrap();
    let promised = if side == SIDE { &privacy.image } else { &privacy.patch[&side] }.delta_steps;
    let pictures = pictures();
    let mut largest = 0f64;
    for (index, picture) in pictures.iter().enumerate() {
        let seed = index as u64;
        let before = integers(session, picture, seed);
        for other in &pictures {
            for place in places {
                let after = integers(session, &with_patch(picture, other, side, *place), seed);
                let squares = before.iter().zip(&after).map(|(a, b)| (a - b).powi(2));
                let distance = squares.sum::<f64>().sqrt();
                assert!(
                    distance <= promised,
                    "{distance} steps for {promised}: {side} pixels at {place:?}"
                );
                largest = largest.max(distance / promised);
            }
        }
    }
    largest
}

#[test]
fn no_two_releases_are_further_apart_than_the_receipt_says() {
    // In a corner, across the tiles of every algorithm, and at an edge.
    let places = [[0, 0], [71, 73], [140, 60]];
    for (cut, policy) in [
        ("stem-relu", "dp(epsilon=5)"),
        ("stem-relu", "dp(epsilon=50, unit=patch(8), a_max=0.1, beta=0.75)"),
        ("stem-pool", "dp(epsilon=20, unit=patch(1), alpha=100)"),
        ("stem-pool", "channels(0-7)|dp(epsilon=1000, unit=image)"),
        ("stage5-block1", "dp(epsilon=100, unit=image, clip=3)"),
    ] {
        for precision in [Precision::Fast, Precision::Exact] {
            let session = session(cut, policy, precision);
            let one = largest_share(&session, 1, &places);
            let eight = largest_share(&session, 8, &places);
            let whole = largest_share(&session, SIDE, &[[0, 0]]);
            println!("{cut}, {policy}: {one:.3} of one pixel's steps, {eight:.3}, {whole:.3}");
            assert!(whole > 0.0, "something moved");
        }
    }
}

/// The attacks of `sensitivity.rs` and of the program `attack` resolve a policy alone.
#[test]
fn a_receipt_prints_what_the_policy_resolves_to() {
    let policy = "dp(epsilon=5, a_max=0.5)";
    let front = MODEL.compile_with("stem-pool", CompileOptions::from(Precision::Exact)).unwrap();
    let policy = policy.parse::<Policy>().unwrap();
    let pipeline = policy.resolve(&Site::of(&front)).unwrap();
    let mechanism = pipeline.mechanism().unwrap();
    let session = Frostglass::open(Arc::new(front), &policy).unwrap();
    let privacy = session.receipt().privacy().unwrap();
    for (unit, printed) in [
        (Adjacency::Activation, &privacy.activation),
        (Adjacency::patch(8).unwrap(), &privacy.patch[&8]),
        (Adjacency::Image, &privacy.image),
    ] {
        let spend = mechanism.spend(unit).unwrap();
        let resolved = (spend.delta_steps, spend.mu, spend.epsilon, spend.odds);
        assert_eq!(resolved, (printed.delta_steps, printed.mu, printed.epsilon, printed.odds));
    }
}
