use super::*;
use crate::frame::Rect;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};
use moxcms::ColorProfile;
use proptest::prelude::*;

/// A picture whose pixels all differ: red grows to the right, green downwards.
fn gradient(width: usize, height: usize) -> Vec<u8> {
    let byte = |part: usize, whole: usize| (part * 255 / whole.max(2)) as u8;
    (0..height)
        .flat_map(|y| (0..width).flat_map(move |x| [byte(x, width), byte(y, height), 128]))
        .collect()
}

fn jpeg(pixels: &[u8], width: usize, height: usize, colour: ExtendedColorType) -> Vec<u8> {
    let mut file = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut file, 95);
    encoder.write_image(pixels, width as u32, height as u32, colour).unwrap();
    file
}

fn png(pixels: &[u8], width: usize, height: usize, colour: ExtendedColorType) -> Vec<u8> {
    let mut file = Vec::new();
    let encoder = PngEncoder::new(&mut file);
    encoder.write_image(pixels, width as u32, height as u32, colour).unwrap();
    file
}

/// A PNG written by hand, for kinds that the encoder does not write. `rows` are the unpacked
/// rows with their filter bytes.
fn png_by_hand(
    header: [u32; 2],
    kind: [u8; 5],
    chunks: &[(&[u8; 4], &[u8])],
    rows: &[u8],
) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let ihdr = [&header[0].to_be_bytes()[..], &header[1].to_be_bytes(), &kind].concat();
    let (mut a, mut b) = (1u32, 0u32);
    for byte in rows {
        a = (a + u32::from(*byte)) % 65521;
        b = (b + a) % 65521;
    }
    // zlib (RFC 1950) with one stored block (RFC 1951).
    let len = rows.len() as u16;
    let head = [&[0x78, 0x01, 0x01][..], &len.to_le_bytes(), &(!len).to_le_bytes()].concat();
    let idat = [&head, rows, &(b << 16 | a).to_be_bytes()].concat();
    let tail: [(&[u8; 4], &[u8]); 2] = [(b"IDAT", &idat), (b"IEND", &[])];
    let head: [(&[u8; 4], &[u8]); 1] = [(b"IHDR", &ihdr)];
    for (name, data) in head.iter().chain(chunks).chain(&tail) {
        let body = [&name[..], data].concat();
        file.extend((data.len() as u32).to_be_bytes());
        file.extend(&body);
        let crc = body.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| crc >> 1 ^ (0xedb8_8320 * (crc & 1)))
        });
        file.extend((!crc).to_be_bytes());
    }
    file
}

fn tiff_orientation(orientation: u16, big_endian: bool) -> Vec<u8> {
    let short = |value: u16| if big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
    let long = |value: u32| if big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
    let mut tiff = if big_endian { b"MM".to_vec() } else { b"II".to_vec() };
    tiff.extend(short(42));
    tiff.extend(long(8));
    // One entry: tag 0x0112, type SHORT, one value, then no further directory.
    tiff.extend([short(1), short(0x0112), short(3)].concat());
    tiff.extend(long(1));
    tiff.extend([short(orientation), short(0)].concat());
    tiff.extend(long(0));
    tiff
}

/// The JPEG with one more segment behind its first marker.
fn with_segment(jpeg: &[u8], marker: u8, contents: &[u8]) -> Vec<u8> {
    let length = (contents.len() as u16 + 2).to_be_bytes();
    [&jpeg[..2], &[0xff, marker], &length, contents, &jpeg[2..]].concat()
}

#[track_caller]
fn refused(bytes: &[u8], part: &str) {
    let error = decode(bytes).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Frame, "{error}");
    assert!(error.message().contains(part), "{error} lacks {part}");
    assert!(!error.message().contains('\n'), "{error:?}");
}

