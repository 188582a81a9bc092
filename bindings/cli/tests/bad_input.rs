//! Every kind of bad input: one clear line, exit code 2, nothing written, no panic, and never more
//! than four gibibytes of address space.

mod support;

#[path = "support/onnx.rs"]
mod onnx;

use support::{Desk, photo, sanitize, zoo};

/// Runs what must be refused; the line must hold `says`.
fn refused(desk: &Desk, arguments: &[&str], says: &str) {
    let before = desk.files();
    let output = desk.run_confined(arguments);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{arguments:?} printed {stderr:?}");
    assert_eq!(stderr.lines().count(), 1, "{arguments:?}: one line, not {stderr:?}");
    assert!(stderr.contains(says), "{arguments:?}: {stderr:?} does not say {says:?}");
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert!(output.stdout.is_empty(), "{arguments:?} printed an answer");
    assert_eq!(desk.files(), before, "{arguments:?} wrote something");
}

/// `sanitize` of this photo, refused.
fn photo_refused(desk: &Desk, photo: &str, says: &str) {
    let arguments = sanitize(photo, "stem-pool", "hold(8)", "x", &[]);
    refused(desk, &arguments, says);
}

/// `sanitize` under this policy, refused.
fn policy_refused(desk: &Desk, policy: &str, says: &str) {
    let photo = photo();
    let arguments = sanitize(&photo, "stem-pool", policy, "x", &[]);
    refused(desk, &arguments, says);
}

/// `lab front` of this model, refused.
fn model_refused(desk: &Desk, bytes: &[u8], says: &str) {
    let model = desk.file("m.onnx", bytes);
    let input = desk.file("in.npy", &npy(&[1, 3, 8, 8]));
    let (model, input) = (model.to_str().unwrap(), input.to_str().unwrap());
    refused(desk, &["lab", "front", model, "--cut", "y", "--input", input, "--out", "o.npy"], says);
}

/// A NumPy array of zeros.
fn npy(shape: &[usize]) -> Vec<u8> {
    let shape: Vec<String> = shape.iter().map(|size| format!("{size},")).collect();
    npy_with(
        &format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}), }}", shape.concat()),
        3 * 64 * 4,
    )
}

fn npy_with(header: &str, payload: usize) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    let header = format!("{header:<117}\n");
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(vec![0; payload]);
    bytes
}

/// A PNG's signature and header for this size, and nothing more.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut chunk = b"IHDR".to_vec();
    chunk.extend(width.to_be_bytes());
    chunk.extend(height.to_be_bytes());
    chunk.extend([8, 2, 0, 0, 0]);
    let mut crc = 0xffff_ffffu32;
    for byte in &chunk {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0d".to_vec();
    bytes.extend(chunk);
    bytes.extend((!crc).to_be_bytes());
    bytes
}

#[test]
fn photographs() {
    let desk = Desk::new();
    photo_refused(&desk, "nowhere.png", "cannot read nowhere.png");
    photo_refused(&desk, ".", "cannot read .");
    desk.file("text.jpg", b"a letter, renamed");
    photo_refused(&desk, "text.jpg", "text.jpg: ");
    desk.file("empty.png", b"");
    photo_refused(&desk, "empty.png", "empty.png: ");
    desk.file("zero.png", &png_header(0, 0));
    photo_refused(&desk, "zero.png", "zero.png: ");
    desk.file("huge.png", &png_header(50_000, 50_000));
    photo_refused(&desk, "huge.png", "50000");
    let whole = std::fs::read(photo()).unwrap();
    desk.file("half.png", &whole[..whole.len() / 2]);
    photo_refused(&desk, "half.png", "half.png: ");
}

#[test]
fn a_truncated_jpeg() {
    let desk = Desk::new();
    let picture = image::open(photo()).unwrap().to_rgb8();
    let mut whole = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut whole, image::ImageFormat::Jpeg).unwrap();
    let whole = whole.into_inner();
    for share in [10, 30, 50, 70, 90, 99] {
        desk.file("cut.jpg", &whole[..whole.len() * share / 100]);
        photo_refused(&desk, "cut.jpg", "cut.jpg: ");
    }
}

#[test]
fn crops() {
    let desk = Desk::new();
    let photo = photo();
    for (crop, says) in [
        ("500,500,100,100", "inside the picture"),
        ("0,0,0,10", ""),
        ("4294967295,0,4294967295,1", "inside the picture"),
        ("-1,0,10,10", "x,y,w,h"),
        ("1,2,3", "x,y,w,h"),
        ("a,b,c,d", "x,y,w,h"),
    ] {
        let arguments = sanitize(&photo, "stem-pool", "hold(8)", "x", &["--crop", crop]);
        refused(&desk, &arguments, says);
    }
}

