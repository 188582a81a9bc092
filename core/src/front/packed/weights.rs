//! The weights of a packed front: arrays of numbers, one after the other, each from a multiple of 64
//! bytes on, with zeros between them.

use std::sync::Arc;

use super::container::padding;
use super::refusal;
use crate::error::Result;
use crate::front::numbers::Levels;
#[cfg(feature = "onnx")]
use crate::front::numbers::Numbers;
use crate::front::shared_bytes::SharedBytes;

/// Reads arrays in the order in which they stand.
pub(super) struct Reader {
    weights: SharedBytes,
    at: usize,
}

impl Reader {
    pub(super) fn new(weights: SharedBytes) -> Self {
        Self { weights, at: 0 }
    }

    /// So many 32-bit floats, all finite.
    pub(super) fn floats(&mut self, count: usize) -> Result<Arc<[f32]>> {
        let bytes = self.array(count.checked_mul(4).ok_or_else(too_few)?)?;
        let floats: Arc<[f32]> =
            bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
        if !floats.iter().all(|value| value.is_finite()) {
            return Err(refusal("a weight is not a finite number"));
        }
        Ok(floats)
    }

    /// So many numbers of 8 bits, then a zero and a scale for each channel.
    pub(super) fn levels(&mut self, count: usize, channels: usize, inner: usize) -> Result<Levels> {
        let levels = self.array(count)?;
        let zeros = self.array(channels)?;
        let scales = self.floats(channels)?;
        Levels::new(levels, zeros.to_vec(), scales.to_vec(), inner)
            .ok_or_else(|| refusal("its weights of 8 bits do not fit their scales"))
    }

    /// Nothing may be left.
    pub(super) fn finish(self) -> Result<()> {
        if self.at != self.weights.len() {
            return Err(refusal("it holds weights that none of its steps has"));
        }
        Ok(())
    }

    fn array(&mut self, length: usize) -> Result<SharedBytes> {
        let rest = &self.weights[self.at..];
        let end = length.checked_add(padding(length)).ok_or_else(too_few)?;
        let zeros = &rest.get(..end).ok_or_else(too_few)?[length..];
        if zeros.iter().any(|&byte| byte != 0) {
            return Err(refusal("something stands where zeros belong"));
        }
        let array = self.weights.part(self.at..self.at + length).ok_or_else(too_few)?;
        self.at += end;
        Ok(array)
    }
}

fn too_few() -> crate::error::Error {
    refusal("it holds fewer weights than its steps have")
}

/// Writes numbers as [`Reader`] reads them.
#[cfg(feature = "onnx")]
pub(super) fn write(weights: &mut Vec<u8>, numbers: &Numbers) {
    let mut array = |bytes: &[u8]| {
        weights.extend(bytes);
        weights.resize(weights.len() + padding(weights.len()), 0);
    };
    let bytes = |floats: &[f32]| -> Vec<u8> {
        floats.iter().flat_map(|value| value.to_le_bytes()).collect()
    };
    match numbers {
        Numbers::Floats(floats) => array(&bytes(floats)),
        Numbers::Levels(levels) => {
            array(levels.levels());
            array(levels.zeros());
            array(&bytes(levels.scales()));
        }
    }
}
