//! Pixels and releases for Kotlin: the one native method of `dev.frostglass.Native`.
#![allow(unsafe_code, reason = "what a foreign caller hands over is addresses")]

use frostglass::frame::Rect;
use frostglass::session::Delivery;
use jni::objects::{JByteBuffer, JClass, JString};
use jni::refs::Reference;
use jni::sys::{jboolean, jint, jlong};
use jni::{Env, EnvUnowned, JValue, Outcome, jni_sig, jni_str};

use crate::c::{MADE, RESENT};
use crate::failure::{ErrorKind, Failure, Result, panicked};
use crate::frames::{Picture, PlaneIn, YUV420, borrowed, borrowed_mut, sanitize};

impl From<jni::errors::Error> for Failure {
    fn from(error: jni::errors::Error) -> Self {
        Self::new(ErrorKind::Internal, format!("the Java machine answered: {error}"))
    }
}

/// Makes a release of the picture that lies in one direct buffer, or three, and writes it to another.
///
/// Gives [`MADE`] or [`RESENT`]; throws `dev.frostglass.FrostglassException` otherwise. Numbers are as
/// in [`crate::c::FrostglassPicture`]; each buffer comes with where its bytes begin and how many they
/// are. A buffer on the heap is refused.
#[unsafe(no_mangle)]
#[allow(
    clippy::too_many_arguments,
    reason = "an object to hold them would be made for every frame"
)]
pub extern "system" fn Java_dev_frostglass_Native_sanitize<'local>(
    mut unowned: EnvUnowned<'local>,
    _: JClass<'local>,
    session: jlong,
    format: jint,
    meaning: jint,
    width: jint,
    height: jint,
    first: JByteBuffer<'local>,
    first_start: jint,
    first_length: jint,
    first_row_stride: jint,
    first_pixel_stride: jint,
    second: JByteBuffer<'local>,
    second_start: jint,
    second_length: jint,
    second_row_stride: jint,
    second_pixel_stride: jint,
    third: JByteBuffer<'local>,
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
    token: JString<'local>,
    release: JByteBuffer<'local>,
    release_start: jint,
    release_length: jint,
) -> jint {
    let outcome = unowned.with_env(|env| {
        let plane = |buffer: &_, start, length, row_stride, pixel_stride| {
            let (address, length) = region(env, "picture", buffer, start, length)?;
            // SAFETY: a direct buffer's memory stays while the caller holds the buffer, which it does
            // until the call ends.
            let bytes = unsafe { borrowed(address, length) }?;
            let row_stride = positive("row stride", row_stride)?;
            let pixel_stride = positive("pixel stride", pixel_stride)?;
            Ok::<_, Failure>(Some(PlaneIn { bytes, row_stride, pixel_stride }))
        };
        let first = plane(&first, first_start, first_length, first_row_stride, first_pixel_stride)?;
        let planes = match format {
            YUV420 => [
                first,
                plane(
                    &second,
                    second_start,
                    second_length,
                    second_row_stride,
                    second_pixel_stride,
                )?,
                plane(&third, third_start, third_length, third_row_stride, third_pixel_stride)?,
            ],
            _ => [first, None, None],
        };
        let crop = match cropped {
            false => None,
            true => Some(Rect::new(
                positive("crop's left", crop_x)?,
                positive("crop's top", crop_y)?,
                positive("crop's width", crop_width)?,
                positive("crop's height", crop_height)?,
            )),
        };
        let picture = Picture {
            format,
            meaning,
            width: positive("width", width)?,
            height: positive("height", height)?,
            planes,
            crop,
            rotation_degrees,
            mirror,
        };
        let (address, length) = region(env, "release", &release, release_start, release_length)?;
        // SAFETY: as above; the Kotlin side refuses a buffer that is read-only.
        let out = unsafe { borrowed_mut(address, length, &picture.planes) }?;
        let token = match token.is_null() {
            true => None,
            false => Some(token.try_to_string(env)?),
        };
        sanitize(session.cast_unsigned(), &picture, token.as_deref(), out)
    });
    let failure = match outcome.into_outcome() {
        Outcome::Ok(Delivery::Made) => return MADE,
        Outcome::Ok(Delivery::Resent) => return RESENT,
        Outcome::Err(failure) => failure,
        Outcome::Panic(_) => panicked(),
    };
    // Whatever becomes of it, an exception is pending then: this one, or the one that it met.
    let _ = unowned.with_env(|env| throw(env, &failure)).into_outcome();
    -(failure.kind() as jint)
}

fn throw(env: &mut Env<'_>, failure: &Failure) -> jni::errors::Result<()> {
    if env.exception_check() {
        return Ok(());
    }
    let reason = env.new_string(failure.reason())?;
    let exception = env.new_object(
        jni_str!("dev/frostglass/FrostglassException"),
        jni_sig!("(ILjava/lang/String;)V"),
        &[JValue::Int(failure.kind() as jint), JValue::Object(&reason)],
    )?;
    let exception = env.cast_local::<jni::objects::JThrowable>(exception)?;
    env.throw(exception)
}

/// Address and length of a part of a direct buffer.
fn region(
    env: &Env<'_>,
    what: &str,
    buffer: &JByteBuffer<'_>,
    start: jint,
    length: jint,
) -> Result<(*mut u8, usize)> {
    let wrong = |why: &str| Failure::new(ErrorKind::Buffer, format!("the {what}'s buffer {why}"));
    if buffer.is_null() {
        return Err(wrong("is null"));
    }
    let address = env.get_direct_buffer_address(buffer).map_err(|_| {
        wrong("lies on the heap; make it with ByteBuffer.allocateDirect, so that nothing is copied")
    })?;
    let capacity = env.get_direct_buffer_capacity(buffer)?;
    let (start, length) = (positive("start", start)?, positive("length", length)?);
    if start.checked_add(length).is_none_or(|end| end > capacity) {
        return Err(wrong(&format!("has {capacity} bytes, fewer than {length} from {start} on")));
    }
    // The address stays inside the buffer, or just behind its end.
    Ok((address.wrapping_add(start), length))
}

fn positive(what: &str, value: jint) -> Result<usize> {
    usize::try_from(value)
        .map_err(|_| Failure::new(ErrorKind::Frame, format!("the {what} is {value}, below 0")))
}
