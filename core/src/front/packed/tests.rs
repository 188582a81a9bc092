//! Packed fronts that lie or are damaged: each is refused in one line, fast, and without much memory.
//! Digests are right throughout, so that it is the checks behind them that refuse.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::PackedFront;
use super::container::assemble;
use super::steps::{Constant, Kind, Node, Operator, PadMode, Reduction, Steps, Window};
use crate::ErrorKind;
use crate::front::digest::Digest;

const CARD: &str = r#"
    [model]
    name = "little"
    title = "A little network"
    licence = "MIT"
    source = "this test"
    sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    output = "descriptor"

    [input]
    name = "x"
    shape = [3, 6, 6]
    order = "RGB"
    resize = "exact"
    short_side = 6
    filter = "bilinear"
    crop = "none"
    mean = [0, 0, 0]
    scale = [1, 1, 1]

    [[cut]]
    name = "pool"
    tensor = "p"
    shape = [2, 3, 3]
    gain = 1
    offset = 0
    grid = 1
"#;

/// A file in the making: a convolution, a ReLU and a pool.
struct Sketch {
    model: Digest,
    card: Vec<u8>,
    steps: Steps,
    weights: Vec<u8>,
}

impl Sketch {
    fn new() -> Self {
        let constant = |shape: &[u32]| Constant { shape: shape.to_vec(), numbers: Kind::Floats };
        let node = |operator, inputs: &[u32]| Node { operator, inputs: inputs.to_vec() };
        let steps = Steps {
            cut: "pool".into(),
            input: [3, 6, 6],
            constants: vec![constant(&[2, 3, 3, 3]), constant(&[2])],
            nodes: vec![
                node(Operator::Convolution { window: window(3, 1, 1), groups: 1 }, &[0, 1, 2]),
                node(Operator::Relu, &[3]),
                node(Operator::MaxPool { window: window(2, 2, 0) }, &[4]),
            ],
        };
        let numbers = (0..54).map(|number| number as f32 / 64.0 - 0.5);
        let mut weights: Vec<u8> = numbers.flat_map(f32::to_le_bytes).collect();
        weights.resize(256, 0);
        weights.extend([0.5f32, -0.5].into_iter().flat_map(f32::to_le_bytes));
        weights.resize(320, 0);
        Self { model: Digest::of(b"abc"), card: CARD.into(), steps, weights }
    }

    /// Puts a node between the ReLU and the pool, which keeps its shape where the node does.
    fn with(mut self, operator: Operator, inputs: &[u32]) -> Self {
        self.steps.nodes.insert(2, Node { operator, inputs: inputs.to_vec() });
        self.steps.nodes[3].inputs = vec![5];
        self
    }

    /// Adds a constant of so many times this number. Values after it count one more.
    fn constant(mut self, shape: &[u32], count: usize, number: f32) -> Self {
        self.weights.extend((0..count).flat_map(|_| number.to_le_bytes()));
        self.weights.resize(self.weights.len().next_multiple_of(64), 0);
        self.steps.constants.push(Constant { shape: shape.to_vec(), numbers: Kind::Floats });
        for node in &mut self.steps.nodes {
            node.inputs.iter_mut().filter(|input| **input > 2).for_each(|input| *input += 1);
        }
        self
    }

    fn file(&self) -> Vec<u8> {
        let steps = postcard::to_extend(&self.steps, Vec::new()).unwrap();
        assemble(self.model, &self.card, &steps, &self.weights)
    }
}

fn window(kernel: u32, stride: u32, pad: u32) -> Window {
    Window {
        kernel: [kernel; 2],
        strides: [stride; 2],
        dilations: [1; 2],
        before: [pad; 2],
        after: [pad; 2],
    }
}

