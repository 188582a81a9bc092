//! A checked graph written as a fresh ONNX model, which is all that tract gets to see.
//!
//! Everything is in one operator set and fully spelt out: no defaults, no symbols, no automatic
//! padding, no names from the file.

use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::tensor_shape_proto::{Dimension, dimension};
use tract_onnx::pb::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    TensorShapeProto, TypeProto, ValueInfoProto, type_proto,
};

use crate::front::graph::{Graph, Node, ValueId};
use crate::front::operator::{Activation, Operator, PadMode, Reduction, Window};

/// Axes of Squeeze are inputs from here on, those of ReduceMean still attributes.
const OPERATOR_SET: i64 = 13;

/// The model of a graph with these inputs.
pub(super) fn encode(graph: &Graph, inputs: &[ValueId]) -> ModelProto {
    let mut encoder = Encoder { graph, proto: GraphProto::default() };
    encoder.proto.name = "front".to_owned();
    encoder.proto.input = inputs.iter().map(|&id| encoder.described(id)).collect();
    encoder.proto.output = graph.outputs.iter().map(|&id| encoder.described(id)).collect();
    for (index, value) in graph.values.iter().enumerate() {
        if let Some(constant) = &value.constant {
            let bytes = constant.floats().iter().flat_map(|value| value.to_le_bytes()).collect();
            encoder.initializer(name(ValueId(index)), &value.shape, DataType::Float, bytes);
        }
    }
    for node in &graph.nodes {
        encoder.node(node);
    }
    ModelProto {
        ir_version: 7,
        opset_import: vec![OperatorSetIdProto { domain: String::new(), version: OPERATOR_SET }],
        graph: Some(encoder.proto),
        ..Default::default()
    }
}

struct Encoder<'a> {
    graph: &'a Graph,
    proto: GraphProto,
}

