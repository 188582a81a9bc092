//! What the command line accepts.

use clap::{Parser, Subcommand};

use crate::commands::{attack, bench};
use crate::suite::Tier;

/// Everything that is done to this repository besides writing it.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run test suites, installing the tools they need where that is possible
    Test {
        /// The tiers to run; all of them when none is named
        #[arg(value_name = "TIER")]
        tiers: Vec<Tier>,
        /// Print what would run, and run nothing
        #[arg(long)]
        list: bool,
    },
    /// Find or install the tools that suites need, and run nothing
    Setup {
        /// The tiers whose tools are wanted; all of them when none is named
        #[arg(value_name = "TIER")]
        tiers: Vec<Tier>,
    },
    /// Regenerate the golden vectors that every implementation is compared with
    Golden {
        /// Regenerate in memory and compare with the files; change nothing
        #[arg(long)]
        check: bool,
    },
    /// Build libfrostglass for phones and the Kotlin library around it: an AAR in a Maven layout
    Android,
    /// Build libfrostglass for Apple's phones, as far as this machine can, and the Swift package around it
    Ios,
    /// Look for adjacent inputs that break the promise of random policies
    Attack(attack::AttackOptions),
    /// Measure speed and memory, beside other people's where there are others
    Bench {
        #[command(subcommand)]
        benchmark: Benchmark,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Benchmark {
    /// Run fronts on our executor, ONNX Runtime, ncnn, MNN, LiteRT and tract, one thread each
    Front(bench::FrontOptions),
    /// Count the instructions that fronts take on aarch64: ours, tract's, ONNX Runtime's, ncnn's, MNN's
    Arm(bench::ArmOptions),
    /// Time the noise beside rand_distr's float Gaussian, and the DP stage beside its front
    Noise(bench::NoiseOptions),
    /// Time sample-and-hold beside a copy of memory, count it on aarch64, and time a sweep beside its tail
    Hold(bench::HoldOptions),
    /// Charge releases to a ledger, one at a time and in blocks
    Ledger(bench::LedgerOptions),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn tiers_are_named_and_unknown_ones_refused() {
        let arguments = Arguments::try_parse_from(["xtask", "test", "lint", "core"]).unwrap();
        let Command::Test { tiers, list } = arguments.command else { panic!("not a test command") };
        assert_eq!(tiers, [Tier::Lint, Tier::Core]);
        assert!(!list);
        let refusal = Arguments::try_parse_from(["xtask", "test", "everything"]).unwrap_err();
        assert!(refusal.to_string().contains("lint"), "the tiers that exist are listed: {refusal}");
    }
}
