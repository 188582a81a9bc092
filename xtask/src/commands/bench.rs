//! `cargo xtask bench`: our executor and our noise beside other people's, sample-and-hold beside a copy
//! of memory, and a ledger on this disk.
//!
//! The measuring of fronts is Python's (`models/lab/frostglass_lab/bench`), because that is the language
//! all the peers are to be had in. Here it is made ready: the peers are installed, the fronts get a
//! folder, and our side is built as a library that Python can call.

mod arm;
mod front;
mod hold;
mod ledger;
mod noise;

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use crate::Result;
use crate::workplace::Workplace;

pub(crate) use arm::{ArmOptions, arm};
pub(crate) use front::{FrontOptions, front};
pub(crate) use hold::{HoldOptions, hold};
pub(crate) use ledger::{LedgerOptions, ledger};
pub(crate) use noise::{NoiseOptions, noise};

/// What decides the fronts' bytes: the generator, and the network that it cuts.
const FRONTS_MADE_OF: [&str; 2] =
    ["models/lab/frostglass_lab/bench_fronts.py", "models/zoo/dlib-face/front.onnx"];

/// A folder for the fronts that this checkout makes, and for what converters make of them.
fn fronts_folder(workplace: &Workplace) -> Result<PathBuf> {
    let folder = workplace.cache.join("bench").join(key(&workplace.root)?);
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// As for builds (`target_dir`), the hash need only be stable under one compiler.
fn key(root: &Path) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for file in FRONTS_MADE_OF {
        fs::read(root.join(file))?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    #[test]
    fn another_generator_gets_another_folder() {
        let root = env::temp_dir().join(format!("frostglass-xtask-fronts-{}", std::process::id()));
        for file in FRONTS_MADE_OF {
            fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
            fs::write(root.join(file), "one").unwrap();
        }
        let original = key(&root).unwrap();
        assert_eq!(original, key(&root).unwrap());
        fs::write(root.join(FRONTS_MADE_OF[0]), "two").unwrap();
        assert_ne!(original, key(&root).unwrap());
        fs::remove_dir_all(root).unwrap();
    }
}
