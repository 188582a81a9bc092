//! `frostglass sweep`, as a person types it.

use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::Args;
use frostglass::frame::Rect;
use frostglass::front::Output;
use frostglass::network::Place;
use frostglass::policy::{HoldRule, HoldWithin};

/// A tap as it is typed: `TENSOR`, `in:LAYER`, either with `=WINDOW`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TapArgument {
    pub(crate) place: Place,
    /// None where its window is swept.
    pub(crate) window: Option<NonZeroUsize>,
}

#[derive(Debug, Args)]
pub(crate) struct SweepArguments {
    /// A model of the zoo, a folder with front.onnx and card.toml, or an .onnx file, of a whole network
    pub(crate) model: String,
    /// A JPEG or PNG file, or the preprocessed picture as IN.npy: f32 [1,C,H,W]
    #[arg(value_name = "PHOTO|IN.npy")]
    pub(crate) input: PathBuf,
    /// The tensor to hold, or in:LAYER, the input feature map of a layer; with =WINDOW it is held so
    /// while the one without is swept
    #[arg(long = "tap", value_name = "TENSOR[=WINDOW]", required = true, value_parser = parse_tap)]
    pub(crate) taps: Vec<TapArgument>,
    /// The windows to go through, first and last
    #[arg(long, value_name = "FIRST..LAST", default_value = "2..150", value_parser = parse_windows, allow_hyphen_values = true)]
    pub(crate) windows: RangeInclusive<usize>,
    /// The degree of sanitisation that a window is chosen for: 2^-G of the probability may be left
    #[arg(long, value_name = "G", allow_hyphen_values = true)]
    pub(crate) gamma: Option<f64>,
    /// Which sample stands for its window: nearest-mean (the paper's), median, largest or first
    #[arg(long, default_value_t, value_parser = parse::<HoldRule>)]
    pub(crate) rule: HoldRule,
    /// Where windows begin anew: map (nowhere, as in the paper) or row (with every row of a channel)
    #[arg(long, default_value_t, value_parser = parse::<HoldWithin>)]
    pub(crate) within: HoldWithin,
    /// What a network without a card puts out: logits or probabilities (known where it ends in a softmax)
    #[arg(long, value_parser = parse_output)]
    pub(crate) output: Option<Output>,
    /// The part of the upright picture to use, in pixels
    #[arg(long, value_name = "x,y,w,h", value_parser = super::parse_crop, allow_hyphen_values = true)]
    pub(crate) crop: Option<Rect>,
    /// Draw the curve: an .svg or a .png file
    #[arg(long, value_name = "FILE")]
    pub(crate) picture: Option<PathBuf>,
}

fn parse<T: std::str::FromStr<Err = frostglass::Error>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: frostglass::Error| error.to_string())
}

fn parse_tap(text: &str) -> Result<TapArgument, String> {
    let (place, window) = match text.rsplit_once('=') {
        None => (text, None),
        Some((place, window)) => {
            let window = window.parse().map_err(|_| {
                format!("the window must be a whole number of at least 2, not {window:?}")
            })?;
            (place, Some(window))
        }
    };
    Ok(TapArgument { place: parse(place)?, window })
}

fn parse_windows(text: &str) -> Result<RangeInclusive<usize>, String> {
    let numbers = text.split_once("..").and_then(|(first, last)| {
        let last = last.strip_prefix('=').unwrap_or(last);
        Some(first.trim().parse().ok()?..=last.trim().parse().ok()?)
    });
    let windows = numbers.ok_or("write the first and the last window, as in 2..150")?;
    frostglass::network::check_windows(&windows).map_err(|error| error.to_string())?;
    Ok(windows)
}

fn parse_output(text: &str) -> Result<Output, String> {
    match text {
        "logits" => Ok(Output::Logits),
        "probabilities" => Ok(Output::Probabilities),
        _ => Err("a sweep needs logits or probabilities".into()),
    }
}
