//! From drafts to steps: kernels chosen, weights packed.

use std::collections::HashMap;
use std::sync::Arc;

use super::draft::{Draft, Drafts, Kind};
use super::kernels::{Affine, Combine, Kernels, PoolColumns, ResponseNorm};
use super::layout::Placed;
use super::pack::{Loose, channels_as_blocks, fused};
use super::shape::row_major;
use super::step::{Operation, Pad, Rows, Step};
use super::{choice, keep, phases, stem};
use crate::error::Result;
use crate::front::graph::ValueId;
use crate::front::operator::{Reduction, Window};
use crate::front::precision::Precision;
#[cfg(feature = "onnx")]
use crate::front::tract::Tract;

/// The plan's value that the input is.
const INPUT: usize = 0;

/// Steps and their values, which lie nowhere yet.
pub(super) struct Built {
    pub(super) steps: Vec<Step>,
    pub(super) values: Vec<Placed>,
    pub(super) output: usize,
}

/// The steps of drafts.
pub(super) fn build(drafts: &Drafts, precision: Precision, kernels: &Kernels) -> Result<Built> {
    if precision == Precision::Fast
        && let Some(built) = stem::build(drafts, kernels)
    {
        return Ok(built);
    }
    let input = drafts.sizes[drafts.input.0];
    let phases = match precision {
        Precision::Fast => phases::of(drafts),
        Precision::Exact => 1,
    };
    let mut builder = Builder {
        sizes: &drafts.sizes,
        precision,
        kernels,
        phases,
        ids: HashMap::from([(drafts.input, INPUT)]),
        flat: HashMap::new(),
        values: Vec::new(),
        steps: Vec::new(),
    };
    builder.new_value(phases::shape(input, phases), false);
    builder.add(Operation::Input { phases }, Vec::new(), INPUT);
    for draft in &drafts.drafts {
        builder.draft(draft)?;
    }
    let output = builder.value(drafts.output);
    keep::filters(&mut builder.steps, &builder.values, drafts.weights(), kernels);
    Ok(Built { steps: builder.steps, values: builder.values, output })
}

struct Builder<'a> {
    sizes: &'a [[usize; 3]],
    precision: Precision,
    kernels: &'a Kernels,
    /// Of the input's rows and columns, each a channel of its own.
    phases: usize,
    ids: HashMap<ValueId, usize>,
    /// The planes of values that are read as planes.
    flat: HashMap<usize, usize>,
    values: Vec<Placed>,
    steps: Vec<Step>,
}

