//! The same through JNI: a Java machine in this process hands direct buffers to the native method.
//!
//! The suite that runs this one has a Java machine; elsewhere it says that it was left out.
#![allow(unsafe_code, reason = "direct buffers are made of addresses")]

#[path = "../../../core/tests/counting/mod.rs"]
mod counting;
mod support;

use counting::own_allocations;
use frostglass_ffi::c::MADE;
use frostglass_ffi::jni::Java_dev_frostglass_Native_sanitize;
use jni::objects::JByteBuffer;
use jni::{Env, InitArgsBuilder, JNIVersion, JavaVM};
use support::{open, pixels};

/// One call as `dev.frostglass.Native` makes it.
fn sanitize(
    env: &Env<'_>,
    session: u64,
    pixels: &JByteBuffer<'_>,
    release: &JByteBuffer<'_>,
    length: i32,
) -> i32 {
    let none = std::ptr::null_mut();
    // SAFETY: the environment is this thread's, every object is one of it, and both buffers are this
    // test's alone.
    unsafe {
        Java_dev_frostglass_Native_sanitize(
            env.get_raw(),
            none,
            session.cast_signed(),
            0,
            2,
            8,
            8,
            pixels.as_raw(),
            0,
            8 * 8 * 4,
            0,
            0,
            none,
            0,
            0,
            0,
            0,
            none,
            0,
            0,
            0,
            0,
            false,
            0,
            0,
            0,
            0,
            0,
            false,
            none,
            release.as_raw(),
            0,
            length,
        )
    }
}

#[test]
fn a_call_from_java_allocates_nothing() {
    let arguments = InitArgsBuilder::new().version(JNIVersion::V1_8).build().unwrap();
    let machine = match JavaVM::new(arguments) {
        Ok(machine) => machine,
        Err(why) => {
            let wanted = std::env::var_os("FROSTGLASS_JAVA").is_some();
            assert!(!wanted, "there is to be a Java machine: {why}");
            eprintln!("LEFT OUT: there is no Java machine here ({why})");
            return;
        }
    };
    machine
        .attach_current_thread(|env| -> jni::errors::Result<()> {
            for policy in ["grid(i8)", "hold(3)", "dp(epsilon=5)"] {
                let session = open(policy);
                let mut pixels = pixels();
                let mut release = vec![0u8; session.release_length() as usize];
                let length = release.len() as i32;
                // SAFETY: both vectors outlive the buffers, which end with this round.
                let (picture, out) = unsafe {
                    (
                        env.new_direct_byte_buffer(pixels.as_mut_ptr(), pixels.len())?,
                        env.new_direct_byte_buffer(release.as_mut_ptr(), release.len())?,
                    )
                };
                let number = session.number();
                assert_eq!(sanitize(env, number, &picture, &out, length), MADE);
                let before = own_allocations();
                for _ in 0..100 {
                    assert_eq!(sanitize(env, number, &picture, &out, length), MADE);
                }
                assert_eq!(own_allocations() - before, 0, "{policy}");
            }
            Ok(())
        })
        .unwrap();
}
