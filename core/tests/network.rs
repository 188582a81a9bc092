//! Whole networks under taps, and the controller.
#![cfg(all(feature = "onnx", feature = "lab"))]

mod counting;
#[path = "front/sketch.rs"]
#[allow(dead_code, reason = "one network does not need every kind of attribute")]
mod sketch;
mod vectors;

use std::num::NonZeroUsize;

use counting::own_allocations;
use frostglass::ErrorKind;
use frostglass::frame::Frame;
use frostglass::front::{Card, CompileOptions, Digest, Output, Precision};
use frostglass::network::{
    Controller, Network, Place, Tap, Trend, check_gamma, check_windows, meets, privacy_loss,
};
use frostglass::policy::{Hold, HoldRule, HoldWithin};
use frostglass::sanitize::sample_and_hold;
use sketch::{Sketch, ints};
use vectors::{cases, close, f64};

/// A residual block, a pool and a dense layer.
fn network() -> Sketch {
    let weights = |many: usize, seed: usize| -> Vec<f32> {
        (0..many).map(|i| ((i * 37 + seed * 11) % 29) as f32 / 29.0 - 0.5).collect()
    };
    let pads = || vec![ints("pads", &[1; 4])];
    Sketch::new(&[1, 3, 8, 8])
        .floats("w1", &[4, 3, 3, 3], &weights(108, 1))
        .floats("w2", &[4, 4, 3, 3], &weights(144, 2))
        .floats("w3", &[4, 5], &weights(20, 3))
        .node("Conv", &["x", "w1"], "c1", pads())
        .node("Relu", &["c1"], "r1", vec![])
        .node("Conv", &["r1", "w2"], "c2", pads())
        .node("Add", &["c2", "r1"], "sum", vec![])
        .node("Relu", &["sum"], "r2", vec![])
        .node("GlobalAveragePool", &["r2"], "mean", vec![])
        .node("Flatten", &["mean"], "flat", vec![])
        .node("MatMul", &["flat", "w3"], "scores", vec![])
        .output("scores")
}

fn card(onnx: &[u8], output: &str) -> Card {
    let text = format!(
        "[model]\nname = \"little\"\ntitle = \"A little network\"\nlicence = \"MIT\"\nsource = \"this test\"\n\
         sha256 = \"{}\"\noutput = \"{output}\"\n[input]\nname = \"x\"\nshape = [3, 8, 8]\norder = \"RGB\"\n\
         resize = \"exact\"\nfilter = \"bilinear\"\ncrop = \"none\"\nmean = [100, 110, 120]\n\
         scale = [0.02, 0.02, 0.02]\n[[cut]]\nname = \"first\"\ntensor = \"r1\"\nshape = [4, 8, 8]\n\
         gain = 1\noffset = 0\ngrid = 0.0625\n",
        Digest::of(onnx)
    );
    Card::parse(&text).unwrap()
}

fn little() -> Network {
    Network::open_without_card(&network().bytes(), Output::Logits).unwrap()
}

fn picture() -> Vec<f32> {
    (0..192).map(|i| ((i * 31) % 97) as f32 / 48.0 - 1.0).collect()
}

fn place(text: &str) -> Place {
    text.parse().unwrap()
}

fn hold(window: usize) -> Hold {
    Hold::new(NonZeroUsize::new(window).unwrap())
}

fn tap(text: &str, window: usize) -> Tap {
    Tap { place: place(text), hold: hold(window) }
}

fn controller(network: &Network, at: &str, others: &[Tap]) -> Controller {
    network.controller(&place(at), hold(1), others, Precision::Exact).unwrap()
}

fn held(network: &Network, taps: &[Tap]) -> Vec<f32> {
    let held = network.hold(taps, Precision::Exact).unwrap();
    let mut answer = vec![0.0; held.outputs()];
    held.answer_to_tensor(&picture(), &mut answer).unwrap();
    answer
}