#[track_caller]
fn near(got: &[u8], want: &[u8], by: u8) {
    assert_eq!(got.len(), want.len());
    let worst = got.iter().zip(want).map(|(got, want)| got.abs_diff(*want)).max();
    assert!(worst.unwrap() <= by, "off by {worst:?}");
}

#[test]
fn png_pixels_come_back_exactly() {
    let pixels = gradient(7, 5);
    let picture = decode(&png(&pixels, 7, 5, ExtendedColorType::Rgb8)).unwrap();
    assert_eq!((picture.width(), picture.height(), picture.rgb()), (7, 5, &pixels[..]));
    assert_eq!(format!("{picture:?}"), "Picture(7 x 5)");
    let frame = picture.frame().crop(Rect::new(6, 4, 1, 1)).unwrap();
    assert_eq!((frame.size(), frame.upright_size()), ((7, 5), (1, 1)));
}

#[test]
fn jpeg_pixels_come_back_nearly() {
    let pixels = gradient(40, 30);
    let picture = decode(&jpeg(&pixels, 40, 30, ExtendedColorType::Rgb8)).unwrap();
    near(picture.rgb(), &pixels, 12);
    let gray: Vec<u8> = (0..=255).step_by(2).flat_map(|level| [level; 8]).collect();
    let picture = decode(&jpeg(&gray, 32, 32, ExtendedColorType::L8)).unwrap();
    let tripled: Vec<u8> = gray.iter().flat_map(|level| [*level; 3]).collect();
    near(picture.rgb(), &tripled, 4);
}

#[test]
fn alpha_is_straight_and_composed_on_black() {
    let rgba = [200, 100, 50, 128, 9, 9, 9, 0, 1, 2, 3, 255];
    let picture = decode(&png(&rgba, 3, 1, ExtendedColorType::Rgba8)).unwrap();
    assert_eq!(picture.rgb(), [100, 50, 25, 0, 0, 0, 1, 2, 3]);
    let picture = decode(&png(&[200, 128, 7, 255], 2, 1, ExtendedColorType::La8)).unwrap();
    assert_eq!(picture.rgb(), [100, 100, 100, 7, 7, 7]);
}

#[test]
fn sixteen_bits_are_rounded_to_eight() {
    // 257 v is exactly v; 128 less rounds to v, 129 less to v - 1.
    let levels = [0u16, 257 * 7, 257 * 7 - 128, 257 * 7 - 129, 65535, 65535 - 129];
    let gray: Vec<u8> = levels.iter().flat_map(|level| level.to_ne_bytes()).collect();
    let picture = decode(&png(&gray, 6, 1, ExtendedColorType::L16)).unwrap();
    let first: Vec<u8> = picture.rgb().iter().step_by(3).copied().collect();
    assert_eq!(first, [0, 7, 7, 6, 255, 254]);
    let wide =
        |values: &[u16]| values.iter().flat_map(|v| (v * 257).to_ne_bytes()).collect::<Vec<_>>();
    let rgb = png(&wide(&[1, 2, 3]), 1, 1, ExtendedColorType::Rgb16);
    assert_eq!(decode(&rgb).unwrap().rgb(), [1, 2, 3]);
    let rgba = png(&wide(&[200, 100, 50, 128]), 1, 1, ExtendedColorType::Rgba16);
    assert_eq!(decode(&rgba).unwrap().rgb(), [100, 50, 25]);
    let gray_alpha = png(&wide(&[200, 128]), 1, 1, ExtendedColorType::La16);
    assert_eq!(decode(&gray_alpha).unwrap().rgb(), [100, 100, 100]);
}

#[test]
fn palettes_are_looked_up() {
    // 2 bits a pixel: indices 0 1 2 3, the third colour half transparent.
    let palette = [10, 20, 30, 40, 50, 60, 200, 100, 50, 70, 80, 90];
    let chunks: [(&[u8; 4], &[u8]); 2] = [(b"PLTE", &palette), (b"tRNS", &[255, 255, 128])];
    let file = png_by_hand([4, 1], [2, 3, 0, 0, 0], &chunks, &[0, 0b0001_1011]);
    assert_eq!(decode(&file).unwrap().rgb(), [10, 20, 30, 40, 50, 60, 100, 50, 25, 70, 80, 90]);
}

