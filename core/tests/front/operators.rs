//! Each operator against plain loops that follow its definition.

use frostglass::front::Model;
use tract_onnx::pb::AttributeProto;
use tract_onnx::pb::tensor_proto::DataType;

use crate::hostile::refused;
use crate::sketch::{Sketch, float, int, ints, tensor, text};

/// Channels, rows, columns, and the numbers in that order.
#[derive(Clone, Debug, PartialEq)]
struct Map {
    shape: [usize; 3],
    values: Vec<f32>,
}

impl Map {
    fn from(shape: [usize; 3], value: impl Fn([usize; 3]) -> f32) -> Self {
        let [channels, rows, columns] = shape;
        let mut values = Vec::new();
        for c in 0..channels {
            for y in 0..rows {
                values.extend((0..columns).map(|x| value([c, y, x])));
            }
        }
        Self { shape, values }
    }

    fn at(&self, [c, y, x]: [usize; 3]) -> f32 {
        self.values[(c * self.shape[1] + y) * self.shape[2] + x]
    }

    /// Nothing beyond the edge.
    fn inside(&self, c: usize, y: i64, x: i64) -> Option<f32> {
        let [_, rows, columns] = self.shape;
        let inside = (0..rows as i64).contains(&y) && (0..columns as i64).contains(&x);
        inside.then(|| self.at([c, y as usize, x as usize]))
    }

    fn map(&self, f: impl Fn(f32) -> f32) -> Self {
        Self { shape: self.shape, values: self.values.iter().map(|&v| f(v)).collect() }
    }
}

/// Numbers between -1 and 1 that look random and are the same everywhere.
fn noise(many: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(12_345);
    let next = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    std::iter::repeat_with(next).take(many).collect()
}

fn input(shape: [usize; 3]) -> Map {
    Map { shape, values: noise(shape.iter().product(), 7) }
}

fn sketch(shape: [usize; 3]) -> Sketch {
    Sketch::new(&[1, shape[0] as i64, shape[1] as i64, shape[2] as i64])
}

fn run(sketch: &Sketch, input: &Map) -> Map {
    let model = Model::open_without_card(&sketch.bytes()).unwrap();
    let last = model.cuts().last().unwrap().name().to_owned();
    let front = model.compile(&last).unwrap();
    let mut values = vec![f32::NAN; front.shape().iter().product()];
    front.run_in_lab(&mut front.workspace(), &input.values, &mut values).unwrap();
    Map { shape: front.shape(), values }
}

fn agree(found: &Map, expected: &Map) {
    assert_eq!(found.shape, expected.shape);
    let largest = expected.values.iter().fold(1e-3f32, |largest, value| largest.max(value.abs()));
    for (index, (found, expected)) in found.values.iter().zip(&expected.values).enumerate() {
        assert!((found - expected).abs() <= 1e-5 * largest, "{index}: {found} is not {expected}");
    }
}

/// One node on `x`, with constants as its other inputs.
fn agrees(
    operator: &str,
    from: &Map,
    constants: &[(&[usize], &[f32])],
    attributes: Vec<AttributeProto>,
    expected: &Map,
) {
    let mut sketch = sketch(from.shape);
    let names: Vec<String> = (0..constants.len()).map(|index| format!("k{index}")).collect();
    for (name, (shape, values)) in names.iter().zip(constants) {
        sketch = sketch.floats(name, shape, values);
    }
    let inputs: Vec<&str> = std::iter::once("x").chain(names.iter().map(String::as_str)).collect();
    let sketch = sketch.node(operator, &inputs, "y", attributes).output("y");
    agree(&run(&sketch, from), expected);
}

struct Sliding {
    kernel: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
    pads: [usize; 4],
}

impl Sliding {
    const PLAIN: Self = Self { kernel: [3, 3], stride: [1, 1], dilation: [1, 1], pads: [0; 4] };

    fn size(&self, from: [usize; 3]) -> [usize; 2] {
        [0, 1].map(|a| {
            let span = self.dilation[a] * (self.kernel[a] - 1) + 1;
            (from[1 + a] + self.pads[a] + self.pads[2 + a] - span) / self.stride[a] + 1
        })
    }

    /// Where each tap of the window at a position reads.
    fn taps(&self, y: usize, x: usize) -> impl Iterator<Item = (usize, usize, i64, i64)> + '_ {
        let place = move |tap: usize, at: usize, a: usize| {
            (at * self.stride[a] + tap * self.dilation[a]) as i64 - self.pads[a] as i64
        };
        (0..self.kernel[0]).flat_map(move |i| {
            (0..self.kernel[1]).map(move |j| (i, j, place(i, y, 0), place(j, x, 1)))
        })
    }

    fn attributes(&self) -> Vec<AttributeProto> {
        let list = |values: &[usize]| values.iter().map(|&v| v as i64).collect::<Vec<_>>();
        vec![
            ints("kernel_shape", &list(&self.kernel)),
            ints("strides", &list(&self.stride)),
            ints("dilations", &list(&self.dilation)),
            ints("pads", &list(&self.pads)),
        ]
    }
}