impl Builder<'_> {
    /// The plan's value of a draft's, made when first asked for.
    fn value(&mut self, id: ValueId) -> usize {
        if let Some(&value) = self.ids.get(&id) {
            return value;
        }
        let value = self.new_value(self.sizes[id.0], false);
        self.ids.insert(id, value);
        value
    }

    fn new_value(&mut self, shape: [usize; 3], flat: bool) -> usize {
        self.values.push(Placed::new(shape, flat));
        self.values.len() - 1
    }

    /// The planes of a value, made when first asked for.
    fn flat(&mut self, value: usize) -> usize {
        if let Some(&flat) = self.flat.get(&value) {
            return flat;
        }
        let Placed { channels, rows, columns, .. } = self.values[value];
        let flat = self.new_value([channels, rows, columns], true);
        self.add(Operation::Flatten, vec![value], flat);
        self.flat.insert(value, flat);
        flat
    }

    fn add(&mut self, operation: Operation, inputs: Vec<usize>, output: usize) -> &mut Step {
        self.steps.push(Step { operation, inputs, output, function: None, band: 1, operations: 0 });
        self.steps.last_mut().expect("a step was just added")
    }

    fn draft(&mut self, draft: &Draft) -> Result<()> {
        let mut inputs: Vec<usize> = draft.inputs.iter().map(|id| self.value(*id)).collect();
        let output = self.value(draft.output);
        let to = self.values[output];
        let mut band = 1;
        let mut operations = 0;
        let operation = match &draft.kind {
            Kind::Constant(numbers) => Operation::Constant(Arc::clone(numbers)),
            Kind::Convolution { weights, scale, biases, window, groups, after } => {
                operations = 2 * (weights.len() * to.rows * to.columns) as u64;
                let unfolded;
                let (weights, window) = if self.phases > 1 && inputs[0] == INPUT {
                    unfolded = phases::filters(weights, biases.len(), window, self.phases);
                    (&unfolded.0, &unfolded.1)
                } else {
                    (weights, window)
                };
                let groups = *groups;
                let inputs = self.values[inputs[0]].channels;
                let loose = Loose { weights, scale, biases, window, inputs, groups, after };
                let rows = rows_of(window);
                if loose.is_depthwise() {
                    Operation::Depthwise { packed: loose.depthwise(), rows }
                } else if self.precision == Precision::Fast
                    && let Some(tiles) = choice::winograd(&loose, to)
                {
                    let packed = loose.winograd(tiles.under, self.kernels.batch());
                    band = packed.tile() * tiles.rows;
                    let scratch = packed.scratch(band, to.columns);
                    Operation::Winograd { packed, before: window.before, scratch }
                } else {
                    let packed = loose.convolution();
                    band = choice::rows_together(packed.weights.len(), to);
                    Operation::Convolution { packed, rows }
                }
            }
            Kind::Affine { scale, offset, after } => {
                let (fused, slopes) = fused(after);
                let [scale, offset] = [scale, offset].map(|values| channels_as_blocks(values));
                Operation::Affine(Affine { scale, offset, slopes, fused })
            }
            Kind::Combine { arithmetic, after } => {
                let (fused, slopes) = fused(after);
                Operation::Combine(Combine { arithmetic: *arithmetic, slopes, fused })
            }
            Kind::Pool { reduction, window } => pool(*reduction, window, self.values[inputs[0]]),
            Kind::Concatenate => Operation::Concatenate,
            Kind::Pad { mode, before } => {
                let rows_after = to.rows - before[1] - self.values[inputs[0]].rows;
                Operation::Pad(Pad { mode: *mode, before: *before, rows_after })
            }
            Kind::ResponseNorm { size, alpha, beta, bias } => {
                Operation::ResponseNorm(ResponseNorm {
                    reach: size / 2,
                    alpha: alpha / *size as f32,
                    beta: *beta,
                    bias: *bias,
                })
            }
            Kind::Softmax { logarithm } => Operation::Softmax { logarithm: *logarithm },
            Kind::Rearrange { first, strides } => {
                inputs = vec![self.flat(inputs[0])];
                Operation::Spread { first: *first, strides: *strides }
            }
            Kind::Tap(tap) => {
                let flat = self.flat(inputs[0]);
                let sizes = [to.channels, to.rows, to.columns];
                let tapped = self.new_value(sizes, true);
                self.add(Operation::Tap(*tap), vec![flat], tapped).band = to.rows;
                inputs = vec![tapped];
                let strides = row_major(&sizes);
                Operation::Spread { first: 0, strides: [strides[0], strides[1], strides[2]] }
            }
            #[cfg(feature = "onnx")]
            Kind::Tract { node } => {
                let flat = inputs.iter().map(|input| self.flat(*input)).collect();
                let sizes = [to.channels, to.rows, to.columns];
                let answer = self.new_value(sizes, true);
                let operator = node.nodes[0].operator.name();
                let firsts: Vec<ValueId> = (0..inputs.len()).map(ValueId).collect();
                let node = Box::new(Tract::compile(node, &firsts)?);
                self.add(Operation::Tract { node, operator }, flat, answer).band = to.rows;
                inputs = vec![answer];
                let strides = row_major(&sizes);
                Operation::Spread { first: 0, strides: [strides[0], strides[1], strides[2]] }
            }
        };
        let step = self.add(operation, inputs, output);
        step.function = draft.function;
        step.band = band.min(to.rows);
        step.operations = operations;
        Ok(())
    }
}

fn rows_of(window: &Window) -> Rows {
    Rows {
        kernel: window.kernel[0],
        stride: window.strides[0],
        dilation: window.dilations[0],
        before: window.before[0],
        before_columns: window.before[1],
    }
}

fn pool(reduction: Reduction, window: &Window, from: Placed) -> Operation {
    let columns = PoolColumns {
        kernel: window.kernel[1],
        stride: window.strides[1],
        dilation: window.dilations[1],
        before: window.before[1],
        input: from.columns,
    };
    Operation::Pool { reduction, rows: rows_of(window), columns }
}
