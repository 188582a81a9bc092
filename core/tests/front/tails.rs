//! Cards, cuts and tails around a network of our own.

use frostglass::ErrorKind;
use frostglass::front::{Card, Digest, Model};
use frostglass::network::Tail;

use crate::sketch::{Sketch, described, int, ints};

/// Two convolutions with a skip connection, and a head in a file of its own.
fn front() -> Sketch {
    let weights = |seed: usize, many: usize| -> Vec<f32> {
        (0..many).map(|i| ((i * 37 + seed * 11) % 29) as f32 / 29.0 - 0.5).collect()
    };
    let pads = || vec![ints("pads", &[1; 4])];
    Sketch::new(&[-1, 3, 8, 8])
        .floats("w1", &[4, 3, 3, 3], &weights(1, 108))
        .floats("w2", &[4, 4, 3, 3], &weights(2, 144))
        .node("Conv", &["x", "w1"], "c1", pads())
        .node("Relu", &["c1"], "r1", vec![])
        .node("Conv", &["r1", "w2"], "c2", pads())
        .node("Add", &["c2", "r1"], "sum", vec![])
        .node("Relu", &["sum"], "r2", vec![])
        .output("r2")
}

fn tail() -> Sketch {
    let mut sketch = Sketch::new(&[-1, 4, 8, 8])
        .floats("w1", &[4, 2], &[0.5, -1.0, 1.0, 0.25, -0.5, 2.0, 0.75, 1.5])
        .node("GlobalAveragePool", &["r2"], "mean", vec![])
        .node("Flatten", &["mean"], "c1", vec![])
        .node("MatMul", &["c1", "w1"], "scores", vec![])
        .output("scores");
    sketch.graph().input[0] = described("r2", &[-1, 4, 8, 8]);
    sketch
}

fn card_text(front: &[u8], tail: Option<&[u8]>) -> String {
    let tail = tail.map(|tail| format!("tail_sha256 = \"{}\"\n", Digest::of(tail)));
    format!(
        r#"
[model]
name = "little"
title = "A little network"
licence = "MIT"
source = "this test"
sha256 = "{}"
{}output = "logits"

[input]
name = "x"
shape = [3, 8, 8]
order = "RGB"
resize = "exact"
filter = "bilinear"
crop = "none"
mean = [0, 0, 0]
scale = [1, 1, 1]

[[cut]]
name = "first"
tensor = "r1"
shape = [4, 8, 8]
gain = [1, 2, 3, 4]
offset = 0
grid = 0.0625

[[cut]]
name = "inside"
tensor = "c2"
shape = [4, 8, 8]
gain = 1
offset = 0
grid = 0.0625

[[cut]]
name = "second"
tensor = "r2"
shape = [4, 8, 8]
gain = 1.5
offset = [0, 0, 0, 0.5]
grid = 0.125
notes = "after the sum"
"#,
        Digest::of(front),
        tail.unwrap_or_default()
    )
}

fn picture() -> Vec<f32> {
    (0..192).map(|i| ((i * 31) % 97) as f32 / 97.0).collect()
}

fn activations(model: &Model, cut: &str) -> Vec<f32> {
    let front = model.compile(cut).unwrap();
    let mut out = vec![0.0; front.shape().iter().product()];
    front.run_in_lab(&mut front.workspace(), &picture(), &mut out).unwrap();
    out
}

#[test]
fn every_cut_gives_the_same_answer() {
    let (front, tail) = (front().bytes(), tail().bytes());
    let card = Card::parse(&card_text(&front, Some(&tail))).unwrap();
    let model = Model::open(&front, card.clone()).unwrap();
    assert_eq!(model.sha256(), Digest::of(&front));
    assert_eq!(model.card(), Some(&card));
    assert_eq!(model.input(), Some(card.input()));
    let answers = ["first", "second"].map(|cut| {
        let tail = Tail::open(&front, Some(&tail), &card, cut).unwrap();
        assert_eq!((tail.activations(), tail.outputs()), (256, 2));
        tail.run(&activations(&model, cut)).unwrap()
    });
    for (first, second) in answers[0].iter().zip(&answers[1]) {
        assert!((first - second).abs() < 1e-6);
    }
    // Logits become probabilities.
    let map = activations(&model, "second");
    let mean = |c: usize| map[64 * c..64 * (c + 1)].iter().sum::<f32>() / 64.0;
    let weights = [[0.5, 1.0, -0.5, 0.75], [-1.0, 0.25, 2.0, 1.5]];
    let scores = weights.map(|w| (0..4).map(|c| w[c] * mean(c)).sum::<f32>());
    let expected = 1.0 / (1.0 + (scores[1] - scores[0]).exp());
    assert!((answers[1][0] - expected).abs() < 1e-5);
    assert!((answers[1][0] + answers[1][1] - 1.0).abs() < 1e-6);
    // A skip connection runs around this one: a front can stop there, no tail can begin.
    assert_eq!(activations(&model, "inside").len(), 256);
    let error = Tail::open(&front, Some(&tail), &card, "inside").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cut);
    assert!(error.message().contains("runs around"));
}

