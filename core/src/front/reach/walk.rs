//! The walk that finds a reach: for each position of every map, which inputs it depends on.
//!
//! Along one axis the inputs that a position depends on are kept as their first and last. Rows and
//! columns are independent of each other in every operator that keeps them apart; all others count
//! as mixing the whole map.

use super::{AxisReach, Reach};
use crate::front::executor;
use crate::front::graph::{Graph, Node, ValueId};
use crate::front::operator::{Operator, PadMode, Window};

impl Reach {
    /// From a graph's input to its first output.
    pub(in crate::front) fn of(graph: &Graph) -> Self {
        let dependence = walk(graph);
        let output = graph.outputs[0];
        let input = graph.shape(graph.input);
        let [rows, columns] = [2, 3].map(|axis| {
            let size = graph.shape(output).get(axis).copied().unwrap_or(1);
            match &dependence[output.0] {
                Dependence::Planes(axes) => axes[axis - 2].reach(),
                Dependence::None | Dependence::Whole => whole(size, input[axis]),
            }
        });
        Self { rows, columns }
    }

    /// [`Reach::of`] where convolutions may be computed in tiles: rounding makes an output depend on
    /// every input under its tile, whichever place in it it has.
    pub(in crate::front) fn with_tiles(graph: &Graph) -> Self {
        let mut tiled = graph.clone();
        for node in &mut tiled.nodes {
            if let Operator::Convolution { window, .. } = &mut node.operator {
                *window = executor::under_tiles(window);
            }
        }
        Self::of(&tiled)
    }
}

/// What a value depends on.
#[derive(Clone, Debug)]
enum Dependence {
    /// On no input: a constant.
    None,
    /// Position by position, along rows and columns.
    Planes([Axis; 2]),
    /// Each number perhaps on every input.
    Whole,
}

/// First and last input each position depends on, where `stride` inputs lie between neighbours. A
/// map has no more rows or columns than fit 32 bits by far.
#[derive(Clone, Debug)]
struct Axis {
    stride: usize,
    spans: Vec<(u32, u32)>,
}

impl Axis {
    fn identity(size: usize) -> Self {
        Self { stride: 1, spans: (0..size as u32).map(|at| (at, at)).collect() }
    }

    /// The narrowest field that moves with the stride and covers every span.
    fn reach(&self) -> AxisReach {
        let nominal = |at: usize| (at * self.stride) as i64;
        let spans = || self.spans.iter().enumerate();
        let first = spans().map(|(at, span)| i64::from(span.0) - nominal(at)).min().unwrap_or(0);
        let last = spans().map(|(at, span)| i64::from(span.1) - nominal(at)).max().unwrap_or(0);
        AxisReach {
            field: (last - first + 1) as usize,
            stride: self.stride,
            size: self.spans.len(),
        }
    }

    fn slid(&self, window: &Window, axis: usize, size: usize) -> Self {
        let covered = |at: usize| {
            let start = (at * window.strides[axis]) as i64 - window.before[axis] as i64;
            let reads =
                (0..window.kernel[axis]).map(|tap| start + (tap * window.dilations[axis]) as i64);
            let inside = reads.filter(|&at| (0..self.spans.len() as i64).contains(&at));
            // A window over padding alone depends on nothing; any span near it is safe.
            let nearest = start.clamp(0, self.spans.len() as i64 - 1) as usize;
            let span = inside.map(|at| self.spans[at as usize]).reduce(hull);
            span.unwrap_or(self.spans[nearest])
        };
        Self { stride: self.stride * window.strides[axis], spans: (0..size).map(covered).collect() }
    }

    fn padded(&self, mode: PadMode, before: usize, size: usize) -> Self {
        let last = self.spans.len() as i64 - 1;
        let source = |at: usize| {
            let at = at as i64 - before as i64;
            let mirrored = if at < 0 {
                -at
            } else if at > last {
                2 * last - at
            } else {
                at
            };
            let at = if mode == PadMode::Reflect { mirrored } else { at };
            self.spans[at.clamp(0, last) as usize]
        };
        Self { stride: self.stride, spans: (0..size).map(source).collect() }
    }

    fn sliced(&self, start: usize, step: usize, size: usize) -> Self {
        let spans = (0..size).map(|at| self.spans[start + at * step]).collect();
        Self { stride: self.stride * step, spans }
    }

