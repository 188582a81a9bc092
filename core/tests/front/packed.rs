//! Packed fronts against the models they were packed from: the same numbers, bit for bit.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use frostglass::ErrorKind;
use frostglass::frame::{Rect, decode};
use frostglass::front::{Card, Digest, Front, Model, PackedFront, Precision};
use frostglass::session::Frostglass;
use tract_onnx::pb::tensor_proto::DataType;

use crate::sketch::{Sketch, float, int, ints, small, text};

/// A card for the bytes of a sketch, whose one cut is this.
fn card(front_onnx: &[u8], input: [usize; 3], cut: &str, shape: [usize; 3]) -> Card {
    let sha256 = Digest::of(front_onnx);
    let text = format!(
        r#"[model]
name = "sketch"
title = "A sketch"
licence = "MIT"
source = "this test"
sha256 = "{sha256}"
output = "descriptor"

[input]
name = "x"
shape = {input:?}
order = "RGB"
resize = "exact"
short_side = 1
filter = "bilinear"
crop = "none"
mean = [0, 0, 0]
scale = [1, 1, 1]

[[cut]]
name = "{cut}"
tensor = "{cut}"
shape = {shape:?}
gain = 1
offset = 0
grid = 1
"#
    );
    Card::parse(&text).unwrap()
}

fn same(model: &Model, cut: &str, file: &[u8]) {
    let packed = PackedFront::open(file).unwrap();
    assert_eq!(packed.model(), model.sha256());
    assert_eq!(Some(packed.card()), model.card());
    assert_eq!(packed.cut(), model.cut(cut).unwrap());
    for precision in [Precision::Fast, Precision::Exact] {
        let fronts =
            [model.compile_with(cut, precision).unwrap(), packed.compile_with(precision).unwrap()];
        let run = |front: &Front| -> Vec<u32> {
            let many: usize = front.input_shape().iter().product();
            let input: Vec<f32> = (0..many).map(|i| ((i * 7919) % 256) as f32).collect();
            let mut out = vec![0.0; front.shape().iter().product()];
            front.run_in_lab(&mut front.workspace(), &input, &mut out).unwrap();
            out.into_iter().map(f32::to_bits).collect()
        };
        let [unpacked, packed] = &fronts;
        assert!(run(unpacked) == run(packed), "{cut} {precision:?}");
        assert_eq!(unpacked.reach(), packed.reach());
        assert_eq!(unpacked.depth(), packed.depth());
        assert_eq!(unpacked.input(), packed.input());
        assert_eq!(unpacked.memory(), packed.memory());
        assert_eq!(unpacked.model(), packed.model());
    }
}

fn zoo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/zoo/dlib-face")
}

fn zoo_model() -> Model {
    let card = Card::parse(&std::fs::read_to_string(zoo().join("card.toml")).unwrap()).unwrap();
    Model::open(&std::fs::read(zoo().join("front.onnx")).unwrap(), card).unwrap()
}

#[test]
fn every_cut_of_the_zoo_packs_and_gives_the_same_releases() {
    let model = zoo_model();
    let photo = decode(&std::fs::read(zoo().join("photo.png")).unwrap()).unwrap();
    let frame = photo.frame().crop(Rect::new(168, 65, 113, 113)).unwrap();
    let onnx = std::fs::metadata(zoo().join("front.onnx")).unwrap().len() as usize;
    for cut in model.cuts() {
        let file = model.pack(cut.name()).unwrap();
        assert!(file.len() < onnx + 100_000, "8 bits stay 8 bits: {} bytes", file.len());
        assert_eq!(file, model.pack(cut.name()).unwrap(), "a front packs one way");
        same(&model, cut.name(), &file);
        for precision in [Precision::Fast, Precision::Exact] {
            let packed =
                PackedFront::open(file.as_slice()).unwrap().compile_with(precision).unwrap();
            let unpacked = model.compile_with(cut.name(), precision).unwrap();
            let [packed, unpacked] = [packed, unpacked].map(Arc::new);
            for policy in ["hold(8)", "channels(0-7)|dp(epsilon=5)"] {
                let release = |front: &Arc<Front>| {
                    let policy = policy.parse().unwrap();
                    let session = Frostglass::open(front.clone(), &policy).unwrap();
                    session.sanitize_seeded(&frame, 7).unwrap()
                };
                assert_eq!(release(&packed), release(&unpacked), "{} {policy}", cut.name());
            }
        }
    }
}