#[test]
fn sweeps_come_to_the_golden_figures() {
    for case in cases("sanitisation", "cases") {
        let numbers = |key: &str| case[key].as_array().unwrap().clone();
        let before = f64(&case["before"]);
        let after: Vec<f64> = numbers("after").iter().map(f64).collect();
        for (after, loss) in after.iter().zip(numbers("privacy_loss")) {
            match privacy_loss(before, *after) {
                Some(found) => close(found, f64(&loss), 1e-12, &case),
                None => assert!(loss.is_null()),
            }
        }
        for chosen in numbers("chosen") {
            let gamma = f64(&chosen["gamma"]);
            let found = after.iter().position(|after| meets(gamma, before, *after));
            assert_eq!(found.map(|at| at as u64 + 2), chosen["window"].as_u64(), "{case}");
        }
        let trend = Trend::of(&after);
        close(trend.eff_san, f64(&case["eff_san"]), 1e-12, &case);
        assert!((trend.total_rise - f64(&case["total_rise"])).abs() < 1e-12);
        for (found, key) in [
            (trend.low, "low"),
            (trend.mid, "mid"),
            (trend.high, "high"),
            (trend.inversions, "inversions"),
        ] {
            assert_eq!(Some(found as u64), case[key].as_u64(), "{key} of {case}");
        }
    }
}

#[test]
fn what_a_tap_holds_is_what_every_layer_reads() {
    // The network up to the tap, held by hand, and what follows it.
    let network = little();
    let original = held_by_hand(1);
    for window in [2, 5, 64, 300] {
        let expected = held_by_hand(window);
        assert_ne!(expected, original);
        for at in ["r1", "in:c2"] {
            let found = held(&network, &[tap(at, window)]);
            for (found, expected) in found.iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-6, "{at}, {window}");
            }
        }
    }
}

/// The network's answer with r1 held, from its parts.
fn held_by_hand(window: usize) -> Vec<f32> {
    use frostglass::front::Model;
    use frostglass::network::Tail;

    let bytes = network().bytes();
    let card = card(&bytes, "logits");
    let front =
        Model::open(&bytes, card.clone()).unwrap().compile_with("first", Precision::Exact).unwrap();
    let mut map = vec![0.0; front.cut().activations()];
    front.run_in_lab(&mut front.workspace(), &picture(), &mut map).unwrap();
    sample_and_hold(&mut map, 8, hold(window)).unwrap();
    Tail::open(&bytes, None, &card, "first").unwrap().run(&map).unwrap()
}

#[test]
fn a_sweep_is_what_held_networks_answer() {
    let network = little();
    for (at, others) in [
        ("r1", vec![]),
        // A connection runs around it.
        ("c2", vec![]),
        ("x", vec![]),
        ("mean", vec![]),
        ("r2", vec![tap("r1", 3)]),
        ("r1", vec![tap("c2", 7), tap("x", 2)]),
        ("c2", vec![tap("sum", 4), tap("in:c1", 5)]),
    ] {
        let mut controller = controller(&network, at, &others);
        let sweep = controller.sweep(&picture(), None, 2..=20, &mut |_| {}).unwrap();
        for step in &sweep.steps {
            let mut taps = others.clone();
            taps.push(tap(at, step.window));
            let answer = held(&network, &taps);
            let expected = f64::from(answer[sweep.class]);
            assert!((step.after - expected).abs() < 1e-6, "{at}, {}", step.window);
        }
    }
}

#[test]
fn a_window_allocates_nothing() {
    let network = little();
    for at in ["r1", "c2"] {
        for rule in [HoldRule::NearestMean, HoldRule::Median, HoldRule::Largest, HoldRule::First] {
            let like = Hold { rule, ..hold(1) };
            let mut controller =
                network.controller(&place(at), like, &[], CompileOptions::default()).unwrap();
            let mut counts = Vec::with_capacity(64);
            let mut count = |_| counts.push(own_allocations());
            controller.sweep(&picture(), None, 2..=60, &mut count).unwrap();
            assert!(counts.windows(2).all(|pair| pair[0] == pair[1]), "{at}, {rule:?}");
        }
    }
}

