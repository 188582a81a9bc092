//! Sample-and-hold: windows of a feature map, each replaced by one of its own samples.
//!
//! Source: *Controlling the privacy loss with the input feature maps of the layers in convolutional
//! neural networks*, section 3.2 and Algorithm 1. It gives no formal guarantee: what it hides is
//! measured (an empirical promise), not proven.

use std::num::NonZeroUsize;

use crate::error::{Error, ErrorKind, Result};

/// Replaces each window of `stream` by its representative sample, in place.
///
/// The stream is cut into consecutive windows of `window` samples, the last one shorter where the
/// length is no multiple. A window's representative is the non-zero sample closest to the mean of
/// its non-zero samples, the first of them on a tie; every position of the window takes it, zeros
/// included. A window of zeros stays as it is, and a window of one sample is the identity. Sums and
/// distances are in `f64`, in stream order, so that the result is the same on every machine.
///
/// # Errors
/// [`ErrorKind::Activations`] names the first sample that is NaN or infinite; nothing is written.
pub fn sample_and_hold(stream: &mut [f32], window: NonZeroUsize) -> Result<()> {
    if let Some(index) = stream.iter().position(|sample| !sample.is_finite()) {
        return Err(Error::new(
            ErrorKind::Activations,
            format!(
                "sample {index} of the map is not a finite number: sample-and-hold needs finite activations"
            ),
        ));
    }
    if window.get() > 1 {
        for window in stream.chunks_mut(window.get()) {
            if let Some(representative) = representative(window) {
                window.fill(representative);
            }
        }
    }
    Ok(())
}

/// The non-zero sample closest to the mean of the window's non-zero samples, if it has one.
fn representative(window: &[f32]) -> Option<f32> {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn held(stream: &[f32], window: usize) -> Vec<f32> {
        let mut stream = stream.to_vec();
        sample_and_hold(&mut stream, NonZeroUsize::new(window).unwrap()).unwrap();
        stream
    }

    #[test]
    fn zeros_take_the_representative_but_do_not_move_the_mean() {
        // Non-zero mean 3: both 2 and 4 are one away, the first wins.
        assert_eq!(held(&[0.0, 2.0, 4.0, -0.0], 4), [2.0; 4]);
    }

    #[test]
    fn a_window_of_zeros_keeps_its_signs() {
        let out = held(&[0.0, -0.0, 5.0], 2);
        assert_eq!(
            out.iter().map(|x| x.to_bits()).collect::<Vec<_>>(),
            [0, 1 << 31, 5f32.to_bits()]
        );
    }

    #[test]
    fn the_last_window_may_be_shorter_or_the_only_one() {
        assert_eq!(held(&[1.0, 2.0, 3.0, 9.0], 3), [2.0, 2.0, 2.0, 9.0]);
        assert_eq!(held(&[1.0, 2.0, 9.0], 100), [2.0; 3]);
        assert!(held(&[], 4).is_empty());
    }

    #[test]
    fn a_sample_that_is_no_number_is_named_and_nothing_is_written() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut stream = [1.0, 2.0, bad, 4.0];
            let error = sample_and_hold(&mut stream, NonZeroUsize::new(2).unwrap()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Activations);
            assert!(error.message().contains("sample 2"), "{error}");
            assert_eq!(stream[..2], [1.0, 2.0]);
        }
    }

    proptest! {
        #[test]
        fn held_values_are_samples_of_their_own_window(
            stream in prop::collection::vec(prop_oneof![Just(0f32), -8f32..8.0], 1..200),
            window in 1usize..40,
        ) {
            let out = held(&stream, window);
            for (before, after) in stream.chunks(window).zip(out.chunks(window)) {
                prop_assert!(after.iter().all(|x| before.contains(x)));
                prop_assert!(window == 1 || after.windows(2).all(|w| w[0] == w[1]));
            }
            prop_assert_eq!(held(&out, window), out, "holding twice is holding once");
        }
    }
}
