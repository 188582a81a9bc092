//! Pixels as an app has them, turned into what a network reads.

mod input_spec;

pub use input_spec::{ChannelOrder, CropRule, Filter, InputSpec, ResizeRule};