#[test]
fn calibration_finds_the_window_of_the_sweep_and_tells_no_more() {
    let bytes = network().bytes();
    let network = Network::open(&bytes, None, &card(&bytes, "logits")).unwrap();
    let pixels: Vec<u8> = (0..192).map(|i| ((i * 53) % 256) as u8).collect();
    let other: Vec<u8> = (0..192).map(|i| ((i * 29 + 90) % 256) as u8).collect();
    let frame = |pixels| Frame::rgb8(pixels, 8, 8).unwrap();
    let tensor = |pixels: &[u8]| -> Vec<f32> {
        let mean = [100.0, 110.0, 120.0];
        let value = |c: usize, p: usize| (f32::from(pixels[p * 3 + c]) - mean[c]) * 0.02;
        (0..3).flat_map(|c| (0..64).map(move |p| (c, p))).map(|(c, p)| value(c, p)).collect()
    };
    let mut controller = controller(&network, "r1", &[]);
    let sweeps = [&pixels, &other]
        .map(|pixels| controller.sweep(&tensor(pixels), None, 2..=40, &mut |_| {}).unwrap());
    for gamma in [0.0, 0.05, 0.2, 0.5, 1.0, 30.0] {
        for count in [1, 2] {
            let frames = [frame(&pixels), frame(&other)];
            let found = controller.calibrate(&frames[..count], None, gamma, 2..=40).unwrap();
            let met = |step: usize| {
                sweeps[..count].iter().all(|s| meets(gamma, s.before, s.steps[step].after))
            };
            let expected = (0..39).find(|step| met(*step));
            assert_eq!(found.met, expected.is_some(), "{gamma}");
            if let Some(step) = expected {
                assert_eq!(found.window.get(), step + 2, "{gamma}");
            } else {
                let kept = |step: usize| {
                    let kept = sweeps[..count].iter().map(|s| s.steps[step].after / s.before);
                    kept.fold(0.0, f64::max)
                };
                let best = (0..39).map(kept).fold(f64::INFINITY, f64::min);
                assert!((kept(found.window.get() - 2) - best).abs() < 1e-9);
            }
            let upto = expected.unwrap_or(38);
            let inversions = sweeps[..count].iter().map(|s| {
                let after: Vec<f64> = s.steps[..=upto].iter().map(|step| step.after).collect();
                Trend::of(&after).inversions
            });
            assert_eq!(found.inversions, inversions.sum::<usize>(), "{gamma}");
        }
    }
    assert_eq!(
        controller.calibrate(&[], None, 1.0, 2..=40).unwrap_err().kind(),
        ErrorKind::Tap,
        "no picture"
    );
}

#[test]
fn a_network_that_would_not_be_sanitised_is_not_to_be_had() {
    let network = little();
    let refused = |taps: &[Tap], says: &str| {
        let error = network.hold(taps, CompileOptions::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Tap, "{error}");
        assert!(error.message().contains(says), "{error} does not say {says:?}");
    };
    refused(&[], "at least one tap");
    refused(&[tap("r1", 1)], "at least 2");
    refused(&[tap("nowhere", 2)], "there are x, c1, r1");
    refused(&[tap("in:nowhere", 2)], "there are c1, r1");
    refused(&[tap("w1", 2)], "no such tensor");
    refused(&[tap("scores", 2)], "ends there");
    refused(&[tap("in:sum", 2)], "several maps; tap c2, r1");
    refused(&[tap("r1", 2), tap("in:c2", 3)], "same tensor");
    let rows = |window, within| Hold { within, ..hold(window) };
    let flat = Tap { place: place("mean"), hold: rows(2, HoldWithin::Row) };
    refused(&[flat], "one value long");
    assert!(network.hold(&[tap("mean", 2)], Precision::Fast).is_ok());
    for text in ["", "in:"] {
        assert_eq!(text.parse::<Place>().unwrap_err().kind(), ErrorKind::Tap);
    }
}

