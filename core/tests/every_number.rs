//! No public function hangs or panics, whatever number it is given: NaN, infinities, zeros, subnormals and
//! huge values, in every place that takes a float.
//!
//! The walk is a list of calls, and the sources are read to see that nothing is missing from it: a public
//! function that takes a float and is not called here fails the test.
#![cfg(all(feature = "onnx", feature = "lab"))]

#[path = "front/sketch.rs"]
#[allow(dead_code, reason = "one network does not need every kind of attribute")]
mod sketch;

use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use frostglass::frame::{Frame, Preparer};
use frostglass::front::{Card, Digest, Model, Precision};
use frostglass::grid::{Grid, GridInteger, GridStep};
use frostglass::ledger::Cap;
use frostglass::network::{Network, Place, Tail, Tap, Trend, check_gamma, meets, privacy_loss};
use frostglass::policy::{Dp, GridStage, Policy, Site};
use frostglass::privacy::accounting::{
    Filter, FixedSizeSampling, Odometer, RenyiTotal, Total, paper,
};
use frostglass::privacy::{
    Adjacency, ClipBound, Delta, Epsilon, Mechanism, Mu, Normalisation, Region, Scope, Sensitivity,
    Target, Tiled, best_guess, classical_sigma, delta, epsilon, is_useful, mu, rounded_up,
};
use frostglass::probe::ProcessMeter;
use frostglass::sanitize::{
    Hold, NoisyNorm, encode, noisy_norm, norm_of_normalised_map, normalise, quantise,
    select_channels,
};
use frostglass::session::Frostglass;
use frostglass::topology::{Candidate, Figures, PrivacyDemand, select};
use sketch::{Sketch, ints};

/// Numbers that nobody meant.
const NUMBERS: [f64; 30] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    0.0,
    -0.0,
    5e-324,
    -5e-324,
    f64::MIN_POSITIVE,
    -f64::MIN_POSITIVE,
    1e-300,
    1e-40,
    1e-30,
    1e-9,
    1e-6,
    f64::EPSILON,
    1e-2,
    0.5,
    0.999_999_999_999_999_9,
    1.0,
    -1.0,
    1.5,
    5.0,
    745.0,
    1e6,
    1e9,
    1e38,
    1e100,
    1e300,
    f64::MAX,
    f64::MIN,
];

/// The same in `f32`, with its own ends.
fn singles() -> Vec<f32> {
    let mut singles: Vec<f32> = NUMBERS.iter().map(|number| *number as f32).collect();
    singles.extend([f32::MAX, f32::MIN, f32::MIN_POSITIVE, 1e-45, -1e-45]);
    singles
}

/// Longer than any of these calls takes by far.
const PATIENCE: Duration = Duration::from_secs(120);

