//! NumPy's array files, `f32` only.

use std::io::Read;
use std::path::Path;

use npyz::{NpyFile, Order, WriterBuilder};

use crate::failure::Failure;
use crate::input;

/// The largest array file that is read: the largest map and its header.
const LARGEST: u64 = (1 << 29) + (1 << 16);

/// Whether this is such a file, by its name or by its first bytes.
pub(crate) fn recognises(path: &Path) -> bool {
    let named = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("npy"));
    let mut magic = [0; 6];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut magic));
    named || (read.is_ok() && magic == *b"\x93NUMPY")
}

/// An array of `f32` in row-major order.
pub(crate) struct Array {
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Vec<f32>,
}

impl Array {
    /// Reads an array; anything but little-endian `f32` in row-major order is refused.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let wrong = |what: &str| Failure::bad_input(format!("{}: {what}", path.display()));
        let bytes = input::read(path, LARGEST)?;
        let file = NpyFile::new(&bytes[..]).map_err(|_| wrong("not a NumPy array file (.npy)"))?;
        if file.order() != Order::C {
            return Err(wrong("the array is in Fortran order; save np.ascontiguousarray of it"));
        }
        let shape: Option<Vec<usize>> =
            file.shape().iter().map(|size| usize::try_from(*size).ok()).collect();
        let shape = shape.ok_or_else(|| wrong("its shape is impossible"))?;
        let count = shape.iter().try_fold(1usize, |n, size| n.checked_mul(*size));
        // A header may claim any shape: what is not in the file is not made room for.
        if count.is_none_or(|count| count > bytes.len() / 4) {
            return Err(wrong("it is cut short, or its shape is impossible"));
        }
        let values = file
            .into_vec::<f32>()
            .map_err(|_| wrong("its values are not float32, or it is cut short"))?;
        Ok(Self { shape, values })
    }

    /// The file's bytes.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let shape: Vec<u64> = self.shape.iter().map(|size| *size as u64).collect();
        let mut bytes = Vec::new();
        let mut writer = npyz::WriteOptions::new()
            .default_dtype()
            .shape(&shape)
            .writer(&mut bytes)
            .begin_nd()
            .expect("writing to memory does not fail");
        writer.extend(&self.values).expect("writing to memory does not fail");
        writer.finish().expect("as many values as the shape says");
        bytes
    }

    /// Channels, rows and columns: `[1,C,H,W]`, `[C,H,W]`, `[1,C]` or `[C]`.
    pub(crate) fn map_shape(&self) -> Option<[usize; 3]> {
        let shape = match *self.shape {
            [1, channels, rows, columns] | [channels, rows, columns] => [channels, rows, columns],
            [1, channels] | [channels] => [channels, 1, 1],
            _ => return None,
        };
        (!shape.contains(&0)).then_some(shape)
    }
}
