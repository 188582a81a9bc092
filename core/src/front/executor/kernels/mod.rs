//! Kernels: one source each over [`simd::Simd`], instantiated for every instruction set and chosen
//! once, when a plan is made.
//!
//! Everything unsafe in the front is here. A safe wrapper looks at every job's extent before it
//! enters a kernel.
#![allow(unsafe_code)]
#![allow(
    clippy::needless_range_loop,
    reason = "loops over registers: indices are the arithmetic's own"
)]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod convolution;
mod factors;
mod function;
#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(target_arch = "aarch64")]
mod neon_filter;
#[cfg(target_arch = "aarch64")]
mod neon_sum;
mod pixels;
mod planes;
mod portable;
mod response_norm;
mod simd;
mod softmax;
mod stem;
mod store;
mod tile;
mod vector;
mod weights;
mod window;
mod winograd;

pub(crate) use convolution::{Convolution, ConvolutionJob};
pub(crate) use function::{Function, Polynomial};
pub(crate) use pixels::{Affine, Combine, CombineJob};
pub(crate) use planes::{OutputRows, PlanesJob};
pub(crate) use response_norm::{MOST_CHANNELS, PixelsJob, ResponseNorm, WIDEST_REACH};
pub(crate) use stem::{STEM_TILE, Stem, StemJob};
pub(crate) use store::Fused;
pub(crate) use weights::{LevelBlock, Weights};
pub(crate) use window::{Depthwise, PoolColumns, WindowJob};
pub(crate) use winograd::{Batch, TAPS, Winograd, WinogradJob, filter_scale, tile_of, unders};

use super::block::{Block, LANES};
use crate::front::operator::Reduction;

/// Rows of the largest convolution kernel that the direct kernel takes.
pub(crate) const LARGEST_KERNEL: usize = 16;

/// Calls `$function::<$simd, $blocks, PIXELS, $stride>` with the constant that equals `$pixels`, 1 to
/// 12.
macro_rules! for_pixels {
    ($pixels:expr, $function:ident, $simd:ty, $blocks:tt, $stride:literal, ($($argument:expr),*)) => {
        match $pixels {
            1 => $function::<$simd, $blocks, 1, $stride>($($argument),*),
            2 => $function::<$simd, $blocks, 2, $stride>($($argument),*),
            3 => $function::<$simd, $blocks, 3, $stride>($($argument),*),
            4 => $function::<$simd, $blocks, 4, $stride>($($argument),*),
            5 => $function::<$simd, $blocks, 5, $stride>($($argument),*),
            6 => $function::<$simd, $blocks, 6, $stride>($($argument),*),
            pixels => {
                // Only the widest instruction set asks for more than six.
                match pixels {
                    7 if PIXELS > 6 => $function::<$simd, $blocks, 7, $stride>($($argument),*),
                    8 if PIXELS > 6 => $function::<$simd, $blocks, 8, $stride>($($argument),*),
                    9 if PIXELS > 6 => $function::<$simd, $blocks, 9, $stride>($($argument),*),
                    10 if PIXELS > 6 => $function::<$simd, $blocks, 10, $stride>($($argument),*),
                    11 if PIXELS > 6 => $function::<$simd, $blocks, 11, $stride>($($argument),*),
                    12 if PIXELS > 6 => $function::<$simd, $blocks, 12, $stride>($($argument),*),
                    _ => unreachable!("tiles are at most twelve pixels wide"),
                }
            }
        }
    };
}
use for_pixels;

