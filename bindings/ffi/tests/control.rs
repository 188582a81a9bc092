//! What an app says before and after the pixels: policies, fronts, ledgers, receipts.

mod support;

use frostglass_ffi::{
    Adjacency, Budget, BudgetUnit, Calibration, Dp, ErrorKind, Failure, Front, GridInteger,
    HoldRule, HoldWithin, Ledger, MeterReading, MeterSources, Meters, ModelSource, Policy,
    PromiseKind, SessionOptions, Stage, check_ledger, describe_release,
};
use support::{LITTLE, call, open, open_with, pixels, rgba};

fn kind<T>(result: Result<T, Failure>) -> ErrorKind {
    result.err().expect("refused").kind()
}

fn dp(epsilon: f64) -> Dp {
    Dp {
        epsilon,
        delta: None,
        unit: None,
        a_max: None,
        width: None,
        alpha: None,
        beta: None,
        gamma: None,
        clip: None,
        calibration: None,
    }
}

fn hold(window: u32) -> Stage {
    Stage::Hold { window, rule: HoldRule::NearestMean, within: HoldWithin::Map }
}

#[test]
fn a_policy_that_is_built_is_the_one_that_is_written() {
    let built = |stages| Policy::of(stages).unwrap().text();
    let written = |text| Policy::parse(text).unwrap().text();
    assert_eq!(
        built(vec![
            Stage::Channels { keep: vec![1, 0] },
            Stage::Dp { parameters: dp(5.0) },
            hold(4),
        ]),
        written("channels(0-1)|dp(epsilon=5)|hold(4)")
    );
    let parameters = Dp {
        delta: Some(1e-6),
        unit: Some(Adjacency::Patch { side: 8 }),
        a_max: Some(2.0),
        width: Some(3),
        alpha: Some(0.5),
        beta: Some(0.75),
        gamma: Some(1.0),
        clip: Some(4.0),
        calibration: Some(Calibration::Analytic),
        ..dp(8.0)
    };
    assert_eq!(
        built(vec![Stage::Dp { parameters }]),
        written(
            "dp(epsilon=8, delta=1e-6, unit=patch(8), a_max=2, u=3, alpha=0.5, beta=0.75, gamma=1, clip=4)"
        )
    );
    let grid = |integer, step| built(vec![Stage::Grid { integer, step }]);
    assert_eq!(grid(GridInteger::I8, None), written("grid(i8)"));
    assert_eq!(grid(GridInteger::I16, Some(0.0625)), written("grid(i16, step=2^-4)"));
    assert_eq!(grid(GridInteger::I8, Some(1e-7)), written("grid(i8, step=1e-7)"));
}

#[test]
fn windows_have_every_rule_and_place_that_can_be_written() {
    for (rule, name) in [
        (HoldRule::NearestMean, "nearest-mean"),
        (HoldRule::Median, "median"),
        (HoldRule::Largest, "largest"),
        (HoldRule::First, "first"),
    ] {
        for (within, place) in [(HoldWithin::Map, "map"), (HoldWithin::Row, "row")] {
            let stage = Stage::Hold { window: 4, rule, within };
            let text = format!("hold(4, rule={name}, within={place})");
            let built = Policy::of(vec![stage]).unwrap().text();
            assert_eq!(built, Policy::parse(&text).unwrap().text());
        }
    }
}

#[test]
fn a_policy_that_cannot_be_is_refused() {
    for stages in [
        vec![],
        vec![hold(0)],
        vec![Stage::Channels { keep: vec![] }],
        vec![Stage::Grid { integer: GridInteger::I8, step: Some(f32::NAN) }],
        vec![Stage::Dp { parameters: dp(0.0) }],
        vec![hold(2), Stage::Dp { parameters: dp(1.0) }],
    ] {
        assert_eq!(kind(Policy::of(stages)), ErrorKind::Policy);
    }
    assert_eq!(kind(Policy::parse("blur(3)")), ErrorKind::Policy);
}

