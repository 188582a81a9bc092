//! Without the `onnx` feature nothing makes an engine yet, so there is never one to run.

use crate::error::Result;

/// Has no value.
#[derive(Debug)]
pub(crate) enum Engine {}

/// Has no value.
#[derive(Debug)]
pub(crate) enum EngineState {}

impl EngineState {
    pub(crate) fn threads(&self) -> usize {
        match *self {}
    }

    pub(crate) fn wipe(&mut self) {
        match *self {}
    }
}

impl Engine {
    pub(crate) fn state(&self) -> EngineState {
        match *self {}
    }

    pub(crate) fn state_for(&self, _: usize) -> Result<EngineState> {
        match *self {}
    }

    #[cfg_attr(not(feature = "lab"), allow(dead_code, reason = "sessions come next"))]
    pub(crate) fn run(&self, _: &mut EngineState, _: &[f32], _: &mut [f32]) -> Result<()> {
        match *self {}
    }
}