type Call = (&'static str, fn());

/// Each by its file under `src` and its name.
const CALLS: &[Call] = &[
    ("frame/preparer.rs prepare", a_session_and_its_front),
    ("front/run.rs run_in_lab", a_session_and_its_front),
    ("grid.rs new", grids),
    ("ledger/cap.rs new", caps),
    ("network/controller.rs calibrate", networks),
    ("network/controller.rs sweep", networks),
    ("network/controller.rs time_tail", networks),
    ("network/held.rs answer_into", networks),
    ("network/held.rs answer_to_tensor", networks),
    ("network/sanitisation.rs of", sweeps),
    ("network/sanitisation.rs privacy_loss", sweeps),
    ("network/sanitisation.rs meets", sweeps),
    ("network/sanitisation.rs check_gamma", sweeps),
    ("network/tail.rs run", tails),
    ("policy/pipeline.rs apply", stages),
    ("policy/stage.rs new", dp),
    ("policy/stage.rs with_epsilon", dp),
    ("policy/stage.rs with_delta", dp),
    ("policy/stage.rs with_a_max", dp),
    ("policy/stage.rs with_alpha", dp),
    ("policy/stage.rs with_beta", dp),
    ("policy/stage.rs with_gamma", dp),
    ("policy/stage.rs with_clip", dp),
    ("policy/stage.rs with_step", grids),
    ("privacy/accounting/paper.rs composed_epsilon", calculators),
    ("privacy/accounting/paper.rs composed_delta", calculators),
    ("privacy/accounting/paper.rs release_epsilon", calculators),
    ("privacy/accounting/paper.rs order_of_epsilon", calculators),
    ("privacy/accounting/sampling.rs new", accountants),
    ("privacy/mechanism.rs is_useful", quantities),
    ("privacy/normalisation.rs with_a_max", mechanisms),
    ("privacy/normalisation.rs with_alpha", mechanisms),
    ("privacy/normalisation.rs with_beta", mechanisms),
    ("privacy/normalisation.rs with_gamma", mechanisms),
    ("privacy/normalisation.rs new", mechanisms),
    ("privacy/quantities.rs new", quantities),
    ("privacy/rounded.rs rounded_up", quantities),
    ("privacy/sensitivity.rs activation", sensitivities),
    ("privacy/sensitivity.rs positions", sensitivities),
    ("privacy/sensitivity.rs positions_in_tiles", sensitivities),
    ("privacy/tiled.rs new", sensitivities),
    ("sanitize/channels.rs select_channels", stages),
    ("sanitize/noisy_norm.rs noisy_norm", stages),
    ("sanitize/noisy_norm.rs normalise", stages),
    ("sanitize/noisy_norm.rs norm_of_normalised_map", stages),
    ("sanitize/hold/mod.rs sample_and_hold", stages),
    ("sanitize/quantise.rs quantise", stages),
    ("sanitize/quantise.rs encode", stages),
    ("session/profile.rs candidate", a_session_and_its_front),
    ("topology/selection.rs select", choices),
];

#[test]
fn each_call_returns() {
    let mut calls: BTreeMap<usize, Call> = BTreeMap::new();
    for call in CALLS {
        // One function serves several names.
        calls.entry(call.1 as usize).or_insert(*call);
    }
    for (name, call) in calls.into_values() {
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            call();
            let _ = sender.send(());
        });
        match receiver.recv_timeout(PATIENCE) {
            Ok(()) => {}
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("what calls {name} hangs"),
            Err(mpsc::RecvTimeoutError::Disconnected) => panic!("what calls {name} panics"),
        }
    }
}

#[test]
fn every_public_function_that_takes_a_float_is_called() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    for file in rust_files(&sources) {
        let text = std::fs::read_to_string(&file).unwrap();
        let shipped = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let path = file.strip_prefix(&sources).unwrap().display().to_string();
        // The executor is no floor of its own: nothing outside the crate sees a part of it.
        if path.starts_with("front/executor") {
            continue;
        }
        for function in shipped.split("pub fn ").skip(1) {
            let signature = function.split(['{', ';']).next().unwrap();
            let arguments = signature.split("->").next().unwrap();
            let name = arguments.split(['(', '<']).next().unwrap().trim();
            if arguments.contains("f64") || arguments.contains("f32") {
                found.push(format!("{} {name}", path.replace('\\', "/")));
            }
        }
    }
    assert!(found.len() > 40, "the sources were read: {found:?}");
    let called = |name: &String| CALLS.iter().any(|(call, _)| call == name);
    let missing: Vec<_> = found.iter().filter(|name| !called(name)).collect();
    assert!(missing.is_empty(), "add a call for each of {missing:?}");
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let files = files.into_iter().filter(|path| path.extension().is_some_and(|e| e == "rs"));
    files.chain(folders.iter().flat_map(|folder| rust_files(folder))).collect()
}

fn epsilons() -> Vec<Epsilon> {
    NUMBERS.iter().filter_map(|number| Epsilon::new(*number).ok()).collect()
}

