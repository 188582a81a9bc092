//! What a lab build adds: the next release's noise from a seed, so that languages can be compared
//! byte for byte. It makes noise predictable; libraries that ship have none of it.
#![allow(unsafe_code, reason = "C and JNI entries are unsafe attributes")]

use frostglass::frame::Frame;

use crate::failure::{ErrorKind, Failure, Result, guarded};
use crate::sessions::{self, Open};

/// The noise of the next release of session `session` comes from `seed`. 0 when done, otherwise the
/// kind of the error.
#[unsafe(no_mangle)]
pub extern "C" fn frostglass_lab_seed(session: u64, seed: u64) -> i32 {
    match guarded(|| plant(session, seed)) {
        Ok(()) => 0,
        Err(failure) => -(failure.kind() as i32),
    }
}

/// The same for `dev.frostglass.LabNative`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_frostglass_LabNative_seed<'local>(
    _: jni::EnvUnowned<'local>,
    _: jni::objects::JClass<'local>,
    session: jni::sys::jlong,
    seed: jni::sys::jlong,
) -> jni::sys::jint {
    frostglass_lab_seed(session.cast_unsigned(), seed.cast_unsigned())
}

fn plant(session: u64, seed: u64) -> Result<()> {
    let open = sessions::find(session)?;
    *open.seed.lock().map_err(|_| poisoned())? = Some(seed);
    Ok(())
}

/// Makes a release where a seed was planted, and says whether it did.
pub(crate) fn sanitize(open: &Open, frame: &Frame<'_>, out: &mut [u8]) -> Result<bool> {
    let Some(seed) = open.seed.lock().map_err(|_| poisoned())?.take() else { return Ok(false) };
    let length = open.session.release_len();
    if out.len() != length {
        // The core says so in its own words.
        open.session.sanitize_into(frame, out)?;
    }
    out.copy_from_slice(open.session.sanitize_seeded(frame, seed)?.as_bytes());
    Ok(true)
}

fn poisoned() -> Failure {
    Failure::new(ErrorKind::Internal, "a seed was lost in a panic")
}