    /// Both together; nothing where neighbours lie apart differently.
    fn merged(&self, other: &Self) -> Option<Self> {
        if self.stride != other.stride || self.spans.len() != other.spans.len() {
            return None;
        }
        let pairs = self.spans.iter().zip(&other.spans);
        Some(Self { stride: self.stride, spans: pairs.map(|(&a, &b)| hull(a, b)).collect() })
    }
}

fn hull(a: (u32, u32), b: (u32, u32)) -> (u32, u32) {
    (a.0.min(b.0), a.1.max(b.1))
}

/// A field so wide that any patch alters every position.
fn whole(size: usize, input: usize) -> AxisReach {
    AxisReach { field: size.max(input), stride: 1, size }
}

fn walk(graph: &Graph) -> Vec<Dependence> {
    let mut found = vec![Dependence::None; graph.values.len()];
    found[graph.input.0] = match graph.shape(graph.input) {
        &[_, _, rows, columns] => Dependence::Planes([rows, columns].map(Axis::identity)),
        _ => Dependence::Whole,
    };
    for node in &graph.nodes {
        let inputs: Vec<&Dependence> = node.inputs.iter().map(|input| &found[input.0]).collect();
        found[node.output.0] = step(graph, node, &inputs);
    }
    found
}

fn step(graph: &Graph, node: &Node, inputs: &[&Dependence]) -> Dependence {
    let size = |axis: usize| graph.shape(node.output).get(2 + axis).copied().unwrap_or(1);
    let each = |change: &dyn Fn(&Axis, usize) -> Axis| match inputs[0] {
        Dependence::Planes([rows, columns]) => {
            Dependence::Planes([change(rows, 0), change(columns, 1)])
        }
        other => other.clone(),
    };
    match &node.operator {
        Operator::Activation(_)
        | Operator::BatchNormalization { .. }
        | Operator::LocalResponseNormalization { .. } => inputs[0].clone(),
        Operator::Arithmetic(_) | Operator::PRelu => merge(graph, node, inputs),
        Operator::Concatenate { axis: 0 | 1 } => merge(graph, node, inputs),
        Operator::Convolution { window, .. }
        | Operator::MaxPool(window)
        | Operator::AveragePool(window) => each(&|from, axis| from.slid(window, axis, size(axis))),
        Operator::Pad { mode, before, .. } if before.len() == 4 => {
            each(&|from, axis| from.padded(*mode, before[2 + axis], size(axis)))
        }
        Operator::Slice { starts, steps, .. } if starts.len() == 4 => {
            each(&|from, axis| from.sliced(starts[2 + axis], steps[2 + axis], size(axis)))
        }
        Operator::Softmax { axis: 1, .. } if graph.shape(node.output).len() == 4 => {
            inputs[0].clone()
        }
        Operator::Reduce { axes, keep, .. } if *keep && axes.iter().all(|&axis| axis < 2) => {
            inputs[0].clone()
        }
        _ => Dependence::Whole,
    }
}

/// Several inputs position by position. One that stretches over the map makes each position depend
/// on all it depends on, wherever that lies.
fn merge(graph: &Graph, node: &Node, inputs: &[&Dependence]) -> Dependence {
    let shape = graph.shape(node.output);
    let stretches = |id: &ValueId| {
        let from = graph.shape(*id);
        shape.len() != 4 || from.len() != 4 || from[2..] != shape[2..]
    };
    let mut merged: Option<[Axis; 2]> = None;
    for (id, input) in node.inputs.iter().zip(inputs) {
        match input {
            Dependence::None => {}
            Dependence::Planes(_) if stretches(id) => return Dependence::Whole,
            Dependence::Whole => return Dependence::Whole,
            Dependence::Planes(axes) => {
                merged = match merged {
                    None => Some(axes.clone()),
                    Some([rows, columns]) => {
                        match (rows.merged(&axes[0]), columns.merged(&axes[1])) {
                            (Some(rows), Some(columns)) => Some([rows, columns]),
                            _ => return Dependence::Whole,
                        }
                    }
                };
            }
        }
    }
    merged.map_or(Dependence::None, Dependence::Planes)
}
