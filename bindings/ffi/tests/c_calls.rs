//! Pixels and releases as C hands them over, bad ones above all.

#![allow(unsafe_code, reason = "null and overlapping addresses are what is tested")]

mod support;

use std::ffi::c_char;
use std::ptr;
use std::sync::Arc;

use frostglass_ffi::c::{FrostglassPicture, MADE, RESENT, frostglass_sanitize};
use frostglass_ffi::{Adjacency, Budget, BudgetUnit, ErrorKind, Ledger, SessionOptions};
use support::{NO_PLANE, call, open, open_with, pixels, plane, refused, rgba};

const POLICY: &str = "grid(i16, step=2^-4)";

fn release_of(picture: &FrostglassPicture) -> Vec<u8> {
    let session = open(POLICY);
    let mut release = vec![0; session.release_length() as usize];
    assert_eq!(call(session.number(), picture, None, &mut release), Ok(MADE));
    release
}

#[test]
fn every_form_of_one_picture_makes_one_release() {
    let rgba8 = pixels();
    let expected = release_of(&rgba(&rgba8));
    let each = |form: fn(&[u8]) -> Vec<u8>| rgba8.chunks(4).flat_map(form).collect::<Vec<u8>>();
    let of = |format, bytes: &[u8], row_stride| {
        let planes = [plane(bytes, row_stride, 0), NO_PLANE, NO_PLANE];
        release_of(&FrostglassPicture { format, planes, ..rgba(&rgba8) })
    };
    assert_eq!(of(1, &each(|p| vec![p[2], p[1], p[0], p[3]]), 0), expected);
    assert_eq!(of(2, &each(|p| p[..3].to_vec()), 0), expected);
    let mut gaps: Vec<u8> = rgba8.chunks(32).flat_map(|row| [row, &[77; 5]].concat()).collect();
    gaps.truncate(gaps.len() - 5);
    assert_eq!(of(0, &gaps, 37), expected);

    // Stored on its side inside a wider picture.
    let mut side = vec![9; 10 * 8 * 4];
    for (y, x) in (0..8).flat_map(|y| (0..8).map(move |x| (y, x))) {
        // Turned 90 degrees clockwise, stored (row, column) comes to (column, 7 - row).
        let (row, column) = (7 - x, y);
        let to = (row * 10 + column + 1) * 4;
        side[to..to + 4].copy_from_slice(&rgba8[(y * 8 + x) * 4..][..4]);
    }
    let turned = FrostglassPicture {
        width: 10,
        planes: [plane(&side, 0, 0), NO_PLANE, NO_PLANE],
        cropped: 1,
        crop_x: 1,
        crop_width: 8,
        crop_height: 8,
        rotation_degrees: 90,
        ..rgba(&rgba8)
    };
    assert_eq!(release_of(&turned), expected);

    let mirrored = each(|p| p.to_vec());
    let mirrored: Vec<u8> =
        mirrored.chunks(32).flat_map(|row| row.chunks(4).rev().flatten().copied()).collect();
    let mirror = FrostglassPicture { mirror: 1, ..rgba(&mirrored) };
    assert_eq!(release_of(&mirror), expected);
}

#[test]
fn planes_of_a_camera_make_the_release_of_their_colours() {
    let luma: Vec<u8> = (0..64).map(|i| (i * 3 + 20) as u8).collect();
    let gray: Vec<u8> = luma.iter().flat_map(|&y| [y, y, y, 255]).collect();
    // NV21: V and U take turns, 128 is no colour.
    let chroma = [128u8; 32];
    let picture = FrostglassPicture {
        format: 4,
        meaning: 0,
        planes: [plane(&luma, 8, 1), plane(&chroma[1..], 8, 2), plane(&chroma[..31], 8, 2)],
        ..rgba(&gray)
    };
    assert_eq!(release_of(&picture), release_of(&rgba(&gray)));
    let short = FrostglassPicture {
        planes: [plane(&luma, 8, 1), plane(&chroma[..30], 8, 2), plane(&chroma, 8, 2)],
        ..picture
    };
    let session = open(POLICY);
    let mut release = vec![0; session.release_length() as usize];
    let reason = refused(call(session.number(), &short, None, &mut release), ErrorKind::Frame);
    assert!(reason.contains("U plane"), "{reason}");
}

