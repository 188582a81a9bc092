//! The outline of a packed front: a header, three parts, and a digest over all of it.
//!
//! | bytes | what |
//! |---|---|
//! | 24 | `frostglass-front/1`, a line feed, five zeros |
//! | 8, 8, 8 | lengths of card, steps and weights, little-endian |
//! | 32 | the model hash: SHA-256 of `front.onnx` |
//! | | the card, as it was written |
//! | | the steps, then zeros up to a multiple of 64 |
//! | | the weights |
//! | 32 | SHA-256 of everything before it |

use std::ops::Range;

use super::refusal;
use crate::error::Result;
use crate::front::digest::Digest;
use crate::front::limits::MAX_FILE;

/// What every packed front begins with, whatever its version.
const FORMAT: &[u8] = b"frostglass-front/";
const MAGIC: &[u8; 24] = b"frostglass-front/1\n\0\0\0\0\0";
const LENGTHS: usize = MAGIC.len();
const MODEL: usize = LENGTHS + 3 * 8;
const HEADER: usize = MODEL + 32;
const DIGEST: usize = 32;

/// Places in the file are multiples of this where weights begin.
pub(super) const ALIGNMENT: usize = 64;

/// The parts of a file, none of them looked into.
pub(super) struct Parts<'a> {
    pub(super) model: Digest,
    pub(super) card: &'a [u8],
    pub(super) steps: &'a [u8],
    /// Where in the file they lie.
    pub(super) weights: Range<usize>,
    /// Of the whole file.
    pub(super) digest: Digest,
}

/// Whether a file means to be a packed front, of whatever version.
pub(super) fn recognises(file: &[u8]) -> bool {
    file.starts_with(FORMAT)
}

impl<'a> Parts<'a> {
    /// Takes a file apart. Allocates nothing.
    pub(super) fn of(file: &'a [u8]) -> Result<Self> {
        if !recognises(file) {
            return Err(refusal("the file is no packed front, `frostglass pack` writes one"));
        }
        let header = file.first_chunk::<HEADER>().ok_or_else(cut_short)?;
        if !header.starts_with(MAGIC) {
            return Err(refusal(
                "it is of another version than 1, update this program or pack the front again",
            ));
        }
        if file.len() > MAX_FILE {
            return Err(refusal(format!("the file is over {} MiB", MAX_FILE >> 20)));
        }
        let length = |index: usize| {
            let at = LENGTHS + 8 * index;
            let bytes = header[at..at + 8].try_into().expect("eight bytes");
            usize::try_from(u64::from_le_bytes(bytes)).map_err(|_| cut_short())
        };
        let mut rest = &file[HEADER..];
        let mut take = |length: usize| {
            let (taken, left) = rest.split_at_checked(length).ok_or_else(cut_short)?;
            rest = left;
            Ok(taken)
        };
        let (card, steps) = (take(length(0)?)?, take(length(1)?)?);
        let padding = take(padding(HEADER + card.len() + steps.len()))?;
        let weights = length(2)?;
        let first = HEADER + card.len() + steps.len() + padding.len();
        take(weights)?;
        let weights = first..first + weights;
        let digest = take(DIGEST)?;
        if !rest.is_empty() {
            return Err(refusal(format!("{} bytes follow its end", rest.len())));
        }
        let found = Digest::of(&file[..file.len() - DIGEST]);
        if found.as_bytes() != digest {
            return Err(refusal("it is damaged: its digest is not that of its bytes"));
        }
        if padding.iter().any(|&byte| byte != 0) {
            return Err(refusal("something stands where zeros belong"));
        }
        let model = header[MODEL..].try_into().expect("32 bytes");
        Ok(Self { model: Digest::from_bytes(model), card, steps, weights, digest: found })
    }
}

/// Zeros that belong after so many bytes.
pub(super) fn padding(length: usize) -> usize {
    length.next_multiple_of(ALIGNMENT) - length
}

fn cut_short() -> crate::error::Error {
    refusal("it is cut short")
}

/// The file of these parts.
#[cfg(any(test, feature = "onnx"))]
pub(super) fn assemble(model: Digest, card: &[u8], steps: &[u8], weights: &[u8]) -> Vec<u8> {
    let before = HEADER + card.len() + steps.len();
    let padding = padding(before);
    let mut file = Vec::with_capacity(before + padding + weights.len() + DIGEST);
    file.extend(MAGIC);
    for part in [card, steps, weights] {
        file.extend((part.len() as u64).to_le_bytes());
    }
    file.extend(model.as_bytes());
    file.extend(card);
    file.extend(steps);
    file.resize(before + padding, 0);
    file.extend(weights);
    let digest = Digest::of(&file);
    file.extend(digest.as_bytes());
    file
}