#[test]
fn a_model_that_cannot_be_used_is_refused() {
    let policy = Policy::parse("grid(i8)").unwrap();
    let open = |source| Front::open(source, &policy);
    let bytes = |bytes: &[u8]| ModelSource::PackedBytes { bytes: bytes.to_vec(), digest: None };
    assert_eq!(kind(open(bytes(b""))), ErrorKind::Model);
    assert_eq!(kind(open(bytes(&LITTLE[..LITTLE.len() - 1]))), ErrorKind::Model);
    let file = |path: &str| ModelSource::PackedFile { path: path.into(), digest: None };
    for path in ["", "/no/such/file", "a\0b"] {
        let failure = open(file(path)).expect_err("no such file");
        assert_eq!(failure.kind(), ErrorKind::System);
        assert!(!failure.reason().contains("such/file"), "no message holds a path");
    }
    let expected = |digest: &str| ModelSource::PackedBytes {
        bytes: LITTLE.to_vec(),
        digest: Some(digest.into()),
    };
    assert_eq!(kind(open(expected("abc"))), ErrorKind::Model);
    assert_eq!(kind(open(expected(&"0".repeat(64)))), ErrorKind::Model);
    let onnx = ModelSource::OnnxBytes { bytes: vec![], card: String::new(), cut: "p".into() };
    assert_eq!(kind(open(onnx)), ErrorKind::Model);
}

#[test]
fn a_front_and_a_release_say_what_they_are() {
    let policy = Policy::parse("grid(i8)").unwrap();
    let source = ModelSource::PackedBytes { bytes: LITTLE.to_vec(), digest: None };
    let front = Front::open(source, &policy).unwrap();
    let description = front.describe();
    assert_eq!((description.input_shape, description.shape), (vec![3, 8, 8], vec![2, 4, 4]));
    assert_eq!((description.cut.as_str(), description.model.len()), ("p", 64));
    assert!(description.arena_bytes > 0 && description.weight_bytes > 0);
    assert!(description.operations >= 2 * 27 * 2 * 8 * 8, "the convolution's own");

    let session = open("channels(1)|grid(i16, step=2^-8)");
    let pixels = pixels();
    let mut release = vec![0; session.release_length() as usize];
    call(session.number(), &rgba(&pixels), None, &mut release).unwrap();
    let description = describe_release(release.clone()).unwrap();
    assert_eq!(description.shape, [1, 4, 4]);
    assert_eq!(description.channels, [1]);
    assert_eq!((description.integer, description.step), (GridInteger::I16, 1.0 / 256.0));
    assert_eq!(description.policy, "channels(1)|grid(i16, step=2^-8)");
    assert_eq!(session.release_shape(), [1, 4, 4]);
    release.pop();
    assert_eq!(kind(describe_release(release)), ErrorKind::Release);
}

#[test]
fn a_receipt_carries_its_promises_and_costs() {
    let plain = open("hold(2)").receipt().unwrap();
    assert!(plain.costs.is_empty() && plain.json.contains("hold(2)"));
    assert!(plain.promises.iter().any(|promise| promise.kind == PromiseKind::Empirical));
    let noisy = open("dp(epsilon=1, unit=image)").receipt().unwrap();
    assert!(noisy.promises.iter().any(|promise| promise.kind == PromiseKind::Formal));
    let image = noisy.costs.last().unwrap();
    assert!(image.useful && (0.9..1.001).contains(&image.epsilon), "{image:?}");
    assert!(!noisy.not_protected.is_empty() && noisy.text.contains("formal"));
}