#[test]
fn convolutions_with_every_option() {
    let from = input([4, 9, 11]);
    for (sliding, groups) in [
        (Sliding::PLAIN, 1),
        (Sliding { pads: [1, 1, 1, 1], ..Sliding::PLAIN }, 1),
        (Sliding { stride: [2, 3], pads: [2, 0, 1, 3], ..Sliding::PLAIN }, 2),
        (Sliding { dilation: [2, 3], pads: [2, 3, 2, 3], ..Sliding::PLAIN }, 1),
        (Sliding { kernel: [1, 1], ..Sliding::PLAIN }, 1),
        (Sliding { kernel: [5, 2], stride: [1, 2], ..Sliding::PLAIN }, 4),
    ] {
        let filters = 8;
        let depth = 4 / groups;
        let [kh, kw] = sliding.kernel;
        let weights = noise(filters * depth * kh * kw, 3);
        let bias = noise(filters, 5);
        let [rows, columns] = sliding.size(from.shape);
        let expected = Map::from([filters, rows, columns], |[f, y, x]| {
            let first = f / (filters / groups) * depth;
            let mut sum = bias[f];
            for (i, j, at_y, at_x) in sliding.taps(y, x) {
                for c in 0..depth {
                    let weight = weights[((f * depth + c) * kh + i) * kw + j];
                    sum += weight * from.inside(first + c, at_y, at_x).unwrap_or(0.0);
                }
            }
            sum
        });
        let mut attributes = sliding.attributes();
        attributes.push(int("group", groups as i64));
        let constants: [(&[usize], &[f32]); 2] =
            [(&[filters, depth, kh, kw], &weights), (&[filters], &bias)];
        agrees("Conv", &from, &constants, attributes, &expected);
    }
}

#[test]
fn automatic_padding_keeps_the_size_it_promises() {
    let from = input([1, 7, 8]);
    let ones = [1.0; 9];
    let weights: [(&[usize], &[f32]); 1] = [(&[1, 1, 3, 3], &ones)];
    for (kind, pads) in
        [("SAME_UPPER", [1, 0, 1, 1]), ("SAME_LOWER", [1, 1, 1, 0]), ("VALID", [0; 4])]
    {
        let sliding = Sliding { stride: [2, 2], pads, ..Sliding::PLAIN };
        let [rows, columns] = sliding.size(from.shape);
        let expected = Map::from([1, rows, columns], |[_, y, x]| {
            sliding.taps(y, x).filter_map(|(_, _, y, x)| from.inside(0, y, x)).sum()
        });
        let attributes = vec![text("auto_pad", kind), ints("strides", &[2, 2])];
        agrees("Conv", &from, &weights, attributes, &expected);
    }
}

#[test]
fn pools_with_every_option() {
    let from = input([3, 10, 7]);
    for sliding in [
        Sliding::PLAIN,
        Sliding { kernel: [2, 2], stride: [2, 2], ..Sliding::PLAIN },
        Sliding { stride: [2, 2], pads: [1, 1, 1, 1], ..Sliding::PLAIN },
        Sliding { kernel: [2, 3], stride: [3, 1], pads: [1, 0, 0, 2], ..Sliding::PLAIN },
        Sliding { dilation: [2, 2], pads: [1, 1, 1, 1], ..Sliding::PLAIN },
    ] {
        let [rows, columns] = sliding.size(from.shape);
        let values = |c: usize, y: usize, x: usize| -> Vec<f32> {
            sliding.taps(y, x).filter_map(|(_, _, y, x)| from.inside(c, y, x)).collect()
        };
        let largest = Map::from([3, rows, columns], |[c, y, x]| {
            values(c, y, x).into_iter().fold(f32::NEG_INFINITY, f32::max)
        });
        agrees("MaxPool", &from, &[], sliding.attributes(), &largest);

        let mean = Map::from([3, rows, columns], |[c, y, x]| {
            let values = values(c, y, x);
            values.iter().sum::<f32>() / values.len() as f32
        });
        agrees("AveragePool", &from, &[], sliding.attributes(), &mean);

        let mut attributes = sliding.attributes();
        attributes.push(int("count_include_pad", 1));
        let taps = (sliding.kernel[0] * sliding.kernel[1]) as f32;
        let mean =
            Map::from([3, rows, columns], |[c, y, x]| values(c, y, x).iter().sum::<f32>() / taps);
        agrees("AveragePool", &from, &[], attributes, &mean);
    }
}

#[test]
fn rounding_up_adds_a_last_window_that_counts_only_what_is_there() {
    // 6 rows and 8 columns under windows of 3 that move by 2: rounding down gives 2 x 3, up 3 x 4.
    let from = input([2, 6, 8]);
    let attributes = |more: Vec<AttributeProto>| {
        let mut all =
            vec![ints("kernel_shape", &[3, 3]), ints("strides", &[2, 2]), int("ceil_mode", 1)];
        all.extend(more);
        all
    };
    let sliding = Sliding { stride: [2, 2], pads: [0, 0, 1, 1], ..Sliding::PLAIN };
    let values = |c: usize, y: usize, x: usize| -> Vec<f32> {
        sliding.taps(y, x).filter_map(|(_, _, y, x)| from.inside(c, y, x)).collect()
    };
    let largest =
        Map::from([2, 3, 4], |[c, y, x]| values(c, y, x).into_iter().fold(-9.0, f32::max));
    agrees("MaxPool", &from, &[], attributes(vec![]), &largest);
    let mean = Map::from([2, 3, 4], |[c, y, x]| {
        values(c, y, x).iter().sum::<f32>() / values(c, y, x).len() as f32
    });
    agrees("AveragePool", &from, &[], attributes(vec![]), &mean);
    // Asked-for padding counts, what rounding up adds does not: with pads of 1 in front, rows reach
    // from -1 to 5 and the third window has two of them.
    let padded = attributes(vec![ints("pads", &[1, 1, 0, 0]), int("count_include_pad", 1)]);
    let sliding = Sliding { stride: [2, 2], pads: [1, 1, 1, 1], ..Sliding::PLAIN };
    let mean = Map::from([2, 3, 4], |[c, y, x]| {
        let counted = sliding.taps(y, x).filter(|&(_, _, y, x)| y < 6 && x < 8);
        let values: Vec<f32> =
            counted.map(|(_, _, y, x)| from.inside(c, y, x).unwrap_or(0.0)).collect();
        values.iter().sum::<f32>() / values.len() as f32
    });
    agrees("AveragePool", &from, &[], padded, &mean);
    // A window that would begin in the padding at the far end is left out: 5 rows, not 6.
    let from = input([1, 9, 9]);
    let attributes = vec![
        ints("kernel_shape", &[2, 2]),
        ints("strides", &[2, 2]),
        ints("pads", &[0, 0, 1, 1]),
        int("ceil_mode", 1),
    ];
    let largest = Map::from([1, 5, 5], |[c, y, x]| {
        let four = [(0, 0), (0, 1), (1, 0), (1, 1)];
        let four = four.map(|(i, j)| from.inside(c, (2 * y + i) as i64, (2 * x + j) as i64));
        four.into_iter().flatten().fold(-9.0, f32::max)
    });
    agrees("MaxPool", &from, &[], attributes, &largest);
}

