//! Random policies over everything that `dp` accepts, and maps for them.

use frostglass::front::{AxisReach, Reach};
use frostglass::policy::Site;

use super::adversary::Draws;

/// A policy's text, and a map to resolve it at.
pub(crate) struct Drawn {
    pub(crate) policy: String,
    pub(crate) site: Site,
    /// A patch whose cost is attacked, whatever the noise was made for.
    pub(crate) patch: usize,
}

pub(crate) fn draw(draws: &mut Draws) -> Drawn {
    let clip = draws.chance(0.25).then(|| corner(draws, 1e-6, 1e6));
    // Under a clip a map is attacked as a whole, so that it must be small.
    let (most_channels, most_rows) = if clip.is_some() { (48.0, 3) } else { (512.0, 8) };
    let channels = (draws.log(1.0, most_channels + 1.0) as usize).min(most_channels as usize);
    let (rows, columns) = (1 + draws.below(most_rows), 1 + draws.below(most_rows));
    let mut axis =
        |size| AxisReach { field: 1 + draws.below(12), stride: 1 + draws.below(4), size };
    let reach = Some(Reach { rows: axis(rows), columns: axis(columns) });
    let mut site = Site::bare([channels, rows, columns]);
    site.reach = reach;
    if draws.chance(0.2) {
        for (gain, offset) in site.gain.iter_mut().zip(&mut site.offset) {
            *gain = draws.log(1e-3, 1e3) as f32;
            *offset = (draws.unit() - 0.5) as f32;
        }
    }
    let patch = 1 + draws.below(8);
    Drawn { policy: policy(draws, channels, clip, patch), site, patch }
}

/// Between two positive numbers: mostly uniform in the logarithm, often an end.
fn corner(draws: &mut Draws, low: f64, high: f64) -> f64 {
    match draws.below(16) {
        0 => low,
        1 => high,
        _ => draws.log(low, high),
    }
}

fn policy(draws: &mut Draws, channels: usize, clip: Option<f64>, patch: usize) -> String {
    let unit = match draws.below(3) {
        0 => "activation".into(),
        1 => format!("patch({patch})"),
        _ => "image".into(),
    };
    let rule = if unit == "activation" && draws.chance(0.25) { "paper" } else { "analytic" };
    let alpha = if draws.chance(0.1) { 0.0 } else { corner(draws, 1e-12, 1e6) };
    let beta = match draws.below(6) {
        0 => draws.log(1e-9, 1.0),
        1 => 0.5 + draws.log(1e-8, 0.5),
        2 => 0.5 - draws.log(1e-8, 0.5),
        3 => [0.0, 0.5, 0.75, 1.0, 4.0][draws.below(5)],
        _ => draws.unit() * 4.0,
    };
    let width = match draws.below(8) {
        0 => 5,
        1 => 255,
        _ => draws.log(1.0, 256.0) as usize,
    };
    let mut text = String::new();
    if channels > 1 && draws.chance(0.2) {
        let kept = 1 + draws.below(channels);
        text = format!("channels({}-{})|", channels - kept, channels - 1);
    }
    text += &format!(
        "dp(epsilon={:e}, delta={:e}, unit={unit}, a_max={:e}, u={width}, alpha={alpha:e}, beta={beta:e}, gamma={:e}, calibration={rule}",
        corner(draws, 1e-9, 1e9),
        corner(draws, 1e-30, 1e-2),
        corner(draws, 1e-6, 1e6),
        corner(draws, 1e-6, 1e6),
    );
    if let Some(clip) = clip {
        text += &format!(", clip={clip:e}");
    }
    text + ")"
}
