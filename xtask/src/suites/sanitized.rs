//! Tests under the compiler's sanitizers: what is unsafe, and what runs at once, watched as it runs.
//!
//! The compiler takes the flag in nightly builds only, unless it is told to be one; the sanitizers'
//! libraries come with every build of it. Builds have a folder of their own: crates look at whether the
//! compiler is a nightly one, and in the common folder each kind of build would undo the other's.

use std::env;

use xshell::{Cmd, cmd};

use crate::Result;
use crate::setup::Tool;
use crate::steps::Steps;
use crate::suite::{Suite, Tier};

pub(crate) const SUITES: &[Suite] = &[
    Suite {
        name: "core-sanitized",
        tier: Tier::Core,
        about: "kernels under AddressSanitizer: what is unsafe touches no memory but its own",
        needs: &[],
        run: kernels,
    },
    Suite {
        name: "ffi-sanitized",
        tier: Tier::Ffi,
        about: "eight threads on libfrostglass under ThreadSanitizer: they race for nothing",
        needs: &[Tool::RustSources],
        run: threads,
    },
];

/// How long threads make releases and close sessions, in seconds, and by how many MiB ThreadSanitizer's
/// own records may grow meanwhile, unless these variables say otherwise.
const STRESS: [(&str, &str); 2] =
    [("FROSTGLASS_STRESS_SECONDS", "10"), ("FROSTGLASS_STRESS_GROWTH", "16")];

fn kernels(steps: &Steps) -> Result<()> {
    let tests = cargo_test(steps, "address")?;
    steps.run(tests.args(["-p", "frostglass", "--lib", "--", "front::executor", "sanitize::hold"]))
}

/// The standard library is built with the rest: ThreadSanitizer knows what orders two threads only
/// where it has seen the code that does.
fn threads(steps: &Steps) -> Result<()> {
    let mut tests = cargo_test(steps, "thread")?;
    for (variable, usual) in STRESS {
        tests = tests.env(variable, env::var(variable).unwrap_or_else(|_| usual.to_owned()));
    }
    let stress = ["-p", "frostglass-ffi", "--test", "stress", "-Zbuild-std", "--", "--nocapture"];
    steps.run(tests.args(stress))
}

/// `cargo test` under a sanitizer. Naming a target keeps the flag away from build scripts.
fn cargo_test<'a>(steps: &'a Steps, sanitizer: &str) -> Result<Cmd<'a>> {
    let version = cmd!(steps.shell, "rustc -vV").read()?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.ok_or("rustc does not say what it runs on")?;
    let folder = steps.workplace.target_dir.join("sanitized");
    if steps.workplace.ci {
        // Under CI our own code is always built anew.
        let clean = cmd!(steps.shell, "cargo clean --release --workspace --target {host}");
        steps.run(clean.env("CARGO_TARGET_DIR", &folder))?;
    }
    Ok(cmd!(steps.shell, "cargo test --release --target {host}")
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", format!("-Zsanitizer={sanitizer}"))
        .env("CARGO_TARGET_DIR", folder))
}
