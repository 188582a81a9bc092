//! `cargo xtask attack`: random policies under attack, over everything that a policy may say.

use std::process::ExitCode;

use clap::Args;
use xshell::cmd;

use crate::Result;
use crate::steps::Steps;
use crate::suites::builds::EVERYTHING;
use crate::workplace::Workplace;

/// What `attack` accepts.
#[derive(Args, Clone, Debug, PartialEq)]
pub(crate) struct AttackOptions {
    /// Stop after so many seconds
    #[arg(long, value_name = "N", default_value_t = 600)]
    seconds: u64,
    /// Stop after so many policies
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    policies: u64,
    /// Where to begin: each policy has a seed of its own, one more than the last
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

/// Builds the attack and runs it; it fails where something moves further than is said.
pub(crate) fn run(workplace: &Workplace, options: &AttackOptions) -> Result<ExitCode> {
    attack(&Steps::begin(workplace, "attack-command")?, options)?;
    Ok(ExitCode::SUCCESS)
}

/// For a minute: what every run of the tests does.
pub(crate) fn for_a_minute(steps: &Steps) -> Result<()> {
    attack(steps, &AttackOptions { seconds: 60, policies: u64::MAX, seed: 1 })
}

fn attack(steps: &Steps, options: &AttackOptions) -> Result<()> {
    steps.run(cmd!(steps.shell, "cargo build {EVERYTHING...} --lib --examples"))?;
    let program = steps.workplace.target_dir.join("release/examples/attack");
    let (seconds, policies, seed) =
        (options.seconds.to_string(), options.policies.to_string(), options.seed.to_string());
    steps
        .run(cmd!(steps.shell, "{program} --seconds {seconds} --policies {policies} --seed {seed}"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::cli::{Arguments, Command};

    #[test]
    fn ten_minutes_and_twenty_thousand_policies_unless_said() {
        let parsed = |words: &[&str]| {
            let words = [&["xtask", "attack"], words].concat();
            let Command::Attack(options) = Arguments::try_parse_from(words).unwrap().command else {
                panic!("not an attack");
            };
            [options.seconds, options.policies, options.seed]
        };
        assert_eq!(parsed(&[]), [600, 20_000, 1]);
        assert_eq!(parsed(&["--seconds", "60", "--policies", "9", "--seed", "5"]), [60, 9, 5]);
    }
}
