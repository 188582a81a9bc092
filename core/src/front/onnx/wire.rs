//! The first look at a model file: its protobuf structure, walked over the bytes in place.
//!
//! Decoding allocates for every message, string and number it meets, so a small file with a
//! million empty nodes would cost a thousand times its size. This walk allocates nothing. It counts
//! what decoding would allocate for, refuses what no front contains, and knows that every length
//! stays within the file.

use super::limits::*;
use super::refusal;
use crate::error::Result;
use crate::front::limits::{MAX_FILE, MAX_NODES, MAX_WEIGHTS};

/// Walks a whole file; an error says what makes it unusable.
pub(super) fn check(bytes: &[u8]) -> Result<()> {
    if bytes.is_empty() {
        return Err(refusal("the file is empty, an ONNX model was expected"));
    }
    if bytes.len() > MAX_FILE {
        return Err(refusal(format!("the file is over {} MiB", MAX_FILE >> 20)));
    }
    let mut counts = Counts::default();
    walk(bytes, Message::Model, &mut counts)?;
    if counts.graphs == 0 {
        return Err(refusal("the file is not an ONNX model, it holds no graph"));
    }
    Ok(())
}

/// The messages of ONNX that may stand in a front. None contains itself, which bounds the nesting.
#[derive(Clone, Copy)]
enum Message {
    Model,
    Graph,
    Node,
    Attribute,
    Tensor,
    ValueInfo,
    Type,
    TensorType,
    Shape,
    Dimension,
    /// Whatever holds nothing but a few names and numbers.
    Entry,
}

/// What decoding would allocate for.
#[derive(Default)]
struct Counts {
    graphs: usize,
    nodes: usize,
    tensors: usize,
    attributes: usize,
    edges: usize,
    entries: usize,
    numbers: usize,
    varints: usize,
    elements: usize,
}