#[test]
fn policies() {
    let desk = Desk::new();
    policy_refused(&desk, "hold(0)", "at least 1");
    policy_refused(&desk, "dp(epsilon=0)", "epsilon must be above 0");
    policy_refused(&desk, "dp(epsilon=-1)", "epsilon must be above 0");
    policy_refused(&desk, "dp(epsilon=NaN)", "finite number");
    policy_refused(&desk, "hold(8)|dp(epsilon=5)", "hold stands before dp");
    policy_refused(&desk, "dp(epsilon=5)|dp(epsilon=5)", "at most one dp");
    policy_refused(&desk, "", "at least one stage");
    policy_refused(&desk, "blur(3)", "there are channels, hold, dp and grid");
    policy_refused(&desk, "channels(0-99)", "no channel");
    policy_refused(&desk, "dp(epsilon=1e-12)", "the sampler's own error");
}

#[test]
fn outputs() {
    let desk = Desk::new();
    let photo = photo();
    for out in ["no/such/folder/x", "/proc/x", "."] {
        let arguments = sanitize(&photo, "stem-pool", "hold(8)", out, &[]);
        refused(&desk, &arguments, "cannot write");
    }
    // A receipt that cannot be written leaves no release either.
    let arguments =
        sanitize(&photo, "stem-pool", "hold(8)", "x", &["--receipt", "no/such/folder/r"]);
    refused(&desk, &arguments, "cannot write");
}

#[test]
fn models() {
    let desk = Desk::new();
    let photo = photo();
    refused(&desk, &["cuts", "no-such-model"], "the zoo has dlib-face");
    let arguments = sanitize(&photo, "waist", "hold(8)", "x", &[]);
    refused(&desk, &arguments, "stage1-block1");
    let front = std::fs::read(zoo().join("dlib-face/front.onnx")).unwrap();
    for length in [0, 1, 100, front.len() / 2, front.len() - 1] {
        model_refused(&desk, &front[..length], "m.onnx: ");
    }
    model_refused(&desk, b"a letter, renamed to a model, long enough to look like one", "m.onnx: ");
    // The wrong file beside a card.
    let folder = desk.path("other");
    std::fs::create_dir(&folder).unwrap();
    std::fs::copy(zoo().join("dlib-face/card.toml"), folder.join("card.toml")).unwrap();
    std::fs::copy(zoo().join("dlib-face/tail.onnx"), folder.join("front.onnx")).unwrap();
    refused(&desk, &["cuts", folder.to_str().unwrap()], "SHA-256");
}

#[test]
fn hostile_models() {
    use onnx::{bytes, floats, ints, longs, model, node, number};
    let desk = Desk::new();
    let relu = || node("Relu", &["x"], "y", &[]);

    let unknown = model(&[node("Teleport", &["x"], "y", &[])], &[]);
    model_refused(&desk, &unknown, "Teleport");

    let enormous = model(
        &[node("ConstantOfShape", &["s"], "c", &[]), node("Add", &["x", "c"], "y", &[])],
        &[longs("s", &[1 << 17, 1 << 17])],
    );
    model_refused(&desk, &enormous, "ConstantOfShape");

    let mut external = floats("w", &[3], &[]);
    external.extend(number(14, 1));
    external.extend(bytes(13, &[bytes(1, b"location"), bytes(2, b"/etc/passwd")].concat()));
    model_refused(&desk, &model(&[node("Mul", &["x", "w"], "y", &[])], &[external]), "external");

    let many = model(&vec![relu(); 1_000_000], &[]);
    model_refused(&desk, &many, "nodes");

    let claims = floats("w", &[1 << 30], &[0; 12]);
    model_refused(&desk, &model(&[node("Mul", &["x", "w"], "y", &[])], &[claims]), "w");

    let overflowing = floats("w", &[1 << 62, 1 << 62], &[0; 12]);
    model_refused(&desk, &model(&[node("Mul", &["x", "w"], "y", &[])], &[overflowing]), "w");

    let nan = floats("w", &[1], &f32::NAN.to_le_bytes());
    model_refused(&desk, &model(&[node("Mul", &["x", "w"], "y", &[])], &[nan]), "w");

    let pads = ints("pads", &[0, 0, 1 << 30, 1 << 30, 0, 0, 1 << 30, 1 << 30]);
    model_refused(&desk, &model(&[node("Pad", &["x"], "y", &[pads])], &[]), "");

    let mut doubling: Vec<Vec<u8>> = (0..40)
        .map(|i| {
            let from = if i == 0 { "x".to_owned() } else { format!("d{i}") };
            let axis = [bytes(1, b"axis"), number(3, 1), number(20, 2)].concat();
            node("Concat", &[&from, &from], &format!("d{}", i + 1), &[axis])
        })
        .collect();
    doubling.push(node("Relu", &["d40"], "y", &[]));
    model_refused(&desk, &model(&doubling, &[]), "");
}