#[test]
fn what_cannot_be_so_is_refused_and_nothing_is_written() {
    let session = open(POLICY);
    let number = session.number();
    let pixels = pixels();
    let sound = rgba(&pixels);
    let mut release = vec![7; session.release_length() as usize];
    let with = |change: &dyn Fn(&mut FrostglassPicture)| {
        let mut picture = sound;
        change(&mut picture);
        picture
    };
    for (picture, kind) in [
        (with(&|p| p.format = 9), ErrorKind::Frame),
        (with(&|p| p.meaning = -1), ErrorKind::Frame),
        (with(&|p| p.width = 0), ErrorKind::Frame),
        (with(&|p| p.width = usize::MAX), ErrorKind::Frame),
        (with(&|p| p.height = 9), ErrorKind::Frame),
        (with(&|p| p.planes[0].length -= 1), ErrorKind::Frame),
        (with(&|p| p.planes[0].length = usize::MAX), ErrorKind::Buffer),
        (with(&|p| p.planes[0].row_stride = 31), ErrorKind::Frame),
        (with(&|p| p.planes[0] = NO_PLANE), ErrorKind::Frame),
        (with(&|p| p.format = 4), ErrorKind::Frame),
        (with(&|p| p.cropped = 1), ErrorKind::Frame),
        (with(&|p| (p.cropped, p.crop_x, p.crop_width) = (1, 1, 8)), ErrorKind::Frame),
        (with(&|p| p.rotation_degrees = 45), ErrorKind::Frame),
    ] {
        refused(call(number, &picture, None, &mut release), kind);
    }
    let shorter = release.len() - 1;
    refused(call(number, &sound, None, &mut release[..shorter]), ErrorKind::Buffer);
    refused(call(number, &sound, None, &mut []), ErrorKind::Buffer);
    refused(call(number, &sound, Some("a token"), &mut release), ErrorKind::Token);
    for stranger in [0, number + 1, u64::MAX] {
        refused(call(stranger, &sound, None, &mut release), ErrorKind::Closed);
    }
    assert!(release.iter().all(|&byte| byte == 7), "nothing was written");

    let null = ptr::null();
    let length = release.len();
    let raw = |picture, token: *const c_char, out: *mut u8| {
        // SAFETY: null, or from references.
        -unsafe { frostglass_sanitize(number, picture, token, out, length, ptr::null_mut()) }
    };
    assert_eq!(raw(null, ptr::null(), release.as_mut_ptr()), ErrorKind::Frame as i32);
    assert_eq!(raw(&raw const sound, ptr::null(), ptr::null_mut()), ErrorKind::Buffer as i32);
    let latin = c"\xff".as_ptr();
    assert_eq!(raw(&raw const sound, latin, release.as_mut_ptr()), ErrorKind::Token as i32);
    assert_eq!(call(number, &sound, None, &mut release), Ok(MADE), "the session still works");
}

#[test]
fn a_release_is_not_written_over_its_picture() {
    let session = open(POLICY);
    let length = session.release_length() as usize;
    let mut memory = vec![0u8; length + 64 * 4];
    let start = memory.as_mut_ptr();
    for offset in [0, 10, length - 1] {
        let planes = [plane(&memory[offset..][..64 * 4], 0, 0), NO_PLANE, NO_PLANE];
        let picture = FrostglassPicture { planes, ..rgba(&memory) };
        let number = session.number();
        // SAFETY: both lie in `memory`, which nobody else uses; that they overlap is refused.
        let given = unsafe {
            frostglass_sanitize(number, &picture, ptr::null(), start, length, ptr::null_mut())
        };
        assert_eq!(given, -(ErrorKind::Buffer as i32), "{offset}");
    }
}

#[test]
fn a_closed_session_is_refused_under_its_number_for_good() {
    let session = open(POLICY);
    let number = session.number();
    let pixels = pixels();
    let mut release = vec![0; session.release_length() as usize];
    session.end();
    session.end();
    refused(call(number, &rgba(&pixels), None, &mut release), ErrorKind::Closed);
    // Its slot is taken by the next one, under another number.
    let next: Vec<Arc<_>> = (0..4).map(|_| open(POLICY)).collect();
    assert!(next.iter().all(|session| session.number() != number));
    refused(call(number, &rgba(&pixels), None, &mut release), ErrorKind::Closed);
    drop(session);
    let number = next[0].number();
    drop(next);
    refused(call(number, &rgba(&pixels), None, &mut release), ErrorKind::Closed);
}

#[test]
fn a_token_gives_the_same_bytes_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    let budget = Budget {
        epsilon: 100.0,
        delta: 1e-5,
        unit: BudgetUnit::Within { adjacency: Adjacency::Activation },
    };
    let ledger = Ledger::open(path.to_str().unwrap(), budget).unwrap();
    let options = SessionOptions { ledger: Some(ledger.clone()), ..Default::default() };
    let session = open_with("dp(epsilon=5)", options);
    let pixels = pixels();
    let make = |token| {
        let mut release = vec![0; session.release_length() as usize];
        let given = call(session.number(), &rgba(&pixels), Some(token), &mut release);
        given.map(|given| (given, release))
    };
    let (given, first) = make("message 1").unwrap();
    assert_eq!(given, MADE);
    assert_eq!(make("message 1").unwrap(), (RESENT, first.clone()));
    assert_ne!(make("message 2").unwrap().1, first);
    ledger.forget("message 1".into()).unwrap();
    assert_eq!(make("message 1").unwrap_err().0, ErrorKind::Token as i32);
}

#[cfg(feature = "lab")]
#[test]
fn a_seed_decides_one_release() {
    let session = open("dp(epsilon=5)");
    let pixels = pixels();
    let make = |seed: Option<u64>| {
        let mut release = vec![0; session.release_length() as usize];
        if let Some(seed) = seed {
            assert_eq!(frostglass_ffi::lab::frostglass_lab_seed(session.number(), seed), 0);
        }
        call(session.number(), &rgba(&pixels), None, &mut release).unwrap();
        release
    };
    assert_eq!(make(Some(7)), make(Some(7)));
    assert_ne!(make(Some(7)), make(Some(8)));
    assert_ne!(make(None), make(None), "a seed is used once");
    session.end();
    let closed = -(ErrorKind::Closed as i32);
    assert_eq!(frostglass_ffi::lab::frostglass_lab_seed(session.number(), 1), closed);
}

/// Threads of other languages have small stacks: 512 KiB on iOS, a megabyte in a Java machine. Kernels
/// that are not optimised take megabytes.
#[cfg(not(debug_assertions))]
#[test]
fn a_call_needs_little_stack() {
    let session = open("dp(epsilon=5)");
    let run = move || {
        let pixels = pixels();
        let mut release = vec![0; session.release_length() as usize];
        assert_eq!(call(session.number(), &rgba(&pixels), None, &mut release), Ok(MADE));
    };
    std::thread::Builder::new().stack_size(128 << 10).spawn(run).unwrap().join().unwrap();
}
