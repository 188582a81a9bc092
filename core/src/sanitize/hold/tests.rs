use proptest::prelude::*;

use super::*;
use crate::error::ErrorKind;

fn hold(window: usize, rule: HoldRule, within: HoldWithin) -> Hold {
    Hold { window: NonZeroUsize::new(window).unwrap(), rule, within }
}

fn held_by(stream: &[f32], window: usize, rule: HoldRule) -> Vec<f32> {
    let mut stream = stream.to_vec();
    let columns = stream.len();
    sample_and_hold(&mut stream, columns, hold(window, rule, HoldWithin::Map)).unwrap();
    stream
}

fn held(stream: &[f32], window: usize) -> Vec<f32> {
    held_by(stream, window, HoldRule::NearestMean)
}

const RULES: [HoldRule; 4] =
    [HoldRule::NearestMean, HoldRule::Median, HoldRule::Largest, HoldRule::First];

#[test]
fn zeros_take_the_representative_but_do_not_move_the_mean() {
    // Non-zero mean 3: both 2 and 4 are one away, the first wins.
    assert_eq!(held(&[0.0, 2.0, 4.0, -0.0], 4), [2.0; 4]);
}

#[test]
fn a_window_of_zeros_keeps_its_signs() {
    for rule in [HoldRule::NearestMean, HoldRule::Median, HoldRule::Largest] {
        let out = held_by(&[0.0, -0.0, 5.0], 2, rule);
        assert_eq!(
            out.iter().map(|x| x.to_bits()).collect::<Vec<_>>(),
            [0, 1 << 31, 5f32.to_bits()]
        );
    }
}

#[test]
fn the_last_window_may_be_shorter_or_the_only_one() {
    assert_eq!(held(&[1.0, 2.0, 3.0, 9.0], 3), [2.0, 2.0, 2.0, 9.0]);
    assert_eq!(held(&[1.0, 2.0, 9.0], 100), [2.0; 3]);
    assert!(held(&[], 4).is_empty());
}

#[test]
fn each_rule_chooses_its_sample() {
    let window = [0.0, -9.0, 1.0, 3.0, 2.0, 0.0];
    for (rule, sample) in [
        (HoldRule::NearestMean, 1.0), // the mean is -0.75
        (HoldRule::Median, 1.0),      // of -9, 1, 2, 3
        (HoldRule::Largest, -9.0),
        (HoldRule::First, 0.0),
    ] {
        assert_eq!(held_by(&window, 6, rule), [sample; 6], "{rule:?}");
    }
}

#[test]
fn windows_may_begin_anew_with_every_row() {
    let mut map = [1.0, 1.0, 2.0, 4.0, 4.0, 8.0];
    sample_and_hold(&mut map, 3, hold(2, HoldRule::First, HoldWithin::Row)).unwrap();
    assert_eq!(map, [1.0, 1.0, 2.0, 4.0, 4.0, 8.0]);
    sample_and_hold(&mut map, 3, hold(2, HoldRule::First, HoldWithin::Map)).unwrap();
    assert_eq!(map, [1.0, 1.0, 2.0, 2.0, 4.0, 4.0]);
}

#[test]
fn a_sample_that_is_no_number_is_named_and_nothing_is_written() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        for index in [2, 700] {
            let mut stream = vec![1.5; 1000];
            stream[0] = 2.0;
            stream[index] = bad;
            let before: Vec<u32> = stream.iter().map(|x| x.to_bits()).collect();
            let two = hold(2, HoldRule::NearestMean, HoldWithin::Map);
            let error = sample_and_hold(&mut stream, 1000, two).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Activations);
            assert!(error.message().contains(&format!("sample {index} ")), "{error}");
            assert_eq!(stream.iter().map(|x| x.to_bits()).collect::<Vec<_>>(), before);
        }
    }
}

/// Samples that meet the rule's hard cases: zeros, ties, equal ones, and far apart.
fn sample() -> impl Strategy<Value = f32> {
    prop_oneof![
        3 => Just(0f32),
        1 => Just(-0f32),
        4 => -8f32..8.0,
        4 => (-8i8..8).prop_map(|x| f32::from(x) * 0.25),
        2 => (0i8..8).prop_map(|x| 1.0 + f32::from(x) * f32::EPSILON),
        1 => (-140i32..120, 0.5f32..1.0).prop_map(|(e, x)| x * (e as f32).exp2()),
        1 => prop::num::f32::NORMAL | prop::num::f32::SUBNORMAL,
    ]
}

