//! The rules beside Algorithm 1's.

/// Replaces each window by what the rule makes of it; none leaves it as it is.
pub(super) fn hold(
    stream: &mut [f32],
    window: usize,
    representative: impl Fn(&mut [f32]) -> Option<f32>,
) {
    for window in stream.chunks_mut(window) {
        if let Some(representative) = representative(window) {
            window.fill(representative);
        }
    }
}

/// The median of the non-zero samples, the lower one of two. It leaves the window in another order.
pub(super) fn median(window: &mut [f32]) -> Option<f32> {
    let mut count = 0;
    for index in 0..window.len() {
        if window[index] != 0.0 {
            window.swap(count, index);
            count += 1;
        }
    }
    if count == 0 {
        // Not a sample was moved.
        return None;
    }
    let (_, median, _) = window[..count].select_nth_unstable_by((count - 1) / 2, f32::total_cmp);
    Some(*median)
}

/// The sample of the largest magnitude, the first on a tie; none among zeros.
pub(super) fn largest(window: &mut [f32]) -> Option<f32> {
    let larger = |best: f32, &sample: &f32| if sample.abs() > best.abs() { sample } else { best };
    let largest = window.iter().fold(0.0, larger);
    (largest != 0.0).then_some(largest)
}
