//! Channel selection: the channels that are kept move to the front of the map.

/// Keeps the listed channels of a map of `positions` positions, moving them to the front in place.
///
/// `keep` is strictly ascending and names channels of the map, so that no channel is overwritten
/// before it is read; the first `keep.len() * positions` values are the selected map afterwards.
/// Source: *PrivyNet*, section 3.4 (channel pruning at the output layer).
pub fn select_channels(map: &mut [f32], positions: usize, keep: &[usize]) {
    debug_assert!(keep.is_sorted_by(|a, b| a < b));
    for (to, &from) in keep.iter().enumerate() {
        map.copy_within(from * positions..(from + 1) * positions, to * positions);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_channels_move_to_the_front_in_order() {
        let mut map = [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5];
        select_channels(&mut map, 2, &[1, 3]);
        assert_eq!(map[..4], [1.0, 1.5, 3.0, 3.5]);
    }
}
