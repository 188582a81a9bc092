//! Curves, drawn: SVG and PNG from one description.

mod labels;

use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use labels::Labels;

/// Width and height, in pixels.
const SIZE: (u32, u32) = (900, 540);

/// Colours that stay apart for colour-blind eyes, in the order of curves.
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(90, 90, 90),
];

/// Curves over one pair of axes.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub(crate) struct Chart {
    pub(crate) title: String,
    /// What the axis across measures.
    pub(crate) x: String,
    /// What the axis upward measures.
    pub(crate) y: String,
    /// The least and the most that the axis upward shows; as the curves need where it is left out.
    pub(crate) range: Option<[f64; 2]>,
    pub(crate) curves: Vec<Curve>,
}

/// One curve.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub(crate) struct Curve {
    pub(crate) name: String,
    pub(crate) points: Vec<[f64; 2]>,
}

/// How a file is written, by its name.
enum Form {
    Svg,
    Png,
}

fn form(path: &Path) -> Result<Form, Failure> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("svg") => Ok(Form::Svg),
        Some("png") => Ok(Form::Png),
        _ => Err(Failure::bad_input(format!(
            "{}: a picture is an .svg or a .png file",
            path.display()
        ))),
    }
}

/// Refuses a name that no picture has.
pub(crate) fn check(path: &Path) -> Result<(), Failure> {
    form(path).map(|_| ())
}

/// The bytes of the picture, in the form that its file's name says.
pub(crate) fn draw(chart: &Chart, path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |what: &dyn std::fmt::Display| {
        Failure::bad_input(format!("{} cannot be drawn: {what}", path.display()))
    };
    let points = || chart.curves.iter().flat_map(|curve| &curve.points).flatten();
    if points().next().is_none() || !points().all(|number| number.is_finite()) {
        return Err(failed(&"curves need points of finite numbers"));
    }
    match form(path)? {
        Form::Svg => {
            let mut text = String::new();
            plot(chart, SVGBackend::with_string(&mut text, SIZE).into_drawing_area())
                .map_err(|error| failed(&error))?;
            Ok(text.into_bytes())
        }
        Form::Png => {
            let mut pixels = vec![0; (SIZE.0 * SIZE.1 * 3) as usize];
            plot(chart, Labels::over(&mut pixels, SIZE).into_drawing_area())
                .map_err(|error| failed(&error))?;
            let picture = image::RgbImage::from_raw(SIZE.0, SIZE.1, pixels)
                .ok_or_else(|| failed(&"its size is none"))?;
            let mut file = std::io::Cursor::new(Vec::new());
            picture.write_to(&mut file, image::ImageFormat::Png).map_err(|error| failed(&error))?;
            Ok(file.into_inner())
        }
    }
}

fn plot<B: DrawingBackend>(
    chart: &Chart,
    area: DrawingArea<B, Shift>,
) -> Result<(), DrawingAreaErrorKind<B::ErrorType>> {
    area.fill(&WHITE)?;
    let extent = |axis: usize| {
        let all = chart.curves.iter().flat_map(|curve| &curve.points).map(|point| point[axis]);
        let (least, most) =
            all.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
        // An axis of one value has no length.
        if most > least { least..most } else { least - 0.5..most + 0.5 }
    };
    let y = chart.range.map_or_else(|| extent(1), |[least, most]| least..most);
    let mut context = ChartBuilder::on(&area)
        .caption(&chart.title, ("sans-serif", 22))
        .margin(16)
        .x_label_area_size(44)
        .y_label_area_size(70)
        .build_cartesian_2d(extent(0), y)?;
    context
        .configure_mesh()
        .x_desc(&chart.x)
        .y_desc(&chart.y)
        .light_line_style(WHITE)
        .bold_line_style(RGBColor(225, 225, 225))
        .label_style(("sans-serif", 16))
        .axis_desc_style(("sans-serif", 16))
        .x_label_formatter(&|x| labels::number(*x))
        .y_label_formatter(&|y| labels::number(*y))
        .draw()?;
    for (index, curve) in chart.curves.iter().enumerate() {
        let style = COLOURS[index % COLOURS.len()].stroke_width(2);
        let points = curve.points.iter().map(|&[x, y]| (x, y));
        context
            .draw_series(LineSeries::new(points, style))?
            .label(&curve.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 22, y)], style));
    }
    if chart.curves.len() > 1 {
        context
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperRight)
            .background_style(WHITE.mix(0.85))
            .border_style(RGBColor(200, 200, 200))
            .label_font(("sans-serif", 16))
            .draw()?;
    }
    area.present()
}
