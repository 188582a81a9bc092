//! The library for phones: with Android's own tools where they are installed, and otherwise with a
//! compiler and a linker that stand in for them.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use xshell::cmd;

use super::contents::{Contents, UNWINDER, parts};
use super::{FILE, Reads};
use crate::Result;
use crate::setup::CARGO_NDK;
use crate::setup::android::{ARCHIVER, COMPILER, TARGET, unwinder};
use crate::steps::Steps;

/// The least Android that it runs on, as an API level.
const LEVEL: &str = "24";

/// The standard library is built with the rest, for size, and without what names the functions of a
/// backtrace, which would be a tenth of the small library and find no names in it. The compiler takes
/// this in nightly builds only, unless it is told to be one.
const OWN_STANDARD_LIBRARY: [&str; 2] =
    ["-Zbuild-std=std,panic_unwind", "-Zbuild-std-features=optimize_for_size"];

/// Where a panic came from is not kept, nor the fields of what is printed for programmers alone: a thirtieth
/// of the small library, and file names of ours.
const UNTOLD: [&str; 2] = ["-Zlocation-detail=none", "-Zfmt-debug=shallow"];

/// What the linker does for phones: pages of 16 KiB, one copy of functions that are alike, and tables of
/// addresses in Android's own packed form, which it reads since API 23.
const LINKED: [&str; 5] = [
    "-z,max-page-size=16384",
    "-z,common-page-size=16384",
    "--icf=all",
    "--pack-dyn-relocs=android",
    "-O2",
];

/// Crates that are named where a library's parts are printed.
const LARGEST: usize = 12;

/// Builds the library with Android's tools for the processors of phones and of emulators, and gives a
/// folder for each; nothing where they are not installed (`ANDROID_NDK_HOME`).
pub(crate) fn for_phones(steps: &Steps, reads: Reads) -> Result<Option<PathBuf>> {
    if env::var_os("ANDROID_NDK_HOME").is_none() {
        return Ok(None);
    }
    CARGO_NDK.ensure(steps.workplace)?;
    let cargo_ndk = CARGO_NDK.program(steps.workplace);
    let folder = steps.workplace.target_dir.join("android").join(reads.artefact()).join("jni");
    for (processor, target) in [("arm64-v8a", TARGET), ("x86_64", "x86_64-linux-android")] {
        let (words, linked) = (reads.build(), linked());
        let untold = format!("target.{target}.rustflags={UNTOLD:?}");
        // cargo-ndk's name for the processor stands for cargo's for the target.
        steps.run(
            cmd!(
                steps.shell,
                "{cargo_ndk} ndk --target {processor} --platform {LEVEL} --output-dir {folder}
                 rustc --config {untold} {words...} {OWN_STANDARD_LIBRARY...} -- {linked...}"
            )
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_DIR", own_builds(steps)),
        )?;
        let built = own_builds(steps).join(target).join("shipped/libfrostglass_ffi.so");
        fs::copy(built, folder.join(processor).join(FILE))?;
        let folder = folder.join(processor);
        let beside = folder.join("libfrostglass_ffi.so");
        if beside.is_file() {
            fs::remove_file(beside)?;
        }
        // Phones have little room; what emulators load has kernels for more kinds of processor.
        let limit = (target == TARGET).then_some(reads.limit());
        inspect(steps, &folder.join(FILE), reads, limit)?;
    }
    Ok(Some(folder))
}

