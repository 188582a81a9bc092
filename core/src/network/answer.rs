//! What a network answers: probabilities.

use crate::error::{Error, ErrorKind, Result};
use crate::front::Output;

/// Scores to probabilities, in double precision; the largest is taken off first so that none
/// overflows.
pub(super) fn softmax(scores: &mut [f32]) {
    let largest = largest(scores);
    let sum = sum(scores, largest);
    scores.iter_mut().for_each(|score| *score = (exponential(*score, largest) / sum) as f32);
}

/// The probability of these classes together.
///
/// # Errors
/// [`ErrorKind::Activations`]: the answer holds what is no finite number, or what no probability is.
/// [`ErrorKind::Model`]: the network puts out neither scores nor probabilities.
pub(super) fn probability(answer: &[f32], output: Output, classes: &[usize]) -> Result<f64> {
    let wrong = |what: &str| Err(Error::new(ErrorKind::Activations, what.to_owned()));
    if !answer.iter().all(|value| value.is_finite()) {
        return wrong("the network's answer holds a value that is not a finite number");
    }
    match output {
        Output::Logits => {
            let largest = largest(answer);
            let sum = sum(answer, largest);
            Ok(classes.iter().map(|&class| exponential(answer[class], largest) / sum).sum())
        }
        Output::Probabilities => {
            /// How far rounding may take a probability past 0 or 1.
            const ROUNDING: f32 = 1e-4;
            let sound = |value: &f32| (-ROUNDING..=1.0 + ROUNDING).contains(value);
            if !answer.iter().all(sound) {
                return wrong(
                    "the network's answer holds values outside 0 to 1, where its card says probabilities",
                );
            }
            let sum: f64 = classes.iter().map(|&class| f64::from(answer[class])).sum();
            Ok(sum.clamp(0.0, 1.0))
        }
        Output::Descriptor => Err(Error::new(
            ErrorKind::Model,
            "the network answers with a descriptor, which has no classes; a degree of sanitisation needs probabilities",
        )),
    }
}

/// The class of the highest score, the first on a tie.
pub(super) fn top(answer: &[f32]) -> usize {
    let mut best = 0;
    for (class, score) in answer.iter().enumerate() {
        if *score > answer[best] {
            best = class;
        }
    }
    best
}

fn largest(scores: &[f32]) -> f32 {
    scores.iter().copied().fold(f32::NEG_INFINITY, f32::max)
}

fn exponential(score: f32, largest: f32) -> f64 {
    (f64::from(score) - f64::from(largest)).exp()
}

fn sum(scores: &[f32], largest: f32) -> f64 {
    scores.iter().map(|&score| exponential(score, largest)).sum()
}