fn deltas() -> Vec<Delta> {
    NUMBERS.iter().filter_map(|number| Delta::new(*number).ok()).collect()
}

fn mus() -> Vec<Mu> {
    NUMBERS.iter().filter_map(|number| Mu::new(*number).ok()).collect()
}

fn quantities() {
    for number in NUMBERS {
        let text = rounded_up(number);
        assert!(!text.is_empty());
        for at in deltas() {
            is_useful(number, at);
        }
    }
    for at_delta in deltas() {
        for at_epsilon in epsilons() {
            let most = mu(at_epsilon, at_delta).get();
            assert!(most > 0.0 && most.is_finite(), "{at_epsilon}, {at_delta}: {most}");
            assert!(classical_sigma(at_epsilon, at_delta) > 0.0);
        }
        for mu in mus() {
            let cost = epsilon(mu, at_delta);
            assert!(cost >= 0.0 && cost.is_finite(), "{mu}, {at_delta}: {cost}");
        }
    }
    for mu in mus() {
        assert!((0.5..=1.0).contains(&best_guess(mu)));
        for at_epsilon in epsilons() {
            assert!((0.0..=1.0).contains(&delta(at_epsilon, mu)), "{at_epsilon}, {mu}");
        }
    }
}

fn accountants() {
    for number in NUMBERS {
        let Ok(sampling) = FixedSizeSampling::new(number) else { continue };
        for at_delta in deltas() {
            for at_epsilon in epsilons() {
                let (cost, rest) = sampling.amplify(at_epsilon, at_delta);
                assert!(cost >= 0.0 && rest >= 0.0, "{at_epsilon}, {at_delta}: {cost}, {rest}");
            }
        }
        for mu in mus() {
            for count in [0, 1, 1000, u64::MAX] {
                let mut renyi = RenyiTotal::default();
                renyi.add(mu, count);
                renyi.add_sampled(mu, count, sampling);
                let cost = renyi.epsilon(Delta::new(1e-5).unwrap()).0;
                assert!(cost >= 0.0, "{mu}, {count}: {cost}");
            }
        }
    }
    for at_delta in deltas() {
        for mu in mus() {
            for count in [0, 1, u64::MAX] {
                let mut total = Total::default();
                total.add(mu, count);
                total.add(mu, count);
                let cost = total.epsilon(at_delta);
                assert!(cost >= 0.0, "{mu}, {count}, {at_delta}: {cost}");
                assert!(total.rho() >= 0.0 && total.mu() >= 0.0);
                assert!(total.zcdp_epsilon(at_delta) >= 0.0);
            }
        }
        for cap in epsilons() {
            let mut filter = Filter::new(cap, at_delta);
            let odometer = Odometer::new(&[cap], at_delta);
            for mu in mus() {
                // Refusals are what a filter is for.
                let _ = filter.spend(mu);
                assert!((0.0..=1.0).contains(&filter.share_spent()), "{cap}, {mu}");
                if let Ok(mut odometer) = odometer.clone() {
                    odometer.spend(mu);
                    odometer.reading();
                }
            }
        }
    }
}

/// The paper's calculators back no promise: they answer what the formula says, and that is all.
fn calculators() {
    for one in NUMBERS {
        for other in NUMBERS {
            for rounds in [0, 1, u64::MAX] {
                for delta_prime in NUMBERS {
                    paper::composed_epsilon(one, other, rounds, delta_prime);
                    paper::composed_delta(one, other, rounds, delta_prime);
                    paper::release_epsilon(one, other, rounds, delta_prime);
                }
                paper::order_of_epsilon(one, other, rounds);
            }
        }
    }
}

fn caps() {
    for epsilon in NUMBERS {
        for delta in NUMBERS {
            for unit in [Adjacency::Activation, Adjacency::Image] {
                if let Ok(cap) = Cap::new(epsilon, delta, unit) {
                    assert_eq!(cap.to_string().parse::<Cap>().unwrap(), cap);
                }
            }
        }
    }
}

