//! The stages and the privacy figures against the golden vectors of the NumPy reference
//! (`tests/golden/`, format in its README).
#![cfg(feature = "lab")]

mod vectors;

use std::num::NonZeroUsize;
use std::path::Path;

use frostglass::ErrorKind;
use frostglass::grid::{Grid, GridInteger, GridStep};
use frostglass::privacy::{
    ClipBound, Delta, Epsilon, Mu, Normalisation, Region, Sensitivity, best_guess, classical_sigma,
    delta, epsilon, mu,
};
use frostglass::sanitize::{
    Hold, NoisyNorm, noisy_norm, norm_of_normalised_map, normalise, quantise, sample_and_hold,
    select_channels,
};
use serde_json::Value;
use vectors::{cases, close, f64};

fn f32s(value: &Value) -> Vec<f32> {
    let digits = value.as_str().expect("a string of digits").as_bytes();
    let word = |digits: &[u8]| u32::from_str_radix(std::str::from_utf8(digits).unwrap(), 16);
    digits.chunks(8).map(|digits| f32::from_bits(word(digits).expect("hexadecimal"))).collect()
}

fn f32(value: &Value) -> f32 {
    f32s(value)[0]
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

fn size(value: &Value) -> usize {
    value.as_u64().expect("a whole number") as usize
}

fn steps(value: &Value) -> Vec<f32> {
    value.as_array().expect("steps").iter().map(|step| f64(step) as f32).collect()
}

fn integer(value: &Value) -> GridInteger {
    match value.as_str() {
        Some("i8") => GridInteger::I8,
        Some("i16") => GridInteger::I16,
        other => panic!("no grid {other:?}"),
    }
}

fn grid(case: &Value) -> Grid {
    let step = GridStep::new(f32(&case["step"])).unwrap();
    Grid { integer: integer(&case["integer"]), step }
}

/// The constants of a case; missing ones are the defaults.
fn normalisation(case: &Value) -> Normalisation {
    let mut constants = Normalisation::default();
    let number = |key: &str| case[key].as_f64().map(|number| number as f32);
    if let Some(width) = case["width"].as_u64() {
        constants = constants.with_width(width as usize).unwrap();
    }
    if let Some(a_max) = number("a_max") {
        constants = constants.with_a_max(a_max).unwrap();
    }
    if let Some(alpha) = number("alpha") {
        constants = constants.with_alpha(alpha).unwrap();
    }
    if let Some(beta) = number("beta") {
        constants = constants.with_beta(beta).unwrap();
    }
    if let Some(gamma) = number("gamma") {
        constants = constants.with_gamma(gamma).unwrap();
    }
    constants
}

fn window(case: &Value) -> Hold {
    Hold::new(NonZeroUsize::new(size(&case["window"])).unwrap())
}

#[test]
fn sample_and_hold_bit_for_bit() {
    for case in cases("hold", "cases") {
        let mut stream = f32s(&case["stream"]);
        let columns = stream.len();
        sample_and_hold(&mut stream, columns, window(&case)).unwrap();
        assert_eq!(bits(&stream), bits(&f32s(&case["held"])), "{}", case["name"]);
    }
    for case in cases("hold", "errors") {
        let stream = f32s(&case["stream"]);
        let mut touched = stream.clone();
        let error = sample_and_hold(&mut touched, stream.len(), window(&case)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Activations);
        assert!(error.message().contains(&format!("sample {} ", case["index"])), "{error}");
        assert_eq!(bits(&touched), bits(&stream), "nothing is written");
    }
}

#[test]
fn quantisation_bit_for_bit() {
    for case in cases("grid", "cases") {
        let mut values = f32s(&case["values"]);
        let grid = grid(&case);
        quantise(&mut values, 1.0, grid);
        assert_eq!(values, steps(&case["steps"]), "{case}");
    }
}

#[test]
fn channel_selection_bit_for_bit() {
    for case in cases("channels", "cases") {
        let mut map = f32s(&case["map"]);
        let keep: Vec<usize> = case["keep"].as_array().unwrap().iter().map(size).collect();
        select_channels(&mut map, size(&case["positions"]), &keep);
        let wanted = f32s(&case["selected"]);
        assert_eq!(bits(&map[..wanted.len()]), bits(&wanted), "{case}");
    }
}

#[test]
fn dp_a_to_the_last_step() {
    for case in cases("dp", "cases") {
        let positions = size(&case["positions"]);
        let parameters = NoisyNorm {
            gain: f32s(&case["gain"]),
            offset: f32s(&case["offset"]),
            normalisation: normalisation(&case),
            grid: grid(&case),
        };
        let activations = f32s(&case["activations"]);
        let mut scratch = vec![0.0; parameters.scratch_len()];
        let run = |parameters: &NoisyNorm, shrink: f32, noise: &[i16], scratch: &mut [f32]| {
            let mut map = activations.clone();
            noisy_norm(&mut map, positions, parameters, shrink, noise, scratch);
            map
        };
        let mut map = activations.clone();
        normalise(&mut map, positions, &parameters, &mut scratch);
        let normalised = f32s(&case["normalised"]);
        for (got, wanted) in map.iter().zip(&normalised) {
            assert!((got - wanted).abs() <= 1e-6, "{got} is not {wanted}: {case}");
        }
        let quiet = vec![0; activations.len()];
        let shrink = case["clip"].as_f64().map_or(1.0, |clip| {
            let norm = norm_of_normalised_map(&activations, positions, &parameters, &mut scratch);
            let wanted = normalised.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
            close(f64::from(norm), wanted, 1e-6, &case);
            (clip as f32 / norm).min(1.0)
        });
        close(f64::from(shrink), f64(&case["shrink"]), 1e-6, &case);
        assert_eq!(
            run(&parameters, shrink, &quiet, &mut scratch),
            steps(&case["floored"]),
            "{case}"
        );
        let noise: Vec<i16> = steps(&case["noise"]).iter().map(|step| *step as i16).collect();
        assert_eq!(
            run(&parameters, shrink, &noise, &mut scratch),
            steps(&case["released"]),
            "{case}"
        );
    }
}

#[test]
fn calibration_to_ten_digits_and_nine_back() {
    let epsilon_of = |value: f64| Epsilon::new(value).unwrap();
    // What the file says of 1e-30 may be the double below it.
    let delta_of = |value: f64| Delta::new(value.max(1e-30)).unwrap();
    let mu_of = |value: f64| Mu::new(value).unwrap();
    for case in cases("calibration", "sigma") {
        let (at, delta) = (epsilon_of(f64(&case["epsilon"])), delta_of(f64(&case["delta"])));
        close(1.0 / mu(at, delta).get(), f64(&case["sigma"]), 1e-10, &case);
        close(classical_sigma(at, delta), f64(&case["classical_sigma"]), 1e-10, &case);
    }
    for case in cases("calibration", "epsilon") {
        let got = epsilon(mu_of(f64(&case["mu"])), delta_of(f64(&case["delta"])));
        close(got, f64(&case["epsilon"]), 1e-9, &case);
    }
    for case in cases("calibration", "delta") {
        let (at, mu) = (f64(&case["epsilon"]), mu_of(f64(&case["mu"])));
        // At epsilon 0, delta is what the best guesser gains on both sides of an even chance.
        let got = if at > 0.0 { delta(epsilon_of(at), mu) } else { 2.0 * best_guess(mu) - 1.0 };
        let wanted = f64(&case["delta"]);
        assert!((got - wanted).abs() <= 1e-9 * wanted + 1e-15, "{got} is not {wanted}: {case}");
    }
}

/// The sensitivity of a case: 64 channels and no clip unless it says otherwise.
fn sensitivity(case: &Value) -> Sensitivity {
    let channels = case["channels"].as_u64().map_or(64, |channels| channels as usize);
    let clip = case["clip"].as_f64().map(|clip| ClipBound::new(clip as f32).unwrap());
    Sensitivity::new(normalisation(case), channels, clip)
}

/// Whether a certified bound is at least the reference's maximum, and hardly more.
fn bounds(got: f64, wanted: f64, case: &Value) {
    let slack = got / wanted - 1.0;
    assert!((-1e-9..=1e-5).contains(&slack), "{got} is not {wanted}: {case}");
}

#[test]
fn sensitivity_of_one_activation() {
    for case in cases("sensitivity", "activation") {
        let sensitivity = sensitivity(&case);
        bounds(sensitivity.activation_without_grid(), f64(&case["s_a"]), &case);
        let region = Region { positions: 1, map_values: 64 };
        for (step, wanted) in
            case["steps"].as_array().unwrap().iter().zip(case["delta_a"].as_array().unwrap())
        {
            bounds(sensitivity.activation(region, f64(step)), f64(wanted), &case);
        }
    }
}

#[test]
fn sensitivity_of_positions_patches_and_images() {
    for case in cases("sensitivity", "position") {
        close(sensitivity(&case).per_position(), f64(&case["d"]), 1e-12, &case);
    }
    for (list, positions, wanted) in [("patch", "positions", "delta_b"), ("image", "", "delta_c")] {
        for case in cases("sensitivity", list) {
            let everywhere = size(&case["height"]) * size(&case["width"]);
            // `width` is the map's here; the normalisation's constants are the defaults.
            let defaults = sensitivity(&serde_json::json!({ "channels": case["channels"] }));
            let region = Region {
                positions: if list == "patch" { size(&case[positions]) } else { everywhere },
                map_values: everywhere * size(&case["channels"]),
            };
            let got = defaults.positions(region, f64(&case["step"]));
            close(got, f64(&case[wanted]), 1e-12, &case);
        }
    }
}

#[test]
fn sensitivity_under_a_clip() {
    for case in cases("sensitivity", "clip") {
        let clipped = sensitivity(&case);
        let everywhere = size(&case["map_positions"]);
        let at = |positions: usize| {
            let region = Region { positions, map_values: everywhere * clipped.channels() };
            clipped.positions(region, f64(&case["step"]))
        };
        close(at(size(&case["patch_positions"])), f64(&case["delta_b"]), 1e-12, &case);
        // Where the clip binds nothing, ours is the smaller bound of the two that hold.
        let got = at(everywhere);
        assert!(got <= f64(&case["delta_c"]) * (1.0 + 1e-12), "{got}: {case}");
    }
}

/// The reference's choice of integers and step, for one activation and for any positions.
#[test]
fn the_step_that_is_solved_for() {
    use frostglass::privacy::{Adjacency, Mechanism, Scope, Target};

    for (list, unit) in [("activation", Adjacency::Activation), ("positions", Adjacency::Image)] {
        for case in cases("step", list) {
            let sensitivity = sensitivity(&case);
            let positions = case["positions"].as_u64().unwrap_or(1) as usize;
            let scope = Scope { rows: positions, columns: 1, reach: None };
            let target = Target::new(Epsilon::new(f64(&case["epsilon"])).unwrap())
                .with_delta(Delta::new(f64(&case["delta"])).unwrap())
                .and_then(|target| target.with_unit(unit))
                .unwrap();
            let mechanism = Mechanism::calibrate(scope, sensitivity, target).unwrap();
            assert_eq!(mechanism.integer(), integer(&case["chosen"]), "{case}");
            let option = case["options"].as_array().unwrap().iter();
            let option = option.clone().find(|option| option["integer"] == case["chosen"]).unwrap();
            let (got, wanted) = (mechanism.step().get(), f32(&option["step_f32"]));
            bounds(f64::from(got), f64::from(wanted.next_down()), &case);
            close(mechanism.clean_range(), f64(&option["clean_range"]), 1e-5, &case);
        }
    }
}

#[test]
fn frames_become_tensors() {
    use frostglass::frame::{
        Alpha, ChannelOrder, CropRule, Filter, Frame, InputSpec, PixelFormat, Plane, Preparer,
        Rect, ResizeRule, Rotation, YuvEncoding,
    };
    let bytes = |value: &Value| -> Vec<u8> {
        let digits = value.as_str().unwrap_or_default().as_bytes().chunks(2);
        digits.map(|d| u8::from_str_radix(std::str::from_utf8(d).unwrap(), 16).unwrap()).collect()
    };
    let three = |value: &Value| [0, 1, 2].map(|i| f64(&value[i]) as f32);
    for case in cases("frame", "cases") {
        let (width, height) = (size(&case["width"]), size(&case["height"]));
        let [pixels, y, u, v] = ["pixels", "y", "u", "v"].map(|key| bytes(&case[key]));
        let format = match case["pixel_format"].as_str().unwrap() {
            "RGB8" => Some(PixelFormat::Rgb8),
            "RGBA8" => Some(PixelFormat::Rgba8),
            "BGRA8" => Some(PixelFormat::Bgra8),
            "GRAY8" => Some(PixelFormat::Gray8),
            _ => None,
        };
        let frame = match format {
            Some(format) => Frame::one_plane(format, &pixels, width, height)
                .unwrap()
                .stride(size(&case["stride"]))
                .unwrap(),
            None => {
                let chroma = width.div_ceil(2);
                let (y, u, v) = (
                    Plane::new(&y, width, 1),
                    Plane::new(&u, chroma, 1),
                    Plane::new(&v, chroma, 1),
                );
                Frame::yuv420(y, u, v, YuvEncoding::Bt601Full, width, height).unwrap()
            }
        };
        let alpha = match case["alpha"].as_str() {
            Some("straight") => Alpha::Straight,
            _ => Alpha::Premultiplied,
        };
        let crop = [0, 1, 2, 3].map(|i| size(&case["crop"][i]));
        let frame = frame
            .alpha(alpha)
            .crop(Rect::new(crop[0], crop[1], crop[2], crop[3]))
            .unwrap()
            .rotation(Rotation::from_degrees(size(&case["rotation"]) as i32).unwrap())
            .mirror(case["mirror"].as_bool().unwrap());
        let spec = InputSpec {
            name: "x".into(),
            shape: [0, 1, 2].map(|i| size(&case["shape"][i])),
            order: if case["order"] == "RGB" { ChannelOrder::Rgb } else { ChannelOrder::Bgr },
            resize: ResizeRule::Exact,
            short_side: 0,
            filter: Filter::Bilinear,
            crop: CropRule::None,
            mean: three(&case["mean"]),
            scale: three(&case["scale"]),
        };
        let wanted = f32s(&case["tensor"]);
        let mut tensor = vec![0.0; wanted.len()];
        Preparer::new(&spec).unwrap().prepare(&frame, &mut tensor).unwrap();
        let tolerance = f64(&case["tolerance"]) as f32;
        for (got, wanted) in tensor.iter().zip(&wanted) {
            assert!((got - wanted).abs() <= tolerance, "{}: {got} is not {wanted}", case["name"]);
        }
    }
}

/// The tables that the sampler reads are those that the reference described.
#[test]
fn noise_tables_keep_what_the_sampler_charges_for() {
    use frostglass::privacy::NoiseTable;

    for table in cases("noise", "tables") {
        let ours = NoiseTable::of(integer(&table["integer"]));
        assert_eq!(ours.sigma(), f64(&table["sigma"]));
        assert!(f64(&table["eta"]) <= ours.eta(), "{table}");
        assert!(f64(&table["past_the_table"]) <= (-147f64).exp2(), "{table}");
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/privacy/noise");
        let bytes = std::fs::read(folder.join(table["file"].as_str().unwrap())).unwrap();
        assert_eq!(bytes.len(), size(&table["bytes"]));
        assert_eq!(bytes.len(), 24 * (ours.largest() + 1), "thresholds of 192 bits from 0 on");
    }
}