#[test]
fn a_network_in_one_file_has_its_tail_there() {
    let mut whole = front();
    let rest = tail().graph().clone();
    let mut head = rest.initializer[0].clone();
    head.name = "head".into();
    whole.graph().initializer.push(head);
    for mut node in rest.node {
        if node.op_type == "MatMul" {
            node.input[1] = "head".into();
        }
        node.output[0] = node.output[0].replace("c1", "flat");
        node.input[0] = node.input[0].replace("c1", "flat");
        whole.graph().node.push(node);
    }
    whole.graph().output = rest.output;
    let bytes = whole.bytes();
    let card = Card::parse(&card_text(&bytes, None)).unwrap();
    let model = Model::open(&bytes, card.clone()).unwrap();
    let found = Tail::open(&bytes, None, &card, "second").unwrap();
    let found = found.run(&activations(&model, "second")).unwrap();

    let (front, tail) = (front().bytes(), tail().bytes());
    let card = Card::parse(&card_text(&front, Some(&tail))).unwrap();
    let expected = Tail::open(&front, Some(&tail), &card, "second").unwrap();
    assert_eq!(found, expected.run(&activations(&model, "second")).unwrap());
}

#[test]
fn an_answer_that_owes_nothing_to_the_cut_is_no_tail() {
    let aside = front().node("Abs", &["x"], "aside", vec![]);
    let mut aside = aside.output("aside");
    aside.graph().output.remove(0);
    let bytes = aside.bytes();
    let card = Card::parse(&card_text(&bytes, None)).unwrap();
    let error = Tail::open(&bytes, None, &card, "first").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cut);
    assert!(error.message().contains("does not depend"), "{error}");
    let two = front().output("r1").bytes();
    let card = Card::parse(&card_text(&two, None)).unwrap();
    let error = Tail::open(&two, None, &card, "first").unwrap_err();
    assert!(error.message().contains("several outputs"), "{error}");
}

#[test]
fn files_must_be_those_the_card_names() {
    let (front, tail) = (front().bytes(), tail().bytes());
    let card = Card::parse(&card_text(&front, Some(&tail))).unwrap();
    let model_error = |error: frostglass::Error, words: &[&str]| {
        assert_eq!(error.kind(), ErrorKind::Model);
        words.iter().for_each(|word| assert!(error.message().contains(word), "{error}"));
    };
    let mut other = front.clone();
    *other.last_mut().unwrap() ^= 1;
    let (is, should) = (Digest::of(&other).short(), Digest::of(&front).short());
    model_error(Model::open(&other, card.clone()).unwrap_err(), &["front.onnx", &is, &should]);
    model_error(
        Tail::open(&front, Some(&front), &card, "first").unwrap_err(),
        &["tail.onnx", &Digest::of(&tail).short()],
    );
    model_error(Tail::open(&front, None, &card, "first").unwrap_err(), &["missing"]);
    let without = Card::parse(&card_text(&front, None)).unwrap();
    model_error(Tail::open(&front, Some(&tail), &without, "first").unwrap_err(), &["no tail"]);

    // Tails that do not follow.
    let mut renamed = self::tail();
    renamed.graph().input[0].name = "other".into();
    renamed.graph().node[0].input[0] = "other".into();
    let renamed = renamed.bytes();
    let card = Card::parse(&card_text(&front, Some(&renamed))).unwrap();
    model_error(Tail::open(&front, Some(&renamed), &card, "first").unwrap_err(), &["named"]);
    let mut narrow = self::tail();
    narrow.graph().input[0] = described("r2", &[-1, 4, 4, 4]);
    let narrow = narrow.bytes();
    let card = Card::parse(&card_text(&front, Some(&narrow))).unwrap();
    model_error(Tail::open(&front, Some(&narrow), &card, "first").unwrap_err(), &["was expected"]);
}

