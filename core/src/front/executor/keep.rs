//! Which filters stay transformed between runs.

use super::block::LANES;
use super::kernels::Kernels;
use super::layout::Placed;
use super::step::{Operation, Step};

/// What packed weights may take of memory, over what the model's own take as floats: with what else a
/// plan holds, below 2.25.
const MOST: f64 = 2.2;

/// Keeps Winograd's filters transformed, those first that a run would transform most often, while
/// packed weights stay below [`MOST`] times the model's `weights`.
pub(super) fn filters(steps: &mut [Step], values: &[Placed], weights: usize, kernels: &Kernels) {
    let packed: usize = steps.iter().map(Step::weight_blocks).sum();
    let mut room = ((MOST * weights as f64) as usize / LANES).saturating_sub(packed);
    let bands = |step: &Step| values[step.output].rows.div_ceil(step.band);
    let mut order: Vec<(usize, usize)> = steps
        .iter()
        .enumerate()
        .map(|(index, step)| (bands(step), index))
        .filter(|(bands, _)| *bands >= kernels.bands_that_keep())
        .collect();
    order.sort_by_key(|&(bands, index)| (std::cmp::Reverse(bands), index));
    for (_, index) in order {
        let step = &mut steps[index];
        let columns = values[step.output].columns;
        if let Operation::Winograd { packed, scratch, .. } = &mut step.operation {
            kernels.keep_filters(packed, room / packed.growth());
            room -= packed.kept * packed.growth();
            if packed.needs_no_band(columns) {
                step.band = packed.tile();
            }
            *scratch = packed.scratch(step.band, columns);
        }
    }
}
