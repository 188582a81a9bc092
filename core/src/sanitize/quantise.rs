//! Plain quantisation, and the bytes of a map that lies on a grid.

use crate::grid::{Grid, GridInteger};

/// Brings a map onto a grid, in place: rounds `value * unit / step` to the nearest whole number,
/// ties to even, and saturates. NaN becomes 0.
///
/// `unit` is what one unit of the map stands for: 1 for activations, the step of the grid it lies
/// on for a map that is on one already. The quotient is taken in `f64`, where it is exact for every
/// step that is a power of two.
pub fn quantise(map: &mut [f32], unit: f32, grid: Grid) {
    let bound = f64::from(grid.integer.bound());
    let (unit, step) = (f64::from(unit), f64::from(grid.step.get()));
    for value in map {
        let steps = (f64::from(*value) * unit / step).round_ties_even().clamp(-bound, bound);
        *value = if steps.is_nan() { 0.0 } else { steps as f32 };
    }
}

/// Writes a map that lies on a grid as the bytes of a release: `map.len() * integer.bytes()` bytes.
pub fn encode(map: &[f32], integer: GridInteger, out: &mut [u8]) {
    debug_assert_eq!(out.len(), map.len() * integer.bytes());
    match integer {
        GridInteger::I8 => {
            for (value, byte) in map.iter().zip(out) {
                *byte = (*value as i8).to_le_bytes()[0];
            }
        }
        GridInteger::I16 => {
            for (value, bytes) in map.iter().zip(out.chunks_exact_mut(2)) {
                bytes.copy_from_slice(&(*value as i16).to_le_bytes());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::GridStep;

    fn quantised(values: &[f32], integer: GridInteger, step: f32) -> Vec<f32> {
        let mut map = values.to_vec();
        quantise(&mut map, 1.0, Grid { integer, step: GridStep::new(step).unwrap() });
        map
    }

    #[test]
    fn ties_go_to_even_and_the_ends_saturate() {
        let values = [0.5, 1.5, 2.5, -0.5, -1.5, 1e9, -1e9, f32::INFINITY, f32::NAN];
        assert_eq!(
            quantised(&values, GridInteger::I8, 1.0),
            [0.0, 2.0, 2.0, -0.0, -2.0, 127.0, -127.0, 127.0, 0.0]
        );
        assert_eq!(quantised(&[-1e9], GridInteger::I16, 0.5), [-32767.0]);
    }

    #[test]
    fn a_map_on_one_grid_moves_to_a_coarser_one() {
        let mut map = [1.0, 2.0, 3.0, 6.0];
        quantise(
            &mut map,
            0.25,
            Grid { integer: GridInteger::I8, step: GridStep::new(0.5).unwrap() },
        );
        assert_eq!(map, [0.0, 1.0, 2.0, 3.0]);
    }

    #[test]
    fn bytes_are_twos_complement_least_significant_first() {
        let mut bytes = [0u8; 6];
        encode(&[-1.0, 258.0, -32767.0], GridInteger::I16, &mut bytes);
        assert_eq!(bytes, [0xff, 0xff, 0x02, 0x01, 0x01, 0x80]);
        encode(&[-127.0, 3.0], GridInteger::I8, &mut bytes[..2]);
        assert_eq!(bytes[..2], [0x81, 0x03]);
    }
}
