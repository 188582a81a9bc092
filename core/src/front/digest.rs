//! SHA-256 digests, by which models are known.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::error::{Error, ErrorKind, Result};

/// The SHA-256 of a file: what a card names a model by, and what a release carries.
///
/// It says which bytes were meant, not who made them: origin is the caller's to check.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest with these 32 bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads 64 hexadecimal digits of either case; anything else is an error of kind
    /// [`ErrorKind::Model`].
    pub fn from_hex(text: &str) -> Result<Self> {
        let wrong = || {
            Error::new(ErrorKind::Model, "a SHA-256 is written as 64 hexadecimal digits".to_owned())
        };
        if text.len() != 64 {
            return Err(wrong());
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let digit = |c: u8| char::from(c).to_digit(16).ok_or_else(wrong);
            *byte = (digit(pair[0])? * 16 + digit(pair[1])?) as u8;
        }
        Ok(Self(bytes))
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first 12 hexadecimal digits: enough for a person to tell two digests apart.
    pub fn short(&self) -> String {
        let mut text = self.to_string();
        text.truncate(12);
        text
    }
}

/// All 64 digits, in lower case.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-4's example: the digest of "abc".
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn a_known_digest_prints_and_parses() {
        assert_eq!(Digest::of(b"abc").to_string(), ABC);
        assert_eq!(Digest::from_hex(ABC).unwrap(), Digest::of(b"abc"));
        assert_eq!(Digest::from_hex(&ABC.to_uppercase()).unwrap(), Digest::of(b"abc"));
        assert_eq!(Digest::of(b"abc").short(), "ba7816bf8f01");
        assert_eq!(format!("{:?}", Digest::of(b"abc")), format!("Digest({ABC})"));
        assert_eq!(Digest::of(b"abc").as_bytes()[0], 0xba);
    }

    #[test]
    fn anything_but_64_digits_is_refused() {
        for text in ["", &ABC[1..], &format!("{ABC}0"), &ABC.replace('b', "x")] {
            assert_eq!(Digest::from_hex(text).unwrap_err().kind(), ErrorKind::Model);
        }
    }
}
