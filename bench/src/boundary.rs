//! The functions that a benchmark calls.

use std::ffi::{CStr, c_char};
use std::ptr;
use std::slice;
use std::time::Instant;

use frostglass::error::Result;
use frostglass::front::{Front, Model, Workspace};

use crate::counting;
use crate::peak::{Isa, gigaflops};

/// A front with a workspace, and what is known of its memory.
pub struct Bench {
    front: Front,
    workspace: Workspace,
    input: usize,
    output: usize,
    weight_bytes: usize,
    arena_bytes: usize,
    peak_bytes: usize,
    allocations: usize,
}

impl Bench {
    fn open(onnx: &[u8], cut: &str) -> Result<Self> {
        let before = counting::held();
        let front = Model::open_without_card(onnx)?.compile(cut)?;
        let weight_bytes = counting::held().saturating_sub(before);
        let workspace = front.workspace();
        let arena_bytes = counting::held().saturating_sub(before + weight_bytes);
        let input = front.input_shape().iter().product();
        let output = front.shape().iter().product();
        let (peak_bytes, allocations) = (weight_bytes + arena_bytes, 0);
        Ok(Self {
            front,
            workspace,
            input,
            output,
            weight_bytes,
            arena_bytes,
            peak_bytes,
            allocations,
        })
    }

    fn run(&mut self, input: &[f32], output: &mut [f32]) -> Result<()> {
        let (allocations, held) = (counting::allocations(), counting::held());
        counting::forget_highest();
        let outcome = self.front.run_in_lab(&mut self.workspace, input, output);
        self.allocations = counting::allocations() - allocations;
        let beside = counting::highest() - held;
        self.peak_bytes = self.peak_bytes.max(self.weight_bytes + self.arena_bytes + beside);
        outcome
    }
}

/// Opens the ONNX model in `length` bytes for the cut of this name. Null where that fails; the reason
/// is then in `error`, which takes `error_length` bytes and is ended by a zero.
///
/// # Safety
/// `onnx` and `error` are valid for their lengths, `cut` is ended by a zero, and `error_length` is
/// not zero.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frostglass_bench_open(
    onnx: *const u8,
    length: usize,
    cut: *const c_char,
    error: *mut u8,
    error_length: usize,
) -> *mut Bench {
    // SAFETY: valid for `length` bytes, says the caller.
    let onnx = unsafe { slice::from_raw_parts(onnx, length) };
    // SAFETY: ended by a zero, says the caller.
    let cut = unsafe { CStr::from_ptr(cut) }.to_string_lossy();
    let refusal = match Bench::open(onnx, &cut) {
        Ok(bench) => return Box::into_raw(Box::new(bench)),
        Err(refusal) => refusal.to_string(),
    };
    // SAFETY: valid for `error_length` bytes, says the caller.
    unsafe { told(&refusal, error, error_length) };
    ptr::null_mut()
}

/// Writes a refusal for the caller, cut to the buffer and ended by a zero.
///
/// # Safety
/// `error` is valid for `length` bytes, and `length` is not zero.
pub(crate) unsafe fn told(refusal: &str, error: *mut u8, length: usize) {
    // SAFETY: valid for `length` bytes, says the caller.
    let error = unsafe { slice::from_raw_parts_mut(error, length) };
    let kept = refusal.len().min(length - 1);
    error[..kept].copy_from_slice(&refusal.as_bytes()[..kept]);
    error[kept] = 0;
}

/// Lets at most so many threads run the front; gives how many do, 0 where that fails.
///
/// # Safety
/// As [`frostglass_bench_input`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frostglass_bench_threads(bench: *mut Bench, threads: usize) -> usize {
    // SAFETY: an open bench, says the caller.
    let bench = unsafe { &mut *bench };
    let Ok(workspace) = bench.front.workspace_for(threads) else { return 0 };
    bench.workspace = workspace;
    bench.workspace.threads()
}

/// How many numbers a run takes.
///
/// # Safety
/// `bench` comes from [`frostglass_bench_open`] and is not closed; so for every function below.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frostglass_bench_input(bench: *const Bench) -> usize {
    // SAFETY: an open bench, says the caller.
    unsafe { (*bench).input }
}

/// How many numbers a run gives.
///
/// # Safety
/// As [`frostglass_bench_input`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frostglass_bench_output(bench: *const Bench) -> usize {
    // SAFETY: an open bench, says the caller.
    unsafe { (*bench).output }
}

/// Runs once; 0 when it went well.
///
/// # Safety
/// As [`frostglass_bench_input`]; `input` and `output` are valid for as many numbers as the functions
/// above say, and are not one another.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frostglass_bench_run(
    bench: *mut Bench,
    input: *const f32,
    output: *mut f32,
) -> i32 {
    // SAFETY: an open bench and buffers of its lengths, says the caller.
    let (bench, input, output) = unsafe { borrowed(bench, input, output) };
    i32::from(bench.run(input, output).is_err())
}

/// Runs `count` times and writes how many nanoseconds each run took, without the way through the
/// caller's language; 0 when all went well.
///
/// # Safety
/// As [`frostglass_bench_run`]; `nanoseconds` is valid for `count` numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frostglass_bench_time_runs(
    bench: *mut Bench,
    input: *const f32,
    output: *mut f32,
    count: usize,
    nanoseconds: *mut u64,
) -> i32 {
    // SAFETY: an open bench and buffers of its lengths, says the caller.
    let (bench, input, output) = unsafe { borrowed(bench, input, output) };
    // SAFETY: valid for `count` numbers, says the caller.
    for took in unsafe { slice::from_raw_parts_mut(nanoseconds, count) } {
        let begun = Instant::now();
        if bench.run(input, output).is_err() {
            return 1;
        }
        *took = u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
    }
    0
}

