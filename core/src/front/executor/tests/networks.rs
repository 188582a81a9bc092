//! Random small networks of everything at once.

use proptest::prelude::*;

use super::sketch::{Sketch, sees, window};
use crate::front::graph::ValueId;
use crate::front::operator::{Activation, Arithmetic, Operator, Window};

/// One layer, as far as it does not depend on what comes before it.
#[derive(Clone, Debug)]
enum Layer {
    Convolution {
        outputs: usize,
        window: Drawn,
        grouped: bool,
    },
    Depthwise {
        window: Drawn,
    },
    Pool {
        window: Drawn,
        mean: bool,
    },
    Activation(Activation),
    Square,
    /// With the map before, where that has the same size: joined or added.
    Join,
    Add,
}

/// A window whose padding keeps it on a map of any size.
#[derive(Clone, Copy, Debug)]
struct Drawn {
    kernel: usize,
    stride: usize,
    dilation: usize,
    pad: bool,
}

impl Drawn {
    /// For a map of these sizes: no wider than the map and its padding.
    fn over(self, rows: usize, columns: usize) -> Window {
        let pad = if self.pad { self.kernel / 2 * self.dilation } else { 0 };
        let least = rows.min(columns) + 2 * pad;
        let dilation = if self.dilation * (self.kernel - 1) < least { self.dilation } else { 1 };
        let kernel = self.kernel.min((least - 1) / dilation + 1);
        window(kernel, self.stride, dilation, pad.min(kernel / 2 * dilation))
    }
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let kernel = prop_oneof![4 => Just(3usize), 2 => Just(1usize), 3 => 1usize..12];
    (kernel, prop_oneof![3 => Just(1usize), 1 => 1usize..5], 1usize..3, any::<bool>())
        .prop_map(|(kernel, stride, dilation, pad)| Drawn { kernel, stride, dilation, pad })
}

fn layer() -> impl Strategy<Value = Layer> {
    let activation = prop::sample::select(vec![
        Activation::Relu,
        Activation::LeakyRelu { alpha: 0.2 },
        Activation::Clip { low: Some(-0.5), high: Some(0.5) },
        Activation::Sigmoid,
        Activation::Tanh,
        Activation::HardSwish,
    ]);
    prop_oneof![
        5 => (1usize..50, drawn(), any::<bool>()).prop_map(|(outputs, window, grouped)| {
            Layer::Convolution { outputs, window, grouped }
        }),
        1 => drawn().prop_map(|window| Layer::Depthwise { window }),
        2 => (drawn(), any::<bool>()).prop_map(|(window, mean)| Layer::Pool { window, mean }),
        4 => activation.prop_map(Layer::Activation),
        1 => Just(Layer::Square),
        1 => Just(Layer::Join),
        2 => Just(Layer::Add),
    ]
}

fn lay(sketch: &mut Sketch, layer: Layer, before: ValueId, last: ValueId) -> ValueId {
    let [channels, rows, columns] = sketch.shape(last);
    let same = sketch.shape(before)[1..] == [rows, columns];
    match layer {
        Layer::Convolution { outputs, window, grouped } => {
            let groups = if grouped { 2 } else { 1 };
            let groups = if channels.is_multiple_of(groups) { groups } else { 1 };
            sketch.convolution(last, outputs * groups, window.over(rows, columns), groups)
        }
        Layer::Depthwise { window } => {
            sketch.convolution(last, channels, window.over(rows, columns), channels)
        }
        Layer::Pool { window, mean } => {
            let padded = window.over(rows, columns);
            let window = if sees(&padded, [rows, columns]) {
                padded
            } else {
                Drawn { pad: false, ..window }.over(rows, columns)
            };
            sketch.pool(last, window, mean)
        }
        Layer::Activation(activation) => sketch.activation(last, activation),
        Layer::Square => {
            sketch.arithmetic(Arithmetic::Multiply, [last, last], [channels, rows, columns])
        }
        Layer::Join if same && channels < 100 => {
            let joined = channels + sketch.shape(before)[0];
            let join = Operator::Concatenate { axis: 1 };
            sketch.node(join, vec![before, last], [joined, rows, columns])
        }
        Layer::Add if same && sketch.shape(before)[0] == channels => {
            sketch.arithmetic(Arithmetic::Add, [before, last], [channels, rows, columns])
        }
        Layer::Join | Layer::Add => sketch.activation(last, Activation::Relu),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn small_networks(
        channels in 1usize..20,
        (rows, columns) in (1usize..20, 1usize..30),
        layers in prop::collection::vec(layer(), 1..7),
        seed: u64,
    ) {
        let mut sketch = Sketch::new(channels, rows, columns, seed);
        let (mut before, mut last) = (ValueId(0), ValueId(0));
        for layer in layers {
            (before, last) = (last, lay(&mut sketch, layer, before, last));
        }
        sketch.check();
    }
}
