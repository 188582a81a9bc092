//! libfrostglass, in the forms in which it is built: for this machine, as a lab and as it ships, and
//! for phones.
//!
//! What ships is built alone, so that no other crate's features leak into it, in a profile of its
//! own, and is looked into afterwards: it exports what it should and no mark of a lab, its segments
//! begin where pages of 16 KiB do, and it is as small as promised ([`Contents`]).

mod apple;
mod contents;
mod phone;

use std::env::consts::DLL_SUFFIX;
use std::fs;
use std::path::{Path, PathBuf};

use xshell::cmd;

use crate::Result;
use crate::steps::Steps;
use crate::suites::builds::EVERYTHING;

pub(crate) use apple::for_apple;
pub(crate) use contents::Contents;
pub(crate) use phone::{for_phones, stand_in};

/// What the library is called where it is used, whatever cargo calls it.
pub(crate) const FILE: &str = "libfrostglass.so";

/// Which models a library that ships opens; each is an artefact of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reads {
    /// Packed fronts alone.
    Packed,
    /// ONNX models too.
    Onnx,
}

impl Reads {
    pub(crate) const ALL: [Self; 2] = [Self::Packed, Self::Onnx];

    /// The artefact's name.
    pub(crate) fn artefact(self) -> &'static str {
        match self {
            Self::Packed => "frostglass",
            Self::Onnx => "frostglass-onnx",
        }
    }

    /// The most bytes that it may have on a phone.
    pub(crate) fn limit(self) -> u64 {
        match self {
            Self::Packed => 1_200_000,
            Self::Onnx => 12_000_000,
        }
    }

    /// What cargo is told: this crate alone, as a shared library, in the profile for phones.
    fn build(self) -> Vec<&'static str> {
        self.build_as("cdylib")
    }

    /// The same for another form of library.
    fn build_as(self, form: &'static str) -> Vec<&'static str> {
        let mut words = vec!["-p", "frostglass-ffi", "--lib", "--crate-type", form];
        words.extend(["--profile", "shipped"]);
        if self == Self::Onnx {
            words.extend(["--features", "onnx"]);
        }
        words
    }
}

/// The library for this machine as a lab, which takes seeds, in a folder that is returned.
pub(crate) fn lab(steps: &Steps) -> Result<PathBuf> {
    for_bindings(steps)?;
    let built = steps.workplace.target_dir.join("release/libfrostglass_ffi.so");
    Contents::of(steps, &built)?.must_be_a_lab()?;
    placed(steps, &built, "lab")
}

/// Builds what [`bindings`] reads: a library for this machine, and the generator.
pub(crate) fn for_bindings(steps: &Steps) -> Result<()> {
    steps.run(cmd!(
        steps.shell,
        "cargo build {EVERYTHING...} --lib --bin frostglass-bindgen --examples"
    ))
}

/// The library for this machine as it ships to phones, in a folder that is returned.
pub(crate) fn shipped(steps: &Steps) -> Result<PathBuf> {
    let words = Reads::Packed.build();
    steps.run(cmd!(steps.shell, "cargo rustc {words...}"))?;
    let built = steps.workplace.target_dir.join("shipped/libfrostglass_ffi.so");
    Contents::of(steps, &built)?.must_be_fit_to_ship()?;
    placed(steps, &built, "shipped")
}

/// Writes what calls the library in this language, after [`for_bindings`].
pub(crate) fn bindings(steps: &Steps, language: &str, folder: &Path) -> Result<()> {
    let built = steps.workplace.target_dir.join("release");
    let generator = built.join("frostglass-bindgen");
    let library = built.join(format!("libfrostglass_ffi{DLL_SUFFIX}"));
    let config = "bindings/bindgen/uniffi.toml";
    if folder.is_dir() {
        fs::remove_dir_all(folder)?;
    }
    steps.run(cmd!(
        steps.shell,
        "{generator} generate {library} --config {config} --language {language} --no-format
         --out-dir {folder}"
    ))
}

/// Copies a library to a folder of its own, under the name that programs know.
fn placed(steps: &Steps, built: &Path, folder: &str) -> Result<PathBuf> {
    let folder = steps.workplace.target_dir.join("libfrostglass").join(folder);
    fs::create_dir_all(&folder)?;
    fs::copy(built, folder.join(FILE))?;
    Ok(folder)
}
