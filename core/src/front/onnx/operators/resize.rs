//! Resizing of rows and columns.

use crate::error::Result;
use crate::front::graph::ValueId;
use crate::front::limits::MAX_SIDE;
use crate::front::onnx::builder::Builder;
use crate::front::onnx::node::NodeReader;
use crate::front::operator::{Interpolation, Operator};

/// Upsample (operator set 9) is Resize with the coordinates of its day.
pub(super) fn resize(builder: &mut Builder, node: &NodeReader<'_>) -> Result<ValueId> {
    let input = node.input(0)?;
    let [batch, channels, rows, columns] = node.planes(builder, input)?;
    let interpolation = interpolation(node)?;
    // Operator set 10 has no regions of interest before its scales.
    let early = node.opset <= 10;
    let scales = node.floats(builder, if early { 1 } else { 2 })?;
    let scales = scales.filter(|scales| !scales.is_empty());
    let sizes = if early { None } else { node.integers(builder, 3)? };
    let (scales, size) = match (scales.as_deref(), sizes.as_deref()) {
        (Some(&[1.0, 1.0, by_rows, by_columns]), None) => {
            let by = [by_rows, by_columns];
            let mut size = [0; 2];
            for axis in 0..2 {
                let scaled = [rows, columns][axis] as f64 * f64::from(by[axis]);
                if !(scaled >= 1.0 && scaled <= MAX_SIDE as f64) {
                    return Err(node
                        .wrong(format!("its scales must give 1 to {MAX_SIDE} rows and columns")));
                }
                // Exactly what the product in single precision would be floored to, or refused.
                let single = ([rows, columns][axis] as f32 * by[axis]).floor();
                if scaled.floor() != f64::from(single) {
                    return Err(node.wrong("its scales do not give a definite size"));
                }
                size[axis] = scaled as usize;
            }
            (Some(by), size)
        }
        (None, Some(&[b, c, out_rows, out_columns]))
            if (b, c) == (batch as i64, channels as i64) =>
        {
            let inside = |size: i64| usize::try_from(size).ok().filter(|&s| s > 0 && s <= MAX_SIDE);
            let (Some(out_rows), Some(out_columns)) = (inside(out_rows), inside(out_columns))
            else {
                return Err(
                    node.wrong(format!("its sizes must give 1 to {MAX_SIDE} rows and columns"))
                );
            };
            (None, [out_rows, out_columns])
        }
        _ => {
            return Err(node.wrong(
                "needs constant scales [1, 1, rows, columns] or sizes [batch, channels, rows, columns]",
            ));
        }
    };
    let shape = vec![batch, channels, size[0], size[1]];
    node.compute(builder, Operator::Resize { interpolation, scales }, vec![input], shape)
}

fn interpolation(node: &NodeReader<'_>) -> Result<Interpolation> {
    let one_of = |name: &'static str, default: &str, known: &[&str]| {
        let value = node.attributes.text(name)?.unwrap_or(default);
        if known.contains(&value) {
            Ok(value.into())
        } else {
            Err(node.wrong(format!("{name} {value:?} is not supported, {} are", known.join(", "))))
        }
    };
    // These change nothing at the values an exporter writes for the modes below.
    for (name, neutral) in [("exclude_outside", 0), ("antialias", 0)] {
        if node.attributes.int(name)?.unwrap_or(neutral) != neutral {
            return Err(node.wrong(format!("{name} is not supported")));
        }
    }
    node.attributes.float("cubic_coeff_a")?;
    node.attributes.float("extrapolation_value")?;
    if node.attributes.text("keep_aspect_ratio_policy")?.unwrap_or("stretch") != "stretch" {
        return Err(node.wrong("keep_aspect_ratio_policy is not supported"));
    }
    let mode = one_of("mode", "nearest", &["nearest", "linear"])?;
    let early = node.opset <= 10;
    let coordinates: &str = if early { "asymmetric" } else { "half_pixel" };
    let coordinates = one_of(
        "coordinate_transformation_mode",
        coordinates,
        &["asymmetric", "half_pixel", "align_corners", "pytorch_half_pixel"],
    )?;
    let nearest: &str = if early { "floor" } else { "round_prefer_floor" };
    let nearest = one_of(
        "nearest_mode",
        nearest,
        &["floor", "ceil", "round_prefer_floor", "round_prefer_ceil"],
    )?;
    Ok(Interpolation { mode, coordinates, nearest })
}
