//! tract's own executor behind the same boundary: PyPI has no build of it for every processor that
//! `cargo xtask bench` compares on.

use std::ptr;
use std::slice;
use std::sync::Arc;

use tract_onnx::prelude::*;

use crate::boundary::told;

/// A model as tract optimises it, its input, and what the last run gave.
pub struct Tract {
    plan: Arc<TypedRunnableModel>,
    input: TValue,
    output: Option<TValue>,
}

impl Tract {
    fn open(mut onnx: &[u8], input: &[f32]) -> TractResult<Self> {
        let model = tract_onnx::onnx().model_for_read(&mut onnx)?.into_optimized()?;
        let shape = model.input_fact(0)?.shape.as_concrete().map(<[usize]>::to_vec);
        let shape = shape.ok_or_else(|| TractError::msg("the input has no fixed shape"))?;
        let input = Tensor::from_shape(&shape, input)?.into_tvalue();
        Ok(Self { plan: model.into_runnable()?, input, output: None })
    }

    fn run(&mut self) -> TractResult<()> {
        self.output = None;
        self.output = self.plan.run(tvec![self.input.clone()])?.into_iter().next();
        Ok(())
    }
}

/// Opens the ONNX model in `length` bytes, for the `count` numbers at `input`. Null where that
/// fails; the reason is then in `error`, which takes `error_length` bytes and is ended by a zero.
///
/// # Safety
/// `onnx`, `input` and `error` are valid for their lengths, and `error_length` is not zero.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frostglass_bench_tract_open(
    onnx: *const u8,
    length: usize,
    input: *const f32,
    count: usize,
    error: *mut u8,
    error_length: usize,
) -> *mut Tract {
    // SAFETY: valid for `length` bytes, says the caller.
    let onnx = unsafe { slice::from_raw_parts(onnx, length) };
    // SAFETY: valid for `count` numbers, says the caller.
    let input = unsafe { slice::from_raw_parts(input, count) };
    match Tract::open(onnx, input) {
        Ok(tract) => Box::into_raw(Box::new(tract)),
        Err(refusal) => {
            // SAFETY: valid for `error_length` bytes, says the caller.
            unsafe { told(&format!("{refusal:#}"), error, error_length) };
            ptr::null_mut()
        }
    }
}

/// Runs once; 0 when it went well.
///
/// # Safety
/// `tract` comes from [`frostglass_bench_tract_open`] and is not closed; so for every function below.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frostglass_bench_tract_run(tract: *mut Tract) -> i32 {
    // SAFETY: open, says the caller.
    i32::from(unsafe { (*tract).run() }.is_err())
}

/// Copies the last run's output, where it has `count` numbers; 0 when it has.
///
/// # Safety
/// As [`frostglass_bench_tract_run`]; `output` is valid for `count` numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frostglass_bench_tract_output(
    tract: *const Tract,
    output: *mut f32,
    count: usize,
) -> i32 {
    // SAFETY: open, says the caller.
    let made = unsafe { (*tract).output.as_ref() };
    let view = made.and_then(|made| made.to_plain_array_view::<f32>().ok());
    // SAFETY: valid for `count` numbers, says the caller.
    let output = unsafe { slice::from_raw_parts_mut(output, count) };
    match view.as_ref().and_then(|view| view.as_slice()) {
        Some(values) if values.len() == output.len() => {
            output.copy_from_slice(values);
            0
        }
        _ => 1,
    }
}

/// Frees everything.
///
/// # Safety
/// As [`frostglass_bench_tract_run`]; it is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frostglass_bench_tract_close(tract: *mut Tract) {
    // SAFETY: made by `Box::into_raw` in `frostglass_bench_tract_open`, and given back once.
    drop(unsafe { Box::from_raw(tract) });
}
