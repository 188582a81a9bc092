//! How far a pixel reaches: published figures, and figures measured by changing pixels.

use frostglass::front::{AxisReach, Front, Model, Precision};

use crate::sketch::{Sketch, int, ints, text};

fn compiled(sketch: &Sketch, cut: &str) -> Front {
    compiled_with(sketch, cut, Precision::Fast)
}

fn compiled_with(sketch: &Sketch, cut: &str, precision: Precision) -> Front {
    Model::open_without_card(&sketch.bytes()).unwrap().compile_with(cut, precision).unwrap()
}

/// Convolutions and pools in a row, computed exactly: no tile of Winograd's reaches further.
fn chain(side: i64, layers: &[Layer]) -> Front {
    chain_with(side, layers, Precision::Exact)
}

/// Operator, kernel, stride, padding on each side.
type Layer = (&'static str, i64, i64, i64);

fn chain_with(side: i64, layers: &[Layer], precision: Precision) -> Front {
    let mut sketch = Sketch::new(&[1, 1, side, side]);
    let mut last = "x".to_owned();
    for (index, &(operator, kernel, stride, pad)) in layers.iter().enumerate() {
        let next = format!("y{index}");
        let attributes = vec![
            ints("kernel_shape", &[kernel, kernel]),
            ints("strides", &[stride, stride]),
            ints("pads", &[pad; 4]),
        ];
        if operator == "Conv" {
            let weights = format!("w{index}");
            let many = (kernel * kernel) as usize;
            let ones = vec![1.0 / many as f32; many];
            sketch = sketch.floats(&weights, &[1, 1, kernel as usize, kernel as usize], &ones);
            sketch = sketch.node("Conv", &[&last, &weights], &next, attributes);
        } else {
            sketch = sketch.node(operator, &[&last], &next, attributes);
        }
        last = next;
    }
    compiled_with(&sketch.output(&last), &last, precision)
}

fn check(front: &Front, field: usize, stride: usize) {
    let rows = front.reach().rows;
    assert_eq!((rows.field, rows.stride), (field, stride));
    assert_eq!(front.reach().columns, rows);
}

const CONV: Layer = ("Conv", 3, 1, 1);
const POOL: Layer = ("MaxPool", 2, 2, 0);

#[test]
fn vgg_and_alexnet_as_published() {
    // Receptive fields and strides of VGG-16 and AlexNet, as in Araujo, Norris and Sim,
    // "Computing receptive fields of convolutional neural networks" (Distill, 2019), where they
    // reach 212 and 195 pixels at the last pool.
    check(&chain(224, &[CONV]), 3, 1);
    check(&chain(224, &[CONV, CONV]), 5, 1);
    check(&chain(224, &[CONV, CONV, POOL]), 6, 2);
    check(&chain(224, &[CONV, CONV, POOL, CONV, CONV, POOL]), 16, 4);
    let block = |many: usize| [vec![CONV; many], vec![POOL]].concat();
    let vgg16 = [block(2), block(2), block(3), block(3), block(3)].concat();
    check(&chain(448, &vgg16), 212, 32);
    let pool = ("MaxPool", 3, 2, 0);
    let alexnet = [("Conv", 11, 4, 2), pool, ("Conv", 5, 1, 2), pool, CONV, CONV, CONV, pool];
    check(&chain(227, &alexnet[..1]), 11, 4);
    check(&chain(451, &alexnet), 195, 32);
}

#[test]
fn the_specification_counts_patches_on_vgg_so() {
    // By hand: conv1_1 spreads one pixel over 9 positions and 8 x 8 over 100; at pool1
    // they are 9 and 49.
    let first = chain(224, &[CONV]);
    assert_eq!([1, 8].map(|patch| first.reach().positions(patch)), [9, 100]);
    let pool1 = chain(224, &[CONV, CONV, POOL]);
    assert_eq!([1, 8].map(|patch| pool1.reach().positions(patch)), [9, 49]);
    assert_eq!(pool1.reach().positions(usize::MAX), 112 * 112);
}

/// Changes each pixel of one column in turn, and one row, and looks which positions move.
fn measured(front: &Front, step: usize) {
    let [channels, rows, columns] = front.input_shape();
    let [_, out_rows, out_columns] = front.shape();
    let base: Vec<f32> =
        (0..channels * rows * columns).map(|i| ((i * 7919) % 251) as f32 / 251.0).collect();
    let mut workspace = front.workspace();
    let mut run = |input: &[f32]| {
        let mut out = vec![0.0; front.shape().iter().product()];
        front.run_in_lab(&mut workspace, input, &mut out).unwrap();
        out
    };
    let still = run(&base);
    for at in (0..rows.max(columns)).step_by(step) {
        let (y, x) = (at.min(rows - 1), (at * 3) % columns);
        for change in [1.0, -2.0] {
            let mut input = base.clone();
            for c in 0..channels {
                input[(c * rows + y) * columns + x] += change;
            }
            let moved = run(&input);
            let mut touched = [vec![false; out_rows], vec![false; out_columns]];
            for (index, (before, after)) in still.iter().zip(&moved).enumerate() {
                if before != after {
                    touched[0][index / out_columns % out_rows] = true;
                    touched[1][index % out_columns] = true;
                }
            }
            for (touched, reach) in touched.iter().zip([front.reach().rows, front.reach().columns])
            {
                within(touched, reach);
            }
        }
    }
}

/// No more positions than promised, and all near each other: first to last within the count.
fn within(touched: &[bool], reach: AxisReach) {
    let first = touched.iter().position(|&moved| moved);
    let last = touched.iter().rposition(|&moved| moved);
    if let (Some(first), Some(last)) = (first, last) {
        let promised = reach.positions(1);
        assert!(last - first < promised, "{first} to {last} moved, {promised} promised");
    }
}

#[test]
fn no_pixel_moves_more_positions_than_promised() {
    for layers in [
        vec![CONV, POOL, CONV],
        vec![("Conv", 5, 2, 2), ("MaxPool", 3, 2, 1), CONV],
        vec![("AveragePool", 3, 3, 1), ("Conv", 1, 1, 0)],
    ] {
        for precision in [Precision::Fast, Precision::Exact] {
            measured(&chain_with(24, &layers, precision), 1);
        }
    }
    // Mirrored edges bring pixels back that lie up to twice the padding away.
    for (mode, field) in [("reflect", 7), ("edge", 5), ("constant", 3)] {
        let padded = Sketch::new(&[1, 1, 16, 16])
            .integers("p", &[0, 0, 3, 3, 0, 0, 3, 3])
            .floats("w", &[1, 1, 3, 3], &[0.1; 9])
            .node("Pad", &["x", "p"], "q", vec![text("mode", mode)])
            .node("Conv", &["q", "w"], "y", vec![])
            .output("y");
        let front = compiled(&padded, "y");
        measured(&front, 1);
        assert!(front.reach().rows.field >= field, "{mode}: {:?}", front.reach().rows);
    }
}

#[test]
fn branches_that_lie_apart_count_from_end_to_end() {
    // One branch looks three pixels up, the other three down: from end to end seven.
    let apart = Sketch::new(&[1, 1, 12, 12])
        .integers("up", &[0, 0, 3, 0, 0, 0, 0, 0])
        .integers("down", &[0, 0, 0, 0, 0, 0, 3, 0])
        .integers("zero", &[0])
        .integers("three", &[3])
        .integers("twelve", &[12])
        .integers("fifteen", &[15])
        .integers("axis", &[2])
        .node("Pad", &["x", "up"], "a", vec![])
        .node("Slice", &["a", "zero", "twelve", "axis"], "b", vec![])
        .node("Pad", &["x", "down"], "c", vec![])
        .node("Slice", &["c", "three", "fifteen", "axis"], "d", vec![])
        .node("Add", &["b", "d"], "y", vec![])
        .output("y");
    let front = compiled(&apart, "y");
    assert_eq!((front.reach().rows.field, front.reach().columns.field), (7, 1));
    measured(&front, 1);

    let joined = Sketch::new(&[1, 1, 12, 12])
        .floats("w", &[1, 1, 3, 3], &[0.1; 9])
        .floats("v", &[1, 1, 1, 1], &[0.5])
        .node("Conv", &["x", "w"], "a", vec![ints("pads", &[1; 4])])
        .node("Conv", &["x", "v"], "b", vec![])
        .node("Concat", &["a", "b"], "j", vec![int("axis", 1)])
        .node("Softmax", &["j"], "s", vec![int("axis", 1)])
        .node("ReduceMax", &["s"], "y", vec![ints("axes", &[1])])
        .output("y");
    let front = compiled_with(&joined, "y", Precision::Exact);
    check(&front, 3, 1);
    measured(&front, 1);
}

#[test]
fn steps_of_a_slice_are_strides() {
    let every_other = Sketch::new(&[1, 1, 12, 12])
        .integers("s", &[1, 0])
        .integers("e", &[12, 12])
        .integers("a", &[2, 3])
        .integers("t", &[2, 3])
        .node("Slice", &["x", "s", "e", "a", "t"], "y", vec![])
        .output("y");
    let front = compiled(&every_other, "y");
    let reach = front.reach();
    assert_eq!((reach.rows.field, reach.rows.stride, reach.rows.size), (1, 2, 6));
    assert_eq!((reach.columns.field, reach.columns.stride, reach.columns.size), (1, 3, 4));
    measured(&front, 1);
}

#[test]
fn what_mixes_the_map_reaches_the_whole_of_it() {
    let map = |sketch: Sketch| {
        let front = compiled(&sketch.output("y"), "y");
        let [_, rows, columns] = front.shape();
        assert_eq!(front.reach().positions(1), rows * columns);
        measured(&front, 2);
    };
    let new = || Sketch::new(&[1, 2, 8, 8]);
    map(new().node("GlobalAveragePool", &["x"], "y", vec![]));
    map(new().node("Flatten", &["x"], "y", vec![]));
    map(new().node("Transpose", &["x"], "y", vec![ints("perm", &[0, 1, 3, 2])]));
    map(new().node("Softmax", &["x"], "y", vec![]));
    map(new().node("ReduceMean", &["x"], "y", vec![ints("axes", &[2])]));
    map(new().integers("s", &[1, 2, 4, 16]).node("Reshape", &["x", "s"], "y", vec![]));
    map(new().floats("a", &[8, 8], &[0.1; 64]).node("MatMul", &["x", "a"], "y", vec![]));
    map(new().floats("s", &[2], &[1.0; 2]).node(
        "InstanceNormalization",
        &["x", "s", "s"],
        "y",
        vec![],
    ));
    // Squeeze and excitation: a gate from the whole map, stretched over it again.
    map(new()
        .node("GlobalAveragePool", &["x"], "g", vec![])
        .node("Sigmoid", &["g"], "h", vec![])
        .node("Mul", &["x", "h"], "y", vec![]));
    // One row stretched over all.
    map(new()
        .integers("s", &[3])
        .integers("e", &[4])
        .integers("a", &[2])
        .node("Slice", &["x", "s", "e", "a"], "row", vec![])
        .node("Add", &["x", "row"], "y", vec![]));
    map(new().floats("s", &[4], &[1.0, 1.0, 2.0, 2.0]).node(
        "Resize",
        &["x", "", "s"],
        "y",
        vec![],
    ));
}
