//! The behaviours that every language shares (tests/conformance/README.md), from Rust and C.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;

use frostglass::front::Digest;
use frostglass_ffi::c::{FrostglassPicture, RESENT};
use frostglass_ffi::{
    Adjacency, Budget, BudgetUnit, Candidate, ErrorKind, Failure, Figures, Front, Ledger,
    ModelSource, Policy, PrivacyDemand, Selection, Session, SessionOptions, select_front,
};
use serde_json::Value;
use support::{LITTLE, NO_PLANE, call, plane, rgba};

/// What became of one call: the bytes and whether they were resent, or the kind of the refusal.
type Answer = Result<(Vec<u8>, bool), i32>;

#[test]
fn every_behaviour_is_as_the_list_says() {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance/behaviours.json");
    let text = fs::read_to_string(&file).unwrap();
    let list: Value = serde_json::from_str(&text).unwrap();
    let behaviours = list["behaviours"].as_array().unwrap();
    assert!(behaviours.len() > 30);
    let mut written = text.clone();
    for behaviour in behaviours {
        let name = behaviour["name"].as_str().unwrap();
        if !behaviour["seed"].is_null() && cfg!(not(feature = "lab")) {
            continue;
        }
        let answers = run(behaviour);
        if let Some(expected) = behaviour["expect"]["sha256"].as_str()
            && std::env::var_os("FROSTGLASS_WRITE_CONFORMANCE").is_some()
        {
            let found = Digest::of(&answers[0].as_ref().unwrap().0).to_string();
            let from = format!("{name:?}");
            let start = written.find(&from).unwrap();
            let at = start + written[start..].find("\"sha256\": \"").unwrap() + 11;
            written.replace_range(at..at + expected.len(), &found);
        } else {
            judge(name, &behaviour["expect"], &answers);
        }
    }
    if written != text {
        fs::write(file, written).unwrap();
    }
}

#[test]
fn every_selection_is_as_the_list_says() {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance/selections.json");
    let list: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let selections = list["selections"].as_array().unwrap();
    assert!(selections.len() > 12);
    for selection in selections {
        let name = selection["name"].as_str().unwrap();
        let candidates = list["candidates"][selection["among"].as_str().unwrap()].as_array();
        let candidates = candidates.unwrap().iter().map(|candidate| Candidate {
            depth: candidate["depth"].as_u64().unwrap() as u32,
            channels: candidate["channels"].as_u64().unwrap() as u32,
            figures: figures(candidate),
        });
        let demand = match selection["demand"].as_str().unwrap() {
            "high" => PrivacyDemand::High,
            _ => PrivacyDemand::Low,
        };
        let Selection { chosen, closest, beyond } =
            select_front(candidates.collect(), figures(&selection["limits"]), demand);
        let expected = &selection["expect"];
        let place = |key: &str| expected[key].as_u64().map(|place| place as u32);
        assert_eq!((chosen, closest), (place("chosen"), place("closest")), "{name}");
        if let Some(expected) = expected["beyond"].as_array() {
            let words = |limits: &Value| {
                let words = limits.as_array().unwrap().iter();
                words.map(|word| word.as_str().unwrap().to_owned()).collect()
            };
            let expected: Vec<Vec<String>> = expected.iter().map(words).collect();
            let named = |limits: &Vec<_>| {
                limits.iter().map(|of| format!("{of:?}").to_lowercase()).collect()
            };
            let found: Vec<Vec<String>> = beyond.iter().map(named).collect();
            assert_eq!(found, expected, "{name}");
        }
    }
}

fn figures(of: &Value) -> Figures {
    Figures {
        latency_microseconds: of["latency_microseconds"].as_f64(),
        memory_bytes: of["memory_bytes"].as_u64(),
        energy_joules: of["energy_joules"].as_f64(),
        psnr: of["psnr"].as_f64(),
    }
}

fn judge(name: &str, expected: &Value, answers: &[Answer]) {
    let made: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
    let (last, earlier) = answers.split_last().unwrap();
    if let Some(digest) = expected["sha256"].as_str() {
        assert_eq!(made.len(), answers.len(), "{name}: {answers:?}");
        for (bytes, resent) in made {
            assert_eq!(
                (Digest::of(bytes).to_string().as_str(), *resent),
                (digest, false),
                "{name}"
            );
        }
    } else if let Some(kind) = expected["error"].as_str() {
        assert_eq!(last.as_ref().err(), Some(&(number(kind))), "{name}");
        assert_eq!(made.len(), earlier.len(), "{name}: {answers:?}");
    } else if expected["resent"] == true {
        let (bytes, resent) = last.as_ref().unwrap();
        assert!(*resent && *bytes == made[0].0 && !made[0].1, "{name}");
    } else {
        assert_eq!(expected["differ"], true, "{name}");
        let distinct: BTreeSet<_> = made.iter().map(|(bytes, _)| bytes).collect();
        assert_eq!(distinct.len(), answers.len(), "{name}");
    }
}