#[test]
fn packed_fronts() {
    let desk = Desk::new();
    let made = desk.run(&["pack", "dlib-face", "--cut", "stem-pool", "--out", "face.front"]);
    assert!(made.status.success());
    let bytes = std::fs::read(desk.path("face.front")).unwrap();
    let steps = |model: &str, cut: &str, says: &str| {
        refused(&desk, &["steps", model, "--cut", cut], says);
    };
    steps("face.front", "stem-relu", "packed for the cut \"stem-pool\"");
    refused(
        &desk,
        &["pack", "face.front", "--cut", "stem-pool", "--out", "again.front"],
        "packed already",
    );
    refused(&desk, &["pack", "dlib-face", "--cut", "nowhere", "--out", "x"], "stem-pool");
    refused(&desk, &["pack", "face.front", "--out", "x"], "required");
    desk.file("short", &bytes[..bytes.len() - 1]);
    steps("short", "stem-pool", "cut short");
    desk.file("long", &[&bytes[..], b"\n"].concat());
    steps("long", "stem-pool", "1 bytes follow");
    let changed = |name: &str, place: usize, byte: u8| {
        let mut bytes = bytes.clone();
        bytes[place] = byte;
        desk.file(name, &bytes);
    };
    changed("newer", 17, b'2');
    steps("newer", "stem-pool", "another version");
    changed("damaged", bytes.len() / 2, !bytes[bytes.len() / 2]);
    steps("damaged", "stem-pool", "damaged");
    refused(&desk, &["cuts", "damaged"], "damaged");
}

#[test]
fn arrays() {
    let desk = Desk::new();
    let header = |shape: &str, descr: &str| {
        format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}")
    };
    for (bytes, says) in [
        (b"no array".to_vec(), "NumPy"),
        (npy_with(&header("(1, 3, 8, 8)", "<f4"), 10), "cut short"),
        (npy_with(&header("(1, 3, 8, 8)", "<f8"), 3 * 64 * 8), "float32"),
        (npy_with(&header("(1099511627776, 1099511627776)", "<f4"), 64), "in.npy"),
        (npy_with(&header("(2, 3, 8, 4)", "<f4"), 3 * 64 * 4), "shape"),
        (npy_with(&header("(0,)", "<f4"), 0), "shape"),
    ] {
        desk.file("in.npy", &bytes);
        refused(
            &desk,
            &["lab", "sanitize", "in.npy", "--policy", "hold(2)", "--out", "o.npy"],
            says,
        );
    }
    desk.file("in.npy", &npy(&[1, 3, 8, 8]));
    refused(
        &desk,
        &["lab", "front", "dlib-face", "--cut", "stem-pool", "--input", "in.npy", "--out", "o.npy"],
        "150",
    );
    let mut nan = npy(&[1, 3, 8, 8]);
    let at = nan.len() - 4;
    nan[at..].copy_from_slice(&f32::NAN.to_le_bytes());
    desk.file("in.npy", &nan);
    refused(
        &desk,
        &["lab", "sanitize", "in.npy", "--policy", "hold(2)", "--out", "o.npy"],
        "sample 191",
    );
}

#[test]
fn releases() {
    let desk = Desk::new();
    for (name, bytes, says) in [
        ("empty", &b""[..], "not a release"),
        ("text", &b"a letter, renamed to a release"[..], "not a release"),
        ("json", &b"\x02\0\0\0\0\0\0\0{}"[..], "names no frostglass format"),
    ] {
        desk.file(name, bytes);
        refused(&desk, &["inspect", name], says);
    }
}

#[test]
fn arguments() {
    let desk = Desk::new();
    refused(&desk, &["sanitize"], "required");
    refused(&desk, &["dance"], "unrecognized subcommand");
    refused(&desk, &["cuts"], "required");
    refused(
        &desk,
        &["lab", "sanitize", "x.npy", "--policy", "hold(2)", "--seed", "x", "--out", "o"],
        "seed",
    );
}

