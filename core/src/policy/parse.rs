//! A policy from text.
//!
//! ```text
//! policy = stage { "|" stage }
//! stage  = name [ "(" [ arg { "," arg } ] ")" ]      arg = value | key "=" value
//! ```
//! Spaces around any part are free.

use std::num::NonZeroUsize;
use std::str::FromStr;

use super::Policy;
use super::numbers;
use super::stage::{Channels, Dp, GridStage, Stage};
use crate::error::{Error, ErrorKind, Result};
use crate::grid::GridInteger;
use crate::privacy::{Adjacency, Calibration};
use crate::sanitize::{Hold, HoldRule, HoldWithin};

/// Longer than any policy that means something.
const LONGEST: usize = 1 << 16;

impl FromStr for Policy {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text.len() > LONGEST {
            return Err(wrong(format!("a policy is at most {LONGEST} characters long")));
        }
        if text.trim().is_empty() {
            return Self::new(Vec::new());
        }
        Self::new(split(text, '|')?.into_iter().map(stage).collect::<Result<_>>()?)
    }
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Policy, message.into())
}

/// Splits at `separator` outside parentheses.
fn split(text: &str, separator: char) -> Result<Vec<&str>> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0usize);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => {
                depth = depth
                    .checked_sub(1)
                    .ok_or_else(|| wrong("a closing parenthesis has no opening one"))?;
            }
            c if c == separator && depth == 0 => {
                parts.push(text[start..at].trim());
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    if depth > 0 {
        return Err(wrong("an opening parenthesis is never closed"));
    }
    parts.push(text[start..].trim());
    Ok(parts)
}

fn stage(text: &str) -> Result<Stage> {
    let (name, arguments) = call(text)?;
    match name {
        "channels" => channels(&arguments),
        "hold" => hold(&arguments),
        "dp" => dp(&arguments),
        "grid" => grid(&arguments),
        "" => Err(wrong("a stage is empty: channels, hold, dp or grid belongs between the bars")),
        _ => {
            Err(wrong(format!("there is no stage {name:?}; there are channels, hold, dp and grid")))
        }
    }
}

/// `name(a, b)` as its name and its arguments; a bare name has none.
fn call(text: &str) -> Result<(&str, Vec<&str>)> {
    let Some((name, rest)) = text.split_once('(') else { return Ok((text, Vec::new())) };
    let inside = rest
        .strip_suffix(')')
        .ok_or_else(|| wrong(format!("{:?} stands behind a closing parenthesis", after(rest))))?;
    let arguments = if inside.trim().is_empty() { Vec::new() } else { split(inside, ',')? };
    Ok((name.trim(), arguments))
}

/// What follows the last closing parenthesis.
fn after(text: &str) -> &str {
    text.rsplit_once(')').map_or(text, |(_, after)| after).trim()
}

fn channels(arguments: &[&str]) -> Result<Stage> {
    if arguments.first() == Some(&"secret") {
        return Err(wrong(
            "channels(secret, ...) needs a device secret, which this version does not have; list the channels, as in channels(0-15,20)",
        ));
    }
    let mut keep = Vec::new();
    for argument in arguments {
        let index = |text: &str| {
            text.trim().parse().map_err(|_| {
                wrong(format!(
                    "channels: {argument:?} is neither a channel nor a range such as 0-15"
                ))
            })
        };
        let (first, last): (usize, usize) = match argument.split_once('-') {
            Some((first, last)) => (index(first)?, index(last)?),
            None => (index(argument)?, index(argument)?),
        };
        if first > last {
            return Err(wrong(format!(
                "channels: {argument:?} runs backwards; write {last}-{first}"
            )));
        }
        // The bound keeps a range from filling memory; `Channels` states it.
        keep.extend(first..=last.min(first.saturating_add(65_536)));
        if keep.len() > 65_536 {
            return Err(wrong("channels: more channels than the largest map has"));
        }
    }
    Channels::new(keep).map(Stage::Channels)
}

