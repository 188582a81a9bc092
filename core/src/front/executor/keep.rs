//! Which filters stay transformed between runs.

use super::block::LANES;
use super::kernels::Kernels;
use super::layout::Placed;
use super::step::{Operation, Step};

/// What packed weights may take of memory, over what the model's own take as floats.
const MOST: f64 = 2.25;

/// Keeps Winograd's filters transformed, those first that a run would transform most often, while
/// packed weights stay below [`MOST`] times the model's `weights`.
pub(super) fn filters(steps: &mut [Step], values: &[Placed], weights: usize, kernels: &Kernels) {
    let packed: usize = steps.iter().map(Step::weight_blocks).sum();
    let mut room = ((MOST * weights as f64) as usize / LANES).saturating_sub(packed);
    let bands = |step: &Step| values[step.output].rows.div_ceil(step.band);
    let mut order: Vec<usize> = (0..steps.len()).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(bands(&steps[index])));
    for index in order {
        let columns = values[steps[index].output].columns;
        let Step { operation: Operation::Winograd { packed, scratch, .. }, band, .. } =
            &mut steps[index]
        else {
            continue;
        };
        if packed.growth() <= room {
            room -= packed.growth();
            kernels.keep_filters(packed);
            *scratch = packed.scratch(*band, columns);
        }
    }
}
