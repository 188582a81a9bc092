//! How deep fronts are.

use std::path::Path;

use frostglass::front::{Card, Model};

use crate::sketch::{Sketch, ints};

/// "The first 6 layers of VGG-16 are 4 convolutions and 2 max poolings" (*PrivyNet*, section 2.2), and
/// activations are none.
#[test]
fn the_first_six_layers_of_vgg_16_are_six() {
    let mut sketch = Sketch::new(&[1, 1, 8, 8]).floats("w", &[1, 1, 3, 3], &[0.1; 9]);
    let mut last = "x".to_owned();
    for (index, operator) in
        ["Conv", "Relu", "Conv", "Relu", "MaxPool", "Conv", "Relu", "Conv", "Relu", "MaxPool"]
            .into_iter()
            .enumerate()
    {
        let next = format!("y{index}");
        let halved = vec![ints("kernel_shape", &[2, 2]), ints("strides", &[2, 2])];
        sketch = match operator {
            "Conv" => sketch.node(operator, &[&last, "w"], &next, vec![ints("pads", &[1; 4])]),
            "Relu" => sketch.node(operator, &[&last], &next, vec![]),
            _ => sketch.node(operator, &[&last], &next, halved),
        };
        last = next;
    }
    let model = Model::open_without_card(&sketch.output(&last).bytes()).unwrap();
    let depths = ["y0", "y1", "y3", "y4", "y6", "y8", "y9"];
    let depths = depths.map(|cut| model.compile(cut).unwrap().depth());
    assert_eq!(depths, [1, 1, 2, 3, 4, 5, 6]);
}

/// The stem is one convolution and one pool, and each block two convolutions beside a shortcut that is
/// none or a pool.
#[test]
fn of_two_ways_the_longer_counts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/zoo/dlib-face");
    let card = std::fs::read_to_string(folder.join("card.toml")).unwrap();
    let card = Card::parse(&card).unwrap();
    let model = Model::open(&std::fs::read(folder.join("front.onnx")).unwrap(), card).unwrap();
    for (cut, depth) in
        [("stem-relu", 1), ("stem-pool", 2), ("stage1-block1", 4), ("stage2-block1", 10)]
    {
        assert_eq!(model.compile(cut).unwrap().depth(), depth, "{cut}");
    }
}