#[test]
fn transposed_convolutions_spread_their_input() {
    let from = input([4, 5, 4]);
    for (stride, pads, output_padding, dilation, groups) in [
        ([1, 1], [0; 4], [0, 0], [1, 1], 1),
        ([2, 2], [1, 1, 1, 1], [1, 1], [1, 1], 1),
        ([3, 2], [0, 1, 2, 0], [0, 0], [2, 1], 2),
    ] {
        let depth = 3;
        let weights = noise(4 * depth * 9, 11);
        let bias = noise(depth * groups, 13);
        let whole = [0, 1].map(|a| stride[a] * (from.shape[1 + a] - 1) + dilation[a] * 2 + 1);
        let size = [0, 1].map(|a| whole[a] + output_padding[a] - pads[a] - pads[2 + a]);
        let mut expected = Map::from([depth * groups, size[0], size[1]], |[f, _, _]| bias[f]);
        for c in 0..4 {
            for f in 0..depth {
                for (y, x, i, j) in (0..5 * 4 * 9).map(|n| (n / 36, n / 9 % 4, n / 3 % 3, n % 3)) {
                    let at_y = (y * stride[0] + i * dilation[0]).wrapping_sub(pads[0]);
                    let at_x = (x * stride[1] + j * dilation[1]).wrapping_sub(pads[1]);
                    if at_y < size[0] && at_x < size[1] {
                        let filter = c / (4 / groups) * depth + f;
                        let place = (filter * size[0] + at_y) * size[1] + at_x;
                        let weight = weights[((c * depth + f) * 3 + i) * 3 + j];
                        expected.values[place] += weight * from.at([c, y, x]);
                    }
                }
            }
        }
        let list = |values: &[usize]| values.iter().map(|&v| v as i64).collect::<Vec<_>>();
        let attributes = vec![
            ints("strides", &list(&stride)),
            ints("pads", &list(&pads)),
            ints("output_padding", &list(&output_padding)),
            ints("dilations", &list(&dilation)),
            int("group", groups as i64),
        ];
        let constants: [(&[usize], &[f32]); 2] =
            [(&[4, depth, 3, 3], &weights), (&[depth * groups], &bias)];
        agrees("ConvTranspose", &from, &constants, attributes, &expected);
    }
}

#[test]
fn activations() {
    let from = input([2, 5, 5]).map(|v| 4.0 * v);
    let sigmoid = |v: f32| 1.0 / (1.0 + (-v).exp());
    let check = |operator: &str, attributes: Vec<AttributeProto>, f: &dyn Fn(f32) -> f32| {
        agrees(operator, &from, &[], attributes, &from.map(f));
    };
    check("Relu", vec![], &|v| v.max(0.0));
    check("Sigmoid", vec![], &sigmoid);
    check("Tanh", vec![], &f32::tanh);
    check("Abs", vec![], &f32::abs);
    check("Neg", vec![], &|v| -v);
    check("Exp", vec![], &f32::exp);
    check("Softplus", vec![], &|v| v.exp().ln_1p());
    check("HardSwish", vec![], &|v| v * (v / 6.0 + 0.5).clamp(0.0, 1.0));
    check("LeakyRelu", vec![float("alpha", 0.3)], &|v| if v < 0.0 { 0.3 * v } else { v });
    check("LeakyRelu", vec![], &|v| if v < 0.0 { 0.01 * v } else { v });
    check("Elu", vec![float("alpha", 0.5)], &|v| if v < 0.0 { 0.5 * v.exp_m1() } else { v });
    check("HardSigmoid", vec![], &|v| (0.2 * v + 0.5).clamp(0.0, 1.0));
    for (operator, attributes) in [
        ("Identity", vec![]),
        ("Dropout", vec![float("ratio", 0.5)]),
        ("Cast", vec![int("to", DataType::Float as i64)]),
    ] {
        let same = sketch(from.shape).node(operator, &["x"], "s", attributes);
        agree(&run(&same.node("Neg", &["s"], "y", vec![]).output("y"), &from), &from.map(|v| -v));
    }
    agrees("Sqrt", &from.map(f32::abs), &[], vec![], &from.map(|v| v.abs().sqrt()));
    let bounds: [(&[usize], &[f32]); 2] = [(&[], &[-1.0]), (&[], &[2.0])];
    agrees("Clip", &from, &bounds, vec![], &from.map(|v| v.clamp(-1.0, 2.0)));
    agrees("Clip", &from, &bounds[..1], vec![], &from.map(|v| v.max(-1.0)));
    let exponent: [(&[usize], &[f32]); 1] = [(&[], &[3.0])];
    agrees("Pow", &from, &exponent, vec![], &from.map(|v| v.powi(3)));
    let exponent: [(&[usize], &[f32]); 1] = [(&[1], &[0.5])];
    agrees("Pow", &from.map(f32::abs), &exponent, vec![], &from.map(|v| v.abs().sqrt()));
    let other = sketch(from.shape).floats("k", &[], &[2.5]);
    let other = other.node("Pow", &["x", "k"], "y", vec![]).output("y");
    refused(&other.bytes(), &["Pow", "exponent"]);
    let upper = sketch(from.shape).floats("k", &[], &[2.0]);
    let upper = upper.node("Clip", &["x", "", "k"], "y", vec![]).output("y");
    agree(&run(&upper, &from), &from.map(|v| v.min(2.0)));
    let before = sketch(from.shape).opset(9);
    let before = before.node("Clip", &["x"], "y", vec![float("min", 0.0), float("max", 1.0)]);
    agree(&run(&before.output("y"), &from), &from.map(|v| v.clamp(0.0, 1.0)));
}

