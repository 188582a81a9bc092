//! Programs from crates.io, built here at a pinned version.

use std::path::PathBuf;

use xshell::{Shell, cmd};

use crate::Result;
use crate::workplace::Workplace;

/// Checks licences, banned crates and where crates come from.
pub(crate) const CARGO_DENY: CargoTool = CargoTool { name: "cargo-deny", version: "0.20.2" };
/// Measures coverage.
pub(crate) const CARGO_LLVM_COV: CargoTool = CargoTool { name: "cargo-llvm-cov", version: "0.9.1" };
/// Calls cargo with what Android's own tools need, where they are installed.
pub(crate) const CARGO_NDK: CargoTool = CargoTool { name: "cargo-ndk", version: "4.1.2" };

/// A crate that is a cargo subcommand.
pub(crate) struct CargoTool {
    pub(crate) name: &'static str,
    version: &'static str,
}

impl CargoTool {
    fn root(&self, workplace: &Workplace) -> PathBuf {
        workplace.tool(self.name, self.version)
    }

    /// The program. It is called by this path and not as `cargo NAME`, which would find whatever
    /// version is installed in cargo's own folder first.
    pub(crate) fn program(&self, workplace: &Workplace) -> PathBuf {
        self.root(workplace).join("bin").join(self.name)
    }

    pub(crate) fn ensure(&self, workplace: &Workplace) -> Result<(), String> {
        if self.program(workplace).is_file() {
            return Ok(());
        }
        println!("building {} {} (about a minute)", self.name, self.version);
        self.install(workplace).map_err(|error| {
            let CargoTool { name, version } = self;
            let root = self.root(workplace);
            let root = root.display();
            format!("cargo install --locked {name}@{version} --root {root} ({error})")
        })
    }

    /// Unoptimised: both tools wait for other programs most of the time, and built so they take
    /// 15 s and 40 s on two cores instead of several minutes.
    fn install(&self, workplace: &Workplace) -> Result<()> {
        let shell = Shell::new()?;
        let (name, version, root) = (self.name, self.version, self.root(workplace));
        cmd!(shell, "cargo install --quiet --locked {name} --version ={version} --root {root}")
            // With its own target folder cargo would keep the intermediate files there for good.
            .env_remove("CARGO_TARGET_DIR")
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "false")
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .run()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_version_is_part_of_the_path() {
        let workplace = Workplace {
            root: "/checkout".into(),
            cache: "/cache".into(),
            target_dir: "/target".into(),
            ci: false,
        };
        let tool = CargoTool { name: "cargo-tool", version: "1.2.3" };
        let program = tool.program(&workplace);
        assert_eq!(program, Path::new("/cache/tools/cargo-tool-1.2.3/bin/cargo-tool"));
    }
}