#[test]
fn interlaced_rows_find_their_place() {
    let (width, height) = (5, 6);
    let pixels: Vec<u8> = (0..30).map(|i| i * 8).collect();
    // Adam7 (PNG specification, 8.2): first column, first row, and the steps of each pass.
    let passes = [
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ];
    let mut rows = Vec::new();
    for (x, y, across, down) in passes {
        for y in (y..height).step_by(down).filter(|_| x < width) {
            rows.push(0);
            rows.extend((x..width).step_by(across).map(|x| pixels[y * width + x]));
        }
    }
    let file = png_by_hand([5, 6], [8, 0, 0, 0, 1], &[], &rows);
    let first: Vec<u8> = decode(&file).unwrap().rgb().iter().step_by(3).copied().collect();
    assert_eq!(first, pixels);
}

/// The eight orientations of EXIF 2.32 (tag 0x0112), written as what the stored picture of
/// `A B C / D E F` looks like upright.
#[test]
fn every_exif_orientation_makes_the_picture_upright() {
    let [a, b, c, d, e, f] = [[20; 3], [60; 3], [100; 3], [140; 3], [180; 3], [220; 3]];
    let upright: [(usize, [[u8; 3]; 6]); 8] = [
        (3, [a, b, c, d, e, f]),
        (3, [c, b, a, f, e, d]),
        (3, [f, e, d, c, b, a]),
        (3, [d, e, f, a, b, c]),
        (2, [a, d, b, e, c, f]),
        (2, [d, a, e, b, f, c]),
        (2, [f, c, e, b, d, a]),
        (2, [c, f, b, e, a, d]),
    ];
    // Blocks of 8 x 8 of one colour survive JPEG.
    let tiles = [[a, b, c], [d, e, f]];
    let stored: Vec<u8> =
        (0..16).flat_map(|y| (0..24).flat_map(move |x| tiles[y / 8][x / 8])).collect();
    let jpeg = jpeg(&stored, 24, 16, ExtendedColorType::Rgb8);
    for (orientation, (columns, tiles)) in (1..).zip(upright) {
        for big_endian in [false, true] {
            let tiff = tiff_orientation(orientation, big_endian);
            let exif = [b"Exif\0\0", &tiff[..]].concat();
            let picture = decode(&with_segment(&jpeg, 0xe1, &exif)).unwrap();
            assert_eq!(picture.width(), columns * 8, "orientation {orientation}");
            let middles: Vec<u8> = (0..6)
                .flat_map(|tile| {
                    let (x, y) = (tile % columns * 8 + 4, tile / columns * 8 + 4);
                    let at = (y * picture.width() + x) * 3;
                    picture.rgb()[at..at + 3].to_vec()
                })
                .collect();
            near(&middles, tiles.as_flattened(), 4);
        }

        let flat: Vec<u8> = [a, b, c, d, e, f].as_flattened().to_vec();
        let rows = [&[0][..], &flat[..9], &[0], &flat[9..]].concat();
        let tiff = tiff_orientation(orientation, true);
        let file = png_by_hand([3, 2], [8, 2, 0, 0, 0], &[(b"eXIf", &tiff)], &rows);
        let picture = decode(&file).unwrap();
        assert_eq!(picture.rgb(), tiles.as_flattened(), "orientation {orientation}");
    }
}

#[test]
fn a_meaningless_orientation_means_upright_as_stored() {
    let plain = jpeg(&gradient(16, 8), 16, 8, ExtendedColorType::Rgb8);
    let want = decode(&plain).unwrap();
    for exif in [&tiff_orientation(9, true)[..], &tiff_orientation(0, false), b"MM", b"junk", b""] {
        let exif = [b"Exif\0\0", exif].concat();
        assert_eq!(decode(&with_segment(&plain, 0xe1, &exif)).unwrap(), want);
    }
}

