//! What is in a library: the names it exports, where its segments begin, what takes its bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use xshell::cmd;

use crate::Result;
use crate::setup::android::{HEADERS, NAMES};
use crate::steps::Steps;

/// The mark of a lab build.
pub(super) const LAB: &str = "frostglass_lab_build";

/// Pages of new phones, in bytes.
const PAGE: u64 = 16_384;

/// How the name of everything begins that a library which ships may export: C, JNI, and what UniFFI
/// makes.
const EXPORTED: [&str; 5] = [
    "frostglass_sanitize",
    "Java_dev_frostglass_Native_sanitize",
    "uniffi_frostglass_ffi_",
    "ffi_frostglass_ffi_",
    "UNIFFI_META_",
];

/// A library, looked into.
#[derive(Debug)]
pub(crate) struct Contents {
    exported: Vec<String>,
    alignments: Vec<u64>,
}

impl Contents {
    pub(crate) fn of(steps: &Steps, library: &Path) -> Result<Self> {
        let names =
            cmd!(steps.shell, "{NAMES} --dynamic --defined-only --format=just-symbols {library}");
        let exported = names.quiet().read()?.lines().map(str::to_owned).collect();
        let headers = cmd!(steps.shell, "{HEADERS} --program-headers --wide {library}");
        Ok(Self { exported, alignments: alignments(&headers.quiet().read()?)? })
    }

    pub(crate) fn must_be_a_lab(&self) -> Result<()> {
        let marked = self.exported.iter().any(|name| name == LAB);
        if marked { Ok(()) } else { Err(format!("a lab build does not export {LAB}").into()) }
    }

    /// No lab, nothing exported that nobody should call, everything that should be.
    pub(crate) fn must_be_fit_to_ship(&self) -> Result<()> {
        if let Some(name) = self.exported.iter().find(|name| name.contains("lab")) {
            return Err(format!("{name} is exported: this is a lab build, or part of one").into());
        }
        let foreign = |name: &&String| !EXPORTED.iter().any(|begin| name.starts_with(begin));
        if let Some(name) = self.exported.iter().find(foreign) {
            return Err(format!("{name} is exported, which nobody should call").into());
        }
        let missing = |begin: &&&str| !self.exported.iter().any(|name| name.starts_with(**begin));
        if let Some(name) = EXPORTED[..4].iter().find(missing) {
            return Err(format!("nothing is exported that begins {name}").into());
        }
        Ok(())
    }

    /// Every segment that is loaded can be, where pages have 16 KiB.
    pub(crate) fn must_suit_large_pages(&self) -> Result<()> {
        if self.alignments.is_empty() {
            return Err("the library has no segment to load".into());
        }
        match self.alignments.iter().find(|&&alignment| alignment % PAGE != 0) {
            None => Ok(()),
            Some(small) => Err(format!("a segment is aligned to {small} bytes, not {PAGE}").into()),
        }
    }

    /// How many names are exported.
    pub(crate) fn exports(&self) -> usize {
        self.exported.len()
    }
}

/// The alignment of every LOAD line, its last column.
fn alignments(headers: &str) -> Result<Vec<u64>> {
    let loads = headers.lines().map(str::trim).filter(|line| line.starts_with("LOAD"));
    loads
        .map(|line| {
            let last = line.rsplit(' ').next().unwrap_or_default();
            Ok(u64::from_str_radix(last.trim_start_matches("0x"), 16)?)
        })
        .collect()
}

/// What the unwinder is called among a library's parts.
pub(super) const UNWINDER: &str = "(the unwinder)";

/// Bytes of code and data by crate, largest first, of a library that has its symbols yet; those of the
/// unwinder, which is a library of its own, are together.
pub(super) fn parts(steps: &Steps, library: &Path, unwinder: &Path) -> Result<Vec<(String, u64)>> {
    let wanted = ["--demangle", "--defined-only"];
    let names = cmd!(steps.shell, "{NAMES} --print-size {wanted...} {library}").quiet().read()?;
    let foreign = cmd!(steps.shell, "{NAMES} --format=just-symbols {wanted...} {unwinder}");
    Ok(by_crate(&names, &foreign.quiet().read()?.lines().collect()))
}

