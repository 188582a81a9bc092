//! Reading a release: what a server does, from the bytes alone.

use serde::Deserialize;

use super::header::{FORMAT, dtype};
use crate::error::{Error, ErrorKind, Result};
use crate::grid::{Grid, GridInteger, GridStep};
use crate::policy::{Channels, Policy, Stage};

/// The longest header that is read, in bytes.
const LONGEST_HEADER: usize = 1 << 20;

/// A release, checked: its header says what its bytes are.
#[derive(Clone, Debug, PartialEq)]
pub struct Release {
    bytes: Vec<u8>,
    payload: usize,
    model: String,
    cut: String,
    channels: Channels,
    policy: Policy,
    shape: [usize; 3],
    grid: Grid,
}

/// The JSON of a header; safetensors' own keys.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderJson {
    #[serde(rename = "__metadata__")]
    metadata: Metadata,
    release: TensorJson,
}

#[derive(Deserialize)]
struct Metadata {
    format: String,
    #[serde(default)]
    model: String,
    #[serde(default)]
    cut: String,
    #[serde(default)]
    channels: String,
    #[serde(default)]
    step: String,
    #[serde(default)]
    policy: String,
}

#[derive(Deserialize)]
struct TensorJson {
    dtype: String,
    shape: [usize; 4],
    data_offsets: [usize; 2],
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Release, message.into())
}

impl Release {
    /// Reads a release.
    ///
    /// # Errors
    /// [`ErrorKind::Release`] where the bytes are no release, are cut short, contradict themselves
    /// or are from a newer format.
    pub fn parse(bytes: Vec<u8>) -> Result<Self> {
        let (length, rest) = bytes.split_first_chunk::<8>().ok_or_else(|| {
            wrong("not a release: shorter than the eight bytes of a header's length")
        })?;
        let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
        if length > LONGEST_HEADER {
            return Err(wrong("not a release: the header claims to be longer than a mebibyte"));
        }
        let header = rest.get(..length).ok_or_else(|| {
            wrong(format!("cut short: {} bytes of a header of {length}", rest.len()))
        })?;
        let payload = 8 + length;
        let HeaderJson { metadata, release } = parse_header(header)?;
        let step = metadata.step.parse().ok().and_then(|step| GridStep::new(step).ok());
        let step = step.ok_or_else(|| wrong("the header's step is not a number above 0"))?;
        let integer = [GridInteger::I8, GridInteger::I16]
            .into_iter()
            .find(|integer| dtype(*integer) == release.dtype)
            .ok_or_else(|| wrong("the tensor is neither I8 nor I16"))?;
        let [1, channels, rows, columns] = release.shape else {
            return Err(wrong("the tensor's shape is not [1, C, H, W]"));
        };
        let values = channels.checked_mul(rows).and_then(|n| n.checked_mul(columns));
        let expected = values.and_then(|n| n.checked_mul(integer.bytes())).filter(|n| *n > 0);
        if expected != Some(bytes.len() - payload)
            || release.data_offsets != [0, bytes.len() - payload]
        {
            return Err(wrong(format!(
                "{} bytes of integers where the header's shape says {}",
                bytes.len() - payload,
                expected.map_or_else(|| "something impossible".into(), |n| n.to_string()),
            )));
        }
        let kept = kept_channels(&metadata.channels)?;
        if kept.keep().len() != channels {
            return Err(wrong(format!(
                "the header lists {} channels and the tensor holds {channels}",
                kept.keep().len()
            )));
        }
        let policy = metadata
            .policy
            .parse()
            .map_err(|error| wrong(format!("the header's policy: {error}")))?;
        Ok(Self {
            payload,
            model: metadata.model,
            cut: metadata.cut,
            channels: kept,
            policy,
            shape: [channels, rows, columns],
            grid: Grid { integer, step },
            bytes,
        })
    }

    /// The whole file.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of the model's front, in hexadecimal. It does not authenticate an origin.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The cut's name.
    pub fn cut(&self) -> &str {
        &self.cut
    }

    /// Which channels of the cut are here, ascending.
    pub fn channels(&self) -> &Channels {
        &self.channels
    }

    /// The policy that made it, every parameter written out.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Whether its values went through DP-A: then they are normalised and carry the cut's gain.
    pub fn is_noisy(&self) -> bool {
        self.policy.stages().iter().any(|stage| matches!(stage, Stage::Dp(_)))
    }

    /// Channels, rows and columns.
    pub fn shape(&self) -> [usize; 3] {
        self.shape
    }

    /// The grid: a value is `integer * step`.
    pub fn grid(&self) -> Grid {
        self.grid
    }

    /// The integers, `[channel][row][column]`.
    pub fn integers(&self) -> impl Iterator<Item = i16> + '_ {
        let payload = &self.bytes[self.payload..];
        let width = self.grid.integer.bytes();
        payload.chunks_exact(width).map(move |bytes| match bytes {
            [low, high] => i16::from_le_bytes([*low, *high]),
            _ => i16::from(i8::from_le_bytes([bytes[0]])),
        })
    }

    /// The values that the integers stand for.
    pub fn values(&self) -> impl Iterator<Item = f32> + '_ {
        let step = self.grid.step.get();
        self.integers().map(move |integer| f32::from(integer) * step)
    }
}

fn parse_header(header: &[u8]) -> Result<HeaderJson> {
    let value: serde_json::Value = serde_json::from_slice(header)
        .map_err(|_| wrong("not a release: its header is not JSON, as a safetensors file's is"))?;
    // The format is looked at first: a newer one may hold anything else.
    let format = value["__metadata__"]["format"].as_str().unwrap_or_default();
    match format.split_once('/') {
        Some(("frostglass", _)) if format == FORMAT => {}
        Some(("frostglass", version)) => {
            return Err(wrong(format!(
                "written in format frostglass/{version:.12}; this version reads {FORMAT}: update it"
            )));
        }
        _ => {
            return Err(wrong(
                "a safetensors file, but not a release: it names no frostglass format",
            ));
        }
    }
    let parsed: HeaderJson = serde_json::from_value(value).map_err(|_| {
        wrong("the header lacks a part of a release's: one tensor `release` and its metadata")
    })?;
    debug_assert_eq!(parsed.metadata.format, FORMAT);
    Ok(parsed)
}

/// The channels of a header, in the syntax of the `channels` stage.
fn kept_channels(text: &str) -> Result<Channels> {
    let policy = format!("channels({text})").parse::<Policy>();
    match policy.as_ref().map(Policy::stages) {
        Ok([Stage::Channels(channels)]) => Ok(channels.clone()),
        _ => Err(wrong("the header's channels are no list such as 0-15,20")),
    }
}
