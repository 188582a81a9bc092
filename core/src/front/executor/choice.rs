//! Which kernel a convolution gets, and how much of it is computed at a time.

use super::block::{Block, blocks_of};
use super::kernels::{TAPS, tile_of, unders};
use super::layout::Placed;
use super::pack::Loose;
use super::phases;
use crate::front::operator::Window;

/// Transformed inputs of a band, in blocks: half of a second cache.
const BAND: usize = (512 << 10) / size_of::<Block>();

/// What larger tiles may cost of smaller ones' at most: their bands are higher, and an arena holds more.
const LARGER: f64 = 0.92;

/// A convolution in tiles.
#[derive(Clone, Copy)]
pub(super) struct Tiles {
    /// Inputs under a tile along one axis.
    pub(super) under: usize,
    /// Rows of tiles that are made at a time.
    pub(super) rows: usize,
    /// What they all cost, for each pair of channels, in multiply-adds.
    cost: f64,
}

/// What transforms cost with so many inputs under a tile, in multiply-adds: of a tile's inputs, for each
/// output; of a tile's outputs, for each input; and of a filter. About what they were counted at on
/// NEON, in instructions over those of a multiply-add.
fn transforms(under: usize) -> [f64; 3] {
    if under == 8 { [720.0, 540.0, 200.0] } else { [300.0, 240.0, 120.0] }
}

/// Tiles that share one transform of their filters: few enough for the cache and a small arena, and
/// enough to make it cheap.
fn tiles_in_a_band(under: usize, channels: usize) -> usize {
    let fewest = if under == 8 { 16 } else { 28 };
    (BAND / (under * under * blocks_of(channels))).clamp(fewest, 64)
}

/// A convolution of stride 1 of so many taps, input and output channels in tiles; none where Winograd's
/// kernel does not take it, or where it does not pay.
///
/// Counted per pair of channels, in multiply-adds: one a product and what transforms cost, against one
/// a tap and pixel. Both kernels read the weights as the model has them.
fn in_tiles(
    [taps, same]: [usize; 2],
    [inputs, outputs]: [usize; 2],
    [height, width]: [usize; 2],
) -> Option<Tiles> {
    if taps != same || !TAPS.contains(&taps) {
        return None;
    }
    let of_size = |under: usize| {
        let tile = tile_of(under, taps);
        let (all, across) = (height.div_ceil(tile), width.div_ceil(tile));
        let rows = tiles_in_a_band(under, inputs).div_ceil(across).min(all);
        let bands = all.div_ceil(rows);
        let [input, output, filter] = transforms(under);
        let each = (under * under) as f64 + input / outputs as f64 + output / inputs as f64;
        let cost = each * (all * across) as f64 + filter * bands as f64;
        // As high as one another.
        Tiles { under, rows: all.div_ceil(bands), cost }
    };
    let best = unders(taps).iter().map(|&under| of_size(under)).reduce(|smaller, larger| {
        if larger.cost < LARGER * smaller.cost { larger } else { smaller }
    })?;
    let direct = (taps * taps * height * width) as f64;
    (best.cost < direct).then_some(best)
}

/// How Winograd's kernel makes a convolution; none where it does not take it or does not pay.
pub(super) fn winograd(loose: &Loose<'_>, to: Placed) -> Option<Tiles> {
    let window = loose.window;
    let possible =
        window.strides == [1, 1] && window.dilations == [1, 1] && loose.has_whole_groups();
    let channels = [loose.inputs, loose.outputs()].map(|channels| channels / loose.groups);
    let tiles = || in_tiles(window.kernel, channels, [to.rows, to.columns]);
    possible.then(tiles).flatten()
}

/// Whether a stem in phases, which Winograd's kernel takes then, costs less than as it is.
pub(super) fn phases_pay(
    window: &Window,
    phases: usize,
    [inputs, outputs]: [usize; 2],
    to: [usize; 2],
) -> bool {
    let more = phases * phases;
    let direct = (window.kernel[0] * window.kernel[1] * to[0] * to[1]) as f64;
    let kernel = phases::unfolded(window, phases).kernel;
    in_tiles(kernel, [inputs * more, outputs], to)
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
    // An output may be the first of the largest tile or the last.
    let more = unders(taps).iter().map(|&under| tile_of(under, taps) - 1).max().unwrap_or(0);
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
