//! What a suite is, and how suites are chosen.

use std::fmt;

use clap::ValueEnum;

use crate::Result;
use crate::setup::Tool;
use crate::steps::Steps;

/// A group of suites that somebody wants to run together, in the order in which they run: what
/// fails fastest comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Tier {
    /// Formatting, lints, licences, documentation: nothing is run
    Lint,
    /// The core crate's tests, and how much of it they cover
    Core,
    /// The executor as it runs on phones: 64-bit ARM, emulated
    Arm,
    /// libfrostglass: the library as C and Java call it, and what ships of it
    Ffi,
    /// The Kotlin library, on a Java machine
    Android,
    /// The Swift package, and libfrostglass for Apple's phones
    Ios,
    /// The command line from outside, and this program itself
    Cli,
    /// The Python laboratory: its tests, the golden vectors, releases read by another language
    Lab,
    /// The demo's page in a browser
    Page,
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_possible_value().expect("no tier is hidden");
        f.pad(value.get_name())
    }
}

/// One thing that passes or fails as a whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Suite {
    /// Short, unique, and fit to be a file's name: the log is called after it.
    pub(crate) name: &'static str,
    pub(crate) tier: Tier,
    /// One line for `--list`.
    pub(crate) about: &'static str,
    /// Without these it cannot run. The Rust toolchain itself is taken for granted.
    pub(crate) needs: &'static [Tool],
    /// Runs it; an error is a failure.
    pub(crate) run: fn(&Steps) -> Result<()>,
}

/// The suites of these tiers, in the order of [`Tier`]; no tier named means all.
pub(crate) fn select(suites: &[Suite], tiers: &[Tier]) -> Vec<Suite> {
    let mut selected: Vec<Suite> = suites
        .iter()
        .filter(|suite| tiers.is_empty() || tiers.contains(&suite.tier))
        .copied()
        .collect();
    selected.sort_by_key(|suite| suite.tier);
    selected
}

/// Every tool that these suites need, once each.
pub(crate) fn tools_of(suites: &[Suite]) -> Vec<Tool> {
    let mut tools: Vec<Tool> = suites.iter().flat_map(|suite| suite.needs).copied().collect();
    tools.sort();
    tools.dedup();
    tools
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn suite(name: &'static str, tier: Tier, needs: &'static [Tool]) -> Suite {
        Suite { name, tier, about: "", needs, run: |_| Ok(()) }
    }

    const SUITES: [Suite; 4] = [
        suite("page", Tier::Page, &[Tool::Python, Tool::Chromium]),
        suite("format", Tier::Lint, &[Tool::Rustfmt]),
        suite("golden", Tier::Lab, &[Tool::Python]),
        suite("clippy", Tier::Lint, &[Tool::Clippy]),
    ];

    fn names(suites: &[Suite]) -> Vec<&str> {
        suites.iter().map(|suite| suite.name).collect()
    }

    #[test]
    fn no_tier_named_means_all_in_the_tiers_order() {
        assert_eq!(names(&select(&SUITES, &[])), ["format", "clippy", "golden", "page"]);
    }

    #[test]
    fn only_the_tiers_named_are_selected_whatever_order_they_are_named_in() {
        let selected = select(&SUITES, &[Tier::Page, Tier::Lint]);
        assert_eq!(names(&selected), ["format", "clippy", "page"]);
        assert!(select(&SUITES, &[Tier::Core]).is_empty());
    }

    #[test]
    fn a_tool_is_wanted_once_however_many_suites_need_it() {
        let wanted = [Tool::Rustfmt, Tool::Clippy, Tool::Python, Tool::Chromium];
        assert_eq!(tools_of(&SUITES), wanted);
    }
}
