//! The list of releases that `privacy account` reads.

use frostglass::privacy::Mu;
use frostglass::privacy::accounting::FixedSizeSampling;
use serde::Deserialize;

/// Releases that cost the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Releases {
    pub(super) mu: Mu,
    pub(super) count: u64,
    pub(super) sampling: Option<FixedSizeSampling>,
}

/// As they are written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    mu: Option<f64>,
    sigma: Option<f64>,
    delta_f: Option<f64>,
    #[serde(default = "once")]
    count: u64,
    sampling: Option<WrittenSampling>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSampling {
    rate: f64,
    kind: String,
}

fn once() -> u64 {
    1
}

/// The largest mu that is worth computing with.
const LARGEST_MU: f64 = 1e6;

/// Reads a list; the error is one line that says which entry is wrong.
pub(super) fn parse(text: &str) -> Result<Vec<Releases>, String> {
    let written: Vec<Written> = serde_json::from_str(text).map_err(|error| {
        format!("not a list of releases such as [{{\"mu\": 0.27, \"count\": 10}}]: {error}")
    })?;
    if written.is_empty() {
        return Err("the list holds no release".into());
    }
    written
        .iter()
        .enumerate()
        .map(|(index, written)| {
            releases(written).map_err(|line| format!("entry {}: {line}", index + 1))
        })
        .collect()
}

fn releases(written: &Written) -> Result<Releases, String> {
    let mu = match (written.mu, written.sigma, written.delta_f) {
        (Some(mu), None, None) => mu,
        (None, Some(sigma), delta_f) if sigma > 0.0 => delta_f.unwrap_or(1.0) / sigma,
        (None, Some(sigma), _) => return Err(format!("sigma must be above 0, not {sigma}")),
        _ => return Err("give either mu, or sigma and delta_f (1 unless said)".into()),
    };
    if !(mu > 0.0 && mu <= LARGEST_MU) {
        return Err(format!("mu must be above 0 and at most {LARGEST_MU:e}, not {mu}"));
    }
    if written.count == 0 {
        return Err("count must be at least 1".into());
    }
    let mu = Mu::new(mu).map_err(|error| error.to_string())?;
    let sampling = written.sampling.as_ref().map(sampling).transpose()?;
    Ok(Releases { mu, count: written.count, sampling })
}

fn sampling(written: &WrittenSampling) -> Result<FixedSizeSampling, String> {
    if written.kind != "fixed-size" {
        return Err(format!(
            "sampling of kind {:?} is not counted; there is fixed-size (without replacement)",
            written.kind
        ));
    }
    FixedSizeSampling::new(written.rate).map_err(|error| error.to_string())
}