/// Every operator that packs, weights of 8 bits along either axis among them.
fn everything() -> Sketch {
    let numbers = |many: usize| -> Vec<f32> {
        (0..many).map(|i| ((i * 37) % 101) as f32 / 101.0 - 0.5).collect()
    };
    let bytes: Vec<u8> = (0..32 * 16 * 9).map(|i| (i * 89 % 256) as u8).collect();
    Sketch::new(&[1, 3, 20, 24])
        .floats("mean", &[3, 1, 1], &[100.0, 110.0, 120.0])
        .floats("by", &[], &[64.0])
        .node("Sub", &["x", "mean"], "centred", vec![])
        .node("Div", &["centred", "by"], "scaled", vec![])
        .floats("w1", &[16, 3, 3, 3], &numbers(432))
        .floats("b1", &[16], &numbers(16))
        .node("Conv", &["scaled", "w1", "b1"], "c1", vec![ints("pads", &[1; 4])])
        .floats("variance", &[16], &[2.0; 16])
        .node("BatchNormalization", &["c1", "b1", "b1", "b1", "variance"], "n1", vec![])
        .node("LeakyRelu", &["n1"], "r1", vec![float("alpha", 0.25)])
        .bytes_of("q2", &[32, 16, 3, 3], DataType::Int8, &bytes)
        .floats("s2", &[32], &numbers(32))
        .node("DequantizeLinear", &["q2", "s2"], "w2", vec![int("axis", 0)])
        .node("Conv", &["r1", "w2"], "c2", vec![ints("pads", &[1; 4])])
        .floats("factor", &[1, 32, 1, 1], &numbers(32))
        .node("Mul", &["c2", "factor"], "m2", vec![])
        .node("Add", &["m2", "factor"], "a2", vec![])
        .floats("slope", &[32, 1, 1], &numbers(32))
        .node("PRelu", &["a2", "slope"], "p2", vec![])
        .bytes_of("q3", &[32, 16, 3, 3], DataType::Uint8, &bytes)
        .floats("s3", &[16], &numbers(16))
        .bytes_of("z3", &[16], DataType::Uint8, &bytes[..16])
        .node("DequantizeLinear", &["q3", "s3", "z3"], "w3", vec![int("axis", 1)])
        .node("Conv", &["p2", "w3"], "c3", vec![ints("pads", &[1; 4]), int("group", 2)])
        .node("Add", &["c3", "p2"], "sum", vec![])
        .node("Relu", &["sum"], "r3", vec![])
        .node("MaxPool", &["r3"], "max", vec![ints("kernel_shape", &[2, 2])])
        .node("AveragePool", &["r3"], "mean_pool", vec![ints("kernel_shape", &[2, 2])])
        .node("Concat", &["max", "mean_pool"], "both", vec![int("axis", 1)])
        .integers("pads", &[0, 3, 0, 1, 0, 0, 2, 0])
        .node("Pad", &["both", "pads"], "wide", vec![])
        .node("LRN", &["wide"], "norm", vec![int("size", 3)])
        .floats("low", &[], &[-0.5])
        .floats("high", &[], &[0.75])
        .node("Clip", &["norm", "low", "high"], "y", vec![])
        .output("y")
}

#[test]
fn every_operator_that_has_a_step_packs() {
    let bytes = everything().bytes();
    let model = Model::open(&bytes, card(&bytes, [3, 20, 24], "y", [67, 21, 24])).unwrap();
    let file = model.pack("y").unwrap();
    same(&model, "y", &file);
    assert!(!model.compile("y").unwrap().describe().steps.is_empty(), "nothing of it ran on tract");
}