/// What is wrong with the refusal of this file, if anything is.
fn refusal(file: &[u8], says: &str) -> Result<(), String> {
    let start = Instant::now();
    let Err(error) = PackedFront::open(file) else { return Err("it was opened".into()) };
    let message = error.message();
    let fit = matches!(error.kind(), ErrorKind::Model | ErrorKind::Cut)
        && start.elapsed() < Duration::from_secs(5)
        && !message.contains('\n')
        && message.len() < 400
        && message.contains(says);
    if fit { Ok(()) } else { Err(format!("{message:?} for {says:?} in {:?}", start.elapsed())) }
}

/// Refuses the whole collection.
fn refuse_all() {
    let wrong = collection().into_iter().filter_map(|(name, file, says)| {
        refusal(&file, says).err().map(|wrong| format!("{name}: {wrong}"))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The file with a digest that fits what stands before it.
fn signed(mut file: Vec<u8>) -> Vec<u8> {
    let end = file.len() - 32;
    let digest = Digest::of(&file[..end]);
    file[end..].copy_from_slice(digest.as_bytes());
    file
}

/// Opens what may or may not be sound; what opens and compiles must run.
fn survives(file: &[u8]) -> bool {
    let Ok(front) = PackedFront::open(file) else { return false };
    let Ok(front) = front.compile() else { return false };
    let input = vec![1.0; front.input_shape().iter().product()];
    let mut out = vec![0.0; front.shape().iter().product()];
    front.run(&mut front.workspace(), &input, &mut out).unwrap();
    true
}

/// Every lie, with what its refusal says.
fn collection() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let mut files = Vec::new();
    let mut add = |name, change: &dyn Fn(&mut Sketch), says| {
        let mut sketch = Sketch::new();
        change(&mut sketch);
        files.push((name, sketch.file(), says));
    };
    add("other model", &|s| s.model = Digest::of(b"abd"), "another model");
    add("card that is no text", &|s| s.card = vec![0xff; 40], "no text");
    add("card that is no card", &|s| s.card = b"[model".to_vec(), "the card cannot be used");
    add("other cut", &|s| s.steps.cut = "stem".into(), "pool");
    add("other input", &|s| s.steps.input = [3, 6, 7], "input is not of the card's");
    add("other output", &|s| drop(s.steps.nodes.pop()), "cut is not of the card's");
    add("empty input", &|s| s.steps.input = [3, 0, 6], "nothing or too large");
    add("giant input", &|s| s.steps.input = [u32::MAX; 3], "nothing or too large");
    add("long side", &|s| s.steps.input = [3, 8193, 1], "8192 is the most");
    add("no node", &|s| s.steps.nodes.clear(), "no node");
    add("dangling", &|s| s.steps.nodes[1].inputs = vec![900], "900 is not defined");
    add("far away", &|s| s.steps.nodes[1].inputs = vec![u32::MAX], "is not defined");
    add("itself", &|s| s.steps.nodes[1].inputs = vec![4], "4 is not defined");
    add("circle", &|s| s.steps.nodes[1].inputs = vec![5], "5 is not defined");
    add("constants alone", &|s| s.steps.nodes[1].inputs = vec![2], "nothing that is computed");
    add("no inputs", &|s| s.steps.nodes[1].inputs.clear(), "nothing that is computed");
    add("two inputs", &|s| s.steps.nodes[1].inputs = vec![3, 3], "2 inputs");
    add("unread", &|s| s.steps.nodes[1].inputs = vec![0], "no node reads");
    add("weights that are computed", &|s| s.steps.nodes[0].inputs = vec![0, 0, 2], "not constant");
    add("bias that is weights", &|s| s.steps.nodes[0].inputs = vec![0, 1, 1], "bias");
    add("four gibibytes", &|s| s.steps.constants[0].shape = vec![1 << 15; 2], "too large");
    add("overflow", &|s| s.steps.constants[0].shape = vec![u32::MAX; 5], "too large");
    add("hidden overflow", &|s| s.steps.constants[0].shape = vec![0, u32::MAX], "zeros belong");
    add("nine dimensions", &|s| s.steps.constants[0].shape = vec![1; 9], "8 dimensions");
    add("more than there is", &|s| s.steps.constants[1].shape = vec![1 << 26], "fewer weights");
    add("other filters", &|s| s.steps.constants[0].shape = vec![3, 2, 3, 3], "do not fit");
    add("three dimensions", &|s| s.steps.constants[0].shape = vec![2, 3, 9], "do not fit");
    for (name, channels, inner) in [
        ("no channel", 0, 1),
        ("no run", 1, 0),
        ("giant run", 1, u32::MAX),
        ("many channels", u32::MAX, u32::MAX),
    ] {
        let levels = |s: &mut Sketch| {
            s.steps.constants[0].numbers = Kind::Levels { channels, inner };
            s.weights = vec![0; 1024];
        };
        add(name, &levels, "weights");
    }
    add("not a number", &|s| s.weights[2..4].copy_from_slice(&[0x80, 0x7f]), "not a finite number");
    add("not zeros between", &|s| s.weights[220] = 1, "zeros belong");
    add("weights left", &|s| s.weights.extend([0; 64]), "none of its steps");
    add("weights missing", &|s| s.weights.truncate(256), "fewer weights");
    add("half a number", &|s| s.weights.truncate(258), "fewer weights");
    for (name, change, says) in [
        ("stride 0", (|w| w.strides[0] = 0) as fn(&mut Window), "from 1 to"),
        ("dilation 0", |w| w.dilations[1] = 0, "from 1 to"),
        ("kernel 0", |w| w.kernel = [0, 3], "do not fit"),
        ("other kernel", |w| w.kernel = [5, 5], "do not fit"),
        ("giant stride", |w| w.strides[0] = u32::MAX, "from 1 to"),
        ("giant dilation", |w| w.dilations[0] = u32::MAX, "from 1 to"),
        ("wide dilation", |w| w.dilations[0] = 1000, "larger than its padded input"),
        ("giant pads", |w| w.before = [u32::MAX; 2], "from 1 to"),
        ("wide pads", |w| w.before = [1 << 16; 2], "too large"),
    ] {
        add(
            name,
            &|s| {
                if let Operator::Convolution { window, .. } = &mut s.steps.nodes[0].operator {
                    change(window);
                }
            },
            says,
        );
    }
    for (name, change, says) in [
        ("pool that steps over", (|w| w.dilations = [7, 1]) as fn(&mut Window), "padding"),
        ("pool of padding", |w| w.before = [2; 2], "not smaller"),
        ("pool without kernel", |w| w.kernel = [0; 2], "from 1 to"),
    ] {
        add(
            name,
            &|s| {
                if let Operator::MaxPool { window } = &mut s.steps.nodes[2].operator {
                    *window = super::tests::window(2, 1, 1);
                    change(window);
                }
            },
            says,
        );
    }
    for (name, groups) in [("no group", 0), ("two groups", 2), ("giant group", u32::MAX)] {
        let operator = |groups| Operator::Convolution { window: window(3, 1, 1), groups };
        add(name, &|s| s.steps.nodes[0].operator = operator(groups), "do not fit");
    }
    let mut with = |name, operator, says| {
        files.push((name, Sketch::new().with(operator, &[4]).file(), says));
    };
    let zeros = |below| Operator::Pad {
        mode: PadMode::Constant(0.0),
        before: vec![0; 4],
        after: vec![0, 0, below, 0],
    };
    let clip = |low, high| Operator::Clip { low: Some(low), high: Some(high) };
    with("clip upside down", clip(1.0, 0.0), "min is above its max");
    with("clip at nothing", clip(f32::NAN, 0.0), "not a finite number");
    with("infinite slope", Operator::LeakyRelu { alpha: f32::INFINITY }, "not a finite number");
    let norm =
        |size, beta| Operator::LocalResponseNormalization { size, alpha: 1.0, beta, bias: 1.0 };
    with("even window", norm(2, 0.75), "size must be odd");
    with("giant window", norm(u32::MAX, 0.75), "size must be odd");
    with("undefined power", norm(3, f32::NAN), "not a finite number");
    with("no such axis", Operator::Softmax { axis: 4, logarithm: false }, "axis 4");
    with("no scale", Operator::InstanceNormalization { epsilon: 0.1 }, "3 belong there");
    with("giant pad", zeros(u32::MAX), "a pad of");
    with("wide pad", zeros(8192), "8192 is the most");
    with(
        "pads of three axes",
        Operator::Pad { mode: PadMode::Edge, before: vec![0; 3], after: vec![0; 4] },
        "3 axes of 4",
    );
    let mean = |axes: &[u32]| Operator::Reduce {
        reduction: Reduction::Mean,
        axes: axes.to_vec(),
        keep: true,
    };
    with("mean of nothing there", mean(&[4]), "axis 4");
    with("mean taken twice", mean(&[2, 2]), "ascend");
    with("other size", Operator::Reshape { shape: vec![1, 71] }, "does not fit");
    with("giant size", Operator::Reshape { shape: vec![u32::MAX; 8] }, "does not fit");
    with("axis twice", Operator::Transpose { order: vec![0, 1, 2, 2] }, "4 axes once");
    with("axis missing", Operator::Transpose { order: vec![0, 1, 2] }, "4 axes once");
    let slice = |end, step| Operator::Slice {
        starts: vec![0, 0, 1, 0],
        ends: vec![1, 2, end, 6],
        steps: vec![1, 1, step, 1],
    };
    with("slice beyond", slice(7, 1), "no part of 6");
    with("slice in no steps", slice(6, 0), "no part of 6");
    with("slice of nothing", slice(1, 1), "at least 1");
    let few = Operator::Slice { starts: vec![0], ends: vec![1], steps: vec![1] };
    with("slice of one axis", few, "4 axes");
    with("product of one", Operator::MatrixProduct, "1 inputs");
    let gemm = |alpha| Operator::Gemm { alpha, beta: 1.0, transpose_a: false, transpose_b: false };
    with("matrix missing", gemm(1.0), "1 inputs");
    with("slope missing", Operator::PRelu, "1 inputs");
    with("one term", Operator::Add, "1 inputs");
    with("parameters missing", Operator::BatchNormalization { epsilon: 0.1 }, "5 belong there");
    let joined =
        |inputs: &[u32]| Sketch::new().with(Operator::Concatenate { axis: 1 }, inputs).file();
    files.push(("joined", joined(&vec![4; 2000]), "2000 tensors"));
    let product = |operator, inputs: &[u32]| Sketch::new().with(operator, inputs).file();
    files.push(("matrices unlike", product(Operator::MatrixProduct, &[4, 1]), "do not fit"));
    files.push(("no matrix", product(Operator::MatrixProduct, &[4, 2]), "matrices"));
    files.push(("no matrices", product(gemm(1.0), &[4, 1]), "not a matrix"));
    files.push(("unlike", joined(&[4, 0, 2]), "differ in more"));
    let norm = |epsilon, variance| {
        let sketch = Sketch::new().constant(&[2], 2, 1.0).constant(&[2], 2, variance);
        sketch.with(Operator::BatchNormalization { epsilon }, &[6, 3, 3, 3, 4])
    };
    files.push(("negative variance", reading_seven(norm(0.1, -1.0)), "variance"));
    files.push(("no variance", reading_seven(norm(0.0, 0.0)), "variance"));
    files.push(("negative epsilon", reading_seven(norm(-1.0, 2.0)), "epsilon"));

    let mut doublings = Sketch::new();
    for step in 0..40 {
        let last = 5 + step;
        doublings
            .steps
            .nodes
            .push(Node { operator: Operator::Concatenate { axis: 1 }, inputs: vec![last; 2] });
    }
    files.push(("doublings", doublings.file(), "at most"));
    let mut long = Sketch::new();
    long.steps
        .nodes
        .extend((0..20_000).map(|step| Node { operator: Operator::Relu, inputs: vec![5 + step] }));
    files.push(("many nodes", long.file(), "20000 computations"));
    let mut wide = Sketch::new();
    wide.steps.constants =
        (0..1_200_000).map(|_| Constant { shape: vec![], numbers: Kind::Floats }).collect();
    files.push(("steps too long", wide.file(), "over 2 MiB"));

    let steps = |change: &dyn Fn(&mut Vec<u8>)| {
        let sketch = Sketch::new();
        let mut steps = postcard::to_extend(&sketch.steps, Vec::new()).unwrap();
        change(&mut steps);
        assemble(sketch.model, &sketch.card, &steps, &sketch.weights)
    };
    let unlike = "not written as they should be";
    files.push(("more steps", steps(&|steps| steps.push(0)), unlike));
    files.push(("fewer steps", steps(&|steps| steps.truncate(steps.len() - 1)), unlike));
    files.push(("no steps", steps(&Vec::clear), unlike));
    files.push(("endless name", steps(&|steps| steps[..5].fill(0xff)), unlike));
    // 4 as a length is one byte; here it takes two.
    let long_way = |steps: &mut Vec<u8>| {
        steps[0] |= 0x80;
        steps.insert(1, 0);
    };
    files.push(("the long way round", steps(&long_way), unlike));
    let many = |steps: &mut Vec<u8>| {
        steps.truncate(8);
        steps.extend([0xff, 0xff, 0xff, 0xff, 0x0f]);
    };
    files.push(("four billion constants", steps(&many), unlike));

    let sound = Sketch::new().file();
    let at = |place: usize, bytes: &[u8]| {
        let mut file = sound.clone();
        file[place..place + bytes.len()].copy_from_slice(bytes);
        signed(file)
    };
    files.push(("empty", vec![], "no packed front"));
    files.push(("another file", b"\x89PNG\r\n\x1a\n".repeat(20), "no packed front"));
    files.push(("newer", at(17, b"2"), "another version"));
    files.push(("much newer", at(17, b"10\n"), "another version"));
    for (name, place) in [("endless card", 24), ("endless steps", 32), ("endless weights", 40)] {
        files.push((name, at(place, &u64::MAX.to_le_bytes()), "cut short"));
    }
    files.push(("longer", [&sound[..], &[0]].concat(), "1 bytes follow"));
    files
}

/// A pool that reads the value before it, where two constants moved it.
fn reading_seven(mut sketch: Sketch) -> Vec<u8> {
    sketch.steps.nodes[3].inputs = vec![7];
    sketch.file()
}

#[test]
fn the_sketch_itself_is_sound() {
    let file = Sketch::new().file();
    assert!(survives(&file));
    let front = PackedFront::open(file.clone()).unwrap();
    assert_eq!(front.cut().name(), "pool");
    assert_eq!(front.model(), Digest::of(b"abc"));
    assert_eq!(front.card().text(), CARD);
    let front = PackedFront::open_expecting(file.clone(), front.digest()).unwrap();
    let reach = *front.compile().unwrap().reach();
    assert_eq!((reach.rows.field, reach.rows.stride), (4, 2), "worked out from the steps");
    let error = PackedFront::open_expecting(file.clone(), Digest::of(b"abc")).unwrap_err();
    assert!(error.message().contains("another file"), "{error}");
}

#[test]
fn lies_are_refused() {
    refuse_all();
}

#[test]
fn what_no_kernel_takes_is_refused_by_name() {
    let mut sketch = Sketch::new();
    sketch.steps.constants[0].shape = vec![2, 3, 18, 1];
    sketch.weights = vec![0; 2 * 3 * 18 * 4 + 16 + 64];
    let mut tall = window(1, 1, 0);
    (tall.kernel, tall.before, tall.after) = ([18, 1], [9, 0], [8, 0]);
    sketch.steps.nodes[0].operator = Operator::Convolution { window: tall, groups: 1 };
    sketch.steps.nodes.remove(1);
    sketch.steps.nodes[1].inputs = vec![3];
    let error = PackedFront::open(sketch.file()).unwrap().compile().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Model);
    assert!(error.message().contains("Conv"), "{error}");
}

#[test]
fn every_file_that_is_cut_short_is_refused() {
    let file = Sketch::new().file();
    for length in 0..file.len() {
        assert!(PackedFront::open(&file[..length]).is_err(), "{length}");
        if length > 32 {
            assert!(PackedFront::open(signed(file[..length].to_vec())).is_err(), "{length}");
        }
    }
}

#[test]
fn every_byte_counts() {
    let file = Sketch::new().file();
    let mut sound = 0;
    for place in 0..file.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut changed = file.clone();
            changed[place] ^= flip;
            assert!(
                PackedFront::open(changed.as_slice()).is_err(),
                "byte {place} counts for nothing"
            );
            if place < file.len() - 32 {
                sound += usize::from(survives(&signed(changed)));
            }
        }
    }
    // Other weights and other words on the card are another sound front.
    assert!(sound > 500, "{sound}: nothing behind the digest was tried");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn damage_is_refused_or_harmless(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut file = Sketch::new().file();
        for (place, byte) in changes {
            let place = place.index(file.len());
            file[place] = byte;
        }
        if let Some(cut) = cut {
            file.truncate(32 + cut.index(file.len() - 32));
        }
        survives(&signed(file));
    }

    #[test]
    fn steps_of_any_numbers_are_refused_or_run(
        numbers in prop::collection::vec(prop::sample::select(vec![
            0u32, 1, 2, 3, 4, 5, 6, 7, 16, 100, 1 << 13, 1 << 16, 1 << 27, u32::MAX,
        ]), 12),
        which in 0usize..8,
        node in 0usize..3,
    ) {
        let mut sketch = Sketch::new();
        let pair = |at: usize| [numbers[at], numbers[at + 1]];
        let window = Window {
            kernel: pair(0),
            strides: pair(2),
            dilations: pair(4),
            before: pair(6),
            after: pair(8),
        };
        sketch.steps.nodes[node].operator = match which {
            0 => Operator::Convolution { window, groups: numbers[10] },
            1 => Operator::MaxPool { window },
            2 => Operator::AveragePool { window },
            3 => Operator::Pad {
                mode: PadMode::Constant(0.0),
                before: numbers[..4].to_vec(),
                after: numbers[4..8].to_vec(),
            },
            4 => Operator::Reshape { shape: numbers[..4].to_vec() },
            5 => Operator::Transpose { order: numbers[..4].to_vec() },
            6 => Operator::Slice {
                starts: numbers[..4].to_vec(),
                ends: numbers[4..8].to_vec(),
                steps: numbers[8..].to_vec(),
            },
            _ => Operator::Reduce {
                reduction: Reduction::Mean,
                axes: numbers[..2].to_vec(),
                keep: numbers[10] > 4,
            },
        };
        if numbers[11] < 8 {
            sketch.steps.nodes[node].inputs = vec![numbers[11]];
        }
        survives(&sketch.file());
    }
}

/// Set in the process that has the limit.
#[cfg(target_os = "linux")]
const INSIDE: &str = "FROSTGLASS_PACKED_LIMITED";

#[test]
#[cfg(target_os = "linux")]
fn lies_take_little_memory() {
    if std::env::var_os(INSIDE).is_some() {
        refuse_all();
        println!("refused within the limit");
        return;
    }
    let output = std::process::Command::new("sh")
        .args(["-c", "ulimit -v 524288 && exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "front::packed::tests::lies_take_little_memory", "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("refused within the limit"));
}
