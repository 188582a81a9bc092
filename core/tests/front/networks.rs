//! Networks we know, where they are at hand.

use std::path::PathBuf;
use std::time::Instant;

use frostglass::front::{Card, Model};
use frostglass::network::Tail;

/// Public networks in the folder FROSTGLASS_DATA names, under `models/`: their operators, sizes
/// and answers' sizes.
#[test]
fn public_networks_open_and_run() {
    let Some(folder) = std::env::var_os("FROSTGLASS_DATA") else {
        println!(
            "skipped: set FROSTGLASS_DATA to a folder whose models/ holds squeezenet1_0_imagenet.onnx, mobilefacenet_192.onnx, vgg19n_conv{{1_1,2_1,3_1}}.onnx and inv_conv{{1_1,2_1,3_1}}.onnx"
        );
        return;
    };
    for (file, input, output) in [
        ("squeezenet1_0_imagenet", [3, 227, 227], [1000, 1, 1]),
        ("mobilefacenet_192", [3, 112, 112], [192, 1, 1]),
        ("vgg19n_conv1_1", [3, 96, 96], [64, 96, 96]),
        ("vgg19n_conv2_1", [3, 96, 96], [128, 48, 48]),
        ("vgg19n_conv3_1", [3, 96, 96], [256, 24, 24]),
        ("inv_conv1_1", [64, 48, 48], [3, 48, 48]),
        ("inv_conv2_1", [128, 24, 24], [3, 48, 48]),
        ("inv_conv3_1", [256, 12, 12], [3, 48, 48]),
    ] {
        let path = PathBuf::from(&folder).join("models").join(file).with_extension("onnx");
        let Ok(bytes) = std::fs::read(path) else {
            println!("skipped {file}: not there");
            continue;
        };
        let model = Model::open_without_card_at(&bytes, input).unwrap();
        let front = model.compile(model.cuts().last().unwrap().name()).unwrap();
        assert_eq!(front.shape(), output, "{file}");
        let steps = front.describe().steps;
        let allocating = steps.iter().filter(|step| step.allocates);
        let allocating: Vec<&str> = allocating.map(|step| step.operation.as_str()).collect();
        // Enlarging a map is all that no step covers yet.
        assert!(allocating.iter().all(|step| *step == "runs on tract: Resize"), "{allocating:?}");
        let mut out = vec![0.0; output.iter().product()];
        let input = vec![0.5; input.iter().product()];
        front.run_in_lab(&mut front.workspace(), &input, &mut out).unwrap();
        assert!(out.iter().all(|value| value.is_finite()), "{file}");
    }
}

/// The face network of the zoo: quick to open, one answer from every cut, and no pixel reaching
/// further than it says.
#[test]
fn the_zoos_face_network_keeps_its_promises() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../models/zoo/dlib-face");
    let read = |name: &str| std::fs::read(folder.join(name));
    let (Ok(front_onnx), Ok(tail_onnx), Ok(card)) =
        (read("front.onnx"), read("tail.onnx"), read("card.toml"))
    else {
        println!("skipped: models/zoo/dlib-face is not there");
        return;
    };
    let card = Card::parse(std::str::from_utf8(&card).unwrap()).unwrap();
    let start = Instant::now();
    let model = Model::open(&front_onnx, card.clone()).unwrap();
    let opened = start.elapsed();
    let picture: Vec<f32> = (0..3 * 150 * 150).map(|i| ((i * 7919) % 256) as f32).collect();
    let mut answers: Vec<Vec<f32>> = Vec::new();
    for cut in model.cuts() {
        let start = Instant::now();
        let front = model.compile(cut.name()).unwrap();
        let compiled = start.elapsed();
        let mut workspace = front.workspace();
        let mut run = |picture: &[f32]| {
            let mut out = vec![0.0; cut.activations()];
            front.run_in_lab(&mut workspace, picture, &mut out).unwrap();
            out
        };
        let start = Instant::now();
        let still = run(&picture);
        let reach = front.reach();
        println!(
            "{}: compiled in {compiled:.1?}, ran in {:.1?}, field {} stride {}",
            cut.name(),
            start.elapsed(),
            reach.rows.field,
            reach.rows.stride
        );
        for (y, x) in [(0, 0), (75, 75), (149, 149), (37, 110)] {
            let mut changed = picture.clone();
            (0..3).for_each(|c| {
                changed[(c * 150 + y) * 150 + x] = 255.0 - changed[(c * 150 + y) * 150 + x]
            });
            let moved = run(&changed);
            let [_, rows, columns] = cut.shape();
            let mut positions = vec![false; rows * columns];
            for (index, (before, after)) in still.iter().zip(&moved).enumerate() {
                positions[index % (rows * columns)] |= before != after;
            }
            let touched = positions.iter().filter(|&&moved| moved).count();
            assert!(touched <= reach.positions(1), "{} at {y}, {x}: {touched}", cut.name());
        }
        let tail = Tail::open(&front_onnx, Some(&tail_onnx), &card, cut.name()).unwrap();
        answers.push(tail.run(&still).unwrap());
    }
    println!("opened in {opened:.1?}");
    for answer in &answers {
        assert_eq!(answer.len(), 128);
        for (found, expected) in answer.iter().zip(&answers[0]) {
            assert!((found - expected).abs() < 1e-4);
        }
    }
}
