//! What the markers of a JPEG file say, read without decoding it: its size, its colours, how much
//! its decoder will hold, and whether the file reaches its end.
//!
//! The decoder fills what is missing from a file that was cut short with gray and calls it a
//! picture; a gray half of a face would go to a network unnoticed. It also is given only what
//! concerns it: the tables, the frame and the scans, without what applications and cameras put
//! between them. Source: ITU-T T.81, annex B.

use super::{check_size, refusal};
use crate::error::Result;

/// The outline of one whole JPEG file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct JpegOutline<'a> {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) colours: Colours,
    /// The first EXIF data, from its TIFF header on.
    pub(super) exif: Option<&'a [u8]>,
    /// What the decoder is to read.
    pub(super) stream: Vec<u8>,
    /// The pieces of the ICC profile: each one's number, from 1, how many there are, and its bytes.
    profile: Vec<(u8, u8, &'a [u8])>,
    /// Samples of all components together, whole coded units.
    samples: u64,
    progressive: bool,
}

/// What a picture's components mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colours {
    Gray,
    Rgb,
    YCbCr,
}

impl<'a> JpegOutline<'a> {
    /// Walks from marker to marker up to the end-of-image marker; what follows that is ignored,
    /// as cameras append previews and films there.
    ///
    /// # Errors
    /// The file ends first, has no frame header or no scan, or is of a kind that cannot be read.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self> {
        let mut walk = Walk::default();
        let mut stream = START.to_vec();
        stream.reserve(bytes.len());
        let mut rest = bytes.get(2..).unwrap_or_default();
        loop {
            let (marker, after) = next_marker(rest).ok_or_else(cut_short)?;
            rest = after;
            match marker {
                END_OF_IMAGE => break,
                START_OF_IMAGE => {
                    return Err(refusal("the JPEG is damaged: it begins again before its end"));
                }
                // Restart and other markers without a segment mean nothing here.
                0x01 | 0xd0..=0xd7 => continue,
                _ => {}
            }
            let before = rest;
            let segment = take_segment(&mut rest)?;
            if marker == START_OF_SCAN {
                walk.scan(segment)?;
                rest = skip_scan(rest);
            }
            if let Some(marker) = walk.segment(marker, segment)? {
                stream.extend([0xff, marker]);
                stream.extend(&before[..before.len() - rest.len()]);
            }
        }
        stream.extend([0xff, END_OF_IMAGE]);
        match walk.frame {
            Some(frame) if walk.scanned => Ok(Self {
                width: frame.width,
                height: frame.height,
                colours: frame.colours(walk.jfif, walk.adobe),
                exif: walk.exif,
                stream,
                profile: walk.profile,
                samples: frame.samples(),
                progressive: frame.progressive,
            }),
            _ => Err(refusal("the JPEG is damaged: it has no picture in it")),
        }
    }

    /// Bytes that the decoder may hold at once besides the picture: what it reads, one byte a
    /// sample, two for the coefficient on its way to that, and two more where the file brings it
    /// in several scans.
    pub(super) fn decoder_bytes(&self) -> u64 {
        self.stream.len() as u64 + self.samples * if self.progressive { 5 } else { 3 }
    }

    /// The ICC profile, where all its pieces are there.
    pub(super) fn colour_profile(&self) -> Option<Vec<u8>> {
        let mut pieces = self.profile.clone();
        pieces.sort_by_key(|piece| piece.0);
        let count = u8::try_from(pieces.len()).ok()?;
        let whole =
            (1..=count).zip(&pieces).all(|(number, piece)| piece.0 == number && piece.1 == count);
        (whole && count > 0).then(|| pieces.iter().flat_map(|piece| piece.2).copied().collect())
    }
}

/// What was met on the way so far.
#[derive(Default)]
struct Walk<'a> {
    frame: Option<FrameHeader>,
    scanned: bool,
    jfif: bool,
    /// The transform that an Adobe marker states.
    adobe: Option<u8>,
    exif: Option<&'a [u8]>,
    profile: Vec<(u8, u8, &'a [u8])>,
}