impl Encoder<'_> {
    fn node(&mut self, node: &Node) {
        let mut inputs: Vec<String> = node.inputs.iter().map(|&id| name(id)).collect();
        let output = name(node.output);
        let mut attributes = Vec::new();
        match &node.operator {
            Operator::Activation(activation) => {
                self.activation(*activation, &output, &mut inputs, &mut attributes);
            }
            // The executor covers every tap, so that none comes here.
            Operator::Tap(_)
            | Operator::Arithmetic(_)
            | Operator::PRelu
            | Operator::MatrixProduct => {}
            Operator::BatchNormalization { epsilon } => {
                attributes.push(float("epsilon", *epsilon));
            }
            Operator::InstanceNormalization { epsilon } => {
                attributes.push(float("epsilon", *epsilon));
            }
            Operator::LocalResponseNormalization { size, alpha, beta, bias } => {
                attributes.push(int("size", *size as i64));
                attributes.push(float("alpha", *alpha));
                attributes.push(float("beta", *beta));
                attributes.push(float("bias", *bias));
            }
            Operator::Convolution { window: at, groups } => {
                window(at, &mut attributes);
                attributes.push(int("group", *groups as i64));
            }
            Operator::TransposedConvolution { window: at, groups, output_padding } => {
                window(at, &mut attributes);
                attributes.push(int("group", *groups as i64));
                attributes.push(ints("output_padding", output_padding));
            }
            Operator::MaxPool(at) | Operator::AveragePool(at) => window(at, &mut attributes),
            Operator::Reduce { reduction, axes, keep } => {
                attributes.push(int("keepdims", i64::from(*keep)));
                // The one reduction whose axes moved to an input before the others'.
                if *reduction == Reduction::Sum {
                    inputs.push(self.integers(&output, "axes", axes));
                } else {
                    attributes.push(ints("axes", axes));
                }
            }
            Operator::Pad { mode, before, after } => {
                inputs.push(self.integers(&output, "pads", &[&before[..], &after[..]].concat()));
                let mode = match mode {
                    PadMode::Constant(value) => {
                        inputs.push(self.floats(&output, "value", &[], &[*value]));
                        "constant"
                    }
                    PadMode::Reflect => "reflect",
                    PadMode::Edge => "edge",
                };
                attributes.push(text("mode", mode));
            }
            Operator::Concatenate { axis } => {
                attributes.push(int("axis", *axis as i64));
            }
            Operator::Reshape { shape } => {
                inputs.push(self.integers(&output, "shape", shape));
            }
            Operator::Transpose { order } => {
                attributes.push(ints("perm", order));
            }
            Operator::Gemm { alpha, beta, transpose_a, transpose_b } => {
                attributes.push(float("alpha", *alpha));
                attributes.push(float("beta", *beta));
                attributes.push(int("transA", i64::from(*transpose_a)));
                attributes.push(int("transB", i64::from(*transpose_b)));
            }
            Operator::Softmax { axis, .. } => attributes.push(int("axis", *axis as i64)),
            Operator::Resize { interpolation, scales } => {
                attributes.push(text("mode", &interpolation.mode));
                attributes.push(text("nearest_mode", &interpolation.nearest));
                let coordinates = "coordinate_transformation_mode";
                attributes.push(text(coordinates, &interpolation.coordinates));
                inputs.push(String::new());
                match scales {
                    Some([rows, columns]) => {
                        let scales = [1.0, 1.0, *rows, *columns];
                        inputs.push(self.floats(&output, "scales", &[4], &scales));
                    }
                    None => {
                        inputs.push(String::new());
                        let sizes = self.graph.shape(node.output);
                        inputs.push(self.integers(&output, "sizes", sizes));
                    }
                }
            }
            Operator::Slice { starts, ends, steps } => {
                let axes: Vec<usize> = (0..starts.len()).collect();
                inputs.push(self.integers(&output, "starts", starts));
                inputs.push(self.integers(&output, "ends", ends));
                inputs.push(self.integers(&output, "axes", &axes));
                inputs.push(self.integers(&output, "steps", steps));
            }
        }
        self.proto.node.push(NodeProto {
            name: output.clone(),
            op_type: node.operator.name().to_owned(),
            input: inputs,
            output: vec![output],
            attribute: attributes,
            ..Default::default()
        });
    }

    fn activation(
        &mut self,
        activation: Activation,
        output: &str,
        inputs: &mut Vec<String>,
        attributes: &mut Vec<AttributeProto>,
    ) {
        match activation {
            Activation::LeakyRelu { alpha } | Activation::Elu { alpha } => {
                attributes.push(float("alpha", alpha));
            }
            Activation::HardSigmoid { alpha, beta } => {
                attributes.push(float("alpha", alpha));
                attributes.push(float("beta", beta));
            }
            Activation::Clip { low, high } => {
                for (role, bound) in [("low", low), ("high", high)] {
                    let name = bound.map(|bound| self.floats(output, role, &[], &[bound]));
                    inputs.push(name.unwrap_or_default());
                }
            }
            Activation::Relu
            | Activation::Sigmoid
            | Activation::Tanh
            | Activation::Abs
            | Activation::Neg
            | Activation::Exp
            | Activation::Sqrt
            | Activation::Softplus
            | Activation::HardSwish => {}
        }
    }

    fn described(&self, id: ValueId) -> ValueInfoProto {
        let dim = self.graph.shape(id).iter().map(|&size| Dimension {
            value: Some(dimension::Value::DimValue(size as i64)),
            ..Default::default()
        });
        let tensor = type_proto::Tensor {
            elem_type: DataType::Float as i32,
            shape: Some(TensorShapeProto { dim: dim.collect() }),
        };
        let value = Some(type_proto::Value::TensorType(tensor));
        let kind = TypeProto { value, ..Default::default() };
        ValueInfoProto { name: name(id), r#type: Some(kind), ..Default::default() }
    }

    /// A list of integers as an initialiser of its own, and its name.
    fn integers(&mut self, output: &str, role: &str, values: &[usize]) -> String {
        let bytes = values.iter().flat_map(|&value| (value as i64).to_le_bytes()).collect();
        let name = format!("{output}.{role}");
        self.initializer(name.clone(), &[values.len()], DataType::Int64, bytes);
        name
    }

    fn floats(&mut self, output: &str, role: &str, shape: &[usize], values: &[f32]) -> String {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let name = format!("{output}.{role}");
        self.initializer(name.clone(), shape, DataType::Float, bytes);
        name
    }

    fn initializer(&mut self, name: String, shape: &[usize], kind: DataType, raw_data: Vec<u8>) {
        self.proto.initializer.push(TensorProto {
            name,
            dims: shape.iter().map(|&size| size as i64).collect(),
            data_type: kind as i32,
            raw_data,
            ..Default::default()
        });
    }
}

fn name(id: ValueId) -> String {
    format!("v{}", id.0)
}

fn window(window: &Window, attributes: &mut Vec<AttributeProto>) {
    attributes.push(ints("kernel_shape", &window.kernel));
    attributes.push(ints("strides", &window.strides));
    attributes.push(ints("dilations", &window.dilations));
    attributes.push(ints("pads", &[window.before, window.after].concat()));
}

fn attribute(name: &str, kind: AttributeType) -> AttributeProto {
    AttributeProto { name: name.to_owned(), r#type: kind as i32, ..Default::default() }
}

fn int(name: &str, i: i64) -> AttributeProto {
    AttributeProto { i, ..attribute(name, AttributeType::Int) }
}

fn ints(name: &str, values: &[usize]) -> AttributeProto {
    let ints = values.iter().map(|&value| value as i64).collect();
    AttributeProto { ints, ..attribute(name, AttributeType::Ints) }
}

fn float(name: &str, f: f32) -> AttributeProto {
    AttributeProto { f, ..attribute(name, AttributeType::Float) }
}

fn text(name: &str, s: &str) -> AttributeProto {
    AttributeProto { s: s.as_bytes().to_vec(), ..attribute(name, AttributeType::String) }
}
