//! A whole small network, from its input to its answer, without tract and without allocation.
#![cfg(all(feature = "onnx", feature = "lab"))]

mod counting;
#[path = "front/sketch.rs"]
#[allow(dead_code, reason = "one network does not need every kind of attribute")]
mod sketch;

use frostglass::front::{CompileOptions, Model, Precision};

use counting::allocations;
use sketch::{Sketch, ints};

/// Two convolutions with polynomials for activations, pools, and two dense layers.
fn network() -> Sketch {
    let weights = |many: usize| -> Vec<f32> {
        (0..many).map(|i| ((i * 37) % 29) as f32 / 29.0 - 0.5).collect()
    };
    let pooled = || vec![ints("kernel_shape", &[2, 2]), ints("strides", &[2, 2])];
    Sketch::new(&[1, 1, 28, 28])
        .floats("w1", &[20, 1, 5, 5], &weights(500))
        .floats("w2", &[32, 20, 3, 3], &weights(5_760))
        .floats("w3", &[800, 40], &weights(32_000))
        .floats("b3", &[40], &weights(40))
        .floats("w4", &[10, 40], &weights(400))
        .floats("a", &[], &[0.1997])
        .floats("b", &[], &[0.5002])
        .floats("c", &[], &[0.1992])
        .floats("four", &[], &[4.0])
        .node("Conv", &["x", "w1"], "c1", vec![])
        .node("Mul", &["c1", "c1"], "square", vec![])
        .node("Mul", &["square", "a"], "scaled", vec![])
        .node("Mul", &["c1", "b"], "linear", vec![])
        .node("Add", &["scaled", "linear"], "sum", vec![])
        .node("Add", &["sum", "c"], "p1", vec![])
        .node("AveragePool", &["p1"], "mean", pooled())
        .node("Mul", &["mean", "four"], "summed", vec![])
        .node("Conv", &["summed", "w2"], "c2", vec![])
        .node("Sigmoid", &["c2"], "s2", vec![])
        .node("MaxPool", &["s2"], "m2", pooled())
        .node("Flatten", &["m2"], "flat", vec![])
        .node("MatMul", &["flat", "w3"], "d3", vec![])
        .node("Add", &["d3", "b3"], "h3", vec![])
        .node("Relu", &["h3"], "r3", vec![])
        .node("Gemm", &["r3", "w4"], "d4", vec![sketch::int("transB", 1)])
        .node("Softmax", &["d4"], "answer", vec![])
        .output("answer")
}

#[test]
fn a_whole_network_allocates_nothing() {
    let model = Model::open_without_card(&network().bytes()).unwrap();
    let picture: Vec<f32> = (0..784).map(|i| ((i * 31) % 97) as f32 / 97.0).collect();
    for precision in [Precision::Fast, Precision::Exact] {
        let options = CompileOptions { precision, no_alloc: true };
        let front = model.compile_with("answer", options).unwrap();
        let mut workspace = front.workspace();
        let mut answer = vec![0.0; 10];
        let before = allocations();
        front.run_in_lab(&mut workspace, &picture, &mut answer).unwrap();
        assert_eq!(allocations() - before, 0);
        assert!((answer.iter().sum::<f32>() - 1.0).abs() < 1e-5);
    }
}