#[test]
fn sweeps() {
    let desk = Desk::new();
    let answer = |softmax: &[Vec<u8>]| {
        let nodes = [
            onnx::node("Relu", &["x"], "r", &[]),
            onnx::node("GlobalAveragePool", &["r"], "mean", &[]),
            onnx::node("Flatten", &["mean"], "flat", &[]),
        ];
        onnx::model(&[&nodes[..], softmax].concat(), &[])
    };
    let softmax = answer(&[onnx::node("Softmax", &["flat"], "y", &[])]);
    desk.file("m.onnx", &softmax);
    desk.file("scores.onnx", &answer(&[onnx::node("Relu", &["flat"], "y", &[])]));
    desk.file("in.npy", &npy(&[1, 3, 8, 8]));
    desk.file("other.npy", &npy(&[1, 3, 64]));
    let mut broken = npy(&[1, 3, 8, 8]);
    let last = broken.len() - 4;
    broken[last..].copy_from_slice(&f32::NAN.to_le_bytes());
    desk.file("nan.npy", &broken);
    let photo = photo();
    let sweep = |model: &str, input: &str, more: &[&str], says: &str| {
        refused(&desk, &[&["sweep", model, input][..], more].concat(), says);
    };
    for (more, says) in [
        (&[][..], "--tap"),
        (&["--tap", "nowhere"], "no such tensor; there are x, r, mean"),
        (&["--tap", "in:nowhere"], "no such layer; there are r, mean"),
        (&["--tap", "in:"], "in: and a layer's"),
        (&["--tap", ""], "a tensor's name"),
        (&["--tap", "y"], "the network ends there"),
        (&["--tap", "r=0"], "at least 2, not \"0\""),
        (&["--tap", "r=-3"], "at least 2"),
        (&["--tap", "r=99999999999999999999"], "at least 2"),
        (&["--tap", "r=3"], "one --tap is swept"),
        (&["--tap", "r", "--tap", "x"], "one --tap is swept"),
        (&["--tap", "r", "--tap", "x=1"], "at least 2"),
        (&["--tap", "r", "--tap", "in:mean=3"], "the same tensor"),
        (&["--tap", "r", "--windows", "1..5"], "at least 2"),
        (&["--tap", "r", "--windows", "9..5"], "not 9..5"),
        (&["--tap", "r", "--windows", "2..70000"], "at most 65536"),
        (&["--tap", "r", "--windows", "5"], "as in 2..150"),
        (&["--tap", "r", "--windows", "-2..5"], "as in 2..150"),
        (&["--tap", "r", "--gamma", "-1"], "at least 0"),
        (&["--tap", "r", "--gamma", "NaN"], "at least 0"),
        (&["--tap", "r", "--gamma", "much"], "--gamma"),
        (&["--tap", "r", "--rule", "mode"], "there is no rule"),
        (&["--tap", "mean", "--within", "row"], "one value long"),
        (&["--tap", "r", "--picture", "curve.gif"], ".svg or a .png"),
        (&["--tap", "r", "--picture", "nowhere/curve.svg"], "cannot write"),
        (&["--tap", "r", "--crop", "0,0,4,4"], "--crop is for photographs"),
        (&["--tap", "r", "--output", "descriptor"], "logits or probabilities"),
    ] {
        sweep("m.onnx", "in.npy", more, says);
    }
    sweep("scores.onnx", "in.npy", &["--tap", "r"], "say --output logits");
    sweep("m.onnx", "other.npy", &["--tap", "r"], "the network reads [1, 3, 8, 8]");
    sweep("m.onnx", "nan.npy", &["--tap", "r"], "number 191 of the input is not finite");
    sweep("m.onnx", "nowhere.npy", &["--tap", "r"], "cannot read nowhere.npy");
    sweep("m.onnx", &photo, &["--tap", "r"], "no card says how");
    sweep("dlib-face", &photo, &["--tap", "in:nowhere"], "no such layer");
    sweep("squeezenet", &photo, &["--tap", "pool8_54"], "not its weights");
}

#[test]
fn constant_and_empty_maps_are_swept_like_any() {
    let desk = Desk::new();
    let nodes = [
        onnx::node("Relu", &["x"], "r", &[]),
        onnx::node("GlobalAveragePool", &["r"], "mean", &[]),
        onnx::node("Flatten", &["mean"], "flat", &[]),
        onnx::node("Softmax", &["flat"], "y", &[]),
    ];
    desk.file("m.onnx", &onnx::model(&nodes, &[]));
    desk.file("in.npy", &npy(&[1, 3, 8, 8]));
    let swept = desk.json(&["sweep", "m.onnx", "in.npy", "--tap", "r", "--gamma", "1"]);
    assert_eq!(swept["zero_share"], 1.0);
    assert_eq!(swept["steps"].as_array().map(Vec::len), Some(149));
    assert_eq!(
        (&swept["inversions"], &swept["low"], &swept["mid"]),
        (&0.into(), &0.into(), &1.into())
    );
    assert!(swept["chosen"].is_null(), "nothing is lost, so that no window meets gamma");
    for name in ["curve.svg", "curve.png"] {
        let output = desk.run(&["sweep", "m.onnx", "in.npy", "--tap", "x", "--picture", name]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert!(std::fs::read_to_string(desk.path("curve.svg")).unwrap().contains("<polyline"));
    let drawn = image::open(desk.path("curve.png")).unwrap().to_rgb8();
    assert!(drawn.pixels().any(|pixel| pixel.0 == [0, 114, 178]), "the curve is drawn");
}
