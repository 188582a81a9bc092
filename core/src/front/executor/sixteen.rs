//! Numbers of sixteen outputs beside one another, as kernels read them.

use std::ops::Range;

use super::block::{Block, LANES};
use super::kernels::LevelBlock;

/// Sixteen numbers, one of each output.
pub(super) trait Sixteen {
    type Number: Copy + Default;

    fn of(numbers: [Self::Number; LANES]) -> Self;
}

impl Sixteen for Block {
    type Number = f32;

    fn of(numbers: [f32; LANES]) -> Self {
        Self(numbers)
    }
}

impl Sixteen for LevelBlock {
    type Number = u8;

    fn of(numbers: [u8; LANES]) -> Self {
        Self(numbers)
    }
}

/// The numbers at these places of sixteen lanes, sixteen a place; four by four.
pub(super) fn transpose<T: Copy>(lanes: &[T], places: &Range<usize>, sixteens: &mut [[T; LANES]]) {
    let length = lanes.len() / LANES;
    for (quarter, lanes) in lanes.chunks_exact(4 * length).enumerate() {
        let lanes: [&[T]; 4] = std::array::from_fn(|lane| &lanes[lane * length..][places.clone()]);
        let [a, b, c, d] = lanes.map(|lane| lane.as_chunks::<4>().0);
        let (fours, rest) = sixteens.as_chunks_mut::<4>();
        let target = 4 * quarter..4 * quarter + 4;
        for (four, (((a, b), c), d)) in fours.iter_mut().zip(a.iter().zip(b).zip(c).zip(d)) {
            for (place, sixteen) in four.iter_mut().enumerate() {
                let column = [a[place], b[place], c[place], d[place]];
                sixteen[target.clone()].copy_from_slice(&column);
            }
        }
        for (place, sixteen) in (places.len() - rest.len()..).zip(rest) {
            sixteen[target.clone()].copy_from_slice(&lanes.map(|lane| lane[place]));
        }
    }
}
