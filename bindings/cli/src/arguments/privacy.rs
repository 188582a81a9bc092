//! What a person types after `frostglass privacy`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use frostglass::grid::GridInteger;

#[derive(Debug, Subcommand)]
pub(crate) enum Privacy {
    /// How much Gaussian noise (epsilon, delta) takes
    Sigma(SigmaArguments),
    /// Draw the noise of a grid into a file
    Noise(NoiseArguments),
    /// What one release under a policy costs: for one activation, a patch, the whole image
    Explain(ExplainArguments),
    /// What several releases cost together
    Account(AccountArguments),
}

#[derive(Debug, Args)]
pub(crate) struct SigmaArguments {
    /// Epsilon of one release, above 0
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) epsilon: f64,
    /// Delta that goes with it, between 0 and 1
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) delta: f64,
    /// How far the noiseless values can move, in L2
    #[arg(long, value_name = "S", default_value_t = 1.0, allow_hyphen_values = true)]
    pub(crate) sensitivity: f64,
    /// By the paper's classical formula, which is proven for epsilon below 1 only
    #[arg(long)]
    pub(crate) paper: bool,
}

#[derive(Debug, Args)]
pub(crate) struct NoiseArguments {
    /// Whose noise: 16 steps on i8, 256 on i16
    #[arg(long)]
    pub(crate) grid: NoiseGrid,
    /// How many samples
    #[arg(long, value_name = "N")]
    pub(crate) count: usize,
    /// Whole steps as 32-bit integers, least significant byte first
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// A grid, by the name it has in policies.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum NoiseGrid {
    I8,
    I16,
}

impl From<NoiseGrid> for GridInteger {
    fn from(grid: NoiseGrid) -> Self {
        match grid {
            NoiseGrid::I8 => Self::I8,
            NoiseGrid::I16 => Self::I16,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// A model of the zoo, a folder with front.onnx and card.toml, a packed front, or an .onnx file
    #[arg(long)]
    pub(crate) model: String,
    /// Where the front stops (`frostglass cuts MODEL` lists the cuts)
    #[arg(long)]
    pub(crate) cut: String,
    /// A policy with a dp stage, such as 'dp(epsilon=5, delta=1e-5)'
    #[arg(long)]
    pub(crate) policy: String,
    /// The size of the photograph's crop: what one pixel and one patch of it cost is said, too
    #[arg(long, value_name = "WxH", value_parser = parse_size, allow_hyphen_values = true)]
    pub(crate) crop: Option<(usize, usize)>,
}

/// A width and a height; a crop as `sanitize` takes it has both at its end.
fn parse_size(text: &str) -> Result<(usize, usize), String> {
    let numbers = |by: char| -> Option<Vec<usize>> {
        text.split(by).map(|number| number.trim().parse().ok()).collect()
    };
    match (numbers('x').as_deref(), numbers(',').as_deref()) {
        (Some(&[width, height]), _) | (_, Some(&[_, _, width, height])) => Ok((width, height)),
        _ => Err("write it as WxH, or as sanitize's x,y,w,h: whole numbers of pixels".into()),
    }
}

#[derive(Debug, Args)]
pub(crate) struct AccountArguments {
    /// A list of releases: [{"mu": M, "count": N}, ...], or "sigma" and "delta_f" for "mu"
    #[arg(value_name = "FILE.json")]
    pub(crate) file: PathBuf,
    /// Delta at which epsilon is given
    #[arg(long, default_value_t = 1e-5, allow_hyphen_values = true)]
    pub(crate) delta: f64,
}
