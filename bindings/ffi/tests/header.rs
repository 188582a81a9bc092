//! The C header says what the library has: a C compiler checks every offset and number.

use std::fmt::Write as _;
use std::io::Write as _;
use std::mem::{offset_of, size_of};
use std::process::{Command, Stdio};

use frostglass_ffi::ErrorKind;
use frostglass_ffi::c::{FrostglassPicture, FrostglassPlane, FrostglassReason, MADE, RESENT};

#[test]
fn the_header_lays_everything_out_as_the_library_does() {
    let mut program = String::from("#define FROSTGLASS_LAB\n#include \"frostglass.h\"\n");
    let mut holds = |left: &str, right: usize| {
        writeln!(program, "_Static_assert({left} == {right}, \"{left}\");").unwrap();
    };
    macro_rules! layout {
        ($structure:ident: $($field:ident),*) => {
            let name = stringify!($structure);
            holds(&format!("sizeof({name})"), size_of::<$structure>());
            $(holds(
                &format!("offsetof({name}, {})", stringify!($field)),
                offset_of!($structure, $field),
            );)*
        };
    }
    layout!(FrostglassPlane: bytes, length, row_stride, pixel_stride);
    layout!(FrostglassPicture: format, meaning, width, height, planes, cropped, crop_x, crop_y,
        crop_width, crop_height, rotation_degrees, mirror);
    layout!(FrostglassReason: text);
    let kinds = [
        ("FRAME", ErrorKind::Frame),
        ("MODEL", ErrorKind::Model),
        ("CUT", ErrorKind::Cut),
        ("POLICY", ErrorKind::Policy),
        ("ACTIVATIONS", ErrorKind::Activations),
        ("RELEASE", ErrorKind::Release),
        ("BUFFER", ErrorKind::Buffer),
        ("BUDGET", ErrorKind::Budget),
        ("LEDGER", ErrorKind::Ledger),
        ("TOKEN", ErrorKind::Token),
        ("BUSY", ErrorKind::Busy),
        ("THREADS", ErrorKind::Threads),
        ("CLOSED", ErrorKind::Closed),
        ("SYSTEM", ErrorKind::System),
        ("INTERNAL", ErrorKind::Internal),
    ];
    for (name, kind) in kinds {
        holds(&format!("FROSTGLASS_ERROR_{name}"), kind as usize);
    }
    holds("FROSTGLASS_MADE", MADE as usize);
    holds("FROSTGLASS_RESENT", RESENT as usize);

    let include = concat!(env!("CARGO_MANIFEST_DIR"), "/include");
    let flags = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only"];
    let mut compiler = Command::new("cc")
        .args(flags)
        .args(["-I", include, "-x", "c", "-"])
        .stdin(Stdio::piped())
        .spawn()
        .expect("a C compiler, which linking Rust needs too");
    compiler.stdin.take().unwrap().write_all(program.as_bytes()).unwrap();
    assert!(compiler.wait().unwrap().success(), "{program}");
}
