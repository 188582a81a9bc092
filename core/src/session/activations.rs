//! What a front put out, before a policy has seen it.

use zeroize::Zeroize;

/// A front's activations: never handed out, wiped after every run and when dropped.
///
/// The type is private to this module's parent: a function that returned it would not compile
/// outside. *Mechanical promise.*
pub(super) struct Activations {
    values: Vec<f32>,
}

impl Activations {
    /// Room for so many.
    pub(super) fn new(count: usize) -> Self {
        Self { values: vec![0.0; count] }
    }

    /// For the front to fill and the policy to change.
    pub(super) fn as_mut_slice(&mut self) -> &mut [f32] {
        &mut self.values
    }

    /// The first `count` values, once a policy has made them whole numbers of steps.
    pub(super) fn sanitised(&self, count: usize) -> &[f32] {
        &self.values[..count]
    }

    pub(super) fn wipe(&mut self) {
        self.values.as_mut_slice().zeroize();
    }
}

impl Drop for Activations {
    fn drop(&mut self) {
        self.wipe();
    }
}