fn grids() {
    for number in singles() {
        let _ = GridStep::new(number);
        for integer in [GridInteger::I8, GridInteger::I16] {
            let _ = GridStage::new(integer).with_step(number);
        }
    }
}

fn dp() {
    for number in NUMBERS {
        let _ = Dp::new(number);
        let _ = Dp::default().with_epsilon(number);
        let _ = Dp::default().with_delta(number);
        let single = number as f32;
        let made = [
            Dp::default().with_a_max(single),
            Dp::default().with_alpha(single),
            Dp::default().with_beta(single),
            Dp::default().with_gamma(single),
            Dp::default().with_clip(single),
        ];
        for dp in made.into_iter().flatten() {
            let text = frostglass::policy::Stage::Dp(dp).to_string();
            assert_eq!(text.parse::<Policy>().unwrap().to_string(), text);
        }
    }
}

/// Every kind of constants that can be made.
fn normalisations() -> Vec<Normalisation> {
    let mut made = vec![Normalisation::default()];
    for number in singles() {
        let constants = Normalisation::default();
        let with = [
            constants.with_a_max(number),
            constants.with_alpha(number),
            constants.with_beta(number),
            constants.with_gamma(number),
            constants.with_a_max(number).and_then(|c| c.with_beta(4.0)),
            constants.with_alpha(number).and_then(|c| c.with_beta(0.500_001)),
        ];
        made.extend(with.into_iter().flatten());
    }
    for width in [0, 1, 2, 255, 256, usize::MAX] {
        made.extend(Normalisation::default().with_width(width));
    }
    made
}

fn mechanisms() {
    let clips: Vec<_> = singles().into_iter().filter_map(|n| ClipBound::new(n).ok()).collect();
    let clips = || std::iter::once(None).chain(clips.iter().copied().map(Some));
    let scope = Scope { rows: 4, columns: 4, reach: None };
    let count = [1, 2, usize::MAX].map(|count| NonZeroUsize::new(count).unwrap());
    for constants in normalisations() {
        for clip in clips() {
            let sensitivity = Sensitivity::new(constants, 8, clip);
            for epsilon in [5e-324, 1e-9, 1.0, 1e9] {
                let target = Target::new(Epsilon::new(epsilon).unwrap());
                let Ok(made) = Mechanism::calibrate(scope, sensitivity, target) else { continue };
                for unit in [Adjacency::Activation, Adjacency::Image] {
                    let spend = made.spend(unit).unwrap();
                    assert!(spend.delta_steps >= 0.0 && spend.epsilon >= 0.0, "{spend:?}");
                    assert!((0.5..=1.0).contains(&spend.odds), "{spend:?}");
                }
                for count in count {
                    made.spend_of_group(count);
                }
            }
        }
    }
}

fn sensitivities() {
    let tiled = |errors: f64| {
        let spans = [vec![(0, 3), (2, 5)], vec![(0, 3), (2, 5)]];
        let gains = [1.0, f32::NAN, f32::MAX];
        Tiled::new(spans, &[errors; 3], &gains, &gains, &Normalisation::default())
    };
    for constants in normalisations() {
        for clip in [None, ClipBound::new(1.0).ok()] {
            let bounds = Sensitivity::new(constants, 3, clip);
            for step in NUMBERS {
                let region = Region { positions: 1, map_values: 12 };
                let moved = [bounds.activation(region, step), bounds.positions(region, step)];
                // On a step that can be one, a bound is a number of steps.
                if step > 0.0 && step.is_normal() {
                    assert!(moved.iter().all(|steps| *steps >= 0.0), "{step:e}: {moved:?}");
                }
                bounds.positions_in_tiles(region, &tiled(step), 2, step);
            }
        }
    }
}

