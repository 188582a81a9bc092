//! What can be said about the code without running it.

use xshell::cmd;

use super::builds::EVERYTHING;
use crate::Result;
use crate::setup::{CARGO_DENY, Tool};
use crate::steps::Steps;
use crate::suite::{Suite, Tier};

pub(crate) const SUITES: &[Suite] = &[
    Suite {
        name: "format",
        tier: Tier::Lint,
        about: "every Rust file is as rustfmt writes it",
        needs: &[Tool::Rustfmt],
        run: format,
    },
    Suite {
        name: "dependencies",
        tier: Tier::Lint,
        about: "licences, banned crates and where crates come from: deny.toml",
        needs: &[Tool::CargoDeny],
        run: dependencies,
    },
    Suite {
        name: "no-features",
        tier: Tier::Lint,
        about: "the core builds without any of its features, and without a warning",
        needs: &[Tool::Clippy],
        run: no_features,
    },
    Suite {
        name: "clippy",
        tier: Tier::Lint,
        about: "no warning from the compiler or from clippy, in any target",
        needs: &[Tool::Clippy],
        run: clippy,
    },
    Suite {
        name: "documentation",
        tier: Tier::Lint,
        about: "the core's documentation builds without a warning",
        needs: &[],
        run: documentation,
    },
];

fn format(steps: &Steps) -> Result<()> {
    steps.run(cmd!(steps.shell, "cargo fmt --all --check"))
}

/// Not `advisories`: they are fetched from the network, and would let a change that has nothing to
/// do with them fail.
fn dependencies(steps: &Steps) -> Result<()> {
    let cargo_deny = CARGO_DENY.program(steps.workplace);
    steps.run(cmd!(
        steps.shell,
        "{cargo_deny} --locked check --hide-inclusion-graph bans licenses sources"
    ))
}

/// Selects the core alone, so that no other package turns its features on. It has few dependencies
/// then and compiles in seconds.
fn no_features(steps: &Steps) -> Result<()> {
    let core = ["--release", "-p", "frostglass", "--no-default-features"];
    steps.run(cmd!(steps.shell, "cargo clippy {core...} -- -D warnings"))
}

fn clippy(steps: &Steps) -> Result<()> {
    steps.run(cmd!(steps.shell, "cargo clippy {EVERYTHING...} --all-targets -- -D warnings"))
}

/// `--lib`, because the program `frostglass` would overwrite the pages of the library of that name. For `--examples` see `builds`.
fn documentation(steps: &Steps) -> Result<()> {
    let doc = cmd!(steps.shell, "cargo doc {EVERYTHING...} --lib --examples --no-deps");
    steps.run(doc.env("RUSTDOCFLAGS", "-D warnings"))
}
