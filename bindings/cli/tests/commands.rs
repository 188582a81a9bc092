//! The commands as outside programs call them.

mod support;

use support::{Desk, photo, sanitize};

const CROP: &str = "168,65,113,113";

#[test]
fn the_cuts_of_the_zoo_are_listed() {
    let desk = Desk::new();
    let report = desk.json(&["cuts", "dlib-face"]);
    let cuts = report["cuts"].as_array().unwrap();
    assert_eq!(cuts.len(), 16);
    assert_eq!(cuts[0]["name"], "stem-relu");
    assert_eq!(cuts[0]["shape"], serde_json::json!([32, 72, 72]));
    assert_eq!(cuts[0]["bytes"], 32 * 72 * 72);
    let by_folder = desk.json(&["cuts", support::zoo().join("dlib-face").to_str().unwrap()]);
    let by_file =
        desk.json(&["cuts", support::zoo().join("dlib-face/front.onnx").to_str().unwrap()]);
    assert_eq!((&by_folder, &by_file), (&report, &report), "the same model, named three ways");
}

#[test]
fn a_photograph_becomes_a_release_and_the_release_says_what_it_is() {
    let desk = Desk::new();
    let photo = photo();
    let arguments = sanitize(
        &photo,
        "stem-pool",
        "channels(0-15) | dp(epsilon=5, delta=1e-5)",
        "x.safetensors",
        &["--crop", CROP, "--receipt", "x.receipt.json"],
    );
    let report = desk.json(&arguments);
    let bytes = std::fs::read(desk.path("x.safetensors")).unwrap();
    assert_eq!(report["bytes"], bytes.len());
    let receipt: serde_json::Value =
        serde_json::from_slice(&std::fs::read(desk.path("x.receipt.json")).unwrap()).unwrap();
    assert_eq!(report["receipt"], receipt);
    let formal = receipt["promises"].as_array().unwrap();
    assert!(formal.iter().any(|promise| promise["kind"] == "formal"), "{formal:?}");

    let inspected = desk.json(&["inspect", "x.safetensors"]);
    assert_eq!(inspected["format"], "frostglass/1");
    assert_eq!(inspected["cut"], "stem-pool");
    assert_eq!(inspected["channels"], "0-15");
    assert_eq!(inspected["shape"], serde_json::json!([16, 35, 35]));
    assert_eq!(inspected["receipt"], receipt);

    // Another release's receipt beside it is not taken for its own.
    std::fs::copy(desk.path("x.receipt.json"), desk.path("y.receipt.json")).unwrap();
    let plain = sanitize(&photo, "stem-pool", "hold(8)", "y.safetensors", &[]);
    desk.json(&plain);
    assert_eq!(desk.json(&["inspect", "y.safetensors"])["receipt"], serde_json::Value::Null);
}

#[test]
fn equal_releases_are_equal_bytes_and_noisy_ones_are_not() {
    let desk = Desk::new();
    let photo = photo();
    let make = |policy: &str, out: &str| {
        let arguments = sanitize(&photo, "stage4-block1", policy, out, &["--crop", CROP]);
        desk.json(&arguments);
        std::fs::read(desk.path(out)).unwrap()
    };
    assert_eq!(make("hold(8)", "a"), make("hold(8)", "b"));
    let (a, b) = (make("dp(epsilon=5)", "c"), make("dp(epsilon=5)", "d"));
    assert_ne!(a, b);
    assert_eq!(a.len(), b.len());
    assert_eq!(a[..1024], b[..1024], "the header depends on nothing but the session");
}