/// A whole small network, to its answer.
#[test]
fn a_whole_network_packs() {
    let numbers = |many: usize| -> Vec<f32> {
        (0..many).map(|i| ((i * 37) % 101) as f32 / 101.0 - 0.5).collect()
    };
    let bytes: Vec<u8> = (0..12 * 8).map(|i| (i * 89 % 256) as u8).collect();
    let bytes = Sketch::new(&[1, 3, 16, 16])
        .integers("around", &[0, 0, 1, 1, 0, 0, 1, 1])
        .node("Pad", &["x", "around"], "mirrored", vec![text("mode", "reflect")])
        .floats("w", &[8, 3, 3, 3], &numbers(216))
        .node("Conv", &["mirrored", "w"], "c", vec![])
        .integers("from", &[0, 1])
        .integers("to", &[16, 16])
        .integers("axes", &[2, 3])
        .integers("by", &[2, 3])
        .node("Slice", &["c", "from", "to", "axes", "by"], "some", vec![])
        .integers("paired", &[1, 2, 4, 8, 5])
        .node("Reshape", &["some", "paired"], "pairs", vec![])
        .node("Transpose", &["pairs"], "turned", vec![ints("perm", &[0, 2, 1, 3, 4])])
        .integers("map", &[1, 8, 8, 5])
        .node("Reshape", &["turned", "map"], "shuffled", vec![])
        .node("ReduceMean", &["shuffled"], "mean", vec![ints("axes", &[2, 3])])
        .node("Flatten", &["mean"], "flat", vec![])
        .bytes_of("q", &[12, 8], DataType::Int8, &bytes)
        .floats("s", &[12], &numbers(12))
        .node("DequantizeLinear", &["q", "s"], "m", vec![int("axis", 0)])
        .floats("b", &[12], &numbers(12))
        .node("Gemm", &["flat", "m", "b"], "hidden", vec![float("alpha", 0.5), int("transB", 1)])
        .floats("last", &[12, 5], &numbers(60))
        .node("MatMul", &["hidden", "last"], "scores", vec![])
        .node("Softmax", &["scores"], "y", vec![int("axis", 1)])
        .output("y")
        .bytes();
    let model = Model::open(&bytes, card(&bytes, [3, 16, 16], "y", [5, 1, 1])).unwrap();
    same(&model, "y", &model.pack("y").unwrap());
}

#[test]
fn what_has_no_step_does_not_pack_and_is_named() {
    let sketch = Sketch::new(&[1, 3, 8, 8])
        .node("Relu", &["x"], "fine", vec![])
        .floats("s", &[4], &[1.0, 1.0, 2.0, 2.0])
        .node("Resize", &["fine", "", "s"], "larger", vec![])
        .node("Relu", &["larger"], "y", vec![])
        .output("y");
    let bytes = sketch.bytes();
    let model = Model::open(&bytes, card(&bytes, [3, 8, 8], "y", [3, 16, 16])).unwrap();
    let error = model.pack("y").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Model);
    let message = error.message();
    assert!(message.contains("Resize") && message.contains("\"larger\""), "{message}");
    assert_eq!(model.pack("z").unwrap_err().kind(), ErrorKind::Cut);

    let bare = Model::open_without_card(&small().bytes()).unwrap();
    assert!(bare.pack("p").unwrap_err().message().contains("carries its card"));
}

/// The file that `tests/packed.rs` opens in a build without ONNX: whoever changes what packing
/// writes has a new version of the format to name.
#[test]
fn packing_writes_what_it_always_wrote() {
    let weights: Vec<f32> = (0..2 * 3 * 9).map(|i| (i as f32 - 27.0) / 64.0).collect();
    let bytes = Sketch::new(&[1, 3, 8, 8])
        .floats("w", &[2, 3, 3, 3], &weights)
        .floats("b", &[2], &[0.5, -0.5])
        .node("Conv", &["x", "w", "b"], "c", vec![ints("pads", &[1; 4])])
        .node("Relu", &["c"], "r", vec![])
        .node("MaxPool", &["r"], "p", vec![ints("kernel_shape", &[2, 2]), ints("strides", &[2, 2])])
        .output("p")
        .bytes();
    let model = Model::open(&bytes, card(&bytes, [3, 8, 8], "p", [2, 4, 4])).unwrap();
    let file = model.pack("p").unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packed/little.front");
    if std::env::var_os("FROSTGLASS_WRITE_PACKED").is_some() {
        std::fs::write(&path, &file).unwrap();
    }
    let written = std::fs::read(path).unwrap();
    assert!(written == file, "run this test with FROSTGLASS_WRITE_PACKED=1");
}