fn number(kind: &str) -> i32 {
    use ErrorKind::{
        Activations, Budget, Buffer, Busy, Closed, Cut, Frame, Internal, Ledger, Model, Policy,
        Release, System, Threads, Token,
    };
    let kinds = [
        Frame,
        Model,
        Cut,
        Policy,
        Activations,
        Release,
        Buffer,
        Budget,
        Ledger,
        Token,
        Busy,
        Threads,
        Closed,
        System,
        Internal,
    ];
    let named = |found: &&ErrorKind| format!("{found:?}").to_lowercase() == kind;
    kinds.iter().find(named).map(|kind| *kind as i32).unwrap()
}

fn run(behaviour: &Value) -> Vec<Answer> {
    let folder = tempfile::tempdir().unwrap();
    let session = match open(behaviour, folder.path()) {
        Ok(session) => session,
        Err(failure) => return vec![Err(failure.kind() as i32)],
    };
    if behaviour["closed"] == true {
        session.end();
    }
    #[cfg(feature = "lab")]
    if let Some(seed) = behaviour["seed"].as_u64() {
        assert_eq!(frostglass_ffi::lab::frostglass_lab_seed(session.number(), seed), 0);
    }
    let count = |key: &str| behaviour[key].as_u64().unwrap_or(1);
    let length = session.release_length() as i64 + behaviour["release"].as_i64().unwrap_or(0);
    let answers = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..count("threads") {
            scope.spawn(|| {
                for _ in 0..count("calls") {
                    let mut release = vec![0; length as usize];
                    let token = behaviour["token"].as_str();
                    let answer = with_picture(&behaviour["picture"], |picture| {
                        call(session.number(), picture, token, &mut release)
                    });
                    let answer = answer.map_err(|(kind, _)| kind);
                    answers.lock().unwrap().push(answer.map(|given| (release, given == RESENT)));
                }
            });
        }
    });
    answers.into_inner().unwrap()
}

fn open(behaviour: &Value, folder: &Path) -> Result<Arc<Session>, Failure> {
    let policy = Policy::parse(behaviour["policy"].as_str().unwrap())?;
    let digest = behaviour["digest"].as_str().map(str::to_owned);
    let in_folder = |name: &str| -> PathBuf { folder.join(name) };
    let path = |path: PathBuf| path.to_str().unwrap().to_owned();
    let source = match behaviour["model"].as_str() {
        None => ModelSource::PackedBytes { bytes: LITTLE.to_vec(), digest },
        Some("empty") => ModelSource::PackedBytes { bytes: Vec::new(), digest },
        Some("cut short") => {
            ModelSource::PackedBytes { bytes: LITTLE[..LITTLE.len() - 1].to_vec(), digest }
        }
        Some(_) => ModelSource::PackedFile { path: path(in_folder("none")), digest },
    };
    let front = Front::open(source, &policy)?;
    let ledger = match &behaviour["ledger"] {
        Value::Null => None,
        budget => {
            let adjacency = match budget["unit"].as_str().unwrap() {
                "image" => Adjacency::Image,
                _ => Adjacency::Activation,
            };
            let unit = BudgetUnit::Within { adjacency };
            let number = |key: &str| budget[key].as_f64().unwrap();
            let budget = Budget { epsilon: number("epsilon"), delta: number("delta"), unit };
            Some(Ledger::open(&path(in_folder("ledger")), budget)?)
        }
    };
    let threads = behaviour["front_threads"].as_u64().unwrap_or(1) as u32;
    Session::open(&front, &policy, SessionOptions { threads, ledger, ..Default::default() })
}

fn with_picture<T>(given: &Value, use_it: impl FnOnce(&FrostglassPicture) -> T) -> T {
    let count = |key: &str| given[key].as_u64().map(|value| value as usize);
    let (width, height) = (count("width").unwrap(), count("height").unwrap());
    let bytes_of = |count: usize, times: usize, plus: usize| -> Vec<u8> {
        (0..count).map(|i| ((times * i + plus) % 251) as u8).collect()
    };
    let crop = given["crop"].as_array();
    let edge = |at: usize| crop.map_or(0, |crop| crop[at].as_u64().unwrap() as usize);
    let mut picture = FrostglassPicture {
        meaning: 0,
        width,
        height,
        cropped: i32::from(crop.is_some()),
        crop_x: edge(0),
        crop_y: edge(1),
        crop_width: edge(2),
        crop_height: edge(3),
        rotation_degrees: given["rotation"].as_i64().unwrap_or(0) as i32,
        mirror: i32::from(given["mirror"] == true),
        ..rgba(&[])
    };
    if given["format"] == "yuv420" {
        let step = count("pixel_stride").unwrap();
        let (across, down) = (width.div_ceil(2), height.div_ceil(2));
        let planes = [
            bytes_of(width * height, 29, 0),
            bytes_of(across * down * step, 17, 3),
            bytes_of(across * down * step, 7, 11),
        ];
        picture.format = 4;
        picture.planes = [
            plane(&planes[0], width, 1),
            plane(&planes[1], across * step, step),
            plane(&planes[2], across * step, step),
        ];
        return use_it(&picture);
    }
    let row = count("row_stride").unwrap_or(0);
    let needed = if row == 0 { 4 * width * height } else { row * height };
    let mut bytes = bytes_of(count("bytes").unwrap_or(needed), 29, 0);
    bytes.iter_mut().skip(3).step_by(4).for_each(|alpha| *alpha = 255);
    picture.planes = [plane(&bytes, row, 0), NO_PLANE, NO_PLANE];
    use_it(&picture)
}