/// Builds the library for phones over libraries that are empty, and an unwinder like the one that
/// Android's tools put in: it compiles, it links, and it is as large as it will be. It does not run.
/// Gives the folder that holds it.
pub(crate) fn stand_in(steps: &Steps, reads: Reads) -> Result<PathBuf> {
    let stand_ins = libraries(steps)?;
    let stand_ins = stand_ins.display();
    let flags = [
        format!("--target={TARGET}{LEVEL}"),
        "-fuse-ld=lld-19".into(),
        "-nostartfiles".into(),
        "-nostdlib".into(),
        format!("-L{stand_ins}"),
        "-Wl,--unresolved-symbols=ignore-all".into(),
    ]
    .map(|flag| format!("-Clink-arg={flag}"));
    let flags = [&flags[..], &UNTOLD.map(String::from)].concat().join(" ");
    let (words, linked) = (reads.build(), linked());
    let build = cmd!(
        steps.shell,
        "cargo rustc {words...} --target {TARGET} {OWN_STANDARD_LIBRARY...} -- {linked...}"
    );
    let command = build
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", own_builds(steps))
        .env("CC_aarch64_linux_android", COMPILER)
        .env("AR_aarch64_linux_android", ARCHIVER)
        .env("CARGO_TARGET_AARCH64_LINUX_ANDROID_LINKER", COMPILER)
        .env("CARGO_TARGET_AARCH64_LINUX_ANDROID_RUSTFLAGS", flags)
        // Symbols go once it is known what they took.
        .env("CARGO_PROFILE_SHIPPED_STRIP", "none");
    steps.run(command)?;
    let built = own_builds(steps).join(TARGET).join("shipped/libfrostglass_ffi.so");
    let folder = steps.workplace.target_dir.join(TARGET).join(reads.artefact());
    fs::create_dir_all(&folder)?;
    let library = folder.join(FILE);
    steps.run(cmd!(steps.shell, "llvm-strip-19 -o {library} {built}"))?;
    println!("{}, the largest parts of it:", reads.artefact());
    let (unwinder, parts): (Vec<_>, Vec<_>) =
        parts(steps, &built, &unwinder()?)?.into_iter().partition(|(name, _)| name == UNWINDER);
    if unwinder.is_empty() {
        return Err("no unwinder is linked in, which Android's tools would do".into());
    }
    for (name, bytes) in parts.iter().take(LARGEST).chain(&unwinder) {
        println!("{bytes:>12}  {name}");
    }
    inspect(steps, &library, reads, Some(reads.limit()))?;
    Ok(folder)
}

/// Where cargo builds for phones. A build that makes the compiler a nightly one is another build of
/// crates that look at that, and of all that stand on them, for this machine too; in the common folder each
/// would undo the other's.
fn own_builds(steps: &Steps) -> PathBuf {
    steps.workplace.target_dir.join("android/cargo")
}

/// Arguments of the compiler for [`LINKED`] and the library's own name.
fn linked() -> Vec<String> {
    let name = format!("-soname,{FILE}");
    let words = LINKED.into_iter().chain([name.as_str()]);
    words.map(|word| format!("-Clink-arg=-Wl,{word}")).collect()
}

/// Refuses a library that is not fit to ship, or larger than this; prints its size.
fn inspect(steps: &Steps, library: &Path, reads: Reads, limit: Option<u64>) -> Result<()> {
    let contents = Contents::of(steps, library)?;
    contents.must_be_fit_to_ship()?;
    contents.must_suit_large_pages()?;
    let bytes = fs::metadata(library)?.len();
    let at_most = limit.map(|limit| format!(" of {limit} at most")).unwrap_or_default();
    println!(
        "{}: {bytes} bytes{at_most}, {} names exported: {}",
        reads.artefact(),
        contents.exports(),
        library.display()
    );
    match limit {
        Some(limit) if bytes > limit => {
            Err(format!("{} has {bytes} bytes, more than {limit}", reads.artefact()).into())
        }
        _ => Ok(()),
    }
}

/// Libraries with the names of Android's own and nothing in them, and the unwinder.
fn libraries(steps: &Steps) -> Result<PathBuf> {
    let folder = steps.workplace.target_dir.join("android/stand-ins");
    fs::create_dir_all(&folder)?;
    let target = format!("--target={TARGET}{LEVEL}");
    for name in ["c", "m", "dl", "log"] {
        let (library, called) =
            (folder.join(format!("lib{name}.so")), format!("-Wl,-soname,lib{name}.so"));
        steps.run(cmd!(
            steps.shell,
            "{COMPILER} {target} -fuse-ld=lld-19 -nostdlib -shared {called} -o {library} -x c /dev/null"
        ))?;
    }
    fs::copy(unwinder()?, folder.join("libunwind.a"))?;
    Ok(folder)
}