#[test]
fn prelu_slopes_stretch_over_their_channel() {
    let from = input([3, 4, 4]);
    let slopes = [0.1, 0.5, -0.2];
    let expected = Map::from(from.shape, |at| {
        let value = from.at(at);
        if value < 0.0 { slopes[at[0]] * value } else { value }
    });
    let constants: [(&[usize], &[f32]); 1] = [(&[3, 1, 1], &slopes)];
    agrees("PRelu", &from, &constants, vec![], &expected);
}

#[test]
fn arithmetic_stretches_sizes_of_one() {
    let from = input([3, 4, 5]);
    let row = noise(5, 17).iter().map(|v| v + 2.0).collect::<Vec<_>>();
    let check = |operator: &str, f: &dyn Fn(f32, f32) -> f32| {
        let expected = Map::from(from.shape, |at| f(from.at(at), row[at[2]]));
        agrees(operator, &from, &[(&[5], &row)], vec![], &expected);
        let per_channel = Map::from(from.shape, |at| f(from.at(at), row[at[0]]));
        agrees(operator, &from, &[(&[1, 3, 1, 1], &row[..3])], vec![], &per_channel);
        let twice = Map::from(from.shape, |at| f(from.at(at), 2.0));
        agrees(operator, &from, &[(&[], &[2.0])], vec![], &twice);
    };
    check("Add", &|a, b| a + b);
    check("Sub", &|a, b| a - b);
    check("Mul", &|a, b| a * b);
    check("Div", &|a, b| a / b);
    check("Max", &f32::max);
    check("Min", &f32::min);
    check("Sum", &|a, b| a + b);
    let three = sketch(from.shape).node("Sum", &["x", "x", "x"], "y", vec![]).output("y");
    agree(&run(&three, &from), &from.map(|v| 3.0 * v));
    let apart = sketch(from.shape).floats("k", &[2], &[0.0; 2]);
    refused(&apart.node("Add", &["x", "k"], "y", vec![]).output("y").bytes(), &["do not fit"]);
}

#[test]
fn normalisations() {
    let from = input([4, 3, 3]);
    let [scale, bias, mean] = [1, 2, 3].map(|seed| noise(4, seed));
    let variance: Vec<f32> = noise(4, 4).iter().map(|v| v.abs() + 0.5).collect();
    let expected = Map::from(from.shape, |at| {
        let c = at[0];
        (from.at(at) - mean[c]) / (variance[c] + 1e-3).sqrt() * scale[c] + bias[c]
    });
    let four: [usize; 1] = [4];
    let constants: [(&[usize], &[f32]); 4] =
        [(&four, &scale), (&four, &bias), (&four, &mean), (&four, &variance)];
    agrees("BatchNormalization", &from, &constants, vec![float("epsilon", 1e-3)], &expected);

    let moments = |c: usize| {
        let plane = &from.values[9 * c..9 * c + 9];
        let mean = plane.iter().sum::<f32>() / 9.0;
        (mean, plane.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / 9.0)
    };
    let expected = Map::from(from.shape, |at| {
        let (mean, variance) = moments(at[0]);
        (from.at(at) - mean) / (variance + 1e-5).sqrt() * scale[at[0]] + bias[at[0]]
    });
    agrees("InstanceNormalization", &from, &constants[..2], vec![], &expected);

    // ONNX's formula divides alpha by the size (*dp-activations*, equation 4, does not: whoever converts must).
    let (size, alpha, beta, plus) = (3, 0.5, 0.75, 2.0);
    let expected = Map::from(from.shape, |[c, y, x]| {
        let near = c.saturating_sub(size / 2)..=(c + size / 2).min(3);
        let squares: f32 = near.map(|c| from.at([c, y, x]).powi(2)).sum();
        from.at([c, y, x]) / (plus + alpha / size as f32 * squares).powf(beta)
    });
    let attributes = || vec![float("alpha", alpha), float("beta", beta), float("bias", plus)];
    let with_size = |size| [attributes(), vec![int("size", size)]].concat();
    agrees("LRN", &from, &[], with_size(3), &expected);
    for size in [0, 2, -1, 99] {
        let even = sketch(from.shape).node("LRN", &["x"], "y", with_size(size)).output("y");
        refused(&even.bytes(), &["LRN", "size must be odd"]);
    }
}