/// The kernels of one instruction set.
pub(crate) struct Kernels {
    name: &'static str,
    convolve: unsafe fn(*mut f32, &ConvolutionJob<'_>),
    winograd: unsafe fn(*mut f32, &WinogradJob<'_>),
    transform_filters: unsafe fn(&Winograd, usize, *mut f32),
    depthwise: unsafe fn(*mut f32, &Depthwise, &WindowJob<'_>),
    pool: unsafe fn(*mut f32, Reduction, &PoolColumns, &WindowJob<'_>),
    normalise: unsafe fn(&mut [Block], &ResponseNorm, &PixelsJob),
    softmax: unsafe fn(&mut [Block], bool, &PixelsJob),
    apply: unsafe fn(&mut [Block], &Function),
    affine: unsafe fn(&mut [Block], &Affine, &PixelsJob),
    combine: unsafe fn(&mut [Block], &Combine, &CombineJob),
    hand_over: unsafe fn(*const f32, &PlanesJob<'_>, *mut f32),
    stem: unsafe fn(*mut f32, &StemJob<'_>, *mut f32),
    batch: Batch,
    /// Planes that a stem makes together.
    together: usize,
    bands_that_keep: usize,
}

/// One instruction set's entry points: compiled with its features, entered through [`Kernels`]. Its
/// numbers are the blocks of outputs and the pixels of a tile, Winograd's tiles of a run, and the planes
/// that a stem makes together: as many as there are registers for. The last is in how many bands of a
/// run filters must be used to be kept transformed: more weights take longer to fetch and to open, and
/// NEON, four floats at a time, takes as long to transform them as for the products of three tiles.
macro_rules! instruction_set {
    ($module:ident, $set:ident, $name:literal, $simd:path, $blocks:literal, $pixels:literal, $tiles:literal, $together:literal, $bands:literal $(, $feature:literal)?) => {
        mod $module {
            use super::*;

            $(#[target_feature(enable = $feature)])?
            unsafe fn convolve(arena: *mut f32, job: &ConvolutionJob<'_>) {
                // SAFETY: the caller's promise.
                unsafe { convolution::convolve::<$simd, $blocks, $pixels>(arena, job) }
            }

            $(#[target_feature(enable = $feature)])?
            unsafe fn winograd(arena: *mut f32, job: &WinogradJob<'_>) {
                // SAFETY: the caller's promise.
                unsafe { super::winograd::convolve::<$simd, $blocks, $tiles>(arena, job) }
            }

            $(#[target_feature(enable = $feature)])?
            unsafe fn transform_filters(w: &Winograd, outputs: usize, to: *mut f32) {
                // SAFETY: the caller's promise.
                unsafe { super::winograd::transform_filters::<$simd>(w, outputs, to) }
            }

            $(#[target_feature(enable = $feature)])?
            unsafe fn depthwise(arena: *mut f32, d: &Depthwise, job: &WindowJob<'_>) {
                // SAFETY: the caller's promise.
                unsafe { window::depthwise::<$simd>(arena, d, job) }
            }

            $(#[target_feature(enable = $feature)])?
            unsafe fn pool(
                arena: *mut f32,
                reduction: Reduction,
                columns: &PoolColumns,
                job: &WindowJob<'_>,
            ) {
                // SAFETY: the caller's promise.
                unsafe { window::pool::<$simd>(arena, reduction, columns, job) }
            }

            $(#[target_feature(enable = $feature)])?
            unsafe fn normalise(arena: &mut [Block], norm: &ResponseNorm, job: &PixelsJob) {
                response_norm::normalise(arena, norm, job);
            }

            $(#[target_feature(enable = $feature)])?
            unsafe fn softmax(arena: &mut [Block], logarithm: bool, job: &PixelsJob) {
                super::softmax::softmax(arena, logarithm, job);
            }

            $(#[target_feature(enable = $feature)])?
            unsafe fn apply(blocks: &mut [Block], function: &Function) {
                function::apply(blocks, function);
            }

            $(#[target_feature(enable = $feature)])?
            unsafe fn affine(arena: &mut [Block], affine: &Affine, job: &PixelsJob) {
                pixels::affine(arena, affine, job);
            }

            $(#[target_feature(enable = $feature)])?
            unsafe fn combine(arena: &mut [Block], combine: &Combine, job: &CombineJob) {
                pixels::combine(arena, combine, job);
            }

            $(#[target_feature(enable = $feature)])?
            unsafe fn hand_over(arena: *const f32, job: &PlanesJob<'_>, out: *mut f32) {
                // SAFETY: the caller's promise.
                unsafe { planes::hand_over::<$simd>(arena, job, out) }
            }

            $(#[target_feature(enable = $feature)])?
            unsafe fn stem(arena: *mut f32, job: &StemJob<'_>, out: *mut f32) {
                // SAFETY: the caller's promise.
                unsafe { super::stem::stem::<$simd, $together>(arena, job, out) }
            }

            pub(super) static KERNELS: Kernels = Kernels {
                name: $name,
                convolve,
                winograd,
                transform_filters,
                depthwise,
                pool,
                normalise,
                softmax,
                apply,
                affine,
                combine,
                hand_over,
                stem,
                batch: Batch {
                    tiles: <$simd as simd::Simd>::TILES,
                    blocks: $blocks,
                    chunk: <$simd as simd::Simd>::CHUNK,
                },
                together: $together,
                bands_that_keep: $bands,
            };
        }
        static $set: &Kernels = &$module::KERNELS;
    };
}

instruction_set!(for_portable, PORTABLE, "portable", portable::Portable, 1, 4, 4, 1, 2);
#[cfg(target_arch = "x86_64")]
instruction_set!(for_avx2, AVX2, "avx2", avx2::Avx2, 1, 6, 6, 1, 2, "avx2,fma");
#[cfg(target_arch = "x86_64")]
instruction_set!(for_avx512, AVX512, "avx512", avx512::Avx512, 2, 12, 12, 4, 2, "avx512f");
#[cfg(target_arch = "aarch64")]
instruction_set!(for_neon, NEON, "neon", neon::Neon, 1, 6, 5, 4, 1, "neon");

impl Kernels {
    /// Every set that this processor has, best first; the portable one is always there.
    pub(crate) fn available() -> impl Iterator<Item = &'static Self> {
        #[cfg(target_arch = "x86_64")]
        let sets = [
            (AVX512, std::arch::is_x86_feature_detected!("avx512f")),
            (
                AVX2,
                std::arch::is_x86_feature_detected!("avx2")
                    && std::arch::is_x86_feature_detected!("fma"),
            ),
            (PORTABLE, true),
        ];
        // Every aarch64 that Rust's targets name has NEON.
        #[cfg(target_arch = "aarch64")]
        let sets = [(NEON, true), (PORTABLE, true)];
        #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
        let sets = [(PORTABLE, true)];
        sets.into_iter().filter(|(_, there)| *there).map(|(set, _)| set)
    }

    /// The best set of this processor. A lab build takes the one that `FROSTGLASS_ISA` names, so
    /// that sets can be compared.
    pub(crate) fn best() -> &'static Self {
        #[cfg(feature = "lab")]
        if let Ok(wanted) = std::env::var("FROSTGLASS_ISA")
            && let Some(set) = Self::available().find(|set| set.name == wanted)
        {
            return set;
        }
        Self::available().next().expect("the portable set is always there")
    }

    /// The set's name: portable, avx2, avx512 or neon.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn convolve(&self, arena: &mut [Block], job: &ConvolutionJob<'_>) {
        let c = job.convolution;
        let outputs = c.groups * c.output_blocks;
        assert!(job.end() <= arena.len() && c.kernel[0] <= LARGEST_KERNEL);
        assert!(c.weights.are_whole(outputs, c.weights_per_output()));
        assert!(
            c.biases.len() == outputs && (c.fused != Fused::Slope || c.slopes.len() == outputs)
        );
        assert!(job.inputs.len() == job.outputs.len() * c.kernel[0]);
        // SAFETY: extents were looked at above, and the set is one that this processor has.
        unsafe { (self.convolve)(arena.as_mut_ptr().cast(), job) }
    }

    pub(crate) fn winograd(&self, arena: &mut [Block], job: &WinogradJob<'_>) {
        let w = job.winograd;
        assert!(job.end() <= arena.len() && job.is_whole() && w.is_whole());
        assert!(w.batch == self.batch, "packed for another set");
        // SAFETY: as above.
        unsafe { (self.winograd)(arena.as_mut_ptr().cast(), job) }
    }

    /// Transforms the filters of so many output blocks once for all runs, or of fewer: no blocks that
    /// are computed together are kept in part, and no groups.
    pub(crate) fn keep_filters(&self, w: &mut Winograd, outputs: usize) {
        let outputs = match outputs {
            all if all >= w.all_outputs() => w.all_outputs(),
            some if w.groups == 1 => some / self.batch.blocks * self.batch.blocks,
            _ => 0,
        };
        assert!(w.is_whole() && w.kept == 0);
        let mut transformed = vec![Block::ZERO; outputs * w.products() * w.input_channels];
        // SAFETY: as above; there are as many blocks as these filters are transformed to.
        unsafe { (self.transform_filters)(w, outputs, transformed.as_mut_ptr().cast()) };
        w.raw = w.raw.after(outputs, w.raw_per_output());
        w.transformed = transformed;
        w.kept = outputs;
    }

    /// The bands of a run that make it worth while to keep filters transformed.
    pub(crate) fn bands_that_keep(&self) -> usize {
        self.bands_that_keep
    }

    /// What Winograd's kernel computes together.
    pub(crate) fn batch(&self) -> Batch {
        self.batch
    }

    pub(crate) fn depthwise(&self, arena: &mut [Block], d: &Depthwise, job: &WindowJob<'_>) {
        let under = (job.columns - 1) * d.stride + (d.kernel[1] - 1) * d.dilation + 1;
        assert!(job.end(under) <= arena.len() && job.inputs.len() == d.kernel[0]);
        assert!(d.weights.len() == job.blocks * d.kernel[0] * d.kernel[1]);
        assert!(d.biases.len() == job.blocks);
        assert!(d.fused != Fused::Slope || d.slopes.len() == job.blocks);
        // SAFETY: as above.
        unsafe { (self.depthwise)(arena.as_mut_ptr().cast(), d, job) }
    }

    pub(crate) fn pool(
        &self,
        arena: &mut [Block],
        reduction: Reduction,
        columns: &PoolColumns,
        job: &WindowJob<'_>,
    ) {
        assert!(job.end(columns.input) <= arena.len());
        // SAFETY: as above.
        unsafe { (self.pool)(arena.as_mut_ptr().cast(), reduction, columns, job) }
    }
}

impl Kernels {
    pub(crate) fn normalise(&self, arena: &mut [Block], norm: &ResponseNorm, job: &PixelsJob) {
        assert!(job.channels <= MOST_CHANNELS && norm.reach <= WIDEST_REACH);
        // SAFETY: the set is one that this processor has; the rest is checked as it goes.
        unsafe { (self.normalise)(arena, norm, job) }
    }

    pub(crate) fn softmax(&self, arena: &mut [Block], logarithm: bool, job: &PixelsJob) {
        // SAFETY: the set is one that this processor has; the rest is checked as it goes.
        unsafe { (self.softmax)(arena, logarithm, job) }
    }

    /// Applies a function to every number.
    pub(crate) fn apply(&self, blocks: &mut [Block], function: &Function) {
        // SAFETY: as above.
        unsafe { (self.apply)(blocks, function) }
    }

    pub(crate) fn affine(&self, arena: &mut [Block], affine: &Affine, job: &PixelsJob) {
        // SAFETY: as above.
        unsafe { (self.affine)(arena, affine, job) }
    }

    pub(crate) fn combine(&self, arena: &mut [Block], combine: &Combine, job: &CombineJob) {
        // SAFETY: as above.
        unsafe { (self.combine)(arena, combine, job) }
    }

    pub(crate) fn hand_over(&self, arena: &[Block], job: &PlanesJob<'_>, out: &mut OutputRows<'_>) {
        let furthest = job.rows.iter().copied().max().unwrap_or(0);
        let planes = job.channels.div_ceil(LANES);
        assert!(furthest + (planes - 1) * job.plane + job.columns <= arena.len());
        let rows = job.first..job.first + job.rows.len();
        let out = out.planes_for([job.channels, job.height, job.columns], &rows);
        // SAFETY: extents were looked at above, and the set is one that this processor has.
        unsafe { (self.hand_over)(arena.as_ptr().cast(), job, out) }
    }
}

impl Kernels {
    /// A stem's constants as this set takes them, from weights `[output][channel][row][column]`.
    pub(crate) fn pack_stem(
        &self,
        weights: &[f32],
        biases: &[f32],
        slopes: &[f32],
        fused: Fused,
        before: [usize; 2],
    ) -> Stem {
        Stem::new(weights, biases, slopes, fused, before, self.together)
    }

    pub(crate) fn stem(&self, arena: &mut [Block], job: &StemJob<'_>, out: &mut OutputRows<'_>) {
        assert!(job.is_whole(arena.len(), self.together));
        let shape = [job.stem.outputs(), job.output[0], job.output[1]];
        let out = out.planes_for(shape, &job.rows);
        // SAFETY: extents were looked at above, and the set is one that this processor has.
        unsafe { (self.stem)(arena.as_mut_ptr().cast(), job, out) }
    }
}

/// Blocks as the numbers in them.
#[cfg(feature = "onnx")]
pub(crate) fn numbers(blocks: &[Block]) -> &[f32] {
    // SAFETY: a block is sixteen floats and nothing else.
    unsafe { std::slice::from_raw_parts(blocks.as_ptr().cast(), blocks.len() * LANES) }
}

/// Blocks as the numbers in them, to be changed.
pub(crate) fn numbers_mut(blocks: &mut [Block]) -> &mut [f32] {
    // SAFETY: a block is sixteen floats and nothing else.
    unsafe { std::slice::from_raw_parts_mut(blocks.as_mut_ptr().cast(), blocks.len() * LANES) }
}

impl std::fmt::Debug for Kernels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}
