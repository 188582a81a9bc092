//! `frostglass demo`: the built-in network over the built-in photograph, and a page to look at.

mod mosaic;
mod page;
mod server;
mod trial;

use std::path::Path;

use frostglass::frame::{Rect, decode};
use frostglass::front::{Card, Model};
use schemars::JsonSchema;
use serde::Serialize;

use self::server::StandInServer;
use self::trial::{CutTrials, Trial};
use super::sanitize::receipt_file;
use crate::arguments::DemoArguments;
use crate::failure::Failure;
use crate::output::{self, Outputs};
use crate::progress;
use crate::zoo::{ZOO, ZooModel};

/// Shallow, middle and deep: where a phone that can afford little, some or most of the network cuts.
const CUTS: [&str; 3] = ["stem-relu", "stage2-block1", "stage4-block1"];

/// What `frostglass demo --json` prints.
#[derive(Serialize, JsonSchema)]
pub(crate) struct DemoReport {
    /// The page's path.
    page: String,
    releases: Vec<DemoRelease>,
}

#[derive(Serialize, JsonSchema)]
struct DemoRelease {
    cut: String,
    /// The policy as asked for.
    policy: String,
    /// The release's path.
    file: String,
    /// Bytes of the release.
    bytes: usize,
    /// From the decoded photograph to the last byte of the release: median of three runs.
    milliseconds: f64,
    /// How far the stand-in server's descriptor is from the clean photograph's.
    distance: f64,
    /// Whether that is under 0.6, where a face-recognition server still knows the person.
    recognised: bool,
}

pub(crate) fn run(arguments: &DemoArguments, json: bool) -> Result<(), Failure> {
    let zoo = &ZOO[0];
    let folder = &arguments.out;
    std::fs::create_dir_all(folder).map_err(|error| Failure::file("make", folder, &error))?;

    let card = Card::parse(zoo.card)?;
    let model = Model::open(zoo.front, card.clone())?;
    let demo = card.demo().ok_or_else(|| Failure::bad_input("the demo's card has no [demo]"))?;
    let [x, y, width, height] = demo.face.map(|pixels| pixels as usize);
    let face = Rect::new(x, y, width, height);
    let photo = decode(zoo.photo)?;
    let frame = photo.frame().crop(face)?;

    let bar = progress::bar((CUTS.len() * trial::POLICIES.len()) as u64);
    let mut server = StandInServer::new(zoo, &card);
    let clean = trial::clean_descriptor(&model, &mut server, &frame, CUTS[2])?;
    let mut cuts = Vec::new();
    for cut in CUTS {
        cuts.push(CutTrials::run(&model, cut, &frame, &mut server, &clean, &bar)?);
    }
    bar.finish_and_clear();

    let mut outputs = Outputs::default();
    let mut releases = Vec::new();
    for (cut, trial) in cuts.iter().flat_map(|cut| cut.trials.iter().map(move |trial| (cut, trial)))
    {
        releases.push(stage(&mut outputs, folder, &cut.name, trial)?);
    }
    let path = folder.join("index.html");
    let page = page::render(zoo_page(zoo, &card), &photo, face, &cuts)?;
    outputs.stage(&path, page.as_bytes())?;
    outputs.commit()?;

    let report = DemoReport { page: path.display().to_string(), releases };
    output::answer(json, &report, text)
}

/// What the page says of the model.
fn zoo_page<'a>(zoo: &'a ZooModel, card: &'a Card) -> page::Subject<'a> {
    page::Subject {
        title: card.title(),
        licence: card.licence(),
        photo: zoo.photo,
        credit: card.demo().map_or("", |demo| &demo.credit),
    }
}

/// Stages a release and its receipt.
fn stage(
    outputs: &mut Outputs,
    folder: &Path,
    cut: &str,
    trial: &Trial,
) -> Result<DemoRelease, Failure> {
    let name = format!("{cut}.{}", trial.policy.short);
    let file = folder.join(format!("{name}.safetensors"));
    outputs.stage(&file, trial.release.as_bytes())?;
    let receipt = folder.join(format!("{name}.receipt.json"));
    outputs.stage(&receipt, &receipt_file(&trial.receipt))?;
    Ok(DemoRelease {
        cut: cut.into(),
        policy: trial.text.clone(),
        file: file.display().to_string(),
        bytes: trial.release.as_bytes().len(),
        milliseconds: trial.milliseconds,
        distance: trial.distance,
        recognised: trial.recognised(),
    })
}

fn text(report: &DemoReport) -> String {
    let width = report.releases.iter().map(|release| release.policy.len()).max().unwrap_or(0);
    let mut text = format!(
        "{:<15} {:<width$} {:>9} {:>8} {:>9}  {}\n",
        "cut", "policy", "bytes", "ms", "distance", "a face-recognition server"
    );
    for release in &report.releases {
        let verdict =
            if release.recognised { "still knows the person" } else { "does not know the person" };
        text += &format!(
            "{:<15} {:<width$} {:>9} {:>8.1} {:>9.2}  {verdict}\n",
            release.cut, release.policy, release.bytes, release.milliseconds, release.distance
        );
    }
    text += &format!("\npage: {}\n", report.page);
    text
}
