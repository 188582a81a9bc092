//! Which values are polynomials of another: sums and products of one value and numbers, as ONNX
//! spells them node by node.

use std::collections::HashMap;

use crate::front::executor::kernels::Polynomial;
use crate::front::graph::{Graph, Node, ValueId};
use crate::front::operator::{Activation, Arithmetic, Operator};

/// A value seen as a polynomial of another.
pub(super) type View = (ValueId, Polynomial);

/// How many views of a value are kept, the nearest first: enough for a polynomial of any degree that
/// a step takes, however it is spelt.
const MOST_VIEWS: usize = 8;

/// The results of two computed values that are polynomials of one value, by that value.
pub(super) fn polynomials(graph: &Graph) -> HashMap<ValueId, View> {
    let mut found = HashMap::new();
    let mut views: HashMap<ValueId, Vec<View>> = HashMap::new();
    for node in &graph.nodes {
        let of = |id: ValueId| {
            let itself = (id, Polynomial::identity());
            let known = views.get(&id).into_iter().flatten().copied();
            std::iter::once(itself).chain(known).take(MOST_VIEWS)
        };
        let made: Vec<View> = match &node.operator {
            Operator::Activation(Activation::Neg) => {
                of(node.inputs[0]).map(|(base, view)| (base, view.scaled(-1.0))).collect()
            }
            Operator::Arithmetic(arithmetic) => {
                let (a, b) = (node.inputs[0], node.inputs[1]);
                if let Some((input, change)) = by_number(graph, node, *arithmetic) {
                    of(input).map(|(base, view)| (base, change(view))).collect()
                } else if graph.shape(a) == graph.shape(b) {
                    let pairs = of(a).flat_map(|a| of(b).map(move |b| (a, b)));
                    let same = pairs.filter(|(a, b)| a.0 == b.0);
                    let made: Vec<View> = same
                        .filter_map(|(a, b)| Some((a.0, joined(*arithmetic, &a.1, &b.1)?)))
                        .take(MOST_VIEWS)
                        .collect();
                    if let Some(nearest) = made.first() {
                        found.insert(node.output, *nearest);
                    }
                    made
                } else {
                    Vec::new()
                }
            }
            _ => continue,
        };
        views.insert(node.output, made);
    }
    found
}

/// What arithmetic with one number does to a polynomial, and the input that is no number.
fn by_number(
    graph: &Graph,
    node: &Node,
    arithmetic: Arithmetic,
) -> Option<(ValueId, impl Fn(Polynomial) -> Polynomial + use<>)> {
    let number = |id: ValueId| {
        let numbers = graph.numbers(id).filter(|numbers| numbers.len() == 1)?;
        Some(numbers.floats()[0])
    };
    let (a, b) = (node.inputs[0], node.inputs[1]);
    let (input, scale, offset) = match (number(a), arithmetic, number(b)) {
        (None, Arithmetic::Add, Some(c)) => (a, 1.0, c),
        (Some(c), Arithmetic::Add, None) => (b, 1.0, c),
        (None, Arithmetic::Subtract, Some(c)) => (a, 1.0, -c),
        (Some(c), Arithmetic::Subtract, None) => (b, -1.0, c),
        (None, Arithmetic::Multiply, Some(c)) => (a, c, 0.0),
        (Some(c), Arithmetic::Multiply, None) => (b, c, 0.0),
        (None, Arithmetic::Divide, Some(c)) => (a, 1.0 / c, 0.0),
        _ => return None,
    };
    // A number of more dimensions than the input would add some.
    (graph.shape(input) == graph.shape(node.output))
        .then_some((input, move |view: Polynomial| view.scaled(scale).shifted(offset)))
}

fn joined(arithmetic: Arithmetic, a: &Polynomial, b: &Polynomial) -> Option<Polynomial> {
    match arithmetic {
        Arithmetic::Add => Some(a.plus(b)),
        Arithmetic::Subtract => Some(a.plus(&b.scaled(-1.0))),
        Arithmetic::Multiply => a.times(b),
        Arithmetic::Divide | Arithmetic::Maximum | Arithmetic::Minimum => None,
    }
}