impl<'a> Walk<'a> {
    /// Takes note of a segment; gives the marker under which the decoder is to see it, if at all.
    fn segment(&mut self, marker: u8, segment: &'a [u8]) -> Result<Option<u8>> {
        match marker {
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                if self.frame.is_some() {
                    return Err(refusal("the JPEG is damaged: it has more than one frame header"));
                }
                let frame = FrameHeader::read(marker, segment)?;
                // The extended process reads all that the baseline one does, and the files that
                // claim baseline and use more tables.
                let marker = if frame.progressive { PROGRESSIVE } else { EXTENDED };
                self.frame = Some(frame);
                return Ok(Some(marker));
            }
            0xde | 0xdf => return Err(cannot("it is hierarchical")),
            0xf7 => return Err(cannot("it is a JPEG-LS")),
            QUANTISATION
                if self.scanned && self.frame.as_ref().is_some_and(|frame| frame.progressive) =>
            {
                return Err(cannot("it changes its quantisation between progressive scans"));
            }
            // What comes later is too late for every decoder.
            0xe0..=0xef if !self.scanned => self.application(marker, segment),
            _ => {}
        }
        Ok(matches!(marker, 0xc4 | START_OF_SCAN | QUANTISATION | 0xdd).then_some(marker))
    }

    fn application(&mut self, marker: u8, segment: &'a [u8]) {
        match (marker, segment) {
            (0xe0, [b'J', b'F', b'I', b'F', 0, ..]) if segment.len() >= 14 => self.jfif = true,
            (0xe1, [b'E', b'x', b'i', b'f', 0, 0, tiff @ ..]) => {
                self.exif.get_or_insert(tiff);
            }
            (0xe2, _) => {
                if let Some([number, count, piece @ ..]) = segment.strip_prefix(b"ICC_PROFILE\0") {
                    self.profile.push((*number, *count, piece));
                }
            }
            (0xee, [b'A', b'd', b'o', b'b', b'e', _, _, _, _, _, _, transform, ..]) => {
                self.adobe = Some(*transform);
            }
            _ => {}
        }
    }

    fn scan(&mut self, segment: &[u8]) -> Result<()> {
        self.scanned = true;
        let (Some(frame), &[1, name, ..]) = (&self.frame, segment) else { return Ok(()) };
        if frame.components.iter().any(|one| one.name == name && !frame.reads_alone(one)) {
            return Err(cannot(
                "a scan holds one component whose sampling is neither the picture's finest nor its coarsest",
            ));
        }
        Ok(())
    }
}

/// A frame header that can be read.
struct FrameHeader {
    width: u32,
    height: u32,
    components: Vec<Component>,
    progressive: bool,
}

struct Component {
    name: u8,
    /// Blocks that a minimal coded unit has across and down.
    across: u32,
    down: u32,
}

impl FrameHeader {
    fn read(marker: u8, segment: &[u8]) -> Result<Self> {
        match marker {
            0xc0..=PROGRESSIVE => {}
            0xc3 => return Err(cannot("it is lossless")),
            0xc5..=0xc7 | 0xcd..=0xcf => return Err(cannot("it is hierarchical")),
            _ => return Err(cannot("it is arithmetically coded")),
        }
        let damaged = || refusal("the JPEG is damaged: its frame header is");
        let &[bits, h1, h0, w1, w0, count, ref components @ ..] = segment else {
            return Err(damaged());
        };
        if bits != 8 {
            return Err(cannot(&format!("it has {bits} bits a sample, and 8 can be read")));
        }
        let (width, height) = (u16::from_be_bytes([w1, w0]), u16::from_be_bytes([h1, h0]));
        if height == 0 {
            return Err(cannot("it tells its height after its first scan (DNL)"));
        }
        check_size(width.into(), height.into())?;
        match count {
            1 | 3 => {}
            4 => {
                return Err(cannot(
                    "it stores four inks (CMYK), whose colours depend on a printer; convert it to sRGB",
                ));
            }
            _ => return Err(cannot(&format!("it has {count} components; 1 or 3 can be read"))),
        }
        let components: Vec<_> = components
            .as_chunks::<3>()
            .0
            .iter()
            .map(|&[name, factors, _]| Component {
                name,
                across: u32::from(factors >> 4),
                down: u32::from(factors & 15),
            })
            .collect();
        let good = |factor| (1..=4).contains(&factor);
        if components.len() != usize::from(count)
            || components.iter().any(|one| !good(one.across) || !good(one.down))
        {
            return Err(damaged());
        }
        let header = Self {
            width: width.into(),
            height: height.into(),
            components,
            progressive: marker == PROGRESSIVE,
        };
        header.check_sampling()?;
        Ok(header)
    }

