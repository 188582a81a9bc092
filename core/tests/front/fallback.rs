//! Nodes that no step covers: what a front says of them, and what no allocation means for them.

use frostglass::ErrorKind;
use frostglass::front::{CompileOptions, Model};

use crate::sketch::{Sketch, ints, text};

/// A convolution, a resize that has no step, and another convolution.
fn with_a_resize() -> Model {
    let weights: Vec<f32> = (0..4 * 3 * 9).map(|i| (i % 17) as f32 / 17.0 - 0.5).collect();
    let sketch = Sketch::new(&[1, 3, 6, 6])
        .floats("w", &[4, 3, 3, 3], &weights)
        .floats("v", &[3, 4, 3, 3], &weights)
        .floats("s", &[4], &[1.0, 1.0, 2.0, 2.0])
        .node("Conv", &["x", "w"], "first", vec![ints("pads", &[1; 4])])
        .node("Resize", &["first", "", "s"], "larger", vec![text("mode", "linear")])
        .node("Conv", &["larger", "v"], "last", vec![])
        .output("last");
    Model::open_without_card(&sketch.bytes()).unwrap()
}

#[test]
fn a_description_shows_what_runs_on_tract() {
    let description = with_a_resize().compile("last").unwrap().describe();
    let allocating: Vec<&str> = description
        .steps
        .iter()
        .filter(|step| step.allocates)
        .map(|step| step.operation.as_str())
        .collect();
    assert_eq!(allocating, ["runs on tract: Resize"]);
}

#[test]
fn without_allocation_the_first_such_node_is_named() {
    let no_alloc = CompileOptions { no_alloc: true, ..CompileOptions::default() };
    let model = with_a_resize();
    let error = model.compile_with("last", no_alloc).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Model);
    for words in ["Resize", "\"larger\"", "cut before it"] {
        assert!(error.message().contains(words), "{error}");
    }
    let before = model.compile_with("first", no_alloc).unwrap();
    assert!(before.describe().steps.iter().all(|step| !step.allocates));
}
