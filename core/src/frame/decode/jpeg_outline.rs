//! What the markers of a JPEG file say, read without decoding it: its size, how much its decoder
//! will hold, and whether the file reaches its end.
//!
//! The decoder fills what is missing from a file that was cut short with gray and calls it a
//! picture; a gray half of a face would go to a network unnoticed. Source: ITU-T T.81, annex B.

use super::refusal;
use crate::error::Result;

/// The outline of one whole JPEG file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct JpegOutline {
    pub(super) width: u32,
    pub(super) height: u32,
    /// Per component, how many blocks a minimal coded unit has across and down.
    sampling: Vec<(u64, u64)>,
    /// Whether the decoder must see the whole file before it has its first row.
    in_scans: bool,
    /// Whether bytes stand where no byte should: decoders differ in what they make of those.
    irregular: bool,
}

impl JpegOutline {
    /// Walks from marker to marker up to the end-of-image marker; what follows that is ignored,
    /// as cameras append previews and films there.
    ///
    /// # Errors
    /// The file ends first, has no frame header, or no scan.
    pub(super) fn read(bytes: &[u8]) -> Result<Self> {
        let mut frame: Option<Self> = None;
        let mut irregular = false;
        let mut scanned = false;
        let mut rest = bytes;
        loop {
            let (marker, skipped, after) = next_marker(rest).ok_or_else(cut_short)?;
            irregular |= skipped;
            rest = after;
            match marker {
                END_OF_IMAGE => break,
                START_OF_IMAGE => irregular |= rest.len() + 2 != bytes.len(),
                // Restart and other markers without a segment have no place here.
                0x01 | 0xd0..=0xd7 => irregular = true,
                _ => {
                    let segment = take_segment(&mut rest)?;
                    match marker {
                        0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                            if marker > 0xc2 {
                                return Err(refusal(
                                    "the JPEG cannot be read: it is lossless, hierarchical or arithmetically coded, and only baseline and progressive Huffman coding are",
                                ));
                            }
                            irregular |= frame.is_some();
                            frame = frame.or(Self::of_frame_header(marker, segment));
                        }
                        START_OF_SCAN => {
                            if let (Some(frame), false) = (&mut frame, scanned) {
                                let components = segment.first().copied().unwrap_or(0);
                                frame.in_scans |= usize::from(components) < frame.sampling.len();
                            }
                            scanned = true;
                            rest = skip_scan(rest);
                        }
                        _ => {}
                    }
                }
            }
        }
        match frame {
            Some(frame) if scanned => Ok(Self { irregular, ..frame }),
            _ => Err(refusal("the JPEG is damaged: it has no picture in it")),
        }
    }

    /// Bytes of the coefficients that the decoder holds at once: two for each, and all of them
    /// where the file brings them in several scans.
    pub(super) fn coefficient_bytes(&self) -> u64 {
        let (across, down) = (u64::from(self.width), u64::from(self.height));
        if self.irregular {
            // As many components as the decoder takes, none of them subsampled, padded.
            return 2 * 4 * (across + 32) * (down + 32);
        }
        if !self.in_scans {
            return 0;
        }
        let most = |side: fn(&(u64, u64)) -> u64| self.sampling.iter().map(side).max().unwrap_or(1);
        let (widest, tallest) = (most(|sampling| sampling.0), most(|sampling| sampling.1));
        let units = across.div_ceil(8 * widest) * down.div_ceil(8 * tallest);
        self.sampling.iter().map(|(h, v)| 2 * 64 * units * h * v).sum()
    }

    fn of_frame_header(marker: u8, segment: &[u8]) -> Option<Self> {
        let &[_, h1, h0, w1, w0, _, ref components @ ..] = segment else { return None };
        let sampling = components.as_chunks::<3>().0.iter();
        let sampling = sampling.map(|&[_, hv, _]| (u64::from(hv >> 4), u64::from(hv & 15)));
        Some(Self {
            width: u32::from(u16::from_be_bytes([w1, w0])),
            height: u32::from(u16::from_be_bytes([h1, h0])),
            // A factor of zero is an error that the decoder reports; here it must not divide.
            sampling: sampling.map(|(h, v)| (h.max(1), v.max(1))).collect(),
            in_scans: marker == PROGRESSIVE,
            irregular: false,
        })
    }
}