#[test]
fn a_ledger_refuses_past_its_budget_and_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    let path = path.to_str().unwrap();
    let budget = |epsilon| Budget {
        epsilon,
        delta: 1e-5,
        unit: BudgetUnit::Within { adjacency: Adjacency::Image },
    };
    let ledger = Ledger::open(path, budget(1.0)).unwrap();
    assert_eq!(kind(Ledger::open(path, budget(2.0))), ErrorKind::Ledger);
    let options = || SessionOptions { ledger: Some(ledger.clone()), ..Default::default() };
    let person = folder.path().join("person");
    let unit = BudgetUnit::Person;
    let of_a_person =
        Ledger::open(person.to_str().unwrap(), Budget { unit, ..budget(1.0) }).unwrap();
    assert_eq!(of_a_person.standing().unwrap().unit, "person");
    let session = open_with("dp(epsilon=1, unit=image)", options());
    let pixels = pixels();
    let mut release = vec![0; session.release_length() as usize];
    let mut make = || call(session.number(), &rgba(&pixels), None, &mut release);
    make().unwrap();
    support::refused(make(), ErrorKind::Budget);
    let standing = ledger.standing().unwrap();
    assert_eq!((standing.releases, standing.unit.as_str()), (1, "image"));
    assert!(standing.spent.epsilon.is_some_and(|epsilon| epsilon <= 1.0));
    let check = check_ledger(path).unwrap();
    assert!(check.whole && check.damaged_at.is_none());
    assert_eq!(check.standing, standing);
    assert!(session.receipt().unwrap().text.contains("budget"));

    let policy = Policy::parse("grid(i8)").unwrap();
    let source = ModelSource::PackedBytes { bytes: LITTLE.to_vec(), digest: None };
    let front = Front::open(source, &policy).unwrap();
    let refused = |options| kind(frostglass_ffi::Session::open(&front, &policy, options));
    assert_eq!(refused(options()), ErrorKind::Budget);
    assert_eq!(refused(SessionOptions { block: 0, ..options() }), ErrorKind::Ledger);
    assert_eq!(refused(SessionOptions { threads: 5, ..Default::default() }), ErrorKind::Threads);
}

/// A battery that loses two joules between readings, in a process that does not grow.
struct Battery(std::sync::atomic::AtomicU32);

impl Meters for Battery {
    fn read(&self) -> MeterReading {
        let read = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        MeterReading {
            memory_bytes: Some(1000),
            energy_joules: Some(2.0 * f64::from(read)),
            thermal: Some("cool".into()),
        }
    }

    fn sources(&self) -> MeterSources {
        let source = |name: &str| format!("{name} of this test");
        MeterSources { memory: source("memory"), energy: source("energy"), thermal: source("heat") }
    }
}

#[test]
fn a_profile_says_what_the_meters_told() {
    let session = open("hold(2)");
    let battery = std::sync::Arc::new(Battery(Default::default()));
    let profile = session.profile(10, Some(battery)).unwrap();
    assert_eq!((profile.runs, profile.joules_per_run), (10, Some(2.0)));
    assert_eq!((profile.memory_before, profile.memory_highest), (Some(1000), Some(1000)));
    assert_eq!(profile.thermal_after.as_deref(), Some("cool"));
    assert_eq!(profile.sources.energy, "energy of this test");
    assert!(profile.least_microseconds > 0.0);
    assert!(profile.median_microseconds <= profile.nine_in_ten_microseconds);
    let alone = session.profile(1, None).unwrap();
    assert!(alone.joules_per_run.is_none() && alone.thermal_before.is_none());
    assert_eq!(kind(session.profile(0, None)), ErrorKind::Frame);
    session.end();
    assert_eq!(kind(session.profile(1, None)), ErrorKind::Closed);
}

#[test]
fn a_candidate_has_what_the_meters_told() {
    let session = open("channels(1)|grid(i8)");
    let battery = std::sync::Arc::new(Battery(Default::default()));
    let candidate = session.candidate(10, Some(battery), Some(17.5)).unwrap();
    assert_eq!((candidate.depth, candidate.channels), (2, 1), "a convolution and a pool");
    let figures = candidate.figures;
    assert_eq!((figures.energy_joules, figures.memory_bytes), (Some(2.0), Some(1000)));
    assert_eq!(figures.psnr, Some(17.5));
    assert!(figures.latency_microseconds.is_some_and(|latency| latency > 0.0));
    let alone = session.candidate(1, None, None).unwrap().figures;
    assert_eq!((alone.energy_joules, alone.psnr), (None, None));
    assert_eq!(kind(session.candidate(0, None, None)), ErrorKind::Frame);
    session.end();
    assert_eq!(kind(session.candidate(1, None, None)), ErrorKind::Closed);
}