/// What to do with one field of a message.
enum Rule {
    /// A message to walk into.
    Enter(Message),
    /// A name: not too long.
    Name,
    /// Text or bytes that nothing depends on, copied once.
    Bytes,
    /// Numbers, packed or one by one: this many bytes each, or of variable length.
    Numbers(Width, fn(&mut Counts) -> (&mut usize, usize)),
    /// A single number, or a field that decoding skips.
    Skip,
    /// Something no front contains.
    Refuse(&'static str),
}

#[derive(Clone, Copy)]
enum Width {
    Four,
    Eight,
    Variable,
}

/// Field numbers are those of onnx.proto.
fn rule(message: Message, field: u32) -> Rule {
    use Message::*;
    use Rule::*;
    match (message, field) {
        (Model, 2 | 3 | 4 | 6) => Bytes,
        (Model, 7) => Enter(Graph),
        (Model, 8 | 14) => Enter(Entry),
        (Model, 20) => Refuse("training information"),
        (Model, 25) => Refuse("functions of its own"),
        (Graph, 1) => Enter(Node),
        (Graph, 2) => Name,
        (Graph, 5) => Enter(Tensor),
        (Graph, 10) => Bytes,
        (Graph, 11..=13) => Enter(ValueInfo),
        (Graph, 14) => Refuse("quantisation annotations"),
        (Graph, 15) => Refuse("sparse tensors"),
        (Node, 1..=4 | 7) => Name,
        (Node, 5) => Enter(Attribute),
        (Node, 6) => Bytes,
        (Attribute, 1 | 21) => Name,
        (Attribute, 4 | 13) => Bytes,
        (Attribute, 5) => Enter(Tensor),
        (Attribute, 6 | 11) => Refuse("subgraphs (control flow)"),
        (Attribute, 7) => Numbers(Width::Four, |c| (&mut c.numbers, MAX_NUMBERS)),
        (Attribute, 8) => Numbers(Width::Variable, |c| (&mut c.numbers, MAX_NUMBERS)),
        (Attribute, 9) => Refuse("lists of strings in attributes"),
        (Attribute, 10) => Refuse("lists of tensors in attributes"),
        (Attribute, 14 | 15) => Refuse("types in attributes"),
        (Attribute, 22 | 23) => Refuse("sparse tensors"),
        (Tensor, 1) => Numbers(Width::Variable, |c| (&mut c.numbers, MAX_NUMBERS)),
        (Tensor, 3) => Refuse("tensors in segments"),
        (Tensor, 4) => Numbers(Width::Four, |c| (&mut c.elements, MAX_WEIGHTS)),
        (Tensor, 5 | 7 | 11) => Numbers(Width::Variable, |c| (&mut c.varints, MAX_VARINTS)),
        (Tensor, 6) => Refuse("tensors of strings"),
        (Tensor, 8) => Name,
        (Tensor, 9 | 12) => Bytes,
        (Tensor, 10) => Numbers(Width::Eight, |c| (&mut c.varints, MAX_VARINTS)),
        (Tensor, 13) => Refuse("external data (weights belong in the file)"),
        (ValueInfo, 1) => Name,
        (ValueInfo, 2) => Enter(Type),
        (ValueInfo, 3) => Bytes,
        (Type, 1) => Enter(TensorType),
        (Type, 6) => Name,
        (Type, 4 | 5 | 8 | 9) => Refuse("values that are not dense tensors"),
        (TensorType, 2) => Enter(Shape),
        (Shape, 1) => Enter(Dimension),
        (Dimension, 2 | 3) => Name,
        _ => Skip,
    }
}

fn walk(bytes: &[u8], message: Message, counts: &mut Counts) -> Result<()> {
    count_message(message, counts)?;
    let mut reader = Reader { rest: bytes };
    while let Some((field, value)) = reader.field()? {
        match (rule(message, field), value) {
            (Rule::Refuse(what), _) => {
                return Err(refusal(format!("the model holds {what}, which is not supported")));
            }
            (Rule::Enter(inner), Value::Bytes(bytes)) => walk(bytes, inner, counts)?,
            (Rule::Name, Value::Bytes(name)) => {
                if name.len() > MAX_NAME {
                    return Err(refusal(format!("a name is over {MAX_NAME} bytes long")));
                }
                if matches!((message, field), (Message::Node, 1 | 2)) {
                    add(&mut counts.edges, 1, MAX_EDGES, "inputs and outputs of nodes")?;
                }
            }
            (Rule::Bytes, Value::Bytes(_)) | (Rule::Skip, _) => {}
            (Rule::Numbers(width, counter), value) => {
                let many = match (width, value) {
                    (Width::Four, Value::Fixed32) | (Width::Eight, Value::Fixed64) => 1,
                    (Width::Variable, Value::Varint) => 1,
                    (Width::Four, Value::Bytes(packed)) => packed.len() / 4,
                    (Width::Eight, Value::Bytes(packed)) => packed.len() / 8,
                    (Width::Variable, Value::Bytes(packed)) => {
                        packed.iter().filter(|&&byte| byte < 0x80).count()
                    }
                    _ => return Err(not_onnx()),
                };
                let (count, limit) = counter(counts);
                add(count, many, limit, "numbers")?;
            }
            (Rule::Enter(_) | Rule::Name | Rule::Bytes, _) => return Err(not_onnx()),
        }
    }
    Ok(())
}

fn count_message(message: Message, counts: &mut Counts) -> Result<()> {
    match message {
        Message::Graph => add(&mut counts.graphs, 1, 1, "graphs"),
        Message::Node => add(&mut counts.nodes, 1, MAX_NODES, "nodes"),
        Message::Tensor => add(&mut counts.tensors, 1, MAX_TENSORS, "tensors"),
        Message::ValueInfo => add(&mut counts.entries, 1, MAX_TENSORS, "described values"),
        Message::Attribute => add(&mut counts.attributes, 1, MAX_ATTRIBUTES, "attributes"),
        Message::Dimension => add(&mut counts.numbers, 1, MAX_NUMBERS, "dimensions"),
        Message::Entry => add(&mut counts.entries, 1, MAX_ENTRIES, "entries of metadata"),
        Message::Model | Message::Type | Message::TensorType | Message::Shape => Ok(()),
    }
}

fn add(count: &mut usize, more: usize, limit: usize, what: &str) -> Result<()> {
    *count += more;
    if *count > limit {
        return Err(refusal(format!("the model holds over {limit} {what}")));
    }
    Ok(())
}

fn not_onnx() -> crate::error::Error {
    refusal("the file is not an ONNX model, or it is cut short or damaged")
}

/// One field's value; numbers are skipped over, nobody here needs them.
enum Value<'a> {
    Varint,
    Fixed32,
    Fixed64,
    Bytes(&'a [u8]),
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// The next field's number and value; nothing at the end of the message.
    fn field(&mut self) -> Result<Option<(u32, Value<'a>)>> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let tag = self.varint()?;
        let field = u32::try_from(tag >> 3).ok().filter(|&f| f > 0 && f < 1 << 29);
        let field = field.ok_or_else(not_onnx)?;
        let value = match tag & 7 {
            0 => {
                self.varint()?;
                Value::Varint
            }
            1 => {
                self.take(8)?;
                Value::Fixed64
            }
            2 => {
                let length = self.varint()?;
                Value::Bytes(self.take(usize::try_from(length).map_err(|_| not_onnx())?)?)
            }
            5 => {
                self.take(4)?;
                Value::Fixed32
            }
            // Groups went out of use before ONNX began; decoders recurse on them.
            _ => return Err(not_onnx()),
        };
        Ok(Some((field, value)))
    }

    fn varint(&mut self) -> Result<u64> {
        let mut value = 0u64;
        for (index, &byte) in self.rest.iter().take(10).enumerate() {
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte < 0x80 {
                self.rest = &self.rest[index + 1..];
                return Ok(value);
            }
        }
        Err(not_onnx())
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or_else(not_onnx)?;
        self.rest = rest;
        Ok(taken)
    }
}