    /// Refuses what decoders make different pictures of.
    fn check_sampling(&self) -> Result<()> {
        let (most_across, most_down) = self.most();
        for one in &self.components {
            if !most_across.is_multiple_of(one.across) || !most_down.is_multiple_of(one.down) {
                return Err(cannot(&format!(
                    "its components have {} and {most_across} samples across, {} and {most_down} down, and only whole multiples can be read",
                    one.across, one.down
                )));
            }
            let halved = 2 * one.across == most_across;
            if halved && (self.width > 2 || one.down != most_down) && self.width <= 4 {
                return Err(cannot(
                    "its colours are subsampled and it is less than 5 pixels wide, for which there is no one rule",
                ));
            }
        }
        Ok(())
    }

    /// The largest sampling factors, across and down.
    fn most(&self) -> (u32, u32) {
        let most = |side: fn(&Component) -> u32| self.components.iter().map(side).max();
        (most(|one| one.across).unwrap_or(1), most(|one| one.down).unwrap_or(1))
    }

    /// Whether the decoder counts the blocks of a scan of this component alone as the standard does
    /// (A.2.2): it goes by the picture's own blocks and by whole coded units.
    fn reads_alone(&self, one: &Component) -> bool {
        let (most_across, most_down) = self.most();
        let side = |length: u32, factor: u32, most: u32| {
            let by_standard = (length * factor).div_ceil(most).div_ceil(8);
            let by_decoder = (length.div_ceil(8 * most) * factor).min(length.div_ceil(8));
            by_standard == by_decoder
        };
        side(self.width, one.across, most_across) && side(self.height, one.down, most_down)
    }

    fn samples(&self) -> u64 {
        let (most_across, most_down) = self.most();
        let units = self.width.div_ceil(8 * most_across) * self.height.div_ceil(8 * most_down);
        let blocks: u32 = self.components.iter().map(|one| one.across * one.down).sum();
        64 * u64::from(units) * u64::from(blocks)
    }

    /// JFIF allows gray and YCbCr alone; Adobe's marker (TN 5116) says which; else the names do.
    fn colours(&self, jfif: bool, adobe: Option<u8>) -> Colours {
        let names: Vec<u8> = self.components.iter().map(|one| one.name).collect();
        match (names.len(), jfif, adobe) {
            (1, ..) => Colours::Gray,
            (_, true, _) => Colours::YCbCr,
            (_, _, Some(0)) => Colours::Rgb,
            (_, _, Some(_)) => Colours::YCbCr,
            _ if names == *b"RGB" => Colours::Rgb,
            _ => Colours::YCbCr,
        }
    }
}

/// A start-of-image marker, and one by which the decoder takes the tables of the standard's annex K
/// for those that a file leaves out.
const START: &[u8] = b"\xff\xd8\xff\xe0\x00\x07AVI1\0";
const EXTENDED: u8 = 0xc1;
const PROGRESSIVE: u8 = 0xc2;
const START_OF_IMAGE: u8 = 0xd8;
const END_OF_IMAGE: u8 = 0xd9;
const START_OF_SCAN: u8 = 0xda;
const QUANTISATION: u8 = 0xdb;

/// The next marker's code and what follows it. Fill, and bytes with no place there, are passed over.
fn next_marker(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let mut from = 0;
    loop {
        from += bytes.get(from..)?.iter().position(|byte| *byte == 0xff)?;
        let code = from + bytes[from..].iter().position(|byte| *byte != 0xff)?;
        // A stuffed zero is data, and data has no place between segments.
        if bytes[code] != 0 {
            return Some((bytes[code], &bytes[code + 1..]));
        }
        from = code + 1;
    }
}

/// The contents of the segment at the front of `rest`, which then goes on behind it.
fn take_segment<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8]> {
    let &[l1, l0, ..] = *rest else { return Err(cut_short()) };
    let length = usize::from(u16::from_be_bytes([l1, l0]));
    if length < 2 {
        return Err(refusal("the JPEG is damaged: a segment is shorter than its own length field"));
    }
    let (segment, after) = rest.split_at_checked(length).ok_or_else(cut_short)?;
    *rest = after;
    Ok(&segment[2..])
}

/// What follows a scan's entropy-coded data: the first marker that may not stand inside it.
fn skip_scan(bytes: &[u8]) -> &[u8] {
    let mut from = 0;
    while let Some(found) = bytes[from..].iter().position(|byte| *byte == 0xff) {
        from += found;
        match bytes.get(from + 1) {
            Some(0x00 | 0xd0..=0xd7) => from += 2,
            Some(0xff) => from += 1,
            Some(_) => return &bytes[from..],
            None => break,
        }
    }
    &[]
}

/// A refusal of a whole file that is of another kind.
fn cannot(why: &str) -> crate::Error {
    refusal(format!("the JPEG cannot be read: {why}"))
}

