//! `cargo xtask attack`: random policies, attacked one after the other for as long as one likes.

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
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    seconds: u64,
    /// Stop after so many policies
    #[arg(long, value_name = "COUNT", default_value_t = 20_000)]
    policies: u64,
    /// The seed of the first policy; the next has the next
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
}

/// Builds the program and runs it; a promise that does not hold is an error.
pub(crate) fn run(workplace: &Workplace, options: &AttackOptions) -> Result<ExitCode> {
    attack(&Steps::begin(workplace, "attack-command")?, options)?;
    Ok(ExitCode::SUCCESS)
}

/// As much as a suite has time for.
pub(crate) fn for_a_minute(steps: &Steps) -> Result<()> {
    attack(steps, &AttackOptions { seconds: 60, policies: 20_000, seed: 1 })
}

fn attack(steps: &Steps, options: &AttackOptions) -> Result<()> {
    steps.run(cmd!(steps.shell, "cargo build {EVERYTHING...} --lib --examples"))?;
    let program = steps.workplace.target_dir.join("release/examples/attack");
    let AttackOptions { seconds, policies, seed } = options;
    let (seconds, policies, seed) = (seconds.to_string(), policies.to_string(), seed.to_string());
    steps
        .run(cmd!(steps.shell, "{program} --seconds {seconds} --policies {policies} --seed {seed}"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Arguments, Command};

    #[test]
    fn it_runs_for_ten_minutes_unless_said() {
        let parsed = |words: &[&str]| {
            let arguments = Arguments::try_parse_from([&["xtask", "attack"], words].concat());
            let Command::Attack(options) = arguments.unwrap().command else { panic!("no attack") };
            options
        };
        assert_eq!(parsed(&[]), AttackOptions { seconds: 600, policies: 20_000, seed: 1 });
        let options = parsed(&["--seconds", "5", "--policies", "9", "--seed", "7"]);
        assert_eq!(options, AttackOptions { seconds: 5, policies: 9, seed: 7 });
    }
}
