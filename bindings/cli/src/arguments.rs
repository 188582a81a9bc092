//! What a person types.

mod privacy;
mod sweep;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use frostglass::frame::Rect;
use frostglass::ledger::Cap;

pub(crate) use sweep::SweepArguments;

pub(crate) use privacy::{
    AccountArguments, ExplainArguments, NoiseArguments, Privacy, SigmaArguments,
};

/// Runs the front layers of a network on a photograph, sanitises their output, and writes a release.
///
/// Exit codes: 0 done, 2 bad input (one line says what and what would be right), 3 refused by a
/// privacy budget, 1 anything else.
#[derive(Debug, Parser)]
#[command(name = "frostglass", version)]
pub(crate) struct Arguments {
    /// Print one JSON object instead of text (schemas: docs/cli/)
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the built-in network over the built-in photograph and draw what leaves (the default)
    Demo(DemoArguments),
    /// List the cuts of a model
    Cuts(CutsArguments),
    /// Turn a photograph into a release
    Sanitize(SanitizeArguments),
    /// Show what a release says of itself
    Inspect(InspectArguments),
    /// Show how a front runs: steps, kernels, memory
    Steps(StepsArguments),
    /// Write a front to one file, for devices that read no ONNX
    Pack(PackArguments),
    /// Draw what each window of sample-and-hold leaves of a network's answer
    Sweep(SweepArguments),
    /// What noise costs and what it is worth
    #[command(subcommand)]
    Privacy(Privacy),
    /// Look at a ledger: what all releases charged to it cost together
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Open what a phone keeps shut: activations and seeds
    #[command(subcommand)]
    Lab(Lab),
}

impl Default for Command {
    fn default() -> Self {
        Self::Demo(DemoArguments { out: PathBuf::from(DEMO_FOLDER) })
    }
}

/// Where the demo writes, unless told otherwise.
const DEMO_FOLDER: &str = "frostglass-demo";

#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// The folder to write releases, receipts and the page to
    #[arg(long, value_name = "DIR", default_value = DEMO_FOLDER)]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct CutsArguments {
    /// A model of the zoo, a folder with front.onnx and card.toml, a packed front, or an .onnx file
    pub(crate) model: String,
}

#[derive(Debug, Args)]
pub(crate) struct SanitizeArguments {
    /// A JPEG or PNG file
    pub(crate) photo: PathBuf,
    /// A model of the zoo, a folder with front.onnx and card.toml, a packed front, or an .onnx file
    #[arg(long)]
    pub(crate) model: String,
    /// Where the front stops (`frostglass cuts MODEL` lists the cuts)
    #[arg(long)]
    pub(crate) cut: String,
    /// What is done to the activations, such as 'hold(8)' or 'dp(epsilon=5, delta=1e-5)'
    #[arg(long)]
    pub(crate) policy: String,
    /// The part of the upright picture to use, in pixels
    #[arg(long, value_name = "x,y,w,h", value_parser = parse_crop, allow_hyphen_values = true)]
    pub(crate) crop: Option<Rect>,
    /// The release to write
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// The receipt to write; it is yours, not the server's
    #[arg(long, value_name = "FILE")]
    pub(crate) receipt: Option<PathBuf>,
    /// The ledger that the release is charged to before it is made
    #[arg(long, value_name = "FILE")]
    pub(crate) ledger: Option<PathBuf>,
    /// The budget of the ledger, such as '20,1e-5,activation' or '20,1e-5,person'; it begins one where there is none (units: activation, patch(PIXELS), image, person)
    #[arg(long, value_name = "EPSILON,DELTA,UNIT", requires = "ledger", value_parser = parse_budget, allow_hyphen_values = true)]
    pub(crate) budget: Option<Cap>,
    /// A name for this release, chosen before its content was seen: the same again sends the same bytes at no cost
    #[arg(long, value_name = "TEXT", requires = "ledger")]
    pub(crate) token: Option<String>,
    /// Refuse a front whose runs would allocate, and name the node
    #[arg(long)]
    pub(crate) no_alloc: bool,
    /// Threads that may run the front, 1 to 4
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) threads: usize,
}