#[test]
fn reductions_and_softmax() {
    let from = input([3, 4, 5]);
    let plane = |c: usize| &from.values[20 * c..20 * c + 20];
    let mean = Map::from([3, 1, 1], |[c, ..]| plane(c).iter().sum::<f32>() / 20.0);
    let largest = Map::from([3, 1, 1], |[c, ..]| plane(c).iter().fold(-9.0, |a, &b| a.max(b)));
    let least = Map::from([3, 1, 1], |[c, ..]| plane(c).iter().fold(9.0, |a, &b| a.min(b)));
    let space = || vec![ints("axes", &[-1, 2])];
    agrees("GlobalAveragePool", &from, &[], vec![], &mean);
    agrees("GlobalMaxPool", &from, &[], vec![], &largest);
    agrees("ReduceMean", &from, &[], space(), &mean);
    agrees("ReduceMax", &from, &[], space(), &largest);
    agrees("ReduceMin", &from, &[], space(), &least);
    let flat = vec![ints("axes", &[2, 3]), int("keepdims", 0)];
    agrees("ReduceMean", &from, &[], flat, &mean);
    let sum = sketch(from.shape).integers("a", &[2, 3]);
    let sum = sum.node("ReduceSum", &["x", "a"], "y", vec![]).output("y");
    agree(&run(&sum, &from), &mean.map(|v| 20.0 * v));
    // From operator set 18 on every reduction takes its axes as an input.
    let late = sketch(from.shape).opset(18).integers("a", &[2, 3]);
    let late = late.node("ReduceMean", &["x", "a"], "y", vec![]).output("y");
    agree(&run(&late, &from), &mean);
    let nothing = sketch(from.shape).opset(18);
    let empty = vec![int("noop_with_empty_axes", 1)];
    let nothing = nothing.node("ReduceMean", &["x"], "r", empty).node("Neg", &["r"], "y", vec![]);
    agree(&run(&nothing.output("y"), &from), &from.map(|v| -v));

    let sum = |[_, y, x]: [usize; 3]| (0..3).map(|c| from.at([c, y, x]).exp()).sum::<f32>();
    let softmax = Map::from(from.shape, |at| from.at(at).exp() / sum(at));
    agrees("Softmax", &from, &[], vec![int("axis", 1)], &softmax);
    agrees("LogSoftmax", &from, &[], vec![int("axis", 1)], &softmax.map(f32::ln));
    let early = sketch(from.shape).opset(11).node("Softmax", &["x"], "y", vec![]).output("y");
    refused(&early.bytes(), &["Softmax", "several axes"]);
}

#[test]
fn padding() {
    let from = input([2, 4, 5]);
    let pads = [0, 0, 1, 2, 0, 0, 3, 1];
    let places = |[c, y, x]: [usize; 3]| (c, y as i64 - 1, x as i64 - 2);
    let padded = |mode: &str, value: &[f32]| {
        let sketch = sketch(from.shape).integers("p", &pads).floats("v", &[], &[value[0]]);
        let node = sketch.node("Pad", &["x", "p", "v"], "y", vec![text("mode", mode)]);
        run(&node.output("y"), &from)
    };
    let constant = Map::from([2, 8, 8], |at| {
        let (c, y, x) = places(at);
        from.inside(c, y, x).unwrap_or(0.25)
    });
    agree(&padded("constant", &[0.25]), &constant);
    let edge = Map::from([2, 8, 8], |at| {
        let (c, y, x) = places(at);
        from.at([c, y.clamp(0, 3) as usize, x.clamp(0, 4) as usize])
    });
    agree(&padded("edge", &[0.0]), &edge);
    let mirror = |at: i64, last: i64| (if at > last { 2 * last - at } else { at.abs() }) as usize;
    let reflect = Map::from([2, 8, 8], |at| {
        let (c, y, x) = places(at);
        from.at([c, mirror(y, 3), mirror(x, 4)])
    });
    agree(&padded("reflect", &[0.0]), &reflect);
    let early = sketch(from.shape).opset(10);
    let attributes = vec![ints("pads", &pads), float("value", 0.25)];
    agree(&run(&early.node("Pad", &["x"], "y", attributes).output("y"), &from), &constant);
    let two = sketch(from.shape).opset(18).integers("p", &[2, 1, 1, 3]).integers("a", &[3, -2]);
    let two = two.floats("v", &[], &[0.25]).node("Pad", &["x", "p", "v", "a"], "y", vec![]);
    agree(&run(&two.output("y"), &from), &constant);
    let far = sketch(from.shape).integers("p", &[0, 0, 4, 0, 0, 0, 0, 0]);
    let far = far.node("Pad", &["x", "p"], "y", vec![text("mode", "reflect")]).output("y");
    refused(&far.bytes(), &["from 0 to 3"]);
    let wrapped = sketch(from.shape).integers("p", &pads);
    let wrapped = wrapped.node("Pad", &["x", "p"], "y", vec![text("mode", "wrap")]).output("y");
    refused(&wrapped.bytes(), &["\"wrap\""]);
}