#[test]
fn the_lab_runs_a_front_and_a_policy_on_arrays() {
    let desk = Desk::new();
    let mut array = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3, 150, 150), }";
    array.extend(format!("{header:<117}\n").as_bytes());
    array.extend((0..3 * 150 * 150).flat_map(|i| ((i % 251) as f32).to_le_bytes()));
    desk.file("in.npy", &array);
    let front = [
        "lab",
        "front",
        "dlib-face",
        "--cut",
        "stage2-block1",
        "--input",
        "in.npy",
        "--out",
        "map.npy",
    ];
    assert_eq!(desk.json(&front)["shape"], serde_json::json!([1, 64, 17, 17]));
    // Without a card, every tensor is a cut: the same one by its ONNX name.
    let onnx = support::zoo().join("dlib-face/front.onnx");
    desk.file("copy.onnx", &std::fs::read(onnx).unwrap());
    let bare = |out: &str, more: &[&str]| {
        let given = ["lab", "front", "copy.onnx", "--cut", "stage2-block1", "--input", "in.npy"];
        desk.json(&[&given[..], &["--out", out], more].concat());
        let bytes = std::fs::read(desk.path(out)).unwrap();
        let values = bytes[bytes.len() - 4 * 64 * 289..].chunks(4);
        values.map(|value| f32::from_le_bytes(value.try_into().unwrap())).collect::<Vec<_>>()
    };
    let fast = bare("same.npy", &[]);
    let same = std::fs::read(desk.path("map.npy")).unwrap();
    assert!(same == std::fs::read(desk.path("same.npy")).unwrap(), "one front, named two ways");
    let largest = fast.iter().fold(0f32, |largest, value| largest.max(*value));
    for (fast, exact) in fast.iter().zip(bare("exact.npy", &["--exact"])) {
        assert!((fast - exact).abs() <= 1e-4 * largest, "{fast} is not {exact}");
    }

    let policy = "channels(0-7)|dp(epsilon=5)";
    let sanitize = |out: &str, seed: &str| {
        let arguments =
            ["lab", "sanitize", "map.npy", "--policy", policy, "--seed", seed, "--out", out];
        let report = desk.json(&arguments);
        assert_eq!(report["shape"], serde_json::json!([1, 8, 17, 17]));
        (report["step"].as_f64().unwrap(), std::fs::read(desk.path(out)).unwrap())
    };
    let (step, first) = sanitize("a.npy", "7");
    assert_eq!(sanitize("b.npy", "7").1, first, "a seed repeats itself");
    assert_ne!(sanitize("c.npy", "8").1, first);
    let values = first[first.len() - 4 * 8 * 289..].chunks(4);
    for value in values.map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())) {
        let steps = f64::from(value) / step;
        assert!((steps - steps.round()).abs() < 1e-4 && steps.abs() < 127.5, "{value} is no step");
    }
    // A policy without a grid leaves the held map itself.
    let held = ["lab", "sanitize", "map.npy", "--policy", "hold(1)", "--out", "held.npy"];
    assert_eq!(desk.json(&held)["step"], serde_json::Value::Null);
    assert!(
        std::fs::read(desk.path("held.npy")).unwrap() == same,
        "a window of one changes nothing"
    );
}

#[test]
fn help_and_version_are_answers() {
    let desk = Desk::new();
    for flag in ["--help", "--version"] {
        let output = desk.run(&[flag]);
        assert!(output.status.success() && !output.stdout.is_empty() && output.stderr.is_empty());
    }
}

#[test]
fn a_front_says_how_it_runs() {
    let desk = Desk::new();
    let fast = desk.json(&["steps", "dlib-face", "--cut", "stage2-block1"]);
    let steps = fast["steps"].as_array().unwrap();
    assert!(!steps.is_empty());
    assert!(steps.iter().all(|step| step["allocates"] == false), "every node has a step: {fast}");
    desk.json(&["steps", "dlib-face", "--cut", "stage2-block1", "--no-alloc"]);
    assert!(fast["arena_bytes"].as_u64().unwrap() < 4 << 20, "rows stream: {fast}");
    let kernels = |report: &serde_json::Value| -> Vec<String> {
        let steps = report["steps"].as_array().unwrap();
        steps.iter().map(|step| step["kernel"].as_str().unwrap().to_owned()).collect()
    };
    assert!(kernels(&fast).iter().any(|kernel| kernel.starts_with("Winograd")));
    let exact = desk.json(&["steps", "dlib-face", "--cut", "stage2-block1", "--exact"]);
    assert!(!kernels(&exact).iter().any(|kernel| kernel.starts_with("Winograd")));
}

#[test]
fn a_packed_front_stands_for_its_model_at_its_cut() {
    let desk = Desk::new();
    let packed = desk.json(&["pack", "dlib-face", "--cut", "stage2-block1", "--out", "face.front"]);
    let bytes = std::fs::read(desk.path("face.front")).unwrap();
    assert_eq!(packed["bytes"], bytes.len());
    let digest: String = bytes[bytes.len() - 32..].iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(packed["digest"], digest);

    let cuts = desk.json(&["cuts", "face.front"]);
    let model = desk.json(&["cuts", "dlib-face"]);
    assert_eq!(cuts["model"], model["model"], "the model hash is carried unchanged");
    assert_eq!(cuts["cuts"].as_array().unwrap().len(), 1);
    assert!(model["cuts"].as_array().unwrap().contains(&cuts["cuts"][0]));
    let steps = |model: &str| desk.json(&["steps", model, "--cut", "stage2-block1"]);
    assert_eq!(steps("face.front"), steps("dlib-face"));

    let photo = photo();
    let sanitised = |model: &str, out: &str| {
        let arguments = [
            "sanitize",
            &photo,
            "--model",
            model,
            "--cut",
            "stage2-block1",
            "--policy",
            "hold(8)",
            "--crop",
            CROP,
            "--out",
            out,
        ];
        desk.json(&arguments);
        std::fs::read(desk.path(out)).unwrap()
    };
    assert!(sanitised("face.front", "a") == sanitised("dlib-face", "b"), "one release");
}