/// What an activation may be.
fn activations(values: usize) -> Vec<f32> {
    singles().into_iter().cycle().take(values).collect()
}

fn stages() {
    let (channels, positions) = (5, 14);
    for constants in normalisations() {
        for step in singles() {
            let Ok(step) = GridStep::new(step) else { continue };
            for integer in [GridInteger::I8, GridInteger::I16] {
                let grid = Grid { integer, step };
                let gain = activations(channels);
                let parameters =
                    NoisyNorm { gain: gain.clone(), offset: gain, normalisation: constants, grid };
                let mut scratch = vec![0.0; parameters.scratch_len()];
                let noise = vec![i16::MAX; channels * positions];
                let mut map = activations(channels * positions);
                norm_of_normalised_map(&map, positions, &parameters, &mut scratch);
                normalise(&mut map, positions, &parameters, &mut scratch);
                for shrink in [1.0, 0.0, f32::NAN, f32::INFINITY, 1e-45] {
                    let mut map = activations(channels * positions);
                    noisy_norm(
                        &mut map,
                        positions,
                        &parameters,
                        f64::from(shrink),
                        &noise,
                        &mut scratch,
                    );
                    let whole = |steps: &f32| steps.is_nan() || steps.abs() <= integer.bound();
                    assert!(map.iter().all(whole), "{constants:?}: {map:?}");
                    encode(&map, integer, &mut vec![0; map.len() * integer.bytes()]);
                }
            }
        }
    }
    for unit in singles() {
        for step in singles() {
            let Ok(step) = GridStep::new(step) else { continue };
            let mut map = activations(70);
            let grid = Grid { integer: GridInteger::I8, step };
            quantise(&mut map, unit, grid);
            assert!(map.iter().all(|steps| steps.abs() <= 127.0));
        }
    }
    select_channels(&mut activations(70), 14, &[1, 3]);
    let window = NonZeroUsize::new(3).unwrap();
    // What is not finite is refused.
    assert!(
        frostglass::sanitize::sample_and_hold(&mut activations(70), 14, Hold::new(window)).is_err()
    );
    for policy in ["hold(3)", "dp", "dp(clip=1e-6)|hold(2)", "channels(1-3)|grid(i16, step=2^-9)"] {
        let pipeline = policy.parse::<Policy>().unwrap().resolve(&Site::bare([5, 2, 7])).unwrap();
        let mut workspace = pipeline.workspace();
        let outcome = pipeline.apply(&mut activations(70), &mut workspace);
        assert_eq!(outcome.is_err(), policy == "hold(3)", "{policy}: {outcome:?}");
    }
}

fn sweeps() {
    Trend::of(&NUMBERS);
    for before in NUMBERS {
        let _ = check_gamma(before);
        for after in NUMBERS {
            privacy_loss(before, after);
            for gamma in NUMBERS {
                meets(gamma, before, after);
            }
        }
    }
}

fn choices() {
    let figures = |number: f64| Figures {
        latency_microseconds: Some(number),
        memory_bytes: Some(u64::MAX),
        energy_joules: Some(-number),
        psnr: Some(number),
    };
    let candidate = |number| Candidate { depth: 1, channels: 4, figures: figures(number) };
    let candidates: Vec<_> = NUMBERS.into_iter().map(candidate).collect();
    for limit in NUMBERS {
        for demand in [PrivacyDemand::High, PrivacyDemand::Low] {
            let _ = select(&candidates, &figures(limit), demand);
        }
    }
}

fn zoo(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/zoo/dlib-face").join(file)
}

fn model() -> (Model, Card) {
    let card = Card::parse(&std::fs::read_to_string(zoo("card.toml")).unwrap()).unwrap();
    let model = Model::open(&std::fs::read(zoo("front.onnx")).unwrap(), card.clone()).unwrap();
    (model, card)
}

