//! Algorithm 1 as it is written, one window at a time: what every faster way must agree with, bit for bit.

/// Replaces each window by what the rule makes of it; none leaves it as it is.
#[inline(always)]
pub(super) fn each(
    stream: &mut [f32],
    window: usize,
    representative: impl Fn(&[f32]) -> Option<f32>,
) {
    for window in stream.chunks_mut(window) {
        if let Some(representative) = representative(window) {
            window.fill(representative);
        }
    }
}

/// The non-zero sample closest to the mean of the window's non-zero samples, if it has one.
pub(super) fn exact(window: &[f32]) -> Option<f32> {
    let (mut sum, mut count) = (0f64, 0usize);
    for &sample in window {
        // Adding a zero changes no f64 sum, so only the count needs the test.
        sum += f64::from(sample);
        count += usize::from(sample != 0.0);
    }
    if count == 0 {
        return None;
    }
    let mean = sum / count as f64;
    let (mut best, mut nearest) = (None, f64::INFINITY);
    for &sample in window {
        let distance = (f64::from(sample) - mean).abs();
        if sample != 0.0 && distance < nearest {
            (best, nearest) = (Some(sample), distance);
        }
    }
    best
}