#[test]
fn layout() {
    let from = input([4, 3, 2]);
    let turned = Map::from([2, 4, 3], |[x, c, y]| from.at([c, y, x]));
    agrees("Transpose", &from, &[], vec![ints("perm", &[0, 3, 1, 2])], &turned);
    let flat = Map { shape: [24, 1, 1], values: from.values.clone() };
    agrees("Flatten", &from, &[], vec![], &flat);
    let reshaped = Map { shape: [2, 6, 2], values: from.values.clone() };
    let reshape = sketch(from.shape).integers("s", &[0, 2, -1, 2]);
    agree(&run(&reshape.node("Reshape", &["x", "s"], "y", vec![]).output("y"), &from), &reshaped);
    let joined = Map::from([8, 3, 2], |[c, y, x]| from.at([c % 4, y, x]));
    agrees_twice("Concat", &from, vec![int("axis", 1)], &joined);
    let there_and_back = sketch(from.shape).integers("a", &[0]).integers("b", &[-4]);
    let there_and_back = there_and_back
        .node("Squeeze", &["x", "a"], "s", vec![])
        .node("Unsqueeze", &["s", "b"], "y", vec![])
        .output("y");
    agree(&run(&there_and_back, &from), &from);
    let early = sketch(from.shape).opset(11);
    let early = early
        .node("Squeeze", &["x"], "s", vec![])
        .node("Unsqueeze", &["s"], "y", vec![ints("axes", &[0])])
        .output("y");
    agree(&run(&early, &from), &from);

    let sliced = Map::from([2, 2, 2], |[c, y, x]| from.at([1 + 2 * c, y + 1, x]));
    let slice = sketch(from.shape)
        .integers("s", &[1, -2])
        .integers("e", &[i64::MAX, 3])
        .integers("a", &[1, 2])
        .integers("t", &[2, 1]);
    let slice = slice.node("Slice", &["x", "s", "e", "a", "t"], "y", vec![]).output("y");
    agree(&run(&slice, &from), &sliced);
    let early = sketch(from.shape).opset(9);
    let attributes = vec![ints("starts", &[1]), ints("ends", &[3]), ints("axes", &[1])];
    let middle = Map::from([2, 3, 2], |[c, y, x]| from.at([c + 1, y, x]));
    agree(&run(&early.node("Slice", &["x"], "y", attributes).output("y"), &from), &middle);

    let mut split = sketch(from.shape).node("Split", &["x"], "low", vec![int("axis", 1)]);
    split.graph().node[0].output.push("high".into());
    let split = split.node("Sub", &["high", "low"], "y", vec![]).output("y");
    let difference = Map::from([2, 3, 2], |[c, y, x]| from.at([c + 2, y, x]) - from.at([c, y, x]));
    agree(&run(&split, &from), &difference);
    let mut uneven = sketch(from.shape).integers("s", &[1, 3]);
    uneven = uneven.node("Split", &["x", "s"], "low", vec![int("axis", 1)]);
    uneven.graph().node[0].output.push("y".into());
    let high = Map::from([3, 3, 2], |[c, y, x]| from.at([c + 1, y, x]));
    agree(&run(&uneven.output("y"), &from), &high);
}

fn agrees_twice(operator: &str, from: &Map, attributes: Vec<AttributeProto>, expected: &Map) {
    let twice = sketch(from.shape).node(operator, &["x", "x"], "y", attributes).output("y");
    agree(&run(&twice, from), expected);
}

#[test]
fn matrix_products() {
    let from = input([6, 1, 1]);
    let weights = noise(24, 19);
    let bias = noise(4, 23);
    let dense = Map::from([4, 1, 1], |[f, ..]| {
        0.5 * (0..6).map(|c| from.values[c] * weights[f * 6 + c]).sum::<f32>() + 2.0 * bias[f]
    });
    let flat = || sketch(from.shape).node("Flatten", &["x"], "f", vec![]).floats("b", &[4], &bias);
    let gemm = flat().floats("w", &[4, 6], &weights);
    let attributes = vec![int("transB", 1), float("alpha", 0.5), float("beta", 2.0)];
    agree(&run(&gemm.node("Gemm", &["f", "w", "b"], "y", attributes).output("y"), &from), &dense);
    let turned: Vec<f32> = (0..24).map(|i| 0.5 * weights[i % 4 * 6 + i / 4]).collect();
    let matmul = flat().floats("w", &[6, 4], &turned).floats("two", &[], &[2.0]);
    let matmul = matmul
        .node("MatMul", &["f", "w"], "m", vec![])
        .node("Mul", &["b", "two"], "b2", vec![])
        .node("Add", &["m", "b2"], "y", vec![])
        .output("y");
    agree(&run(&matmul, &from), &dense);
    let apart = flat().floats("w", &[5, 4], &turned[..20]);
    let apart = apart.node("MatMul", &["f", "w"], "y", vec![]).output("y");
    refused(&apart.bytes(), &["do not fit together"]);
    let apart = flat().floats("w", &[5, 4], &turned[..20]);
    refused(&apart.node("Gemm", &["f", "w"], "y", vec![]).output("y").bytes(), &["do not fit"]);

    let from = input([2, 3, 4]);
    let right = noise(20, 29);
    let product = Map::from([2, 3, 5], |[c, y, x]| {
        (0..4).map(|k| from.at([c, y, k]) * right[k * 5 + x]).sum()
    });
    agrees("MatMul", &from, &[(&[4, 5], &right)], vec![], &product);
}