#[test]
fn a_card_must_fit_its_model() {
    let bytes = front().bytes();
    let text = card_text(&bytes, None);
    let refused = |from: &str, to: &str, words: &[&str]| {
        let card = Card::parse(&text.replacen(from, to, 1)).unwrap();
        let error = Model::open(&bytes, card).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Model);
        words.iter().for_each(|word| assert!(error.message().contains(word), "{error}"));
    };
    refused("tensor = \"r1\"", "tensor = \"nowhere\"", &["\"first\"", "\"nowhere\""]);
    refused("tensor = \"r1\"", "tensor = \"x\"", &["\"first\"", "input itself"]);
    refused("shape = [4, 8, 8]", "shape = [4, 8, 9]", &["\"first\"", "[1, 4, 8, 8]", "[4, 8, 9]"]);
    refused("name = \"x\"", "name = \"y\"", &["\"y\"", "not the model's"]);
    refused("shape = [3, 8, 8]", "shape = [3, 9, 8]", &["size 8 on axis 2", "9 was expected"]);
}

#[test]
fn an_unknown_cut_is_told_those_that_exist() {
    let bytes = front().bytes();
    let card = Card::parse(&card_text(&bytes, None)).unwrap();
    let model = Model::open(&bytes, card).unwrap();
    for error in [model.cut("third").unwrap_err(), model.compile("third").unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::Cut);
        assert!(error.message().contains("first, inside, second"), "{error}");
    }
    let lab = Model::open_without_card(&bytes).unwrap();
    let names: Vec<&str> = lab.cuts().iter().map(|cut| cut.name()).collect();
    assert_eq!(names, ["c1", "r1", "c2", "sum", "r2"]);
    assert!(lab.card().is_none() && lab.input().is_none());
    let many = (0..40).fold(Sketch::new(&[1, 1, 2, 2]), |sketch, at| {
        sketch.node("Relu", &["x"], &format!("n{at}"), vec![])
    });
    let many = Model::open_without_card(&many.output("n0").bytes()).unwrap();
    assert!(many.cut("m").unwrap_err().message().ends_with("n23, and 16 more"));
}

#[test]
fn buffers_must_have_the_right_length() {
    let bytes = front().bytes();
    let card = Card::parse(&card_text(&bytes, None)).unwrap();
    let front = Model::open(&bytes, card).unwrap().compile("first").unwrap();
    assert_eq!((front.input_shape(), front.shape()), ([3, 8, 8], [4, 8, 8]));
    assert_eq!(front.cut().gain(), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(front.model(), Digest::of(&bytes));
    let mut workspace = front.workspace();
    let mut out = vec![7.0; 256];
    let short = front.run_in_lab(&mut workspace, &[0.0; 191], &mut out).unwrap_err();
    assert_eq!(short.kind(), ErrorKind::Buffer);
    assert!(short.message().contains("191") && short.message().contains("192"));
    let long = front.run_in_lab(&mut workspace, &[0.0; 192], &mut [0.0; 257]).unwrap_err();
    assert_eq!(long.kind(), ErrorKind::Buffer);
    assert!(out.iter().all(|&value| value == 7.0));
    let card = Card::parse(&card_text(&bytes, None)).unwrap();
    let tail = Tail::open(&bytes, None, &card, "first").unwrap();
    assert_eq!(tail.run(&[0.0; 3]).unwrap_err().kind(), ErrorKind::Buffer);
    let error = Tail::open(&bytes, None, &card, "second").unwrap_err();
    assert!(error.message().contains("nothing is left"), "{error}");
}

#[test]
fn a_front_is_shared_between_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    fn sent<T: Send>(_: &T) {}
    let bytes = front().bytes();
    let front = Model::open_without_card(&bytes).unwrap().compile("r2").unwrap();
    shared(&front);
    sent(&front.workspace());
    let run = || {
        let mut out = vec![0.0; 256];
        front.run_in_lab(&mut front.workspace(), &picture(), &mut out).unwrap();
        out
    };
    let alone = run();
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4).map(|_| scope.spawn(run)).collect();
        runs.into_iter().for_each(|thread| assert_eq!(thread.join().unwrap(), alone));
    });
}

#[test]
fn a_model_may_leave_its_size_to_the_lab() {
    let open = Sketch::new(&[-1, 2, -1, -1]).node("Relu", &["x"], "y", vec![]).output("y").bytes();
    assert_eq!(Model::open_without_card(&open).unwrap_err().kind(), ErrorKind::Model);
    let model = Model::open_without_card_at(&open, [2, 5, 7]).unwrap();
    assert_eq!(model.cut("y").unwrap().shape(), [2, 5, 7]);
    assert!(Model::open_without_card_at(&open, [3, 5, 7]).is_err());
    let vector = Sketch::new(&[-1, 6]).node("Relu", &["x"], "y", vec![]).output("y").bytes();
    let error = Model::open_without_card(&vector).unwrap().compile("y").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Model);
    let constant = Sketch::new(&[1, 2, 3, 3])
        .node("Concat", &["x", "x"], "y", vec![int("axis", 1)])
        .output("y");
    assert_eq!(Model::open_without_card(&constant.bytes()).unwrap().cuts().len(), 1);
}