/// Samples that are left to nothing but the way itself: with ties, and zeros without signs.
fn usual_sample() -> impl Strategy<Value = f32> {
    prop_oneof![
        3 => Just(0f32),
        4 => -8f32..8.0,
        4 => (1i8..8).prop_map(|x| f32::from(x) * 0.25),
        2 => (0i8..4).prop_map(|x| 1.0 + f32::from(x) * f32::EPSILON),
    ]
}

/// Makes two samples of every window as far from its mean as rounding allows, all others farther: which
/// one is nearer hangs on the last bits of the sum.
fn balance(stream: &mut [f32], window: usize) {
    for window in stream.chunks_exact_mut(window).filter(|window| window.len() > 2) {
        let (pair, others) = window.split_at_mut(2);
        for (index, sample) in others.iter_mut().enumerate() {
            let part = sample.abs().fract();
            *sample = if index % 2 == 0 { 1.0 + part } else { 7.0 + part };
        }
        let sum: f64 = others.iter().copied().map(f64::from).sum();
        let mean = sum / others.len() as f64;
        pair.copy_from_slice(&[(mean + 0.5) as f32, (mean - 0.5) as f32]);
    }
}

/// A way to hold windows of 2 to `together::LONGEST` samples, by the instructions that it is in.
type Way = (&'static str, fn(&mut [f32], usize));

/// Every way that this processor has.
#[allow(unsafe_code, reason = "only what the processor has is taken")]
fn ways() -> Vec<Way> {
    let portable: fn(&mut [f32], usize) = nearest_mean::portable;
    #[allow(unused_mut, reason = "not every processor has more")]
    let mut ways = vec![("portable", portable)];
    #[cfg(target_arch = "aarch64")]
    ways.push(("NEON", |stream, window| {
        neon::hold(stream, window, finite::magnitudes(stream).unwrap());
    }));
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has these instructions.
            ways.push(("AVX2", |stream, window| unsafe {
                nearest_mean::with_avx2(stream, window, finite::magnitudes(stream).unwrap());
            }));
        }
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
            // SAFETY: the processor has these instructions.
            ways.push(("AVX-512", |stream, window| unsafe {
                nearest_mean::with_avx512(stream, window, finite::magnitudes(stream).unwrap());
            }));
        }
    }
    ways
}

proptest! {
    #[test]
    fn every_way_meets_algorithm_1_bit_for_bit(
        stream in prop_oneof![
            prop::collection::vec(sample(), 1..3000),
            prop::collection::vec(usual_sample(), 1..3000),
        ],
        window in 2usize..=together::LONGEST,
        short in 2usize..12,
    ) {
        let mut cases = vec![(window, stream.clone()), (short, stream.clone())];
        for (window, mut stream) in cases.clone() {
            balance(&mut stream, window);
            cases.push((window, stream));
        }
        for (window, stream) in cases {
            let mut meant = stream.clone();
            exact::each(&mut meant, window, exact::exact);
            let meant: Vec<u32> = meant.iter().map(|sample| sample.to_bits()).collect();
            for (way, hold) in ways() {
                let mut out = stream.clone();
                hold(&mut out, window);
                let out: Vec<u32> = out.iter().map(|sample| sample.to_bits()).collect();
                prop_assert_eq!(&out, &meant, "{}", way);
            }
        }
    }

    #[test]
    fn held_values_are_samples_of_their_own_window(
        stream in prop::collection::vec(prop_oneof![Just(0f32), -8f32..8.0], 1..200),
        window in 1usize..40,
    ) {
        for rule in RULES {
            let out = held_by(&stream, window, rule);
            for (before, after) in stream.chunks(window).zip(out.chunks(window)) {
                prop_assert!(after.iter().all(|x| before.contains(x)));
                prop_assert!(window == 1 || after.windows(2).all(|w| w[0] == w[1]));
            }
            prop_assert_eq!(held_by(&out, window, rule), out, "holding twice is holding once");
        }
    }

    #[test]
    fn algorithm_1_is_met_bit_for_bit(
        stream in prop::collection::vec(sample(), 1..400),
        window in 2usize..90,
    ) {
        let out = held(&stream, window);
        for (before, after) in stream.chunks(window).zip(out.chunks(window)) {
            match exact::exact(before) {
                Some(sample) => {
                    prop_assert!(after.iter().all(|x| x.to_bits() == sample.to_bits()));
                }
                None => prop_assert!(after.iter().zip(before).all(|(a, b)| a.to_bits() == b.to_bits())),
            }
        }
    }
}