#[test]
fn resizing() {
    let from = input([2, 4, 5]);
    let doubled = Map::from([2, 8, 10], |[c, y, x]| from.at([c, y / 2, x / 2]));
    let asymmetric = || {
        vec![text("coordinate_transformation_mode", "asymmetric"), text("nearest_mode", "floor")]
    };
    let scaled = |attributes: Vec<AttributeProto>| {
        let sketch = sketch(from.shape).floats("s", &[4], &[1.0, 1.0, 2.0, 2.0]);
        run(&sketch.node("Resize", &["x", "", "s"], "y", attributes).output("y"), &from)
    };
    agree(&scaled(asymmetric()), &doubled);
    let sized = sketch(from.shape).integers("s", &[1, 2, 8, 10]);
    let sized = sized.node("Resize", &["x", "", "", "s"], "y", asymmetric()).output("y");
    agree(&run(&sized, &from), &doubled);
    let early = sketch(from.shape).opset(9).floats("s", &[4], &[1.0, 1.0, 2.0, 2.0]);
    agree(&run(&early.node("Upsample", &["x", "s"], "y", vec![]).output("y"), &from), &doubled);

    let linear = |place: &dyn Fn(usize, usize) -> f32| {
        Map::from([2, 8, 10], |[c, y, x]| {
            let at = |at: f32, size: usize| {
                let at = at.clamp(0.0, (size - 1) as f32);
                (at as usize, (at as usize + 1).min(size - 1), at.fract())
            };
            let ((y0, y1, fy), (x0, x1, fx)) = (at(place(y, 0), 4), at(place(x, 1), 5));
            let row = |y| (1.0 - fx) * from.at([c, y, x0]) + fx * from.at([c, y, x1]);
            (1.0 - fy) * row(y0) + fy * row(y1)
        })
    };
    let attributes = |coordinates: &str| {
        vec![text("mode", "linear"), text("coordinate_transformation_mode", coordinates)]
    };
    agree(&scaled(attributes("half_pixel")), &linear(&|at, _| (at as f32 + 0.5) / 2.0 - 0.5));
    let corners = |at: usize, axis: usize| at as f32 * [3.0 / 7.0, 4.0 / 9.0][axis];
    agree(&scaled(attributes("align_corners")), &linear(&corners));

    let cubic = sketch(from.shape).floats("s", &[4], &[1.0, 1.0, 2.0, 2.0]);
    let cubic = cubic.node("Resize", &["x", "", "s"], "y", vec![text("mode", "cubic")]).output("y");
    refused(&cubic.bytes(), &["\"cubic\"", "nearest, linear"]);
}

#[test]
fn eight_bit_weights_are_scaled_by_tensor_or_by_channel() {
    let from = input([2, 2, 2]);
    let bytes: Vec<u8> = vec![0, 128, 255, 7, 200, 100];
    let scales = [0.5, 0.25, 2.0];
    let points = [128, 0, 255];
    for (kind, per_channel) in
        [(DataType::Uint8, true), (DataType::Uint8, false), (DataType::Int8, true)]
    {
        let number = |byte: u8| match kind {
            DataType::Int8 => f32::from(byte as i8),
            _ => f32::from(byte),
        };
        let many = if per_channel { 3 } else { 1 };
        let weight = |f: usize, c: usize| {
            let channel = if per_channel { f } else { 0 };
            (number(bytes[f * 2 + c]) - number(points[channel])) * scales[channel]
        };
        let expected = Map::from([3, 2, 2], |[f, y, x]| {
            (0..2).map(|c| 3.0 * weight(f, c) * from.at([c, y, x])).sum()
        });
        let shape: &[usize] = if per_channel { &[3] } else { &[] };
        let sketch = sketch(from.shape)
            .bytes_of("q", &[3, 2, 1, 1], kind, &bytes)
            .bytes_of("z", shape, kind, &points[..many])
            .floats("s", shape, &scales[..many])
            .floats("three", &[3, 1, 1, 1], &[3.0; 3])
            .floats("zero", &[1], &[0.0])
            .node("DequantizeLinear", &["q", "s", "z"], "d", vec![int("axis", 0)])
            .node("Mul", &["d", "three"], "m", vec![])
            .node("Sub", &["m", "zero"], "w", vec![])
            .node("Conv", &["x", "w"], "y", vec![])
            .output("y");
        agree(&run(&sketch, &from), &expected);
    }
    let other = sketch(from.shape)
        .bytes_of("q", &[3, 2, 1, 1], DataType::Uint8, &bytes)
        .floats("s", &[2], &scales[..2])
        .node("DequantizeLinear", &["q", "s"], "w", vec![int("axis", 0)])
        .node("Conv", &["x", "w"], "y", vec![])
        .output("y");
    refused(&other.bytes(), &["DequantizeLinear", "2 scales"]);
    let activations = sketch(from.shape).floats("s", &[], &[1.0]);
    let activations = activations.node("DequantizeLinear", &["x", "s"], "y", vec![]).output("y");
    refused(&activations.bytes(), &["constant 8-bit weights"]);
    let unscaled = sketch(from.shape).bytes_of("q", &[2, 2], DataType::Uint8, &bytes[..4]);
    let unscaled = unscaled.node("Add", &["x", "q"], "y", vec![]).output("y");
    refused(&unscaled.bytes(), &["integers"]);
}

