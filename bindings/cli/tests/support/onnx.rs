//! Model files written by hand, byte by byte: what no exporter would make.
#![allow(dead_code, reason = "each suite uses its own part")]

/// A field that holds bytes: a message, a string, a packed list.
pub(crate) fn bytes(field: u32, content: &[u8]) -> Vec<u8> {
    let mut out = varint(u64::from(field) << 3 | 2);
    out.extend(varint(content.len() as u64));
    out.extend_from_slice(content);
    out
}

/// A field that holds a number.
pub(crate) fn number(field: u32, value: u64) -> Vec<u8> {
    let mut out = varint(u64::from(field) << 3);
    out.extend(varint(value));
    out
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

/// A node of one operator.
pub(crate) fn node(
    operator: &str,
    inputs: &[&str],
    output: &str,
    attributes: &[Vec<u8>],
) -> Vec<u8> {
    let mut node: Vec<u8> = inputs.iter().flat_map(|name| bytes(1, name.as_bytes())).collect();
    node.extend(bytes(2, output.as_bytes()));
    node.extend(bytes(4, operator.as_bytes()));
    node.extend(attributes.iter().flat_map(|attribute| bytes(5, attribute)));
    node
}

/// An attribute that lists whole numbers.
pub(crate) fn ints(name: &str, values: &[u64]) -> Vec<u8> {
    let mut attribute = bytes(1, name.as_bytes());
    attribute.extend(values.iter().flat_map(|value| number(8, *value)));
    attribute.extend(number(20, 7));
    attribute
}

/// An initialiser of 32-bit floats.
pub(crate) fn floats(name: &str, dims: &[u64], raw: &[u8]) -> Vec<u8> {
    let mut tensor: Vec<u8> = dims.iter().flat_map(|dim| number(1, *dim)).collect();
    tensor.extend(number(2, 1));
    tensor.extend(bytes(8, name.as_bytes()));
    tensor.extend(bytes(9, raw));
    tensor
}

/// An initialiser of 64-bit whole numbers.
pub(crate) fn longs(name: &str, values: &[u64]) -> Vec<u8> {
    let mut tensor = number(1, values.len() as u64);
    tensor.extend(number(2, 7));
    tensor.extend(bytes(8, name.as_bytes()));
    tensor.extend(bytes(9, &values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<_>>()));
    tensor
}

/// The declaration of a tensor `[1, 3, 8, 8]` or without a shape.
fn value(name: &str, dims: &[u64]) -> Vec<u8> {
    let shape: Vec<u8> = dims.iter().flat_map(|dim| bytes(1, &number(1, *dim))).collect();
    let mut tensor = number(1, 1);
    tensor.extend(bytes(2, &shape));
    let mut value = bytes(1, name.as_bytes());
    value.extend(bytes(2, &bytes(1, &tensor)));
    value
}

/// A model that reads `x` [1, 3, 8, 8] and computes `y`.
pub(crate) fn model(nodes: &[Vec<u8>], initialisers: &[Vec<u8>]) -> Vec<u8> {
    let mut graph: Vec<u8> = nodes.iter().flat_map(|node| bytes(1, node)).collect();
    graph.extend(bytes(2, b"g"));
    graph.extend(initialisers.iter().flat_map(|tensor| bytes(5, tensor)));
    graph.extend(bytes(11, &value("x", &[1, 3, 8, 8])));
    graph.extend(bytes(12, &value("y", &[1, 3, 8, 8])));
    let mut model = number(1, 8);
    model.extend(bytes(7, &graph));
    model.extend(bytes(8, &number(2, 13)));
    model
}
