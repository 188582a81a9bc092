//! The library for Apple's phones: an XCFramework on a Mac, and elsewhere the library for devices
//! alone, which needs nothing of Apple's until it is linked.

use std::fs;
use std::path::{Path, PathBuf};

use xshell::cmd;

use super::Reads;
use super::contents::LAB;
use crate::Result;
use crate::setup::apple::{self, DEVICE, ON_A_MAC};
use crate::steps::Steps;

/// The least iOS that it runs on; as in ios/Package.swift.
const LEAST: &str = "15.0";

/// The name that cargo gives, and the one that Swift's module map asks for.
const BUILT: &str = "libfrostglass_ffi.a";
const FILE: &str = "libfrostglass.a";

/// What the Swift package says of itself to Apple's review.
const MANIFEST: &str = "ios/Sources/Frostglass/PrivacyInfo.xcprivacy";

/// Functions that Apple wants a reason for, and the category under which the manifest gives it.
const REASONS: [(&str, &[&str]); 3] = [
    (
        "NSPrivacyAccessedAPICategoryFileTimestamp",
        &[
            "stat",
            "fstat",
            "fstatat",
            "lstat",
            "getattrlist",
            "getattrlistat",
            "fgetattrlist",
            "getattrlistbulk",
        ],
    ),
    ("NSPrivacyAccessedAPICategorySystemBootTime", &["mach_absolute_time"]),
    ("NSPrivacyAccessedAPICategoryDiskSpace", &["statfs", "statvfs", "fstatfs", "fstatvfs"]),
];

/// Builds the library and looks into it. On a Mac, gives the XCFramework.
pub(crate) fn for_apple(steps: &Steps) -> Result<Option<PathBuf>> {
    if cfg!(target_os = "macos") {
        return framework(steps).map(Some);
    }
    let sdk = steps.workplace.target_dir.join("ios/no-sdk");
    fs::create_dir_all(&sdk)?;
    if steps.workplace.ci {
        // Under CI our own crates are always built anew.
        steps.run(cmd!(
            steps.shell,
            "cargo clean --workspace --profile shipped --target {DEVICE}"
        ))?;
    }
    steps.run(compile(steps, DEVICE).env("SDKROOT", sdk))?;
    inspect(steps, &archive(steps, DEVICE))?;
    Ok(None)
}

fn framework(steps: &Steps) -> Result<PathBuf> {
    let folder = steps.workplace.target_dir.join("ios/framework");
    steps.shell.remove_path(&folder)?;
    let headers = headers(steps, &folder)?;
    let mut slices = Vec::new();
    for (name, targets) in ON_A_MAC {
        let slice = folder.join(name);
        fs::create_dir_all(&slice)?;
        let mut archives = Vec::new();
        for &target in targets {
            steps.run(compile(steps, target))?;
            archives.push(archive(steps, target));
        }
        let library = slice.join(FILE);
        steps.run(cmd!(steps.shell, "lipo -create {archives...} -output {library}"))?;
        inspect(steps, &library)?;
        slices.extend(["-library".into(), library, "-headers".into(), headers.clone()]);
    }
    let framework = folder.join("frostglassFFI.xcframework");
    steps
        .run(cmd!(steps.shell, "xcodebuild -create-xcframework {slices...} -output {framework}"))?;
    Ok(framework)
}

/// The headers of the package that was put together. Its module map names the library for linkers that
/// look for it; Xcode links what is in the framework.
fn headers(steps: &Steps, folder: &Path) -> Result<PathBuf> {
    let package = steps.workplace.target_dir.join("ios/Frostglass/Sources/frostglassFFI");
    let headers = folder.join("headers");
    fs::create_dir_all(folder)?;
    steps.run(cmd!(steps.shell, "cp -R {package} {headers}"))?;
    let map = headers.join("module.modulemap");
    let text = steps.shell.read_file(&map)?;
    let kept = text.lines().filter(|line| !line.trim_start().starts_with("link "));
    steps.shell.write_file(&map, kept.collect::<Vec<_>>().join("\n"))?;
    Ok(headers)
}