#[test]
fn bad_numbers_are_refused() {
    for gamma in [-1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(check_gamma(gamma).unwrap_err().kind(), ErrorKind::Tap);
    }
    #[expect(clippy::reversed_empty_ranges, reason = "that is what is refused")]
    for windows in [0..=5, 1..=5, 5..=4, 2..=usize::MAX] {
        assert_eq!(check_windows(&windows).unwrap_err().kind(), ErrorKind::Tap);
    }
    let network = little();
    let mut controller = controller(&network, "r1", &[]);
    let mut sweep = |tensor: &[f32], classes: Option<&[usize]>| {
        controller.sweep(tensor, classes, 2..=4, &mut |_| {}).map_err(|error| error.kind())
    };
    let mut broken = picture();
    broken[100] = f32::NAN;
    assert_eq!(sweep(&broken, None), Err(ErrorKind::Activations));
    assert_eq!(sweep(&picture()[1..], None), Err(ErrorKind::Buffer));
    for classes in [&[][..], &[5], &[1, 1]] {
        assert_eq!(sweep(&picture(), Some(classes)), Err(ErrorKind::Tap), "{classes:?}");
    }
    let all = sweep(&picture(), Some(&[0, 1, 2, 3, 4])).unwrap();
    assert!(all.steps.iter().all(|step| (step.after - 1.0).abs() < 1e-12));
    // Zeros at the tap stay as they are: nothing is lost, and nothing fails.
    let zeros = sweep(&[0.0; 192], None).unwrap();
    assert!(zeros.zero_share == 1.0 && zeros.steps.iter().all(|step| step.after == zeros.before));
}

#[test]
fn a_descriptor_has_no_classes_and_probabilities_must_be_some() {
    let bytes = network().bytes();
    let network = Network::open(&bytes, None, &card(&bytes, "descriptor")).unwrap();
    let error = network.controller(&place("r1"), hold(1), &[], Precision::Fast).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Model);
    let network = Network::open_without_card(&bytes, Output::Probabilities).unwrap();
    let mut controller = controller(&network, "r1", &[]);
    let error = controller.sweep(&picture(), None, 2..=4, &mut |_| {}).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Activations, "scores are no probabilities");
    assert!(!Network::ends_in_softmax(&bytes).unwrap());
}

#[test]
fn a_receipt_quotes_what_was_measured_of_held_maps_and_a_candidate_has_it() {
    use frostglass::front::Model;
    use frostglass::probe::ProcessMeter;
    use frostglass::session::Frostglass;

    let bytes = network().bytes();
    let text = card(&bytes, "logits").text().to_owned()
        + "[[cut.held]]\nwindow = 4\npsnr = 17.25\npsnr_deviation = 2\nssim = 0.5\nattack = \"an inverter\"\n\
           data = \"a penguin\"\ndate = \"2026-01-31\"\n";
    let model = Model::open(&bytes, Card::parse(&text).unwrap()).unwrap();
    let front = std::sync::Arc::new(model.compile("first").unwrap());
    let open = |policy: &str| Frostglass::open(front.clone(), &policy.parse().unwrap()).unwrap();
    let says = |policy: &str| open(policy).receipt().promises().last().unwrap().statement.clone();
    let psnr = |policy: &str, known| {
        let run = std::num::NonZeroU32::MIN;
        open(policy).candidate(run, &mut ProcessMeter, known).unwrap().figures.psnr
    };
    let quoted = "Measured on 2026-01-31, with windows of 4: an inverter rebuilt a penguin at a PSNR of 17.2 dB (deviation 2.0) and an SSIM of 0.50 on average. This is not a bound.";
    for policy in ["hold(4)", "hold(8)|grid(i16, step=2^-9)"] {
        assert!(says(policy).ends_with(quoted), "{}", says(policy));
        assert_eq!(psnr(policy, None), Some(17.25));
        assert_eq!(psnr(policy, Some(20.0)), Some(20.0), "the caller knows better");
    }
    assert_eq!(psnr("grid(i8)", None), None, "maps as they are were not measured");
    // Less than was measured, far more, or something else, is not covered.
    for policy in
        ["hold(3)", "hold(9)", "hold(4, rule=median)", "hold(4)|hold(2)", "channels(0)|hold(4)"]
    {
        assert!(says(policy).ends_with("No attack on maps held so has been measured at this cut."));
        assert_eq!(psnr(policy, None), None);
    }
}
