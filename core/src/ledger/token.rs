//! A name that an app gives to one release before it sees what will be in it.

use sha2::{Digest as _, Sha256};

use super::record::Id;
use crate::error::{Error, ErrorKind, Result};

/// Names one release, so that the same bytes can be sent again at no cost: after a lost connection,
/// say.
///
/// It must be chosen *before* the content is seen and from nothing in it: a counter, a random
/// number, a message's identifier. A token made from the photograph would make it known whether two
/// photographs are the same. The content is never compared: a token that was used answers with what
/// was released under it, whatever it comes with the second time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    text: String,
}

/// The longest token, in bytes.
const LONGEST: usize = 128;

impl Token {
    /// A token of 1 to 128 bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Token`] where it is empty or longer.
    pub fn new(text: impl Into<String>) -> Result<Self> {
        let text = text.into();
        if (1..=LONGEST).contains(&text.len()) {
            return Ok(Self { text });
        }
        Err(Error::new(
            ErrorKind::Token,
            format!("a token has 1 to {LONGEST} bytes, and this one has {}", text.len()),
        ))
    }

    /// What a ledger writes down of it. The ledger's name goes in, so that equal tokens in two
    /// ledgers look unlike.
    pub(super) fn digest(&self, ledger: &Id) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"frostglass token");
        hash.update(ledger);
        hash.update(self.text.as_bytes());
        hash.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_neither_empty_nor_long() {
        assert!(Token::new("a").is_ok() && Token::new("é".repeat(64)).is_ok());
        for text in [String::new(), "a".repeat(129), "é".repeat(65)] {
            assert_eq!(Token::new(text).unwrap_err().kind(), ErrorKind::Token);
        }
    }

    #[test]
    fn a_ledger_does_not_show_which_tokens_another_has() {
        let token = Token::new("message 7").unwrap();
        assert_eq!(token.digest(&[1; 16]), token.digest(&[1; 16]));
        assert_ne!(token.digest(&[1; 16]), token.digest(&[2; 16]));
    }
}
