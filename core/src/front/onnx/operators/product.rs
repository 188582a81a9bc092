//! Matrix products.

use crate::error::Result;
use crate::front::graph::ValueId;
use crate::front::onnx::builder::Builder;
use crate::front::onnx::node::NodeReader;
use crate::front::operator::Operator;

pub(super) fn gemm(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    let alpha = node.attributes.float("alpha")?.unwrap_or(1.0);
    let beta = node.attributes.float("beta")?.unwrap_or(1.0);
    let transpose_a = node.attributes.flag("transA")?.unwrap_or(false);
    let transpose_b = node.attributes.flag("transB")?.unwrap_or(false);
    let mut inputs = vec![node.input(0)?, node.input(1)?];
    inputs.extend(node.optional(2));
    node.derive(builder, Operator::Gemm { alpha, beta, transpose_a, transpose_b }, inputs)
}

pub(super) fn matmul(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    node.derive(builder, Operator::MatrixProduct, vec![node.input(0)?, node.input(1)?])
}