#[test]
fn wide_gamut_pictures_become_srgb() {
    let p3 = ColorProfile::new_display_p3().encode().unwrap();
    let colour = [200, 100, 50];
    let pixels = colour.repeat(64);
    // The exact value is tested beside the conversion; here, that both formats use it.
    let srgb = [215, 93, 31];
    let mut png = Vec::new();
    let mut encoder = PngEncoder::new(&mut png);
    encoder.set_icc_profile(p3.clone()).unwrap();
    encoder.write_image(&pixels, 8, 8, ExtendedColorType::Rgb8).unwrap();
    near(&decode(&png).unwrap().rgb()[..3], &srgb, 1);

    let plain = jpeg(&pixels, 8, 8, ExtendedColorType::Rgb8);
    let segment = [b"ICC_PROFILE\0\x01\x01", &p3[..]].concat();
    near(&decode(&with_segment(&plain, 0xe2, &segment)).unwrap().rgb()[..3], &srgb, 4);

    let adobe = ColorProfile::new_adobe_rgb().encode().unwrap();
    let segment = [b"ICC_PROFILE\0\x01\x01", &adobe[..]].concat();
    let adobe = decode(&with_segment(&plain, 0xe2, &segment)).unwrap();
    assert!(adobe.rgb()[0] > 215, "Adobe RGB's red is redder: {:?}", &adobe.rgb()[..3]);

    let broken = [b"ICC_PROFILE\0\x01\x01", &p3[..60]].concat();
    assert_eq!(decode(&with_segment(&plain, 0xe2, &broken)), decode(&plain));
}

#[test]
fn a_jpeg_cut_short_anywhere_is_an_error() {
    let whole = jpeg(&gradient(32, 24), 32, 24, ExtendedColorType::Rgb8);
    let progressive = progressive();
    for file in [&whole, &progressive] {
        for length in 0..file.len() {
            let error = decode(&file[..length]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Frame, "{length} bytes");
        }
    }
    refused(&whole[..whole.len() - 1], "cut short");
    // What cameras append is no part of the picture.
    let picture = decode(&whole).unwrap();
    for appended in [&[0; 9][..], &whole, &whole[..50], &[0xff]] {
        assert_eq!(decode(&[&whole, appended].concat()).unwrap(), picture);
    }
}

#[test]
fn a_png_cut_short_is_an_error() {
    let whole = png(&gradient(32, 24), 32, 24, ExtendedColorType::Rgb8);
    // The 12 bytes of the closing chunk hold nothing of the picture; nor does the CRC before it.
    for length in 0..whole.len() - 16 {
        assert!(decode(&whole[..length]).is_err(), "{length} bytes");
    }
    refused(&whole[..20], "cut short");
}

#[test]
fn files_that_are_no_pictures_are_told_so() {
    refused(b"", "empty");
    refused(b"hello, world", "JPEG or PNG");
    refused(b"GIF89a......", "GIF");
    refused(b"RIFF\0\0\0\0WEBPVP8 ", "WebP");
    refused(b"\0\0\0\x18ftypheic", "HEIC");
    refused(&[0xff, 0xd8, 0xff, 0xd9], "no picture");
    refused(b"\x89PNG\r\n\x1a\n", "cut short");
}

