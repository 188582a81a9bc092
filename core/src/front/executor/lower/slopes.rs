//! Which values are another with one slope for positive numbers and one for negative ones: PReLU as
//! frameworks spell it that have no node for it, such as `relu(x) + a * (x - |x|) / 2`.

use std::collections::HashMap;

use crate::front::executor::kernels::MOST_CHANNELS;
use crate::front::executor::shape::{fit, sizes};
use crate::front::graph::{Graph, Node, ValueId};
use crate::front::operator::{Activation, Arithmetic, Operator};

/// A value seen as another with slopes: one number, or one a channel, of each sign.
#[derive(Clone)]
struct View {
    base: ValueId,
    positive: Vec<f32>,
    negative: Vec<f32>,
}

/// The sums and differences that are another value with slopes of which the positive is 1: that
/// value, and the slopes of negative numbers.
pub(super) fn slopes(graph: &Graph) -> HashMap<ValueId, (ValueId, Vec<f32>)> {
    let mut found = HashMap::new();
    let mut views: HashMap<ValueId, View> = HashMap::new();
    for node in &graph.nodes {
        let Some(view) = view(graph, &views, node) else { continue };
        let joins =
            matches!(node.operator, Operator::Arithmetic(Arithmetic::Add | Arithmetic::Subtract));
        if joins && view.positive.iter().all(|slope| *slope == 1.0) {
            found.insert(node.output, (view.base, view.negative.clone()));
        }
        views.insert(node.output, view);
    }
    found
}

fn view(graph: &Graph, views: &HashMap<ValueId, View>, node: &Node) -> Option<View> {
    let input = node.inputs[0];
    let kink = |positive: f32, negative: f32| {
        Some(View { base: input, positive: vec![positive], negative: vec![negative] })
    };
    match &node.operator {
        Operator::Activation(Activation::Relu) => kink(1.0, 0.0),
        Operator::Activation(Activation::Abs) => kink(1.0, -1.0),
        Operator::Activation(Activation::Neg) => Some(views.get(&input)?.scaled(&[-1.0])),
        Operator::Arithmetic(Arithmetic::Multiply) => {
            let (a, b) = (input, node.inputs[1]);
            let (view, scale) = match (views.get(&a), views.get(&b)) {
                (Some(view), None) => (view, b),
                (None, Some(view)) => (view, a),
                _ => return None,
            };
            Some(view.scaled(&by_channel(graph, scale, node.output)?))
        }
        Operator::Arithmetic(arithmetic @ (Arithmetic::Add | Arithmetic::Subtract)) => {
            let of = |id: ValueId, other: ValueId| match views.get(&id) {
                Some(view) => Some(view.clone()),
                // The value itself beside a view of it.
                None => (views.get(&other)?.base == id).then(|| View {
                    base: id,
                    positive: vec![1.0],
                    negative: vec![1.0],
                }),
            };
            let (a, b) = (of(input, node.inputs[1])?, of(node.inputs[1], input)?);
            let same = graph.shape(a.base) == graph.shape(node.output);
            let sign = if *arithmetic == Arithmetic::Add { 1.0 } else { -1.0 };
            (same && a.base == b.base).then(|| a.plus(&b.scaled(&[sign])))
        }
        _ => None,
    }
}

/// A constant as one number, or one a channel.
fn by_channel(graph: &Graph, id: ValueId, output: ValueId) -> Option<Vec<f32>> {
    let numbers = graph.floats(id)?;
    let [channels, ..] = sizes(graph.shape(output));
    let fits = fit(graph.shape(id), graph.shape(output)).is_some() && numbers.len() == channels;
    (numbers.len() == 1 || fits && channels <= MOST_CHANNELS).then(|| numbers.to_vec())
}

impl View {
    fn scaled(&self, by: &[f32]) -> Self {
        let scale = |slopes: &[f32]| joined(slopes, by, |slope, by| slope * by);
        Self { base: self.base, positive: scale(&self.positive), negative: scale(&self.negative) }
    }

    fn plus(&self, other: &Self) -> Self {
        let add = |a: &[f32], b: &[f32]| joined(a, b, |a, b| a + b);
        Self {
            base: self.base,
            positive: add(&self.positive, &other.positive),
            negative: add(&self.negative, &other.negative),
        }
    }
}

/// Pair by pair; one number stands for all.
fn joined(a: &[f32], b: &[f32], join: impl Fn(f32, f32) -> f32) -> Vec<f32> {
    (0..a.len().max(b.len())).map(|i| join(a[i % a.len()], b[i % b.len()])).collect()
}
