//! Which kernel a convolution gets, and how much of it is computed at a time.

use super::block::{Block, blocks_of};
use super::kernels::{PRODUCTS, TAPS, tile_of};
use super::layout::Placed;
use super::pack::Loose;
use super::phases;
use crate::front::operator::Window;

/// Multiply-adds that Winograd's transforms of inputs and outputs cost, for each of its own.
const TRANSFORMS: f64 = 0.2;

/// What transforming one filter costs, in multiply-adds of its channels.
const FILTER: f64 = 160.0;

/// Transformed inputs of a band, in blocks: half of a second cache.
const BAND: usize = (512 << 10) / size_of::<Block>();

/// Tiles that share one transform of their filters: few enough for the cache and a small arena, and
/// enough to make it cheap.
fn tiles_in_a_band(channels: usize) -> usize {
    (BAND / (PRODUCTS * blocks_of(channels))).clamp(28, 64)
}

/// The rows of tiles that Winograd's kernel makes at a time; none where it does not take a convolution
/// or does not pay.
///
/// Counted per pair of channels, in multiply-adds: thirty-six a tile and what transforms cost, against
/// one a tap and pixel. Both kernels read the weights as the model has them.
pub(super) fn winograd(loose: &Loose<'_>, to: Placed) -> Option<usize> {
    let window = loose.window;
    let [taps, same] = window.kernel;
    let possible = taps == same
        && TAPS.contains(&taps)
        && window.strides == [1, 1]
        && window.dilations == [1, 1]
        && loose.has_whole_groups();
    if !possible {
        return None;
    }
    let tile = tile_of(taps);
    let across = to.columns.div_ceil(tile);
    let all = to.rows.div_ceil(tile);
    let rows = tiles_in_a_band(loose.inputs).div_ceil(across).min(all);
    let bands = all.div_ceil(rows);
    // As high as one another.
    let rows = all.div_ceil(bands);
    let products = (1.0 + TRANSFORMS) * (PRODUCTS * all * across) as f64;
    let winograd = products + FILTER * bands as f64;
    let direct = (taps * taps * to.rows * to.columns) as f64;
    (winograd < direct).then_some(rows)
}

/// Whether a stem in phases, with so many taps then, costs less than as it is.
pub(super) fn phases_pay(
    window: &Window,
    [taps, same]: [usize; 2],
    phases: usize,
    channels: usize,
) -> bool {
    if taps != same || !TAPS.contains(&taps) {
        return false;
    }
    let outputs = tile_of(taps) * tile_of(taps);
    let direct = (window.kernel[0] * window.kernel[1] * channels) as f64;
    let products = (PRODUCTS * phases * phases * channels) as f64 / outputs as f64;
    (1.0 + TRANSFORMS) * products < direct
}

/// The inputs that an output may depend on: those under its tile, for a convolution that Winograd's
/// kernel takes at some size, as it is or in phases.
pub(crate) fn under_tiles(window: &Window) -> Window {
    let [stride, same] = window.strides;
    let unfolded = phases::unfolded(window, stride);
    let [taps, across] = unfolded.kernel;
    if stride != same || taps != across || window.dilations != [1, 1] || !TAPS.contains(&taps) {
        return *window;
    }
    // An output may be the first of its tile or the last.
    let more = tile_of(taps) - 1;
    let side = |sides: [usize; 2]| sides.map(|side| (side + more) * stride);
    Window {
        kernel: [(taps + 2 * more) * stride; 2],
        before: side(unfolded.before),
        after: side(unfolded.after),
        ..*window
    }
}

/// Output rows that a direct convolution makes at a time: the more weights there are, the more rows
/// must share one reading of them.
pub(super) fn rows_together(weights: usize, to: Placed) -> usize {
    let pixels = match weights * size_of::<Block>() {
        small if small <= 64 << 10 => 1,
        middle if middle <= 512 << 10 => 64,
        _ => 256,
    };
    usize::div_ceil(pixels, to.columns)
}