#[test]
fn sizes_are_refused_by_the_header_alone() {
    let png = |width, height| png_by_hand([width, height], [8, 2, 0, 0, 0], &[], &[]);
    refused(&png(50_000, 50_000), "50000 x 50000");
    refused(&png(16_384, 16_384), "at most 16384 a side and 134217728 in all");
    refused(&png(16_385, 1), "16385 x 1");
    refused(&png(0, 5), "0 x 5");
    refused(&png(5, 0), "5 x 0");
    // 2^27 pixels of 8 bytes, and their conversion, pass a gibibyte.
    refused(&png_by_hand([16_384, 8_192], [16, 6, 0, 0, 0], &[], &[]), "1408 MiB");

    let sized = |width: u16, height: u16| {
        let mut file = progressive();
        let frame = file.windows(2).position(|bytes| bytes == [0xff, 0xc2]).unwrap();
        file[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
        file[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
        file
    };
    refused(&sized(50_000, 50_000), "50000 x 50000");
    refused(&sized(0, 16), "0 x 16");
    refused(&sized(16, 0), "DNL");
    // 4:2:0 coefficients of 3 bytes a pixel beside 3 bytes of result fit; without room they do not.
    assert_eq!(decode(&sized(16, 16)).unwrap().width(), 16);
    let room = Room { file: 1 << 20, decoder: 3 << 27 };
    assert!(room.check(3 << 27, Some(3 << 27)).is_ok());
    assert!(room.check(3 << 28, None).is_err());
}

#[test]
fn damaged_files_are_errors() {
    let mut png = png(&gradient(9, 9), 9, 9, ExtendedColorType::Rgb8);
    let idat = png.windows(4).position(|name| name == b"IDAT").unwrap();
    png[idat + 12] ^= 0xff;
    refused(&png, "damaged");
    let jpeg = jpeg(&gradient(16, 16), 16, 16, ExtendedColorType::Rgb8);
    let frame = jpeg.windows(2).position(|bytes| bytes == [0xff, 0xc0]).unwrap();
    let mut twelve_bits = jpeg.clone();
    twelve_bits[frame + 4] = 12;
    refused(&twelve_bits, "12 bits");
    let mut arithmetic = jpeg.clone();
    arithmetic[frame + 1] = 0xc9;
    refused(&arithmetic, "arithmetically coded");
}

#[test]
fn a_progressive_jpeg_is_read() {
    let picture = decode(&progressive()).unwrap();
    let want: Vec<u8> =
        (0..16).flat_map(|y| (0..16).flat_map(move |x| [x * 16, y * 16, 128])).collect();
    near(picture.rgb(), &want, 60);
}

#[test]
fn a_cmyk_jpeg_is_refused_by_name() {
    refused(&bytes_of(CMYK), "CMYK");
}

/// A baseline JPEG of 16 x 16 pixels, one scan a component, without Huffman tables: each component
/// is 128 + `dc` all over, has these sampling factors, and so many blocks.
fn flat(factors: [u8; 3], names: [u8; 3], dc: [i8; 3], blocks: [usize; 3], head: &[u8]) -> Vec<u8> {
    let mut file = [&[0xff, 0xd8][..], head, &[0xff, 0xdb, 0, 67, 0], &[8; 64]].concat();
    file.extend([0xff, 0xc0, 0, 17, 8, 0, 16, 0, 16, 3]);
    names.iter().zip(factors).for_each(|(name, hv)| file.extend([*name, hv, 0]));
    // No Huffman tables: K.3 and K.5. A difference of category 6 is 1110 and six bits; end of
    // block is 1010; no difference is 00.
    for ((name, dc), blocks) in names.iter().zip(dc).zip(blocks) {
        file.extend([0xff, 0xda, 0, 8, 1, *name, 0, 0, 63, 0]);
        let value = if dc < 0 { dc + 63 } else { dc };
        let mut bits = format!("1110{value:06b}1010");
        bits += &"001010".repeat(blocks - 1);
        bits += &"1".repeat(bits.len().next_multiple_of(8) - bits.len());
        for byte in bits.as_bytes().chunks(8) {
            let byte = byte.iter().fold(0, |byte, bit| byte << 1 | (bit - b'0'));
            file.push(byte);
            if byte == 0xff {
                file.push(0);
            }
        }
    }
    file.extend([0xff, 0xd9]);
    file
}

const JFIF: &[u8] = b"\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0";
const ADOBE_RGB: &[u8] = b"\xff\xee\x00\x0eAdobe\0\x64\0\0\0\0\0";

/// Scans apart, luma or colours finer, and no Huffman tables. Differences of 8 x 40 / 8 levels
/// from 128: luma 168, Cb 88, Cr 168, which T.871 makes (224, 153, 97).
#[test]
fn scans_apart_with_any_sampling_keep_their_colours() {
    for (factors, blocks) in [
        ([0x22, 0x11, 0x11], [4, 1, 1]),
        ([0x12, 0x11, 0x11], [4, 2, 2]),
        ([0x11, 0x22, 0x22], [1, 4, 4]),
        ([0x11, 0x12, 0x11], [2, 4, 2]),
        ([0x11, 0x11, 0x11], [4, 4, 4]),
    ] {
        let file = flat(factors, [1, 2, 3], [40, -40, 40], blocks, JFIF);
        let picture = decode(&file).unwrap();
        near(picture.rgb(), &[224, 153, 97].repeat(256), 1);
    }
}

#[test]
fn jfif_wins_over_adobe_and_adobe_over_names() {
    let colour = |names, head: &[u8]| {
        let file = flat([0x11; 3], names, [40, -40, 40], [4; 3], head);
        decode(&file).unwrap().rgb()[..3].to_vec()
    };
    let (converted, as_stored) = ([224, 153, 97], [168, 88, 168]);
    for both in [[JFIF, ADOBE_RGB].concat(), [ADOBE_RGB, JFIF].concat()] {
        near(&colour([1, 2, 3], &both), &converted, 1);
        near(&colour(*b"RGB", &both), &converted, 1);
    }
    near(&colour([1, 2, 3], ADOBE_RGB), &as_stored, 1);
    near(&colour(*b"RGB", &[]), &as_stored, 1);
    near(&colour([1, 2, 3], &[]), &converted, 1);
    near(&colour([0, 1, 2], &[]), &converted, 1);
}

#[test]
fn an_orientation_of_any_integer_type_counts() {
    let plain = jpeg(&gradient(16, 8), 16, 8, ExtendedColorType::Rgb8);
    for big_endian in [false, true] {
        for kind in [1, 3, 4, 6, 8, 9, 2, 5, 11] {
            let mut tiff = tiff_orientation(6, big_endian);
            tiff[if big_endian { 13 } else { 12 }] = kind;
            let value: [u8; 4] = match (kind, big_endian) {
                (4 | 9, true) => [0, 0, 0, 6],
                (3 | 8, true) => [0, 6, 0, 0],
                _ => [6, 0, 0, 0],
            };
            tiff[18..22].copy_from_slice(&value);
            let exif = [b"Exif\0\0", &tiff[..]].concat();
            let turned = decode(&with_segment(&plain, 0xe1, &exif)).unwrap().width() == 8;
            assert_eq!(turned, ![2, 5, 11].contains(&kind), "type {kind}");
        }
    }
}

#[test]
fn a_png_rewritten_by_xcode_is_refused_by_name() {
    let plain = png(&gradient(3, 3), 3, 3, ExtendedColorType::Rgb8);
    let crushed =
        [&plain[..8], b"\0\0\0\x04CgBI\x50\0\x20\x06\x2b\xd5\xb3\x71", &plain[8..]].concat();
    refused(&crushed, "CgBI");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    /// A file with bytes changed decodes or is refused; nothing else happens.
    #[test]
    fn changed_bytes_never_panic(
        which in 0usize..5,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut: prop::sample::Index, keep in 0u8..4,
    ) {
        let p3 = ColorProfile::new_display_p3().encode().unwrap();
        let mut file = match which {
            0 => jpeg(&gradient(24, 20), 24, 20, ExtendedColorType::Rgb8),
            1 => progressive(),
            2 => bytes_of(CMYK),
            3 => png(&gradient(12, 9), 12, 9, ExtendedColorType::Rgb8),
            _ => {
                let plain = jpeg(&gradient(8, 8)[..64], 8, 8, ExtendedColorType::L8);
                let exif = [b"Exif\0\0", &tiff_orientation(6, true)[..]].concat();
                let icc = [b"ICC_PROFILE\0\x01\x01", &p3[..]].concat();
                with_segment(&with_segment(&plain, 0xe2, &icc), 0xe1, &exif)
            }
        };
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        if keep == 0 {
            file.truncate(cut.index(file.len()));
        }
        // Large claims are refused elsewhere; here they would only cost time.
        if let Err(error) = decode_within(&file, 1 << 22) {
            prop_assert!(!error.message().contains("foresee"), "the decoder panicked");
            prop_assert!(!error.message().contains('\n'));
        }
    }
}

/// Decodes unless the first size in the file claims more pixels than this.
fn decode_within(file: &[u8], pixels: u64) -> Result<()> {
    if file.starts_with(&[0xff, 0xd8]) {
        let outline = jpeg_outline::JpegOutline::read(file)?;
        if u64::from(outline.width) * u64::from(outline.height) > pixels {
            return Ok(());
        }
    }
    decode(file).map(|_| ())
}

fn progressive() -> Vec<u8> {
    bytes_of(PROGRESSIVE)
}

fn bytes_of(hex: &str) -> Vec<u8> {
    let digit = |digit: u8| char::from(digit).to_digit(16).unwrap() as u8;
    hex.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

// Made by Pillow (libjpeg-turbo) from 16 x 16 pixels (16 x, 16 y, 128) at quality 40, 4:2:0.
const PROGRESSIVE: &str = concat!(
    "ffd8ffe000104a46494600010100000100010000ffdb004300140e0f120f0d14121012171514181e32211e1c",
    "1c1e3d2c2e243249404c4b47404645505a736250556d5645466488656d777b8182814e608d978c7d96737e81",
    "7cffdb0043011517171e1a1e3b21213b7c5346537c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c",
    "7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7cffc200110800100010030122000211010311",
    "01ffc4001500010100000000000000000000000000000403ffc4001501010100000000000000000000000000",
    "000001ffda000c03010002100310000001122e8affc400161000030000000000000000000000000000000102",
    "ffda00080101000105025229148a4fffc4001511010100000000000000000000000000000300ffda00080103",
    "01013f0115bfffc400161100030000000000000000000000000000000203ffda0008010201013f016a1fffc4",
    "0014100100000000000000000000000000000020ffda0008010100063f021fffc40014100100000000000000",
    "000000000000000020ffda0008010100013f211fff00ffda000c0301000200030000001023ffc40015110101",
    "00000000000000000000000000000031ffda0008010301013f109bffc4001411010000000000000000000000",
    "0000000000ffda0008010201013f101fffc4001510010100000000000000000000000000000061ffda000801",
    "0100013f108a28a2ffd9",
);

// Made by Pillow (libjpeg-turbo) from 8 x 8 pixels of (0, 255, 255, 0), quality 90, as Adobe writes them: inverted.
const CMYK: &str = concat!(
    "ffd8ffee000e41646f626500640000000000ffdb004300030202030202030303030403030405080505040405",
    "0a070706080c0a0c0c0b0a0b0b0d0e12100d0e110e0b0b1016101113141515150c0f171816141812141514ff",
    "c000140800080008044311004d11005911004b1100ffc4001f00000105010101010101000000000000000001",
    "02030405060708090a0bffc400b5100002010303020403050504040000017d01020300041105122131410613",
    "516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a",
    "434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495",
    "969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3",
    "e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9faffda000e0443004d0059004b00003f00fd53afcaaafcaaafd53aff",
    "d9",
);