/// Sums lines of `address size kind name` by what the name begins with. Functions that are alike are one,
/// under several names: it counts for the first.
fn by_crate(names: &str, unwinder: &BTreeSet<&str>) -> Vec<(String, u64)> {
    let (mut sums, mut counted) = (BTreeMap::<String, u64>::new(), BTreeSet::new());
    for line in names.lines() {
        let mut words = line.splitn(4, ' ');
        let (Some(address), Some(size), Some(_), Some(name)) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            continue;
        };
        let Ok(size) = u64::from_str_radix(size, 16) else { continue };
        if !counted.insert(address) {
            continue;
        }
        // `<&dyn tract_core::ops::Op as ...>::name` is tract_core's.
        let path = name.trim_start_matches(['<', '&', '(', '[', '*', '_']);
        let path = path.trim_start_matches("mut ").trim_start_matches("dyn ");
        let owner = match path.split_once("::") {
            _ if unwinder.contains(name) => UNWINDER,
            Some((owner, _)) if owner.chars().all(|c| c.is_alphanumeric() || c == '_') => owner,
            _ => "(other)",
        };
        *sums.entry(owner.to_owned()).or_default() += size;
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents(exported: &[&str], alignments: &[u64]) -> Contents {
        let exported = exported.iter().map(|name| (*name).to_owned()).collect();
        Contents { exported, alignments: alignments.to_vec() }
    }

    const SOUND: [&str; 4] = [
        "frostglass_sanitize",
        "Java_dev_frostglass_Native_sanitize",
        "uniffi_frostglass_ffi_fn_free_front",
        "ffi_frostglass_ffi_rustbuffer_alloc",
    ];

    #[test]
    fn what_ships_exports_all_that_is_called_and_nothing_else() {
        assert!(contents(&SOUND, &[]).must_be_fit_to_ship().is_ok());
        for extra in [LAB, "frostglass_lab_seed", "Java_dev_frostglass_LabNative_seed", "malloc"] {
            assert!(contents(&[&SOUND[..], &[extra]].concat(), &[]).must_be_fit_to_ship().is_err());
        }
        for left_out in 0..SOUND.len() {
            let mut exported = SOUND.to_vec();
            exported.remove(left_out);
            assert!(contents(&exported, &[]).must_be_fit_to_ship().is_err());
        }
        assert!(contents(&SOUND, &[]).must_be_a_lab().is_err());
        assert!(contents(&[LAB], &[]).must_be_a_lab().is_ok());
    }

    #[test]
    fn segments_are_read_off_and_must_be_aligned() {
        let headers = "  PHDR  0x000040 0x40 0x40 0x230 0x230 R   0x8
              LOAD  0x000000 0x0 0x0 0x2e5ac 0x2e5ac R   0x4000
              LOAD  0x02e5b0 0x325b0 0x325b0 0x8c020 0x8c020 R E 0x1000";
        assert_eq!(alignments(headers).unwrap(), [16_384, 4096]);
        assert!(contents(&[], &[16_384, 65_536]).must_suit_large_pages().is_ok());
        assert!(contents(&[], &[16_384, 4096]).must_suit_large_pages().is_err());
        assert!(contents(&[], &[]).must_suit_large_pages().is_err());
    }

    #[test]
    fn bytes_are_summed_by_crate() {
        let names = "\
0000000000012345 0000000000000010 t tract_core::ops::matmul
0000000000012355 0000000000000020 t <tract_core::model::Model as core::fmt::Debug>::fmt
0000000000012375 0000000000000008 t <&dyn frostglass::Stage>::name
0000000000012380 0000000000000004 T memcpy
0000000000012384 000000000000000c t libunwind::Registers_arm64::jumpto()
0000000000012384 000000000000000c t tract_core::folded::into_the_one_above
                 U malloc";
        let expected = [("tract_core", 48), (UNWINDER, 12), ("frostglass", 8), ("(other)", 4)];
        let unwinder = BTreeSet::from(["libunwind::Registers_arm64::jumpto()"]);
        assert_eq!(
            by_crate(names, &unwinder),
            expected.map(|(name, size)| (name.to_owned(), size))
        );
    }
}
