//! The operators that a front may hold: how each is read, and what shape it puts out.
//!
//! The table is the allow-list. What is not in it is refused by name.

mod constant;
mod elementwise;
mod layout;
mod normalise;
mod product;
mod reduce;
mod resize;
mod window;

use tract_onnx::pb::NodeProto;

use super::builder::Builder;
use super::node::NodeReader;
use crate::error::Result;
use crate::front::graph::ValueId;

/// Reads one node and returns its outputs.
pub(super) fn read(
    builder: &mut Builder,
    node: &NodeReader<'_>,
    proto: &NodeProto,
) -> Result<Vec<ValueId>> {
    let one = |output: Result<ValueId>| output.map(|id| vec![id]);
    match node.operator() {
        "Abs" | "Clip" | "Elu" | "Exp" | "HardSigmoid" | "HardSwish" | "LeakyRelu" | "Neg"
        | "Relu" | "Sigmoid" | "Softplus" | "Sqrt" | "Tanh" => {
            one(elementwise::activation(builder, node))
        }
        "Add" | "Div" | "Max" | "Min" | "Mul" | "Sub" | "Sum" => {
            one(elementwise::arithmetic(builder, node))
        }
        "Pow" => one(elementwise::power(builder, node)),
        "PRelu" => one(elementwise::prelu(builder, node)),
        "Dropout" | "Identity" => one(elementwise::identity(node)),
        "Cast" => one(constant::cast(builder, node)),
        "Constant" => one(constant::constant(builder, node)),
        "DequantizeLinear" => one(constant::dequantize(builder, node)),
        "Gather" => one(constant::gather(builder, node)),
        "Shape" => one(constant::shape(builder, node)),
        "Conv" => one(window::convolution(builder, node)),
        "ConvTranspose" => one(window::transposed_convolution(builder, node)),
        "AveragePool" => one(window::average_pool(builder, node)),
        "MaxPool" => one(window::max_pool(builder, node)),
        "GlobalAveragePool" | "GlobalMaxPool" => one(reduce::global_pool(builder, node)),
        "ReduceMax" | "ReduceMean" | "ReduceMin" | "ReduceSum" => {
            one(reduce::reduce(builder, node))
        }
        "LogSoftmax" | "Softmax" => one(reduce::softmax(builder, node)),
        "BatchNormalization" => one(normalise::batch(builder, node)),
        "InstanceNormalization" => one(normalise::instance(builder, node)),
        "LRN" => one(normalise::local_response(builder, node)),
        "Concat" => one(layout::concatenate(builder, node)),
        "Flatten" => one(layout::flatten(builder, node)),
        "Pad" => one(layout::pad(builder, node)),
        "Reshape" => one(layout::reshape(builder, node)),
        "Slice" => one(layout::slice(builder, node)),
        "Split" => layout::split(builder, node, proto.output.len()),
        "Squeeze" => one(layout::squeeze(builder, node)),
        "Transpose" => one(layout::transpose(builder, node)),
        "Unsqueeze" => one(layout::unsqueeze(builder, node)),
        "Gemm" => one(product::gemm(builder, node)),
        "MatMul" => one(product::matmul(builder, node)),
        "Resize" | "Upsample" => one(resize::resize(builder, node)),
        _ => Err(node.wrong("this operator is not supported")),
    }
}
