//! A ledger: what all releases of a device may cost together, and what they have cost.
//!
//! Every release tells a little; a *ledger* is the file that adds it up and says no. It is begun
//! with a [`Cap`] and keeps it. Before a release is made its cost is written down and on the disk,
//! so that no crash can make a release that was not counted:
//!
//! ```
//! use std::num::NonZeroU32;
//! use std::sync::Arc;
//! use frostglass::ledger::{Account, Cap, Ledger};
//! # use frostglass::privacy::{Epsilon, Mechanism, Normalisation, Scope, Sensitivity, Target};
//! # let scope = Scope { rows: 4, columns: 4, reach: None };
//! # let sensitivity = Sensitivity::new(Normalisation::default(), 8, None);
//! # let mechanism =
//! #     Mechanism::calibrate(scope, sensitivity, Target::new(Epsilon::new(1.0)?))?;
//! # let folder = tempfile::tempdir().unwrap();
//! # let file = folder.path().join("ledger");
//!
//! let cap: Cap = "2,1e-5,activation".parse()?;
//! let ledger = Arc::new(Ledger::create(&file, cap)?);
//! // A session does this for its releases (`Frostglass::charging`).
//! let mut account = Account::open(ledger, Some(&mechanism), NonZeroU32::MIN)?;
//! let mut releases = 0;
//! while account.pay().is_ok() {
//!     releases += 1; // Here the release would be made.
//! }
//! assert_eq!(releases, 3, "Gaussian noise adds up as the root of the number of releases");
//! # Ok::<(), frostglass::Error>(())
//! ```
//!
//! - *Formal*: all releases charged to one ledger together are (epsilon, delta)-private for the cap's
//!   adjacency, however they were chosen.
//! - *Mechanical*: a charge that returned is on the disk; a cap is never passed, whatever number of
//!   threads and processes charge; what does not verify is refused and changes nothing.
//! - *Not promised*: a file that is deleted, replaced or put back from a backup gives its budget
//!   back. docs/ledger.md says what to do about that.
//!
//! The file is append-only, each record sealed to the one before ([`Ledger::verify`]). It names no
//! time, and no clock decides anything. It holds costs and nothing of any content. Locks are
//! advisory, held for one charge at a time and never between.

mod account;
mod book;
mod cap;
mod cost;
mod failure;
mod fork;
mod head;
mod kept;
mod opening;
mod record;
mod standing;
mod storage;
mod succession;
mod token;
mod unit;
mod verify;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use account::{Account, Payment, TokenPayment};
pub use cap::Cap;
pub use standing::{CapText, Spent, SpentUnder, Standing};
pub use token::Token;
pub use unit::Unit;
pub use verify::{Damage, Verification};

use crate::error::{Error, ErrorKind, Result};
use book::Book;
use record::Header;
use storage::Disk;

/// A ledger in a file. It may be shared between threads, and the file between processes.
#[derive(Debug)]
pub struct Ledger {
    book: Book<Disk>,
}

impl Ledger {
    /// Begins a ledger with this cap where there is no file yet; the folder must exist.
    ///
    /// # Errors
    /// [`ErrorKind::Ledger`] where the name is taken or the folder is missing or read-only,
    /// [`ErrorKind::System`] where the disk is full or fails.
    pub fn create(path: impl AsRef<Path>, cap: Cap) -> Result<Self> {
        let book = Book::create(Disk::default(), path.as_ref(), Header::begin(cap)?)?;
        Ok(Self { book })
    }

    /// Opens the ledger in a file, and reads it whole.
    ///
    /// # Errors
    /// [`ErrorKind::Ledger`] where the file is missing, is no ledger, is damaged, read-only or from
    /// another version; [`ErrorKind::Busy`] where another process holds its lock for ten seconds.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Ok(Self { book: Book::open(Disk::default(), path.as_ref())? })
    }

    /// Opens the ledger in a file, which must have this cap, or begins one with it.
    ///
    /// # Errors
    /// As [`Ledger::open`] and [`Ledger::create`], and [`ErrorKind::Ledger`] where the ledger has
    /// another cap: one that changes on the way promises nothing.
    pub fn open_or_create(path: impl AsRef<Path>, cap: Cap) -> Result<Self> {
        let path = path.as_ref();
        if path.try_exists().is_ok_and(|exists| !exists) {
            match Self::create(path, cap) {
                // Somebody else was quicker.
                Err(_) if path.is_file() => {}
                result => return result,
            }
        }
        let ledger = Self::open(path)?;
        let own = ledger.cap();
        if own == cap {
            return Ok(ledger);
        }
        let spent = ledger.book.head()?.total.unit.epsilon(own.delta());
        let less = own.unit() == cap.unit() && own.delta() == cap.delta() && cap.epsilon() < spent;
        let already = if less { ", and more than the one given is already spent" } else { "" };
        Err(Error::new(
            ErrorKind::Ledger,
            format!(
                "this ledger was begun with the budget {own}, not {cap}{already}; a budget stays as it was fixed: give that one, or none"
            ),
        ))
    }

    /// The cap that it was begun with.
    pub fn cap(&self) -> Cap {
        self.book.header().cap
    }

    /// What is spent so far, other processes' charges included.
    ///
    /// # Errors
    /// Those of using the file.
    pub fn standing(&self) -> Result<Standing> {
        let head = self.book.head()?;
        Ok(Standing::of(self.book.header(), &head.total, head.releases))
    }

    /// Removes the release that was kept under a token. The token stays used.
    ///
    /// # Errors
    /// Those of removing a file.
    pub fn forget(&self, token: &Token) -> Result<()> {
        self.book.forget(token)
    }

    /// Reads the ledger in a file from end to end, changing nothing; for a damaged one too.
    ///
    /// # Errors
    /// [`ErrorKind::Ledger`] where the file is no ledger or its first 256 bytes are damaged.
    pub fn verify(path: impl AsRef<Path>) -> Result<Verification> {
        verify::verify(&Disk::default(), path.as_ref())
    }

    /// Puts a successor in the place of a damaged ledger and says where the damaged file now lies.
    ///
    /// The successor has the same cap. It begins with what is known to be spent where a good record
    /// behind the damage tells it; otherwise with the whole budget spent, since the cap is all that
    /// is known. Tokens begin anew.
    ///
    /// # Errors
    /// [`ErrorKind::Ledger`] where the ledger is whole, no ledger, or damaged in its first 256
    /// bytes.
    pub fn continue_damaged(path: impl AsRef<Path>) -> Result<PathBuf> {
        succession::go_on(&Disk::default(), path.as_ref())
    }
}