/// How often the last run asked for memory.
///
/// # Safety
/// As [`frostglass_bench_input`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frostglass_bench_allocations(bench: *const Bench) -> usize {
    // SAFETY: an open bench, says the caller.
    unsafe { (*bench).allocations }
}

/// Bytes on the heap that the compiled front holds.
///
/// # Safety
/// As [`frostglass_bench_input`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frostglass_bench_weight_bytes(bench: *const Bench) -> usize {
    // SAFETY: an open bench, says the caller.
    unsafe { (*bench).weight_bytes }
}

/// Bytes on the heap that the workspace holds.
///
/// # Safety
/// As [`frostglass_bench_input`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frostglass_bench_arena_bytes(bench: *const Bench) -> usize {
    // SAFETY: an open bench, says the caller.
    unsafe { (*bench).arena_bytes }
}

/// The most bytes on the heap at once during any run: front, workspace, and what the run asked for.
///
/// # Safety
/// As [`frostglass_bench_input`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frostglass_bench_peak_bytes(bench: *const Bench) -> usize {
    // SAFETY: an open bench, says the caller.
    unsafe { (*bench).peak_bytes }
}

/// Frees everything.
///
/// # Safety
/// As [`frostglass_bench_input`]; the bench is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frostglass_bench_close(bench: *mut Bench) {
    // SAFETY: made by `Box::into_raw` in `frostglass_bench_open`, and given back once.
    drop(unsafe { Box::from_raw(bench) });
}

/// The most that one core computes in multiply-adds, in 10^9 floating-point operations a second: with
/// the widest vectors it has, or with `avx2` other than zero with AVX2's. Zero where it has none.
#[unsafe(no_mangle)]
pub extern "C" fn frostglass_bench_fma_peak(avx2: i32) -> f64 {
    let isa = if avx2 == 0 { Isa::widest() } else { Isa::avx2() };
    isa.map_or(0.0, gigaflops)
}

/// # Safety
/// The pointers are what [`frostglass_bench_run`] asks for.
unsafe fn borrowed<'a>(
    bench: *mut Bench,
    input: *const f32,
    output: *mut f32,
) -> (&'a mut Bench, &'a [f32], &'a mut [f32]) {
    // SAFETY: the caller's promise, passed on.
    unsafe {
        let bench = &mut *bench;
        let input = slice::from_raw_parts(input, bench.input);
        let output = slice::from_raw_parts_mut(output, bench.output);
        (bench, input, output)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const FRONT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../models/zoo/dlib-face/front.onnx");

    /// What a caller in another language does, in its order. One test, because what is counted is
    /// the whole process's.
    #[test]
    fn a_front_is_opened_run_timed_and_closed() {
        let onnx = fs::read(FRONT).unwrap();
        let mut error = [1; 40];
        let open = |cut: &CStr, error: &mut [u8]| {
            let (onnx, cut) = ((onnx.as_ptr(), onnx.len()), cut.as_ptr());
            // SAFETY: pointers and lengths are those of the vectors and strings above.
            unsafe { frostglass_bench_open(onnx.0, onnx.1, cut, error.as_mut_ptr(), error.len()) }
        };
        assert!(open(c"nowhere", &mut error).is_null());
        let refusal = CStr::from_bytes_until_nul(&error).unwrap();
        assert!(!refusal.is_empty(), "the reason is told, cut to the buffer");

        let before = counting::held();
        let bench = open(c"stem/pool", &mut error);
        assert!(!bench.is_null());
        // SAFETY: the bench is open until the last line, the buffers have the lengths it says.
        unsafe {
            let mut input = vec![0.0; frostglass_bench_input(bench)];
            input.iter_mut().enumerate().for_each(|(at, value)| *value = (at % 256) as f32);
            let mut output = vec![f32::NAN; frostglass_bench_output(bench)];
            assert_eq!((input.len(), output.len()), (3 * 150 * 150, 32 * 35 * 35));
            assert_eq!(frostglass_bench_run(bench, input.as_ptr(), output.as_mut_ptr()), 0);
            assert!(output.iter().all(|value| value.is_finite()));

            let alone = output.clone();
            assert_eq!(frostglass_bench_threads(bench, 0), 0, "somebody must run it");
            assert_eq!(frostglass_bench_threads(bench, 2), 2);
            assert_eq!(frostglass_bench_run(bench, input.as_ptr(), output.as_mut_ptr()), 0);
            assert_eq!(output, alone, "the same numbers, whatever the threads");
            assert_eq!(frostglass_bench_threads(bench, 1), 1);

            let mut took = [0; 3];
            let (from, to) = (input.as_ptr(), output.as_mut_ptr());
            let outcome = frostglass_bench_time_runs(bench, from, to, 3, took.as_mut_ptr());
            assert_eq!(outcome, 0);
            assert!(took.iter().all(|&nanoseconds| nanoseconds > 0));

            let weights = frostglass_bench_weight_bytes(bench);
            assert!(weights >= 4 * (32 * 3 * 7 * 7 + 32), "the stem's filters and biases are f32");
            let held = weights + frostglass_bench_arena_bytes(bench);
            assert!(frostglass_bench_peak_bytes(bench) >= held);
            assert!(frostglass_bench_allocations(bench) <= counting::allocations());
            frostglass_bench_close(bench);
        }
        assert!(counting::held() < before + (64 << 10), "closing gives the memory back");
    }

    #[test]
    fn the_peak_is_that_of_a_processor() {
        let peak = frostglass_bench_fma_peak(0);
        assert!(peak == 0.0 || (1.0..10_000.0).contains(&peak), "{peak} GFLOP/s");
    }
}
