//! Each kind of step.

use proptest::prelude::*;

use super::sketch::{Sketch, sees, window};
use crate::front::graph::ValueId;
use crate::front::numbers::Numbers;
use crate::front::operator::{Activation, Arithmetic, Operator, PadMode, Reduction};

/// Every function of one number, for numbers of any sign.
const FUNCTIONS: [Activation; 12] = [
    Activation::Relu,
    Activation::Sigmoid,
    Activation::Tanh,
    Activation::Abs,
    Activation::Neg,
    Activation::Softplus,
    Activation::HardSwish,
    Activation::LeakyRelu { alpha: 0.1 },
    Activation::Elu { alpha: 0.5 },
    Activation::HardSigmoid { alpha: 0.2, beta: 0.5 },
    Activation::Clip { low: Some(-0.3), high: None },
    Activation::Clip { low: None, high: Some(0.4) },
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn convolutions(
        (inputs, outputs) in (1usize..40, 1usize..70),
        (rows, columns) in (7usize..30, 7usize..40),
        kernel in prop::sample::select(vec![1usize, 2, 3, 3, 3, 5, 7]),
        (stride, dilation, pad) in (1usize..5, 1usize..3, 0usize..3),
        relu: bool,
        seed: u64,
    ) {
        let mut sketch = Sketch::new(inputs, rows, columns, seed);
        let window = window(kernel, stride, if kernel > 3 { 1 } else { dilation }, pad);
        let made = sketch.convolution(ValueId(0), outputs, window, 1);
        if relu {
            sketch.relu(made);
        }
        sketch.check();
    }

    #[test]
    fn grouped_and_depthwise_convolutions(
        groups in prop::sample::select(vec![2usize, 3, 16, 32]),
        (inputs, outputs) in (1usize..20, 1usize..20),
        (rows, columns) in (5usize..20, 5usize..20),
        (kernel, stride) in (1usize..4, 1usize..3),
        seed: u64,
    ) {
        let mut sketch = Sketch::new(inputs * groups, rows, columns, seed);
        sketch.convolution(ValueId(0), outputs * groups, window(kernel, stride, 1, 1), groups);
        sketch.check();
        let mut sketch = Sketch::new(groups, rows, columns, seed);
        sketch.convolution(ValueId(0), groups, window(kernel, stride, 1, 1), groups);
        sketch.check();
    }

    #[test]
    fn residual_blocks_with_every_activation(
        channels in 1usize..40,
        (rows, columns) in (4usize..40, 4usize..40),
        kind in 0usize..4,
        seed: u64,
    ) {
        let mut sketch = Sketch::new(3, rows, columns, seed);
        let stem = sketch.convolution(ValueId(0), channels, window(3, 1, 1, 1), 1);
        let stem = sketch.relu(stem);
        let first = sketch.convolution(stem, channels, window(3, 1, 1, 1), 1);
        let shape = sketch.shape(first);
        let activated = match kind {
            0 => sketch.relu(first),
            1 => {
                let slopes = sketch.constant(&[shape[0], 1, 1], 1.0);
                sketch.node(Operator::PRelu, vec![first, slopes], shape)
            }
            2 => {
                let clip = Activation::Clip { low: Some(-0.2), high: Some(0.4) };
                sketch.node(Operator::Activation(clip), vec![first], shape)
            }
            _ => {
                let leaky = Activation::LeakyRelu { alpha: 0.1 };
                sketch.node(Operator::Activation(leaky), vec![first], shape)
            }
        };
        let second = sketch.convolution(activated, channels, window(3, 1, 1, 1), 1);
        let sum = sketch.node(Operator::Arithmetic(Arithmetic::Add), vec![second, stem], shape);
        let sum = sketch.relu(sum);
        sketch.convolution(sum, 5, window(1, 1, 1, 0), 1);
        sketch.check();
    }

    #[test]
    fn pools_of_every_shape(
        channels in 1usize..20,
        (rows, columns) in (1usize..30, 1usize..30),
        (kernel, stride, dilation) in (1usize..8, 1usize..4, 1usize..4),
        (pad, hang) in (any::<bool>(), any::<bool>()),
        mean: bool,
        seed: u64,
    ) {
        let mut sketch = Sketch::new(channels, rows, columns, seed);
        // A multiple of the dilation, so that a tap of the first window lies on the map.
        let pad = if pad { kernel / 2 * dilation } else { 0 };
        let mut window = window(kernel, stride, dilation, pad);
        for (axis, size) in [rows, columns].into_iter().enumerate() {
            // As rounding up leaves it: the last window begins on the map and may hang over.
            let padded = size + 2 * pad;
            let most = (size + pad - 1) / stride * stride + window.span(axis);
            if hang || padded < window.span(axis) {
                window.after[axis] = most.saturating_sub(size + pad);
            }
        }
        prop_assume!(sees(&window, [rows, columns]));
        sketch.pool(ValueId(0), window, mean);
        sketch.check();
    }

    #[test]
    fn pools_over_whole_maps(
        channels in 1usize..40,
        (rows, columns) in (1usize..60, 1usize..60),
        kind in 0usize..4,
        rows_too: bool,
        seed: u64,
    ) {
        let mut sketch = Sketch::new(channels, rows, columns, seed);
        let reduction =
            [Reduction::Mean, Reduction::Sum, Reduction::Maximum, Reduction::Minimum][kind];
        let (axes, shape) = if rows_too {
            (vec![2, 3], [channels, 1, 1])
        } else {
            (vec![3], [channels, rows, 1])
        };
        let reduce = Operator::Reduce { reduction, axes, keep: true };
        sketch.node(reduce, vec![ValueId(0)], shape);
        sketch.check();
    }

    #[test]
    fn functions_anywhere(
        channels in 1usize..40,
        (rows, columns) in (1usize..12, 1usize..12),
        kinds in prop::collection::vec(0usize..FUNCTIONS.len(), 1..4),
        stem in 0usize..3,
        seed: u64,
    ) {
        let mut sketch = Sketch::new(channels, rows, columns, seed);
        let mut made = match stem {
            0 => ValueId(0),
            1 => sketch.convolution(ValueId(0), channels + 3, window(3, 1, 1, 1), 1),
            _ => sketch.pool(ValueId(0), window(1, 1, 1, 0), true),
        };
        for kind in kinds {
            made = sketch.activation(made, FUNCTIONS[kind]);
        }
        sketch.check();
    }

    #[test]
    fn polynomials_however_they_are_spelt(
        channels in 1usize..40,
        size in 1usize..12,
        spelling in 0usize..6,
        (a, b, c) in (-2f32..2.0, -2f32..2.0, -2f32..2.0),
        seed: u64,
    ) {
        use Arithmetic::{Add, Multiply, Subtract};
        let mut sketch = Sketch::new(channels, size, size, seed);
        let x = sketch.convolution(ValueId(0), channels, window(3, 1, 1, 1), 1);
        let shape = sketch.shape(x);
        match spelling {
            // a x^2 + b x + c
            0 => {
                let square = sketch.arithmetic(Multiply, [x, x], shape);
                let square = sketch.by_number(Multiply, square, a);
                let linear = sketch.by_number(Multiply, x, b);
                let sum = sketch.arithmetic(Add, [square, linear], shape);
                sketch.by_number(Add, sum, c);
            }
            // (a x + b) x + c
            1 => {
                let inner = sketch.by_number(Multiply, x, a);
                let inner = sketch.by_number(Add, inner, b);
                let product = sketch.arithmetic(Multiply, [inner, x], shape);
                sketch.by_number(Add, product, c);
            }
            // Powers of powers, and more than a polynomial may have.
            2 => {
                let mut power = x;
                for _ in 0..3 {
                    power = sketch.arithmetic(Multiply, [power, power], shape);
                }
                sketch.arithmetic(Subtract, [power, x], shape);
            }
            // A product of sums, which is none of ours.
            3 => {
                let one = sketch.by_number(Subtract, x, a);
                let other = sketch.by_number(Add, x, b);
                sketch.arithmetic(Multiply, [one, other], shape);
            }
            // Coefficients of each channel.
            4 => {
                let square = sketch.arithmetic(Multiply, [x, x], shape);
                let scales = sketch.constant(&[shape[0], 1, 1], 1.0);
                let scaled = sketch.arithmetic(Multiply, [square, scales], shape);
                sketch.arithmetic(Add, [scaled, x], shape);
            }
            // x^2 that somebody else reads too.
            _ => {
                let square = sketch.arithmetic(Multiply, [x, x], shape);
                let other = sketch.convolution(square, shape[0], window(1, 1, 1, 0), 1);
                let cube = sketch.arithmetic(Multiply, [square, x], shape);
                sketch.arithmetic(Add, [cube, other], shape);
            }
        }
        sketch.check();
    }

    #[test]
    fn maps_with_something_around(
        channels in 1usize..40,
        (rows, columns) in (1usize..12, 1usize..12),
        pads in prop::collection::vec(0usize..12, 6),
        kind in 0usize..4,
        seed: u64,
    ) {
        let mut sketch = Sketch::new(3, rows, columns, seed);
        let x = sketch.convolution(ValueId(0), channels, window(3, 1, 1, 1), 1);
        let mode = [
            PadMode::Constant(0.0),
            PadMode::Constant(0.7),
            PadMode::Edge,
            PadMode::Reflect,
        ][kind];
        let sizes = [1, channels, rows, columns];
        let pad = |axis: usize, pad: usize| match mode {
            PadMode::Reflect if axis > 1 => pad.min(sizes[axis] - 1),
            PadMode::Edge | PadMode::Constant(_) if axis > 1 => pad,
            PadMode::Constant(_) if axis == 1 => pad,
            _ => 0,
        };
        let before = vec![0, pad(1, pads[0]), pad(2, pads[1]), pad(3, pads[2])];
        let after = vec![0, pad(1, pads[3]), pad(2, pads[4]), pad(3, pads[5])];
        let shape = [1, 2, 3].map(|axis: usize| sizes[axis] + before[axis] + after[axis]);
        let made = sketch.node(Operator::Pad { mode, before, after }, vec![x], shape);
        sketch.convolution(made, 4, window(1, 1, 1, 0), 1);
        sketch.check();
    }

    #[test]
    fn slopes_spelt_with_absolute_values(
        channels in 1usize..40,
        size in 1usize..12,
        seed: u64,
    ) {
        let mut sketch = Sketch::new(channels, size, size, seed);
        let x = sketch.convolution(ValueId(0), channels, window(3, 1, 1, 1), 1);
        let shape = sketch.shape(x);
        let positive = sketch.relu(x);
        let absolute = sketch.activation(x, Activation::Abs);
        let negative = sketch.arithmetic(Arithmetic::Subtract, [x, absolute], shape);
        let slopes = sketch.constant(&[channels, 1, 1], 1.0);
        let sloped = sketch.arithmetic(Arithmetic::Multiply, [slopes, negative], shape);
        let sloped = sketch.by_number(Arithmetic::Multiply, sloped, 0.5);
        sketch.arithmetic(Arithmetic::Add, [positive, sloped], shape);
        assert_eq!(sketch.steps(), 1, "all of it is in the convolution's store");
        sketch.check();
    }

    #[test]
    fn two_maps_or_a_map_and_constants(
        channels in 1usize..40,
        (rows, columns) in (1usize..12, 1usize..12),
        kind in 0usize..6,
        other in 0usize..6,
        turned: bool,
        seed: u64,
    ) {
        let mut sketch = Sketch::new(channels, rows, columns, seed);
        let x = sketch.convolution(ValueId(0), channels, window(3, 1, 1, 1), 1);
        let shape = sketch.shape(x);
        let other = match other {
            0 => ValueId(0),
            1 => sketch.constant(&[channels, rows, columns], 1.0),
            2 => sketch.constant(&[channels, 1, 1], 1.0),
            3 => sketch.constant(&[1], 1.0),
            4 => x,
            // One pixel over all, as squeeze and excitation has it.
            _ => {
                let mean = Operator::Reduce {
                    reduction: Reduction::Mean,
                    axes: vec![2, 3],
                    keep: true,
                };
                let mean = sketch.node(mean, vec![x], [channels, 1, 1]);
                let excited = sketch.convolution(mean, channels, window(1, 1, 1, 0), 1);
                sketch.activation(excited, Activation::Sigmoid)
            }
        };
        // Where a difference leaves nearly nothing, errors are as large as those of its terms.
        sketch.least = 1.0;
        let arithmetic = [
            Arithmetic::Add,
            Arithmetic::Subtract,
            Arithmetic::Multiply,
            Arithmetic::Maximum,
            Arithmetic::Minimum,
            Arithmetic::Divide,
        ][kind];
        // Nothing is divided by what may be near nothing.
        let divisor = if turned { x } else { other };
        let (x, other) = if arithmetic == Arithmetic::Divide {
            let kept = if sketch.graph.values[divisor.0].constant.is_some() {
                let numbers = sketch.graph.values[divisor.0].constant.as_mut().unwrap();
                let positive = numbers.floats().iter().map(|number| number.abs() + 0.5).collect();
                *numbers = Numbers::Floats(positive);
                divisor
            } else {
                let positive = sketch.activation(divisor, Activation::Abs);
                sketch.by_number(Arithmetic::Add, positive, 0.5)
            };
            if turned { (kept, other) } else { (x, kept) }
        } else {
            (x, other)
        };
        let inputs = if turned { [other, x] } else { [x, other] };
        let made = sketch.arithmetic(arithmetic, inputs, shape);
        sketch.relu(made);
        sketch.check();
    }

    #[test]
    fn dense_layers_after_maps_of_any_size(
        channels in 1usize..24,
        (rows, columns) in (1usize..24, 1usize..12),
        (hidden, classes) in (1usize..40, 1usize..20),
        transpose_b: bool,
        (twice, logarithm) in (any::<bool>(), any::<bool>()),
        seed: u64,
    ) {
        let mut sketch = Sketch::new(3, rows, columns, seed);
        let map = sketch.convolution(ValueId(0), channels, window(3, 1, 1, 1), 1);
        let mut map = sketch.relu(map);
        if twice {
            map = sketch.reshaped(map, &[1, channels * rows, columns]);
        }
        let long = channels * rows * columns;
        let flat = sketch.reshaped(map, &[1, long]);
        let matrix = if transpose_b { [hidden, long] } else { [long, hidden] };
        let weights = sketch.constant(&matrix, 1.0 / (long as f32).sqrt());
        let biases = sketch.constant(&[hidden], 1.0);
        let gemm =
            Operator::Gemm { alpha: 0.5, beta: 2.0, transpose_a: false, transpose_b };
        let made = sketch.shaped(gemm, vec![flat, weights, biases], &[1, hidden]);
        let tanh = Operator::Activation(Activation::Tanh);
        let made = sketch.shaped(tanh, vec![made], &[1, hidden]);
        let weights = sketch.constant(&[hidden, classes], 1.0);
        let made = sketch.shaped(Operator::MatrixProduct, vec![made, weights], &[1, classes]);
        let biases = sketch.constant(&[classes], 1.0);
        let add = Operator::Arithmetic(Arithmetic::Add);
        let made = sketch.shaped(add, vec![made, biases], &[1, classes]);
        sketch.shaped(Operator::Softmax { axis: 1, logarithm }, vec![made], &[1, classes]);
        sketch.check();
    }

    #[test]
    fn softmax_at_each_pixel(
        channels in 1usize..40,
        (rows, columns) in (1usize..12, 1usize..12),
        logarithm: bool,
        seed: u64,
    ) {
        let mut sketch = Sketch::new(channels, rows, columns, seed);
        let scores = sketch.by_number(Arithmetic::Multiply, ValueId(0), 30.0);
        let shape = sketch.shape(scores);
        sketch.node(Operator::Softmax { axis: 1, logarithm }, vec![scores], shape);
        sketch.check();
    }

    #[test]
    fn elements_in_another_order(
        (groups, per_group) in (1usize..6, 1usize..12),
        (rows, columns) in (1usize..12, 1usize..12),
        kind in 0usize..4,
        seed: u64,
    ) {
        let channels = groups * per_group;
        let mut sketch = Sketch::new(channels, rows, columns, seed);
        let x = sketch.convolution(ValueId(0), channels, window(3, 1, 1, 1), 1);
        let made = match kind {
            // Channels shuffled between groups.
            0 => {
                let split = [1, groups, per_group, rows, columns];
                let turned = [1, per_group, groups, rows, columns];
                let split = sketch.reshaped(x, &split);
                let order = Operator::Transpose { order: vec![0, 2, 1, 3, 4] };
                let turned = sketch.shaped(order, vec![split], &turned);
                sketch.reshaped(turned, &[1, channels, rows, columns])
            }
            // A part of every axis.
            1 => {
                let ends = vec![1, channels, rows, columns];
                let starts = vec![0, channels / 2, rows / 3, columns / 4];
                let steps = vec![1, 1, 2, 1];
                let shape = [1, 2, 3].map(|axis: usize| {
                    usize::div_ceil(ends[axis] - starts[axis], steps[axis])
                });
                sketch.node(Operator::Slice { starts, ends, steps }, vec![x], shape)
            }
            2 => {
                let order = Operator::Transpose { order: vec![0, 2, 3, 1] };
                sketch.node(order, vec![x], [rows, columns, channels])
            }
            _ => sketch.reshaped(x, &[1, columns, channels, rows]),
        };
        sketch.convolution(made, 5, window(1, 1, 1, 0), 1);
        sketch.check();
    }

    #[test]
    fn maps_and_constants_joined(
        (channels, others) in (1usize..40, 1usize..40),
        size in 1usize..12,
        seed: u64,
    ) {
        let mut sketch = Sketch::new(channels, size, size, seed);
        let constant = sketch.constant(&[1, others, size, size], 1.0);
        let inputs = vec![ValueId(0), constant, ValueId(0)];
        let shape = [2 * channels + others, size, size];
        let joined = sketch.node(Operator::Concatenate { axis: 1 }, inputs, shape);
        sketch.activation(joined, Activation::Sigmoid);
        sketch.check();
    }

    #[test]
    fn everything_between_convolutions(
        (channels, others) in (1usize..40, 1usize..40),
        (rows, columns) in (4usize..20, 4usize..20),
        beta in prop::sample::select(vec![0.75f32, 0.5]),
        seed: u64,
    ) {
        let mut sketch = Sketch::new(channels, rows, columns, seed);
        let shape = [channels, rows, columns];
        let mean = sketch.constant(&[channels, 1, 1], 0.5);
        let centred =
            sketch.node(Operator::Arithmetic(Arithmetic::Subtract), vec![ValueId(0), mean], shape);
        let norm = Operator::LocalResponseNormalization { size: 5, alpha: 0.5, beta, bias: 1.0 };
        let normalised = sketch.node(norm, vec![centred], shape);
        let other = sketch.convolution(centred, others, window(1, 1, 1, 0), 1);
        let shape = [channels + others, rows, columns];
        let joined =
            sketch.node(Operator::Concatenate { axis: 1 }, vec![normalised, other], shape);
        let pad = Operator::Pad {
            mode: PadMode::Constant(0.0),
            before: vec![0, 3, 1, 0],
            after: vec![0, 2, 0, 2],
        };
        let padded = sketch.node(pad, vec![joined], [shape[0] + 5, rows + 1, columns + 2]);
        let shape = sketch.shape(padded);
        let parts: Vec<ValueId> =
            (0..4).map(|_| sketch.constant(&[shape[0]], 0.5)).collect();
        let variance = sketch.graph.values[parts[3].0].constant.as_mut().unwrap();
        let positive = variance.floats().iter().map(|value| value.abs() + 0.5).collect();
        *variance = Numbers::Floats(positive);
        let inputs = [&[padded][..], &parts].concat();
        sketch.node(Operator::BatchNormalization { epsilon: 1e-5 }, inputs, shape);
        sketch.check();
    }
}

/// A stem in phases cannot also be added to what it reads.
#[test]
fn a_strided_stem_that_adds_its_input() {
    let mut sketch = Sketch::new(3, 1, 1, 7);
    let made = sketch.convolution(ValueId(0), 3, window(7, 2, 1, 3), 1);
    let sum = Operator::Arithmetic(Arithmetic::Add);
    sketch.node(sum, vec![made, ValueId(0)], [3, 1, 1]);
    sketch.check();
}
