//! The orientation in EXIF data, whichever integer type it is stored in.

use crate::frame::Rotation;

/// Rotation, and mirror after it, that make a picture with this EXIF data (from its TIFF header
/// on) upright. Neither where there is none, or none with a meaning: that is not worth losing the
/// picture for. Sources: TIFF 6.0, section 2; EXIF 2.32, tag 0x0112.
pub(super) fn turn(tiff: &[u8]) -> (Rotation, bool) {
    match orientation(tiff) {
        Some(2) => (Rotation::None, true),
        Some(3) => (Rotation::Half, false),
        Some(4) => (Rotation::Half, true),
        Some(5) => (Rotation::Clockwise90, true),
        Some(6) => (Rotation::Clockwise90, false),
        Some(7) => (Rotation::Clockwise270, true),
        Some(8) => (Rotation::Clockwise270, false),
        _ => (Rotation::None, false),
    }
}

/// The tag's value in the first directory. The standard wants a SHORT; writers use the others too.
fn orientation(tiff: &[u8]) -> Option<u32> {
    let big_endian = match tiff.get(..4)? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let number = |bytes: &[u8]| {
        let join = |value, byte: &u8| value << 8 | u32::from(*byte);
        if big_endian { bytes.iter().fold(0, join) } else { bytes.iter().rev().fold(0, join) }
    };
    let directory = tiff.get(number(&tiff[4..8.min(tiff.len())]) as usize..)?;
    let entries = number(directory.get(..2)?) as usize;
    let entry = directory[2..].chunks_exact(12).take(entries).find(|e| number(&e[..2]) == TAG)?;
    if number(&entry[4..8]) != 1 {
        return None;
    }
    // BYTE, SHORT, LONG and their signed kin; a value stands at the field's front.
    match number(&entry[2..4]) {
        1 | 6 => Some(number(&entry[8..9])),
        3 | 8 => Some(number(&entry[8..10])),
        4 | 9 => Some(number(&entry[8..12])),
        _ => None,
    }
}

const TAG: u32 = 0x0112;
