//! Operators that treat each element by itself, or pairs of them.

use crate::error::Result;
use crate::front::graph::ValueId;
use crate::front::onnx::builder::Builder;
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
    node.derive(builder, Operator::Activation(activation), vec![node.input(0)?])
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
    Ok(Activation::Clip { low: bound(1, "min")?, high: bound(2, "max")? })
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
        result = node.derive(builder, Operator::Arithmetic(arithmetic), vec![result, next])?;
    }
    Ok(result)
}

/// A constant power becomes products, or a square root.
pub(super) fn power(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    let (input, exponent) = (node.input(0)?, node.input(1)?);
    let shape = builder.shape(input).to_vec();
    let number = match builder.constant(exponent) {
        Some(Content::Floats(numbers)) if numbers.len() == 1 => Some(numbers.floats()[0]),
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
    node.derive(builder, Operator::PRelu, vec![node.input(0)?, node.input(1)?])
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
