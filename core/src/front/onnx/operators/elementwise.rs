//! Operators that treat each element by itself, or pairs of them.

use crate::error::Result;
use crate::front::graph::ValueId;
use crate::front::onnx::builder::Builder;
use crate::front::onnx::limits::MAX_RANK;
use crate::front::onnx::node::NodeReader;
use crate::front::onnx::tensor::Content;
use crate::front::operator::{Activation, Arithmetic, Operator};

pub(super) fn activation(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    let attribute = |name, default| Ok(node.attributes.float(name)?.unwrap_or(default));
    let activation = match node.operator() {
        "Abs" => Activation::Abs,
        "Clip" => clip(builder, node)?,
        "Elu" => Activation::Elu { alpha: attribute("alpha", 1.0)? },
        "Exp" => Activation::Exp,
        "HardSigmoid" => Activation::HardSigmoid {
            alpha: attribute("alpha", 0.2)?,
            beta: attribute("beta", 0.5)?,
        },
        "HardSwish" => Activation::HardSwish,
        "LeakyRelu" => Activation::LeakyRelu { alpha: attribute("alpha", 0.01)? },
        "Neg" => Activation::Neg,
        "Relu" => Activation::Relu,
        "Sigmoid" => Activation::Sigmoid,
        "Softplus" => Activation::Softplus,
        "Sqrt" => Activation::Sqrt,
        "Tanh" => Activation::Tanh,
        _ => return Err(node.wrong("this operator is not supported")),
    };
    let input = node.input(0)?;
    let shape = builder.shape(input).to_vec();
    node.compute(builder, Operator::Activation(activation), vec![input], shape)
}

/// Bounds are attributes before operator set 11 and constant inputs since.
fn clip(builder: &Builder, node: &NodeReader<'_>) -> Result<Activation> {
    let bound = |index: usize, name: &'static str| {
        if node.opset < 11 {
            return node.attributes.float(name);
        }
        match node.floats(builder, index)?.as_deref() {
            None => Ok(None),
            Some(&[bound]) => Ok(Some(bound)),
            Some(_) => Err(node.wrong(format!("its {name} must be one number"))),
        }
    };
    let (low, high) = (bound(1, "min")?, bound(2, "max")?);
    if low.zip(high).is_some_and(|(low, high)| low > high) {
        return Err(node.wrong("its min is above its max"));
    }
    Ok(Activation::Clip { low, high })
}

pub(super) fn arithmetic(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    let arithmetic = match node.operator() {
        "Add" | "Sum" => Arithmetic::Add,
        "Sub" => Arithmetic::Subtract,
        "Mul" => Arithmetic::Multiply,
        "Div" => Arithmetic::Divide,
        "Max" => Arithmetic::Maximum,
        _ => Arithmetic::Minimum,
    };
    let listed = matches!(node.operator(), "Max" | "Min" | "Sum");
    if !(node.inputs() == 2 || listed && node.inputs() > 0) {
        return Err(node.wrong(format!("has {} inputs, 2 belong there", node.inputs())));
    }
    let mut result = node.input(0)?;
    for index in 1..node.inputs() {
        let next = node.input(index)?;
        let shape = broadcast(node, builder.shape(result), builder.shape(next))?;
        let operator = Operator::Arithmetic(arithmetic);
        result = node.compute(builder, operator, vec![result, next], shape)?;
    }
    Ok(result)
}

/// A constant power becomes products, or a square root.
pub(super) fn power(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    let (input, exponent) = (node.input(0)?, node.input(1)?);
    let shape = builder.shape(input).to_vec();
    let number = match builder.constant(exponent) {
        Some(Content::Floats(numbers)) if numbers.len() == 1 => Some(numbers[0]),
        Some(Content::Integers(numbers)) if numbers.len() == 1 => Some(numbers[0] as f32),
        _ => None,
    };
    let number = number.filter(|_| builder.shape(exponent).len() <= shape.len());
    match number {
        Some(0.5) => {
            node.compute(builder, Operator::Activation(Activation::Sqrt), vec![input], shape)
        }
        Some(power @ (1.0 | 2.0 | 3.0 | 4.0 | 5.0 | 6.0)) => {
            let mut result = input;
            for _ in 1..power as usize {
                let operator = Operator::Arithmetic(Arithmetic::Multiply);
                result = node.compute(builder, operator, vec![result, input], shape.clone())?;
            }
            Ok(result)
        }
        _ => Err(node.wrong("its exponent must be one constant: 0.5, 1, 2, 3, 4, 5 or 6")),
    }
}

pub(super) fn prelu(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    let (input, slope) = (node.input(0)?, node.input(1)?);
    let shape = builder.shape(input).to_vec();
    if broadcast(node, &shape, builder.shape(slope))? != shape {
        return Err(node.wrong(format!(
            "its slope {:?} does not stretch to its input {shape:?}",
            builder.shape(slope)
        )));
    }
    node.compute(builder, Operator::PRelu, vec![input, slope], shape)
}

/// Nothing is computed: the output is the input under another name. Dropout drops nothing outside
/// training.
pub(super) fn identity(node: &NodeReader<'_>) -> Result<ValueId> {
    if node.operator() == "Dropout" {
        node.attributes.float("ratio")?;
        node.attributes.int("seed")?;
        if node.optional(2).is_some() {
            return Err(node.wrong("has a training mode; export the network for inference"));
        }
    }
    node.input(0)
}

/// The shape two tensors stretch to, as in NumPy.
pub(super) fn broadcast(
    node: &NodeReader<'_>,
    left: &[usize],
    right: &[usize],
) -> Result<Vec<usize>> {
    let rank = left.len().max(right.len()).min(MAX_RANK);
    let size = |shape: &[usize], axis: usize| {
        (axis + shape.len()).checked_sub(rank).map_or(1, |axis| shape[axis])
    };
    (0..rank)
        .map(|axis| match (size(left, axis), size(right, axis)) {
            (a, b) if a == b || b == 1 => Ok(a),
            (1, b) => Ok(b),
            _ => Err(node.wrong(format!("its inputs {left:?} and {right:?} do not fit together"))),
        })
        .collect()
}
