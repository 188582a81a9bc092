//! A Java machine with its compiler, and Maven, which fetches everything else that Kotlin needs.

use super::debian;
use crate::workplace::program_on_path;

/// Finds or installs both.
pub(super) fn ensure() -> Result<(), String> {
    if ["javac", "mvn"].iter().all(|program| program_on_path(&[program]).is_some()) {
        return Ok(());
    }
    debian::install(&["openjdk-17-jdk-headless", "maven"])
}
