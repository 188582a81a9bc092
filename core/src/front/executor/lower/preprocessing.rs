//! Scale and offset before a convolution, into its weights.

use super::Lowering;
use crate::front::executor::draft::{After, Kind};
use crate::front::graph::ValueId;
use crate::front::numbers::Numbers;
use crate::front::operator::Window;

impl Lowering<'_> {
    /// Where a convolution of one group alone reads `x * scale + offset`, takes both into its weights
    /// `[output][input][row][column]` and biases, and gives x to read instead.
    ///
    /// Padding would have to be the offset's opposite, so there must be none, or no offset.
    pub(super) fn preprocessed(
        &mut self,
        input: ValueId,
        window: &Window,
        weights: &mut Numbers,
        biases: &mut [f32],
    ) -> ValueId {
        let Some(index) = self.sole_maker(input) else { return input };
        let draft = &self.drafts[index];
        let (Kind::Affine { scale, offset, after: After::Nothing }, None) =
            (&draft.kind, &draft.function)
        else {
            return input;
        };
        let padded = window.before != [0, 0] || window.after != [0, 0];
        if padded && offset.iter().any(|offset| *offset != 0.0) {
            return input;
        }
        let taps = window.kernel[0] * window.kernel[1];
        let mut floats = weights.floats().to_vec();
        let outputs = floats.chunks_exact_mut(taps * scale.len());
        for (weights, bias) in outputs.zip(biases) {
            let inputs = weights.chunks_exact_mut(taps).zip(scale).zip(offset);
            for ((weights, scale), offset) in inputs {
                let sum: f64 = weights.iter().map(|weight| f64::from(*weight)).sum();
                *bias = (f64::from(*bias) + sum * f64::from(*offset)) as f32;
                weights.iter_mut().for_each(|weight| *weight *= scale);
            }
        }
        *weights = Numbers::Floats(floats.into());
        let read = draft.inputs[0];
        self.drafts.remove(index);
        self.made_by.retain(|_, made_by| *made_by != index);
        self.made_by.values_mut().filter(|by| **by > index).for_each(|by| *by -= 1);
        read
    }
}