fn compile<'a>(steps: &'a Steps, target: &str) -> xshell::Cmd<'a> {
    let words = Reads::Packed.build_as("staticlib");
    // Symbols of other objects are what a static library is looked up by.
    cmd!(steps.shell, "cargo rustc {words...} --target {target}")
        .env("CARGO_PROFILE_SHIPPED_STRIP", "none")
        .env("IPHONEOS_DEPLOYMENT_TARGET", LEAST)
}

fn archive(steps: &Steps, target: &str) -> PathBuf {
    steps.workplace.target_dir.join(target).join("shipped").join(BUILT)
}

/// Refuses a library with a mark of a lab, and one that needs a reason which the manifest lacks, or
/// lacks what the manifest gives a reason for.
fn inspect(steps: &Steps, library: &Path) -> Result<()> {
    let names = apple::names(&steps.shell)?;
    let list = cmd!(steps.shell, "{names} -g {library}").quiet().ignore_stderr().read()?;
    let manifest = steps.shell.read_file(steps.workplace.root.join(MANIFEST))?;
    let symbols = Symbols::read(&list);
    symbols.must_be_fit_to_ship()?;
    symbols.must_be_as_told(&manifest)?;
    let bytes = fs::metadata(library)?.len();
    println!("{}: {bytes} bytes before linking", library.display());
    Ok(())
}

/// The names that a static library has and needs, without the underscore that C puts before them.
struct Symbols {
    defined: Vec<String>,
    needed: Vec<String>,
}

impl Symbols {
    /// Reads lines of `address kind name`; what is needed has no address.
    fn read(list: &str) -> Self {
        let (mut defined, mut needed) = (Vec::new(), Vec::new());
        for line in list.lines() {
            let mut words = line.split_whitespace().rev();
            let (Some(name), Some(kind)) = (words.next(), words.next()) else { continue };
            let name = name.strip_prefix('_').unwrap_or(name).to_owned();
            if kind == "U" { needed.push(name) } else { defined.push(name) }
        }
        Self { defined, needed }
    }

    fn must_be_fit_to_ship(&self) -> Result<()> {
        let has = |name: &str| self.defined.iter().any(|defined| defined == name);
        if has(LAB) {
            return Err("the library is a lab build".into());
        }
        if !has("frostglass_sanitize") {
            return Err("the library does not define frostglass_sanitize".into());
        }
        Ok(())
    }

    fn must_be_as_told(&self, manifest: &str) -> Result<()> {
        for (category, functions) in REASONS {
            let used: Vec<_> = functions
                .iter()
                .filter(|&&function| {
                    // `stat$INODE64` is `stat`.
                    self.needed.iter().any(|name| name.split('$').next() == Some(function))
                })
                .collect();
            println!("{category}: {used:?}");
            if used.is_empty() == manifest.contains(category) {
                return Err(format!(
                    "{MANIFEST} must give a reason for {category} where the library uses it, and only \
                     there; it uses {used:?}"
                )
                .into());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "archive.a:object.o:\n\
                        0000000000000000 T _frostglass_sanitize\n\
                                         U _fstat$INODE64\n";

    #[test]
    fn a_manifest_gives_the_reasons_that_are_needed_and_no_others() {
        let symbols = Symbols::read(LIST);
        let [(files, _), (boot, _), _] = REASONS;
        assert!(symbols.must_be_as_told(files).is_ok());
        assert!(symbols.must_be_as_told("").is_err());
        assert!(symbols.must_be_as_told(&format!("{files} {boot}")).is_err());
    }

    #[test]
    fn a_lab_does_not_ship_and_neither_does_nothing() {
        assert!(Symbols::read(LIST).must_be_fit_to_ship().is_ok());
        let lab = format!("{LIST}0000000000000000 T _{LAB}\n");
        assert!(Symbols::read(&lab).must_be_fit_to_ship().is_err());
        assert!(Symbols::read("").must_be_fit_to_ship().is_err());
    }
}