fn cut_short() -> crate::Error {
    refusal("the JPEG is cut short: it has no end-of-image marker; the whole file is needed")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of markers alone: a frame header, one scan header, some data.
    fn file(frame_marker: u8, components: &[u8], scan_components: u8, data: &[u8]) -> Vec<u8> {
        let mut file = vec![0xff, 0xd8, 0xff, 0xfe, 0, 6, 0xff, 0xd9, 1, 2];
        file.extend([0xff, frame_marker, 0, 8 + 3 * components.len() as u8, 8, 0, 70, 0, 100]);
        file.push(components.len() as u8);
        (1..).zip(components).for_each(|(name, hv)| file.extend([name, *hv, 0]));
        file.extend([0xff, 0xff, 0xda, 0, 4, scan_components, 2]);
        file.extend(data);
        file
    }

    const DATA: &[u8] = &[1, 0xff, 0, 2, 0xff, 0xd3, 3, 0xff, 0xff, 0xd9, 0xff, 0xd8, 9];

    #[track_caller]
    fn refused(file: &[u8], part: &str) {
        let error = JpegOutline::read(file).unwrap_err();
        assert!(error.message().contains(part), "{error} lacks {part}");
    }

    #[test]
    fn sizes_and_samples_are_those_of_the_standard() {
        let baseline = file(0xc0, &[0x22, 0x11, 0x11], 3, DATA);
        let outline = JpegOutline::read(&baseline).unwrap();
        assert_eq!((outline.width, outline.height), (100, 70));
        // 4:2:0: 7 x 5 units of 4 + 1 + 1 blocks of 64 samples.
        let stream = outline.stream.len() as u64;
        assert_eq!(outline.decoder_bytes(), stream + 3 * 7 * 5 * 6 * 64);
        let progressive = file(0xc2, &[0x11, 0x11, 0x11], 1, DATA);
        let outline = JpegOutline::read(&progressive).unwrap();
        assert_eq!(outline.decoder_bytes(), outline.stream.len() as u64 + 5 * 13 * 9 * 3 * 64);
    }

    #[test]
    fn the_decoder_sees_neither_comments_nor_junk() {
        let regular = file(0xc0, &[0x11], 1, DATA);
        let want = JpegOutline::read(&regular).unwrap();
        for junk in [&[7, 7][..], &[0xff, 0x00], &[0xff, 0xd0], &[0xff, 0xe5, 0, 3, 9]] {
            let file = [&regular[..2], junk, &regular[2..]].concat();
            assert_eq!(JpegOutline::read(&file).unwrap(), want, "{junk:?}");
        }
        refused(&[&regular[..2], &regular].concat(), "begins again");
    }

    #[test]
    fn every_prefix_of_a_file_is_cut_short() {
        let whole = file(0xc0, &[0x22, 0x11, 0x11], 3, DATA);
        let end = whole.len() - 3;
        assert!(JpegOutline::read(&whole[..end]).is_ok());
        for length in 0..end {
            refused(&whole[..length], "cut short");
        }
    }

    #[test]
    fn files_without_a_picture_are_damaged() {
        refused(&[0xff, 0xd8, 0xff, 0xd9], "damaged");
        refused(&[0xff, 0xd8, 0xff, 0xfe, 0, 1, 0xff, 0xd9], "damaged");
        refused(&[0xff, 0xd8, 0xff, 0xc0, 0, 4, 8, 0, 0xff, 0xd9], "damaged");
        refused(&file(0xc0, &[0x11, 0x51, 0x11], 3, DATA), "damaged");
    }

    #[test]
    fn other_kinds_are_named_and_not_called_damaged() {
        for (marker, components, part) in [
            (0xc3, &[0x11][..], "lossless"),
            (0xc5, &[0x11], "hierarchical"),
            (0xc9, &[0x11], "arithmetically"),
            (0xf7, &[0x11], "JPEG-LS"),
            (0xc0, &[0x11, 0x11], "2 components"),
            (0xc0, &[0x11, 0x11, 0x11, 0x11], "CMYK"),
            (0xc0, &[0x32, 0x21, 0x11], "whole multiples"),
        ] {
            let file = file(marker, components, 1, DATA);
            refused(&file, part);
            refused(&file, "cannot be read");
        }
        // A scan of the second component alone: 7 blocks by the standard, 8 by the decoder.
        refused(&file(0xc0, &[0x41, 0x21, 0x11], 1, DATA), "neither");
    }
}
