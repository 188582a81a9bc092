//! Matrix products.

use crate::error::Result;
use crate::front::graph::ValueId;
use crate::front::onnx::builder::Builder;
use crate::front::onnx::node::NodeReader;
use crate::front::operator::Operator;
use crate::front::shape::stretched;

pub(super) fn gemm(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    let alpha = node.attributes.float("alpha")?.unwrap_or(1.0);
    let beta = node.attributes.float("beta")?.unwrap_or(1.0);
    let transpose_a = node.attributes.flag("transA")?.unwrap_or(false);
    let transpose_b = node.attributes.flag("transB")?.unwrap_or(false);
    let (a, b) = (node.input(0)?, node.input(1)?);
    let matrix = |id: ValueId, transposed: bool| match *builder.shape(id) {
        [rows, columns] if transposed => Ok([columns, rows]),
        [rows, columns] => Ok([rows, columns]),
        _ => Err(node.wrong(format!("input {:?} is not a matrix", builder.shape(id)))),
    };
    let ([rows, inner], [inner_b, columns]) = (matrix(a, transpose_a)?, matrix(b, transpose_b)?);
    if inner != inner_b {
        return Err(do_not_fit(builder, node, a, b));
    }
    let shape = vec![rows, columns];
    let mut inputs = vec![a, b];
    if let Some(c) = node.optional(2) {
        if stretched(&shape, builder.shape(c)).map_err(|what| node.wrong(what))? != shape {
            return Err(node.wrong(format!(
                "its third input {:?} does not stretch to {shape:?}",
                builder.shape(c)
            )));
        }
        inputs.push(c);
    }
    node.compute(builder, Operator::Gemm { alpha, beta, transpose_a, transpose_b }, inputs, shape)
}

pub(super) fn matmul(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    let (a, b) = (node.input(0)?, node.input(1)?);
    let ([batch_a @ .., rows, inner], [batch_b @ .., inner_b, columns]) =
        (builder.shape(a), builder.shape(b))
    else {
        return Err(node.wrong("its inputs must be matrices"));
    };
    if inner != inner_b {
        return Err(do_not_fit(builder, node, a, b));
    }
    let mut shape = stretched(batch_a, batch_b).map_err(|what| node.wrong(what))?;
    shape.extend([*rows, *columns]);
    node.compute(builder, Operator::MatrixProduct, vec![a, b], shape)
}

fn do_not_fit(
    builder: &Builder,
    node: &NodeReader<'_>,
    a: ValueId,
    b: ValueId,
) -> crate::error::Error {
    node.wrong(format!(
        "its inputs {:?} and {:?} do not fit together",
        builder.shape(a),
        builder.shape(b)
    ))
}