fn hold(arguments: &[&str]) -> Result<Stage> {
    let mut window = None;
    let mut given = Vec::new();
    let (mut rule, mut within) = (HoldRule::default(), HoldWithin::default());
    for argument in arguments {
        let Some((key, value)) = pair(argument) else {
            if window.is_some() {
                return Err(wrong("hold takes one window, as in hold(8)"));
            }
            window = Some(argument.parse().map_err(|_| {
                wrong(format!(
                    "hold: the window must be a whole number of at least 1, not {argument:?}"
                ))
            })?);
            continue;
        };
        if given.contains(&key) {
            return Err(wrong(format!("hold: {key} is given twice")));
        }
        given.push(key);
        match key {
            "rule" => rule = value.parse()?,
            "within" => within = value.parse()?,
            _ => {
                return Err(wrong(format!(
                    "hold: there is no key {key:?}; there are rule and within"
                )));
            }
        }
    }
    let window: NonZeroUsize = window.ok_or_else(|| wrong("hold needs a window, as in hold(8)"))?;
    Ok(Stage::Hold(Hold { window, rule, within }))
}

impl FromStr for HoldRule {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "nearest-mean" => Ok(Self::NearestMean),
            "median" => Ok(Self::Median),
            "largest" => Ok(Self::Largest),
            "first" => Ok(Self::First),
            _ => Err(wrong(format!(
                "hold: there is no rule {text:?}; there are nearest-mean, median, largest and first"
            ))),
        }
    }
}

impl FromStr for HoldWithin {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "map" => Ok(Self::Map),
            "row" => Ok(Self::Row),
            _ => Err(wrong(format!(
                "hold: windows cannot stay within {text:?}; there are map and row"
            ))),
        }
    }
}

fn dp(arguments: &[&str]) -> Result<Stage> {
    const KEYS: &str = "epsilon, delta, unit, a_max, u, alpha, beta, gamma, clip and calibration";
    let mut dp = Dp::default();
    let mut given = Vec::new();
    for argument in arguments {
        let Some((key, value)) = pair(argument) else {
            return Err(wrong(format!("dp: {argument:?} has no key; there are {KEYS}")));
        };
        if given.contains(&key) {
            return Err(wrong(format!("dp: {key} is given twice")));
        }
        given.push(key);
        let number = || {
            numbers::parse(value)
                .ok_or_else(|| wrong(format!("dp: {key} must be a finite number, not {value:?}")))
        };
        dp = match key {
            "epsilon" => dp.with_epsilon(number()?)?,
            "delta" => dp.with_delta(number()?)?,
            "unit" => dp.with_unit(
                value.parse::<Adjacency>().map_err(|error| wrong(format!("dp: {error}")))?,
            )?,
            "a_max" => dp.with_a_max(number()? as f32)?,
            "u" => dp.with_width(value.parse().map_err(|_| {
                wrong(format!(
                    "dp: u, the window in channels, must be a whole number, not {value:?}"
                ))
            })?)?,
            "alpha" => dp.with_alpha(number()? as f32)?,
            "beta" => dp.with_beta(number()? as f32)?,
            "gamma" => dp.with_gamma(number()? as f32)?,
            "clip" => dp.with_clip(number()? as f32)?,
            "calibration" => dp.with_calibration(calibration(value)?)?,
            _ => return Err(wrong(format!("dp: there is no key {key:?}; there are {KEYS}"))),
        };
    }
    Ok(Stage::Dp(dp))
}

fn calibration(text: &str) -> Result<Calibration> {
    match text {
        "analytic" => Ok(Calibration::Analytic),
        "paper" => Ok(Calibration::Paper),
        _ => Err(wrong(format!(
            "dp: there is no calibration {text:?}; there are analytic and paper"
        ))),
    }
}

fn grid(arguments: &[&str]) -> Result<Stage> {
    let mut integer = None;
    let mut step = None;
    for argument in arguments {
        match (*argument, pair(argument)) {
            ("i8", _) if integer.is_none() => integer = Some(GridInteger::I8),
            ("i16", _) if integer.is_none() => integer = Some(GridInteger::I16),
            (_, Some(("step", value))) if step.is_none() => {
                step = Some(numbers::parse(value).map_or(f32::NAN, |number| number as f32));
            }
            _ => {
                return Err(wrong(format!(
                    "grid: {argument:?} does not belong there; grid takes i8 or i16, and step, each once"
                )));
            }
        }
    }
    let stage = GridStage::new(integer.unwrap_or(GridInteger::I8));
    step.map_or(Ok(stage), |step| stage.with_step(step)).map(Stage::Grid)
}

/// `key=value`, if the argument is one.
fn pair(argument: &str) -> Option<(&str, &str)> {
    argument.split_once('=').map(|(key, value)| (key.trim(), value.trim()))
}
