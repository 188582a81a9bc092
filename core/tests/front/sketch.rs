//! ONNX models written by hand, message by message.

use prost::Message;
use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::tensor_shape_proto::{Dimension, dimension};
use tract_onnx::pb::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    TensorShapeProto, TypeProto, ValueInfoProto, type_proto,
};

/// A model in the making: one input `x`, whatever nodes a test wants, and outputs by name.
#[derive(Clone)]
pub(crate) struct Sketch {
    pub(crate) model: ModelProto,
}

impl Sketch {
    /// In operator set 13, the input of this shape.
    pub(crate) fn new(input: &[i64]) -> Self {
        let graph = GraphProto {
            name: "sketch".into(),
            input: vec![described("x", input)],
            ..Default::default()
        };
        let set = OperatorSetIdProto { domain: String::new(), version: 13 };
        let model = ModelProto {
            ir_version: 8,
            opset_import: vec![set],
            graph: Some(graph),
            ..Default::default()
        };
        Self { model }
    }

    pub(crate) fn opset(mut self, version: i64) -> Self {
        self.model.opset_import[0].version = version;
        self
    }

    pub(crate) fn graph(&mut self) -> &mut GraphProto {
        self.model.graph.as_mut().unwrap()
    }

    pub(crate) fn floats(mut self, name: &str, shape: &[usize], values: &[f32]) -> Self {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.graph().initializer.push(tensor(name, shape, DataType::Float, bytes));
        self
    }

    pub(crate) fn integers(mut self, name: &str, values: &[i64]) -> Self {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.graph().initializer.push(tensor(name, &[values.len()], DataType::Int64, bytes));
        self
    }

    pub(crate) fn bytes_of(
        mut self,
        name: &str,
        shape: &[usize],
        kind: DataType,
        bytes: &[u8],
    ) -> Self {
        self.graph().initializer.push(tensor(name, shape, kind, bytes.to_vec()));
        self
    }

    /// A node with one output, which is named after it.
    pub(crate) fn node(
        mut self,
        operator: &str,
        inputs: &[&str],
        output: &str,
        attributes: Vec<AttributeProto>,
    ) -> Self {
        self.graph().node.push(NodeProto {
            op_type: operator.into(),
            input: inputs.iter().map(|&input| input.into()).collect(),
            output: vec![output.into()],
            attribute: attributes,
            ..Default::default()
        });
        self
    }

    pub(crate) fn output(mut self, name: &str) -> Self {
        self.graph().output.push(ValueInfoProto { name: name.into(), ..Default::default() });
        self
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.model.encode_to_vec()
    }
}

/// A small network of several operators, in which most damage shows.
pub(crate) fn small() -> Sketch {
    let weights: Vec<f32> = (0..2 * 3 * 9).map(|i| i as f32 / 50.0 - 0.5).collect();
    Sketch::new(&[1, 3, 6, 6])
        .floats("w", &[2, 3, 3, 3], &weights)
        .floats("b", &[2], &[0.1, -0.1])
        .node("Conv", &["x", "w", "b"], "c", vec![ints("pads", &[1, 1, 1, 1])])
        .node("Relu", &["c"], "r", vec![])
        .node("MaxPool", &["r"], "p", vec![ints("kernel_shape", &[2, 2]), ints("strides", &[2, 2])])
        .output("p")
}

pub(crate) fn described(name: &str, shape: &[i64]) -> ValueInfoProto {
    let dim = shape.iter().map(|&size| match size {
        -1 => dimension::Value::DimParam("N".into()),
        size => dimension::Value::DimValue(size),
    });
    let dim = dim.map(|value| Dimension { value: Some(value), ..Default::default() }).collect();
    let tensor = type_proto::Tensor {
        elem_type: DataType::Float as i32,
        shape: Some(TensorShapeProto { dim }),
    };
    let value = Some(type_proto::Value::TensorType(tensor));
    let kind = Some(TypeProto { value, ..Default::default() });
    ValueInfoProto { name: name.into(), r#type: kind, ..Default::default() }
}

pub(crate) fn tensor(
    name: &str,
    shape: &[usize],
    kind: DataType,
    raw_data: Vec<u8>,
) -> TensorProto {
    TensorProto {
        name: name.into(),
        dims: shape.iter().map(|&size| size as i64).collect(),
        data_type: kind as i32,
        raw_data,
        ..Default::default()
    }
}

pub(crate) fn attribute(name: &str, kind: AttributeType) -> AttributeProto {
    AttributeProto { name: name.into(), r#type: kind as i32, ..Default::default() }
}

pub(crate) fn int(name: &str, i: i64) -> AttributeProto {
    AttributeProto { i, ..attribute(name, AttributeType::Int) }
}

pub(crate) fn ints(name: &str, values: &[i64]) -> AttributeProto {
    AttributeProto { ints: values.to_vec(), ..attribute(name, AttributeType::Ints) }
}

pub(crate) fn float(name: &str, f: f32) -> AttributeProto {
    AttributeProto { f, ..attribute(name, AttributeType::Float) }
}

pub(crate) fn text(name: &str, s: &str) -> AttributeProto {
    AttributeProto { s: s.as_bytes().to_vec(), ..attribute(name, AttributeType::String) }
}