#[test]
fn numbers_may_come_in_fields_of_their_own() {
    let from = input([2, 2, 2]);
    let mut sketch = sketch(from.shape).node("Add", &["x", "k"], "a", vec![]);
    sketch = sketch.node("Reshape", &["a", "s"], "r", vec![]);
    sketch = sketch.node("DequantizeLinear", &["q", "f"], "d", vec![]);
    sketch = sketch.node("Add", &["r", "d"], "y", vec![]).output("y");
    let graph = sketch.graph();
    for (name, kind, shape) in [
        ("k", DataType::Float, vec![1]),
        ("s", DataType::Int64, vec![4]),
        ("q", DataType::Int8, vec![2]),
        ("f", DataType::Float, vec![]),
    ] {
        graph.initializer.push(tensor(name, &shape, kind, vec![]));
    }
    graph.initializer[0].float_data = vec![1.0];
    graph.initializer[1].int64_data = vec![1, 2, 2, 2];
    graph.initializer[2].int32_data = vec![1, -1];
    graph.initializer[3].float_data = vec![0.5];
    let expected = Map::from([2, 2, 2], |at| from.at(at) + 1.0 + [0.5, -0.5][at[2]]);
    agree(&run(&sketch, &from), &expected);
}

#[test]
fn constants_and_the_arithmetic_of_shapes() {
    // What older PyTorch writes for `x.view(x.size(0), -1)`, and constants of every sort.
    let from = input([3, 2, 2]);
    let constant = |name: &str, attribute: AttributeProto, sketch: Sketch| {
        sketch.node("Constant", &[], name, vec![attribute])
    };
    let mut value =
        crate::sketch::attribute("value", tract_onnx::pb::attribute_proto::AttributeType::Tensor);
    value.t = Some(tensor("", &[], DataType::Int64, 0i64.to_le_bytes().to_vec()));
    let mut sketch = constant("zero", value, sketch(from.shape));
    sketch = constant("minus", int("value_int", -1), sketch);
    sketch = constant("axes", ints("value_ints", &[0]), sketch);
    sketch = constant("half", float("value_float", 0.5), sketch);
    let mut list = crate::sketch::attribute(
        "value_floats",
        tract_onnx::pb::attribute_proto::AttributeType::Floats,
    );
    list.floats = vec![1.0];
    sketch = constant("one", list, sketch);
    let sketch = sketch
        .node("Shape", &["x"], "shape", vec![])
        .node("Gather", &["shape", "zero"], "batch", vec![int("axis", 0)])
        .node("Cast", &["batch"], "batch64", vec![int("to", DataType::Int64 as i64)])
        .node("Unsqueeze", &["batch64", "axes"], "first", vec![])
        .node("Unsqueeze", &["minus", "axes"], "second", vec![])
        .node("Concat", &["first", "second"], "to", vec![int("axis", 0)])
        .node("Reshape", &["x", "to"], "flat", vec![])
        .node("Mul", &["flat", "half"], "halved", vec![])
        .node("Add", &["halved", "one"], "y", vec![])
        .output("y");
    let expected = Map { shape: [12, 1, 1], values: from.map(|v| v / 2.0 + 1.0).values };
    agree(&run(&sketch, &from), &expected);
    // What Upsample to twice the size becomes: a shape, sliced and joined.
    let sizes = Sketch::new(&[1, 3, 2, 2])
        .integers("two", &[0])
        .integers("end", &[2])
        .integers("doubled", &[4, 4])
        .node("Shape", &["x"], "shape", vec![])
        .node("Slice", &["shape", "two", "end"], "start", vec![])
        .node("Concat", &["start", "doubled"], "sizes", vec![int("axis", 0)])
        .node(
            "Resize",
            &["x", "", "", "sizes"],
            "y",
            vec![
                text("coordinate_transformation_mode", "asymmetric"),
                text("nearest_mode", "floor"),
            ],
        )
        .output("y");
    let expected = Map::from([3, 4, 4], |[c, y, x]| from.at([c, y / 2, x / 2]));
    agree(&run(&sizes, &from), &expected);
}

#[test]
fn constant_weights_may_be_turned_and_reshaped() {
    let from = input([3, 2, 2]);
    let weights = noise(6, 31);
    let sketch = sketch(from.shape)
        .floats("w", &[3, 2], &weights)
        .integers("s", &[2, 3, 1, 1])
        .node("Transpose", &["w"], "t", vec![])
        .node("Identity", &["t"], "i", vec![])
        .node("Reshape", &["i", "s"], "k", vec![])
        .node("Conv", &["x", "k"], "y", vec![])
        .output("y");
    let expected = Map::from([2, 2, 2], |[f, y, x]| {
        (0..3).map(|c| weights[c * 2 + f] * from.at([c, y, x])).sum()
    });
    agree(&run(&sketch, &from), &expected);
}

#[test]
fn an_unused_mask_is_no_matter_a_used_one_is() {
    let from = input([1, 2, 2]);
    let mut masked = sketch(from.shape).node("Dropout", &["x"], "d", vec![]);
    masked.graph().node[0].output.push("mask".into());
    agree(
        &run(&masked.clone().node("Relu", &["d"], "y", vec![]).output("y"), &from),
        &from.map(|v| v.max(0.0)),
    );
    let used = masked.node("Add", &["d", "mask"], "y", vec![]).output("y");
    refused(&used.bytes(), &["\"mask\"", "not defined"]);
    let trained = sketch(from.shape).floats("r", &[], &[0.5]).floats("t", &[], &[1.0]);
    let trained = trained.node("Dropout", &["x", "r", "t"], "y", vec![]).output("y");
    refused(&trained.bytes(), &["training mode"]);
}