fn a_session_and_its_front() {
    let (model, _) = model();
    let front = Arc::new(model.compile("stem-relu").unwrap());
    let mut input = vec![0.0; front.input_shape().iter().product()];
    let grey = vec![128; 150 * 150];
    let frame = Frame::gray8(&grey, 150, 150).unwrap();
    Preparer::new(front.input().unwrap()).unwrap().prepare(&frame, &mut input).unwrap();
    let mut out = vec![0.0; front.cut().activations()];
    for number in singles() {
        input.fill(number);
        // Some fronts refuse what is no number; none may do worse.
        let _ = front.run_in_lab(&mut front.workspace(), &input, &mut out);
    }
    let session = Frostglass::open(front, &"hold(8)".parse().unwrap()).unwrap();
    for psnr in NUMBERS {
        session.candidate(NonZeroU32::MIN, &mut ProcessMeter, Some(psnr)).unwrap();
    }
}

fn tails() {
    let (_, card) = model();
    let (front, tail) = (std::fs::read(zoo("front.onnx")), std::fs::read(zoo("tail.onnx")));
    let tail = Tail::open(&front.unwrap(), Some(&tail.unwrap()), &card, "stage5-block1").unwrap();
    for number in singles() {
        let _ = tail.run(&vec![number; tail.activations()]);
    }
    let _ = tail.run(&activations(tail.activations()));
}

/// A convolution and a dense layer.
fn little() -> Network {
    let weights = |many: usize| -> Vec<f32> { (0..many).map(|i| i as f32 / 99.0 - 0.5).collect() };
    let onnx = Sketch::new(&[1, 3, 8, 8])
        .floats("w1", &[4, 3, 3, 3], &weights(108))
        .floats("w2", &[4, 5], &weights(20))
        .node("Conv", &["x", "w1"], "c1", vec![ints("pads", &[1; 4])])
        .node("Relu", &["c1"], "r1", vec![])
        .node("GlobalAveragePool", &["r1"], "mean", vec![])
        .node("Flatten", &["mean"], "flat", vec![])
        .node("MatMul", &["flat", "w2"], "scores", vec![])
        .output("scores")
        .bytes();
    let card = format!(
        "[model]\nname = \"little\"\ntitle = \"A little network\"\nlicence = \"MIT\"\n\
         source = \"this test\"\nsha256 = \"{}\"\noutput = \"logits\"\n[input]\nname = \"x\"\n\
         shape = [3, 8, 8]\norder = \"RGB\"\nresize = \"exact\"\nfilter = \"bilinear\"\n\
         crop = \"none\"\nmean = [0, 0, 0]\nscale = [1, 1, 1]\n[[cut]]\nname = \"first\"\n\
         tensor = \"r1\"\nshape = [4, 8, 8]\ngain = 1\noffset = 0\ngrid = 0.0625\n",
        Digest::of(&onnx)
    );
    Network::open(&onnx, None, &Card::parse(&card).unwrap()).unwrap()
}

fn networks() {
    let network = little();
    let place: Place = "r1".parse().unwrap();
    let hold = Hold::new(NonZeroUsize::new(2).unwrap());
    let tap = Tap { place: place.clone(), hold };
    let held = network.hold(&[tap], Precision::Exact).unwrap();
    let mut controller = network.controller(&place, hold, &[], Precision::Exact).unwrap();
    let pixels = [7; 192];
    let frame = Frame::rgb8(&pixels, 8, 8).unwrap();
    let mut out = vec![0.0; held.outputs()];
    held.answer_into(&frame, &mut out).unwrap();
    for number in singles() {
        let tensor = [number; 192];
        // What is not finite may be refused.
        let _ = held.answer_to_tensor(&tensor, &mut out);
        let _ = controller.sweep(&tensor, None, 2..=4, &mut |_| {});
        let _ = controller.time_tail(&tensor, 1);
    }
    for gamma in NUMBERS {
        let _ = controller.calibrate(&[frame], None, gamma, 2..=4);
    }
}
