//! What a release says of itself: for logs and for whoever wants to see what left.

use frostglass::release as core;

use crate::failure::Result;
use crate::front::small;
use crate::policy::GridInteger;

/// What stands in a release's header. All of it is public.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct ReleaseDescription {
    /// The model hash, in hexadecimal.
    pub model: String,
    /// The cut's name.
    pub cut: String,
    /// Channels, rows and columns.
    pub shape: Vec<u32>,
    /// Which channels of the cut are here, ascending.
    pub channels: Vec<u32>,
    /// The integers.
    pub integer: GridInteger,
    /// A value is integer x step.
    pub step: f32,
    /// The policy, every parameter written out.
    pub policy: String,
}

/// Reads a release's header.
#[uniffi::export]
pub fn describe_release(bytes: Vec<u8>) -> Result<ReleaseDescription> {
    let release = core::Release::parse(bytes)?;
    let grid = release.grid();
    Ok(ReleaseDescription {
        model: release.model().to_owned(),
        cut: release.cut().to_owned(),
        shape: release.shape().map(small).to_vec(),
        channels: release.channels().keep().iter().map(|&channel| small(channel)).collect(),
        integer: grid.integer.into(),
        step: grid.step.get(),
        policy: release.policy().to_string(),
    })
}
