//! What is needed of a Java machine: direct buffers, strings, and one exception.
#![allow(unsafe_code, reason = "a Java machine is a table of functions")]

use std::ffi::CStr;

use jni_sys::{JNIEnv, JNINativeInterface_, jint, jobject, jstring, jvalue};

use crate::failure::{ErrorKind, Failure, Result};

/// The exception that native code throws; its constructor takes a kind's number and a reason.
const EXCEPTION: &CStr = c"dev/frostglass/FrostglassException";
const CONSTRUCTOR: (&CStr, &CStr) = (c"<init>", c"(ILjava/lang/String;)V");

/// The longest token that is read, in UTF-16 units: far more than a token may have.
const LONGEST: usize = 1 << 16;

/// The Java machine, as the thread that called native code has it.
#[derive(Clone, Copy)]
pub(crate) struct Java {
    environment: *mut JNIEnv,
}

impl Java {
    /// # Safety
    /// `environment` is what the Java machine handed to a native method on this thread, and so are all
    /// objects that the methods below are given; none outlives the native method.
    pub(crate) unsafe fn new(environment: *mut JNIEnv) -> Self {
        Self { environment }
    }

    fn functions(&self) -> &JNINativeInterface_ {
        // SAFETY: an environment points to the table of functions, says `new`.
        unsafe { &**self.environment }
    }

    /// Address and length of a part of a direct buffer.
    pub(crate) fn region(
        &self,
        what: &str,
        buffer: jobject,
        start: jint,
        length: jint,
    ) -> Result<(*mut u8, usize)> {
        let wrong =
            |why: &str| Failure::new(ErrorKind::Buffer, format!("the {what}'s buffer {why}"));
        if buffer.is_null() {
            return Err(wrong("is null"));
        }
        // SAFETY: a buffer of this thread's, says `new`; there since Java 1.4.
        let (address, capacity) = unsafe {
            let functions = &self.functions().v1_4;
            (
                (functions.GetDirectBufferAddress)(self.environment, buffer),
                (functions.GetDirectBufferCapacity)(self.environment, buffer),
            )
        };
        let capacity = usize::try_from(capacity).unwrap_or(0);
        if address.is_null() && capacity == 0 {
            return Err(wrong(
                "lies on the heap; make it with ByteBuffer.allocateDirect, so that nothing is copied",
            ));
        }
        let (start, length) = (not_negative("start", start)?, not_negative("length", length)?);
        if start.checked_add(length).is_none_or(|end| end > capacity) {
            return Err(wrong(&format!(
                "has {capacity} bytes, fewer than {length} from {start} on"
            )));
        }
        // The address stays inside the buffer, or just behind its end.
        Ok((address.cast::<u8>().wrapping_add(start), length))
    }

    /// A string's text; nothing for null.
    pub(crate) fn text(&self, string: jstring) -> Result<Option<String>> {
        if string.is_null() {
            return Ok(None);
        }
        // SAFETY: a string of this thread's, says `new`.
        let length = unsafe { (self.functions().v1_1.GetStringLength)(self.environment, string) };
        let length = not_negative("text's length", length)?;
        if length > LONGEST {
            return Err(Failure::new(ErrorKind::Token, "the token is longer than any may be"));
        }
        let mut units = vec![0; length];
        // SAFETY: there is room for as many units as the string has.
        unsafe {
            let copy = self.functions().v1_2.GetStringRegion;
            copy(self.environment, string, 0, length as jint, units.as_mut_ptr());
        }
        let text = String::from_utf16(&units);
        let text = text.map_err(|_| Failure::new(ErrorKind::Token, "the token is no text"))?;
        Ok(Some(text))
    }

    /// Leaves an exception pending: this one, or another that the Java machine met on the way.
    pub(crate) fn throw(&self, failure: &Failure) {
        let environment = self.environment;
        let reason: Vec<u16> = failure.reason().encode_utf16().collect();
        // SAFETY: names end with zeros, the string has as many units as are said, arguments are those
        // of the constructor, and each object is used only where there was one.
        unsafe {
            let functions = &self.functions().v1_2;
            if (functions.ExceptionCheck)(environment) {
                return;
            }
            let reason = (functions.NewString)(environment, reason.as_ptr(), reason.len() as jint);
            if reason.is_null() {
                return;
            }
            let class = (functions.FindClass)(environment, EXCEPTION.as_ptr());
            if class.is_null() {
                return;
            }
            let (name, signature) = (CONSTRUCTOR.0.as_ptr(), CONSTRUCTOR.1.as_ptr());
            let constructor = (functions.GetMethodID)(environment, class, name, signature);
            if constructor.is_null() {
                return;
            }
            let arguments = [jvalue { i: failure.kind() as jint }, jvalue { l: reason }];
            let exception =
                (functions.NewObjectA)(environment, class, constructor, arguments.as_ptr());
            if !exception.is_null() {
                (functions.Throw)(environment, exception);
            }
        }
    }
}

/// A number of Java's, which has no unsigned ones.
pub(crate) fn not_negative(what: &str, value: jint) -> Result<usize> {
    usize::try_from(value)
        .map_err(|_| Failure::new(ErrorKind::Frame, format!("the {what} is {value}, below 0")))
}
