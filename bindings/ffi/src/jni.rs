//! Pixels and releases for Kotlin: the one native method of `dev.frostglass.Native`.
#![allow(unsafe_code, reason = "what a foreign caller hands over is addresses")]

use frostglass::frame::Rect;
use frostglass::session::Delivery;
use jni_sys::{JNIEnv, jboolean, jclass, jint, jlong, jobject, jstring};

use crate::c::{MADE, RESENT};
use crate::failure::{Failure, Result, guarded};
use crate::frames::{Picture, PlaneIn, YUV420, borrowed, borrowed_mut, sanitize};
use crate::java::{Java, not_negative};

/// Makes a release of the picture that lies in one direct buffer, or three, and writes it to another.
///
/// Gives [`MADE`] or [`RESENT`]; throws `dev.frostglass.FrostglassException` otherwise. Numbers are as
/// in [`crate::c::FrostglassPicture`]; each buffer comes with where its bytes begin and how many they
/// are. A buffer on the heap is refused.
///
/// # Safety
/// For a Java machine to call: `environment` and the objects are this thread's own. The buffers' bytes
/// are not written to by anybody else until the call ends, and `release` may be written to.
#[unsafe(no_mangle)]
#[allow(
    clippy::too_many_arguments,
    reason = "an object to hold them would be made for every frame"
)]
pub unsafe extern "system" fn Java_dev_frostglass_Native_sanitize(
    environment: *mut JNIEnv,
    _: jclass,
    session: jlong,
    format: jint,
    meaning: jint,
    width: jint,
    height: jint,
    first: jobject,
    first_start: jint,
    first_length: jint,
    first_row_stride: jint,
    first_pixel_stride: jint,
    second: jobject,
    second_start: jint,
    second_length: jint,
    second_row_stride: jint,
    second_pixel_stride: jint,
    third: jobject,
    third_start: jint,
    third_length: jint,
    third_row_stride: jint,
    third_pixel_stride: jint,
    cropped: jboolean,
    crop_x: jint,
    crop_y: jint,
    crop_width: jint,
    crop_height: jint,
    rotation_degrees: jint,
    mirror: jboolean,
    token: jstring,
    release: jobject,
    release_start: jint,
    release_length: jint,
) -> jint {
    // SAFETY: as the caller promises.
    let java = unsafe { Java::new(environment) };
    let made = guarded(|| {
        let plane = |buffer, start, length, row_stride, pixel_stride| {
            let (address, length) = java.region("picture", buffer, start, length)?;
            // SAFETY: a direct buffer's memory stays while the caller holds the buffer, which it does
            // until the call ends.
            let bytes = unsafe { borrowed(address, length) }?;
            let row_stride = not_negative("row stride", row_stride)?;
            let pixel_stride = not_negative("pixel stride", pixel_stride)?;
            Ok::<_, Failure>(Some(PlaneIn { bytes, row_stride, pixel_stride }))
        };
        let first = plane(first, first_start, first_length, first_row_stride, first_pixel_stride)?;
        let planes = match format {
            YUV420 => [
                first,
                plane(second, second_start, second_length, second_row_stride, second_pixel_stride)?,
                plane(third, third_start, third_length, third_row_stride, third_pixel_stride)?,
            ],
            _ => [first, None, None],
        };
        let crop = match cropped {
            false => None,
            true => Some(Rect::new(
                not_negative("crop's left", crop_x)?,
                not_negative("crop's top", crop_y)?,
                not_negative("crop's width", crop_width)?,
                not_negative("crop's height", crop_height)?,
            )),
        };
        let picture = Picture {
            format,
            meaning,
            width: not_negative("width", width)?,
            height: not_negative("height", height)?,
            planes,
            crop,
            rotation_degrees,
            mirror,
        };
        let (address, length) = java.region("release", release, release_start, release_length)?;
        // SAFETY: as above; the Kotlin side refuses a buffer that is read-only.
        let out = unsafe { borrowed_mut(address, length, &picture.planes) }?;
        let token = java.text(token)?;
        sanitize(session.cast_unsigned(), &picture, token.as_deref(), out)
    });
    match made {
        Ok(Delivery::Made) => MADE,
        Ok(Delivery::Resent) => RESENT,
        Err(failure) => thrown(java, &failure),
    }
}

/// Throws; the number is for nobody, since Java does not look at it then.
fn thrown(java: Java, failure: &Failure) -> jint {
    let _: Result<()> = guarded(|| {
        java.throw(failure);
        Ok(())
    });
    -(failure.kind() as jint)
}
