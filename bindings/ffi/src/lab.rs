//! What a lab build adds: the next release's noise from a seed, so that languages can be compared
//! byte for byte, and a clock around calls that no other language makes, to measure theirs against.
//! A seed makes noise predictable; libraries that ship have none of this.
#![allow(unsafe_code, reason = "C and JNI entries are unsafe attributes")]

use std::ptr::{null, null_mut};
use std::time::Instant;

use frostglass::frame::Frame;
use jni_sys::{JNIEnv, jclass, jint, jlong, jobject};

use crate::c::{FrostglassPicture, FrostglassPlane, frostglass_sanitize};
use crate::failure::{ErrorKind, Failure, Result, guarded};
use crate::frames::RGBA8;
use crate::java::Java;
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
pub extern "system" fn Java_dev_frostglass_LabNative_seed(
    _: *mut JNIEnv,
    _: jclass,
    session: jlong,
    seed: jlong,
) -> jint {
    frostglass_lab_seed(session.cast_unsigned(), seed.cast_unsigned())
}

/// How many nanoseconds [`frostglass_sanitize`] takes from here: the
/// median of `count` calls, or minus the kind of an error.
///
/// # Safety
/// As `frostglass_sanitize`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frostglass_lab_median(
    session: u64,
    picture: *const FrostglassPicture,
    release: *mut u8,
    release_length: usize,
    count: u32,
) -> i64 {
    let mut took = Vec::with_capacity(count as usize);
    for _ in 0..count {
        let begun = Instant::now();
        // SAFETY: as the caller promises.
        let given = unsafe {
            frostglass_sanitize(session, picture, null(), release, release_length, null_mut())
        };
        took.push(begun.elapsed().as_nanos());
        if given < 0 {
            return i64::from(given);
        }
    }
    took.sort_unstable();
    took.get(took.len() / 2).map_or(0, |&median| i64::try_from(median).unwrap_or(i64::MAX))
}

/// The same for `dev.frostglass.LabNative`: a picture of four-byte pixels without gaps, in the first
/// bytes of one direct buffer, into the first bytes of another.
///
/// # Safety
/// For a Java machine to call, as [`crate::jni::Java_dev_frostglass_Native_sanitize`].
#[unsafe(no_mangle)]
pub unsafe extern "system" fn Java_dev_frostglass_LabNative_median(
    environment: *mut JNIEnv,
    _: jclass,
    session: jlong,
    pixels: jobject,
    width: jint,
    height: jint,
    release: jobject,
    release_length: jint,
    count: jint,
) -> jlong {
    // SAFETY: as the caller promises.
    let java = unsafe { Java::new(environment) };
    let median = guarded(|| {
        let (bytes, length) = java.region("picture", pixels, 0, width * height * 4)?;
        let (out, out_length) = java.region("release", release, 0, release_length)?;
        let none = FrostglassPlane { bytes: null(), length: 0, row_stride: 0, pixel_stride: 0 };
        let picture = FrostglassPicture {
            format: RGBA8,
            meaning: 0,
            width: width.unsigned_abs() as usize,
            height: height.unsigned_abs() as usize,
            planes: [FrostglassPlane { bytes, length, ..none }, none, none],
            cropped: 0,
            crop_x: 0,
            crop_y: 0,
            crop_width: 0,
            crop_height: 0,
            rotation_degrees: 0,
            mirror: 0,
        };
        let (session, count) = (session.cast_unsigned(), count.unsigned_abs());
        // SAFETY: both buffers are the caller's until the call ends.
        Ok(unsafe { frostglass_lab_median(session, &raw const picture, out, out_length, count) })
    });
    median.unwrap_or_else(|failure| -(failure.kind() as jlong))
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
