//! The numbers of an initialiser or a constant.

use std::sync::Arc;

use tract_onnx::pb::TensorProto;
use tract_onnx::pb::tensor_proto::{DataLocation, DataType};

use super::refusal;
use crate::error::Result;
use crate::front::limits::{MAX_RANK, MAX_TENSOR_ELEMENTS};
use crate::front::numbers::Numbers;
use crate::front::shared_bytes::SharedBytes;

/// What a constant is made of: weights, parameters such as shapes and axes, or 8-bit weights that
/// have yet to be scaled.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Content {
    Floats(Numbers),
    Integers(Arc<[i64]>),
    Bytes(Bytes),
}

/// Numbers of eight bits, counted from the smallest that their type has: 0 stands for -128 where
/// they are signed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bytes {
    pub(super) levels: SharedBytes,
    pub(super) signed: bool,
}

impl Bytes {
    fn unsigned(levels: Vec<u8>) -> Self {
        Self { levels: levels.into(), signed: false }
    }

    fn signed(bytes: impl Iterator<Item = u8>) -> Self {
        Self { levels: bytes.map(|byte| byte ^ 0x80).collect::<Vec<_>>().into(), signed: true }
    }

    /// The level of the number 0.
    pub(super) fn zero(&self) -> u8 {
        if self.signed { 0x80 } else { 0 }
    }
}

impl Content {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Floats(numbers) => numbers.len(),
            Self::Integers(values) => values.len(),
            Self::Bytes(bytes) => bytes.levels.len(),
        }
    }
}

/// Shape and content; `name` is what messages call it.
pub(super) fn read(tensor: &TensorProto, name: &str) -> Result<(Vec<usize>, Content)> {
    let wrong = |what: &str| refusal(format!("tensor {name:?}: {what}"));
    if tensor.data_location == Some(DataLocation::External as i32)
        || !tensor.external_data.is_empty()
    {
        return Err(wrong("external data is not supported, all weights must be in the file"));
    }
    if tensor.segment.is_some() {
        return Err(wrong("segments are not supported"));
    }
    let shape = shape(&tensor.dims).ok_or_else(|| {
        wrong(&format!("must have at most {MAX_RANK} dimensions, none negative, and {MAX_TENSOR_ELEMENTS} numbers"))
    })?;
    let many: usize = shape.iter().product();
    let raw = (!tensor.raw_data.is_empty()).then_some(tensor.raw_data.as_slice());
    let content = match DataType::try_from(tensor.data_type) {
        Ok(DataType::Float) => Content::Floats(Numbers::Floats(match raw {
            Some(raw) => numbers(raw, f32::from_le_bytes),
            None => tensor.float_data.as_slice().into(),
        })),
        Ok(DataType::Int64) => Content::Integers(match raw {
            Some(raw) => numbers(raw, i64::from_le_bytes),
            None => tensor.int64_data.as_slice().into(),
        }),
        Ok(DataType::Int32) => Content::Integers(match raw {
            Some(raw) => numbers(raw, |bytes| i64::from(i32::from_le_bytes(bytes))),
            None => tensor.int32_data.iter().map(|&value| i64::from(value)).collect(),
        }),
        Ok(DataType::Uint8) => Content::Bytes(match raw {
            Some(raw) => Bytes::unsigned(raw.into()),
            None => Bytes::unsigned(tensor.int32_data.iter().map(|&value| value as u8).collect()),
        }),
        Ok(DataType::Int8) => Content::Bytes(match raw {
            Some(raw) => Bytes::signed(raw.iter().copied()),
            None => Bytes::signed(tensor.int32_data.iter().map(|&value| value as u8)),
        }),
        Ok(other) => {
            return Err(wrong(&format!(
                "type {} is not supported; FLOAT, INT64, INT32, UINT8 and INT8 are",
                other.as_str_name()
            )));
        }
        Err(_) => return Err(wrong("has an unknown type")),
    };
    let whole = raw.is_none_or(|raw| raw.len() == many * width(tensor.data_type));
    if content.len() != many || !whole {
        return Err(wrong(&format!("its shape {shape:?} does not match the data it holds")));
    }
    if let Content::Floats(Numbers::Floats(values)) = &content
        && !values.iter().all(|value| value.is_finite())
    {
        return Err(wrong("holds a value that is not a finite number"));
    }
    Ok((shape, content))
}

/// Sizes that are neither negative nor too many nor too large in all; zero is a size.
pub(super) fn shape(dims: &[i64]) -> Option<Vec<usize>> {
    if dims.len() > MAX_RANK {
        return None;
    }
    let shape = dims.iter().map(|&dim| usize::try_from(dim).ok()).collect::<Option<Vec<_>>>()?;
    // A zero must not hide a size that overflows elsewhere.
    let product = shape.iter().try_fold(1usize, |product, &size| product.checked_mul(size.max(1)));
    product.filter(|&product| product <= MAX_TENSOR_ELEMENTS).map(|_| shape)
}

fn width(data_type: i32) -> usize {
    match DataType::try_from(data_type) {
        Ok(DataType::Float | DataType::Int32) => 4,
        Ok(DataType::Int64) => 8,
        _ => 1,
    }
}

fn numbers<const WIDTH: usize, T>(raw: &[u8], read: impl Fn([u8; WIDTH]) -> T) -> Arc<[T]> {
    raw.as_chunks().0.iter().map(|&bytes| read(bytes)).collect()
}
