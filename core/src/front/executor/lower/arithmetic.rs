//! Sums, products and the like of two maps, or of a map and constants.

use super::Lowering;
use crate::front::executor::draft::{After, Kind};
use crate::front::executor::shape::{Fit, fit};
use crate::front::graph::{Node, ValueId};
use crate::front::operator::Arithmetic;

impl Lowering<'_> {
    pub(super) fn arithmetic(&mut self, node: &Node, arithmetic: Arithmetic) -> Option<()> {
        let (a, b) = (node.inputs[0], node.inputs[1]);
        for (input, other, first) in [(a, b, false), (b, a, true)] {
            if self.by_channel(input, other, first, node.output, arithmetic).is_some() {
                return Some(());
            }
        }
        let fits = [self.fits(a, node.output)?, self.fits(b, node.output)?];
        if fits == [Fit::Pixel; 2] {
            return None;
        }
        let a = self.operand(a, fits[0], node.output);
        let b = self.operand(b, fits[1], node.output);
        if arithmetic == Arithmetic::Add && fits == [Fit::Same; 2] {
            self.sum(a, b, node.output);
        } else {
            let kind = Kind::Combine { arithmetic, after: After::Nothing };
            self.push(kind, vec![a, b], node.output);
        }
        Some(())
    }

    /// How an input fits to the output; none where that is no way that a step has.
    fn fits(&self, id: ValueId, output: ValueId) -> Option<Fit> {
        let whole @ [channels, ..] = self.sizes[output.0];
        let constant = self.graph.numbers(id);
        if constant.is_some_and(|numbers| numbers.len() == 1) {
            return Some(Fit::Pixel);
        }
        let fits = fit(self.graph.shape(id), self.graph.shape(output))?;
        let sizes = match fits {
            Fit::Same => whole,
            Fit::Pixel => [channels, 1, 1],
        };
        // Constants are laid out as they are needed.
        (constant.is_some() || self.sizes[id.0] == sizes).then_some(fits)
    }

    /// An input as a map: constants become one, of a single pixel or of the output's size.
    fn operand(&mut self, id: ValueId, fits: Fit, output: ValueId) -> ValueId {
        let whole @ [channels, ..] = self.sizes[output.0];
        let Some(numbers) = self.constant(id) else { return id };
        let (numbers, sizes) = match (fits, &*numbers) {
            (Fit::Same, _) => (numbers, whole),
            (Fit::Pixel, &[one]) => (vec![one; channels].into(), [channels, 1, 1]),
            (Fit::Pixel, _) => (numbers, [channels, 1, 1]),
        };
        let map = self.between(sizes);
        self.add(Kind::Constant(numbers), Vec::new(), map);
        map
    }

    /// Arithmetic with a constant, one number a channel: a scale and an offset, or a clip.
    fn by_channel(
        &mut self,
        input: ValueId,
        constant: ValueId,
        constant_first: bool,
        output: ValueId,
        arithmetic: Arithmetic,
    ) -> Option<()> {
        let same = self.graph.shape(input) == self.graph.shape(output);
        if self.is_constant(input) || !same {
            return None;
        }
        let values = self.channel_constant(constant, output)?;
        let all = |value: f32| vec![value; values.len()];
        let negative = || values.iter().map(|value| -value).collect();
        let uniform = values.iter().all(|value| *value == values[0]);
        let (scale, offset) = match (arithmetic, constant_first) {
            (Arithmetic::Add, _) => (all(1.0), values),
            (Arithmetic::Subtract, false) => (all(1.0), negative()),
            (Arithmetic::Subtract, true) => (all(-1.0), values),
            (Arithmetic::Multiply, _) => {
                let nothing = all(0.0);
                (values, nothing)
            }
            (Arithmetic::Divide, false) => {
                (values.iter().map(|value| 1.0 / value).collect(), all(0.0))
            }
            (Arithmetic::Maximum, _) if uniform => {
                let after = After::Clip { low: values[0], high: f32::INFINITY };
                self.activate(input, output, after);
                return Some(());
            }
            (Arithmetic::Minimum, _) if uniform => {
                let after = After::Clip { low: f32::NEG_INFINITY, high: values[0] };
                self.activate(input, output, after);
                return Some(());
            }
            _ => return None,
        };
        self.affine(input, output, scale, offset);
        Some(())
    }

    /// A sum of two maps: into the store of a convolution that makes one of them, if nobody else
    /// reads that.
    fn sum(&mut self, a: ValueId, b: ValueId, output: ValueId) {
        for (made, skip) in [(b, a), (a, b)] {
            let Some(draft) = self.sole_maker(made) else { continue };
            let candidate = &self.drafts[draft];
            let free = candidate.inputs.len() == 1
                && candidate.function.is_none()
                && matches!(
                    candidate.kind,
                    Kind::Convolution { after: After::Nothing, groups: 1, .. }
                );
            if free {
                let skip = self.map(skip);
                self.drafts[draft].inputs.push(skip);
                return self.rename(draft, output);
            }
        }
        let kind = Kind::Combine { arithmetic: Arithmetic::Add, after: After::Nothing };
        self.push(kind, vec![a, b], output);
    }
}
