//! The library for phones: with Android's own tools where they are installed, and otherwise with a
//! compiler and a linker that stand in for them.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use xshell::cmd;

use super::contents::{Contents, parts};
use super::{FILE, Reads};
use crate::Result;
use crate::setup::CARGO_NDK;
use crate::setup::android::{ARCHIVER, COMPILER, TARGET};
use crate::steps::Steps;

/// The least Android that it runs on, as an API level.
const LEVEL: &str = "24";

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
    let name = format!("-Clink-arg=-Wl,-soname,{FILE}");
    for (processor, target) in
        [("arm64-v8a", "AARCH64_LINUX_ANDROID"), ("x86_64", "X86_64_LINUX_ANDROID")]
    {
        let words = reads.build();
        let command = cmd!(
            steps.shell,
            "{cargo_ndk} ndk --target {processor} --platform {LEVEL} --output-dir {folder}
             rustc {words...}"
        );
        steps.run(command.env(format!("CARGO_TARGET_{target}_RUSTFLAGS"), &name))?;
        let folder = folder.join(processor);
        fs::rename(folder.join("libfrostglass_ffi.so"), folder.join(FILE))?;
        inspect(steps, &folder.join(FILE), reads)?;
    }
    Ok(Some(folder))
}

/// Builds the library for phones over libraries that are empty: it compiles, it links, and it is as
/// large as it will be, but for the unwinder that Android's tools put in (some 60 kB). It does not run.
/// Gives the folder that holds it.
pub(crate) fn stand_in(steps: &Steps, reads: Reads) -> Result<PathBuf> {
    let stubs = empty_libraries(steps)?;
    let stubs = stubs.display();
    let flags = [
        format!("--target={TARGET}{LEVEL}"),
        "-fuse-ld=lld-19".into(),
        "-nostartfiles".into(),
        "-nostdlib".into(),
        format!("-L{stubs}"),
        "-Wl,-z,max-page-size=16384".into(),
        "-Wl,-z,common-page-size=16384".into(),
        "-Wl,--unresolved-symbols=ignore-all".into(),
        format!("-Wl,-soname,{FILE}"),
    ]
    .map(|flag| format!("-Clink-arg={flag}"))
    .join(" ");
    let words = reads.build();
    let command = cmd!(steps.shell, "cargo rustc {words...} --target {TARGET}")
        .env("CC_aarch64_linux_android", COMPILER)
        .env("AR_aarch64_linux_android", ARCHIVER)
        .env("CARGO_TARGET_AARCH64_LINUX_ANDROID_LINKER", COMPILER)
        .env("CARGO_TARGET_AARCH64_LINUX_ANDROID_RUSTFLAGS", flags)
        // Symbols go once it is known what they took.
        .env("CARGO_PROFILE_SHIPPED_STRIP", "none");
    steps.run(command)?;
    let target = steps.workplace.target_dir.join(TARGET);
    let built = target.join("shipped/libfrostglass_ffi.so");
    let folder = target.join(reads.artefact());
    fs::create_dir_all(&folder)?;
    let library = folder.join(FILE);
    steps.run(cmd!(steps.shell, "llvm-strip-19 -o {library} {built}"))?;
    println!("{}, the largest parts of it:", reads.artefact());
    for (name, bytes) in parts(steps, &built)?.into_iter().take(LARGEST) {
        println!("{bytes:>12}  {name}");
    }
    inspect(steps, &library, reads)?;
    Ok(folder)
}

/// Refuses a library that is not fit to ship; prints its size.
fn inspect(steps: &Steps, library: &Path, reads: Reads) -> Result<()> {
    let contents = Contents::of(steps, library)?;
    contents.must_be_fit_to_ship()?;
    contents.must_suit_large_pages()?;
    let (bytes, limit) = (fs::metadata(library)?.len(), reads.limit());
    println!(
        "{}: {bytes} bytes of {limit} at most, {} names exported: {}",
        reads.artefact(),
        contents.exports(),
        library.display()
    );
    if bytes > limit {
        return Err(format!("{} has {bytes} bytes, more than {limit}", reads.artefact()).into());
    }
    Ok(())
}

/// Libraries with the names of Android's own and nothing in them.
fn empty_libraries(steps: &Steps) -> Result<PathBuf> {
    let folder = steps.workplace.target_dir.join("android/empty");
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
    let unwinder = folder.join("libunwind.a");
    if !unwinder.is_file() {
        steps.run(cmd!(steps.shell, "{ARCHIVER} rcs {unwinder}"))?;
    }
    Ok(folder)
}