const PROGRESSIVE: u8 = 0xc2;
const START_OF_IMAGE: u8 = 0xd8;
const END_OF_IMAGE: u8 = 0xd9;
const START_OF_SCAN: u8 = 0xda;

/// The next marker's code, whether other bytes than fill stood before it, and what follows it.
fn next_marker(bytes: &[u8]) -> Option<(u8, bool, &[u8])> {
    let mut from = 0;
    loop {
        from += bytes.get(from..)?.iter().position(|byte| *byte == 0xff)?;
        let code = from + bytes[from..].iter().position(|byte| *byte != 0xff)?;
        // A stuffed zero is data, and data has no place between segments.
        if bytes[code] != 0 {
            let fill_only = bytes[..code].iter().all(|byte| *byte == 0xff);
            return Some((bytes[code], !fill_only, &bytes[code + 1..]));
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
        components.iter().for_each(|hv| file.extend([1, *hv, 0]));
        file.extend([0xff, 0xff, 0xda, 0, 3, scan_components]);
        file.extend(data);
        file
    }

    const DATA: &[u8] = &[1, 0xff, 0, 2, 0xff, 0xd3, 3, 0xff, 0xff, 0xd9, 0xff, 0xd8, 9];

    #[test]
    fn sizes_and_coefficients_are_those_of_the_standard() {
        let baseline = JpegOutline::read(&file(0xc0, &[0x22, 0x11, 0x11], 3, DATA)).unwrap();
        assert_eq!((baseline.width, baseline.height), (100, 70));
        assert_eq!(baseline.coefficient_bytes(), 0);
        // 4:2:0: 7 x 5 units of 4 + 1 + 1 blocks of 64 two-byte coefficients.
        let progressive = JpegOutline::read(&file(0xc2, &[0x22, 0x11, 0x11], 3, DATA)).unwrap();
        assert_eq!(progressive.coefficient_bytes(), 7 * 5 * 6 * 128);
        let by_component = JpegOutline::read(&file(0xc0, &[0x11, 0x11, 0x11], 1, DATA)).unwrap();
        assert_eq!(by_component.coefficient_bytes(), 13 * 9 * 3 * 128);
        let zero_factors = JpegOutline::read(&file(0xc2, &[0x00], 1, DATA)).unwrap();
        assert_eq!(zero_factors.coefficient_bytes(), 13 * 9 * 128);
    }

    #[test]
    fn irregular_files_are_charged_the_most_a_decoder_could_hold() {
        let regular = file(0xc0, &[0x11], 1, DATA);
        for junk in [&[7, 7][..], &[0xff, 0x00], &[0xff, 0xd0], &[0xff, 0xd8]] {
            let file = [&regular[..2], junk, &regular[2..]].concat();
            let outline = JpegOutline::read(&file).unwrap();
            assert!(outline.irregular, "{junk:?}");
            assert_eq!(outline.coefficient_bytes(), 8 * 132 * 102);
        }
    }

    #[test]
    fn every_prefix_of_a_file_is_cut_short() {
        let whole = file(0xc0, &[0x22, 0x11, 0x11], 3, DATA);
        let end = whole.len() - 3;
        assert!(JpegOutline::read(&whole[..end]).is_ok());
        for length in 0..end {
            let error = JpegOutline::read(&whole[..length]).unwrap_err();
            assert!(error.message().contains("cut short"), "{length}: {error}");
        }
    }

    #[test]
    fn files_without_a_picture_are_refused() {
        for bytes in [
            &[0xff, 0xd8, 0xff, 0xd9][..],
            &[0xff, 0xd8, 0xff, 0xfe, 0, 1, 0xff, 0xd9],
            &[0xff, 0xd8, 0xff, 0xc0, 0, 4, 8, 0, 0xff, 0xd9],
        ] {
            let error = JpegOutline::read(bytes).unwrap_err();
            assert!(error.message().contains("damaged"), "{error}");
        }
    }
}
