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

/// A convolution in tiles: how many rows of tiles are made at a time, and what they all cost.
struct Tiles {
    rows: usize,
    cost: f64,
}

/// A convolution of stride 1 of so many taps and input channels in tiles; none where Winograd's
/// kernel does not take it, or where it does not pay.
///
/// Counted per pair of channels, in multiply-adds: thirty-six a tile and what transforms cost, against
/// one a tap and pixel. Both kernels read the weights as the model has them.
fn in_tiles(
    [taps, same]: [usize; 2],
    channels: usize,
    [height, width]: [usize; 2],
) -> Option<Tiles> {
    if taps != same || !TAPS.contains(&taps) {
        return None;
    }
    let tile = tile_of(taps);
    let across = width.div_ceil(tile);
    let all = height.div_ceil(tile);
    let rows = tiles_in_a_band(channels).div_ceil(across).min(all);
    let bands = all.div_ceil(rows);
    // As high as one another.
    let rows = all.div_ceil(bands);
    let products = (1.0 + TRANSFORMS) * (PRODUCTS * all * across) as f64;
    let cost = products + FILTER * bands as f64;
    let direct = (taps * taps * height * width) as f64;
    (cost < direct).then_some(Tiles { rows, cost })
}

/// The rows of tiles that Winograd's kernel makes at a time; none where it does not take a convolution
/// or does not pay.
pub(super) fn winograd(loose: &Loose<'_>, to: Placed) -> Option<usize> {
    let window = loose.window;
    let possible =
        window.strides == [1, 1] && window.dilations == [1, 1] && loose.has_whole_groups();
    let tiles = || in_tiles(window.kernel, loose.inputs, [to.rows, to.columns]);
    possible.then(tiles).flatten().map(|tiles| tiles.rows)
}

/// Whether a stem in phases, which Winograd's kernel takes then, costs less than as it is.
pub(super) fn phases_pay(window: &Window, phases: usize, channels: usize, to: [usize; 2]) -> bool {
    let more = phases * phases;
    let direct = (window.kernel[0] * window.kernel[1] * to[0] * to[1]) as f64;
    in_tiles(phases::unfolded(window, phases).kernel, channels * more, to)
        .is_some_and(|tiles| tiles.cost * (more as f64) < direct)
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