#[derive(Debug, Args)]
pub(crate) struct InspectArguments {
    /// A release
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct StepsArguments {
    /// A model of the zoo, a folder with front.onnx and card.toml, a packed front, or an .onnx file
    pub(crate) model: String,
    /// A cut of the card; without a card, the name of any tensor
    #[arg(long)]
    pub(crate) cut: String,
    /// Direct convolution everywhere, Winograd's nowhere
    #[arg(long)]
    pub(crate) exact: bool,
    /// Refuse a front whose runs would allocate, and name the node
    #[arg(long)]
    pub(crate) no_alloc: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PackArguments {
    /// A model of the zoo, a folder with front.onnx and card.toml, or an .onnx file
    pub(crate) model: String,
    /// Where the front stops (`frostglass cuts MODEL` lists the cuts)
    #[arg(long)]
    pub(crate) cut: String,
    /// The packed front to write
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Show the budget and what is spent
    Show(LedgerShowArguments),
    /// Read every record, and say what is damaged
    Verify(LedgerVerifyArguments),
}

#[derive(Debug, Args)]
pub(crate) struct LedgerShowArguments {
    /// A ledger
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct LedgerVerifyArguments {
    /// A ledger
    pub(crate) file: PathBuf,
    /// Put a successor in the place of a damaged ledger: the same budget, everything that may be spent counted as spent
    #[arg(long = "continue")]
    pub(crate) go_on: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Lab {
    /// Run a front on a preprocessed tensor
    Front(LabFrontArguments),
    /// Run a policy on a feature map
    Sanitize(LabSanitizeArguments),
    /// Draw curves
    Chart(LabChartArguments),
}

#[derive(Debug, Args)]
pub(crate) struct LabFrontArguments {
    /// A model of the zoo, a folder with front.onnx and card.toml, a packed front, or an .onnx file
    pub(crate) model: String,
    /// A cut of the card; without a card, the name of any tensor
    #[arg(long)]
    pub(crate) cut: String,
    /// f32 [1,3,H,W], already preprocessed
    #[arg(long, value_name = "IN.npy")]
    pub(crate) input: PathBuf,
    /// f32 [1,C,H,W]
    #[arg(long, value_name = "OUT.npy")]
    pub(crate) out: PathBuf,
    /// Direct convolution everywhere, Winograd's nowhere
    #[arg(long)]
    pub(crate) exact: bool,
}

#[derive(Debug, Args)]
pub(crate) struct LabSanitizeArguments {
    /// f32 [1,C,H,W], [C,H,W], [1,C] or [C]
    #[arg(value_name = "IN.npy")]
    pub(crate) input: PathBuf,
    /// What is done to the map
    #[arg(long)]
    pub(crate) policy: String,
    /// Noise that repeats; without it every run differs
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// The f32 values that the release stands for; the map itself where the policy has no grid
    #[arg(long, value_name = "OUT.npy")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct LabChartArguments {
    /// {title, x, y, range, curves: [{name, points: [[x, y]]}]}
    #[arg(value_name = "CURVES.json")]
    pub(crate) curves: PathBuf,
    /// The picture, an .svg or a .png file; it may be given for both
    #[arg(long, value_name = "FILE", required = true)]
    pub(crate) out: Vec<PathBuf>,
}

fn parse_crop(text: &str) -> Result<Rect, String> {
    let numbers: Option<Vec<usize>> = text.split(',').map(|n| n.trim().parse().ok()).collect();
    match numbers.as_deref() {
        Some(&[x, y, width, height]) => Ok(Rect::new(x, y, width, height)),
        _ => Err("write it as x,y,w,h: four whole numbers of pixels, none below 0".into()),
    }
}

fn parse_budget(text: &str) -> Result<Cap, String> {
    text.parse().map_err(|error: frostglass::Error| error.to_string())
}
