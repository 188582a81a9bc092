//! What a session pays from: a ledger, the price of one release, and releases paid in advance.

use std::num::NonZeroU32;
use std::sync::Arc;

use super::Ledger;
use super::book::{Paid, Tokened};
use super::cost::Costs;
use super::fork::Process;
use super::token::Token;
use super::unit::Unit;
use crate::error::Result;
use crate::privacy::Mechanism;

/// Pays for releases of one kind, one after the other.
///
/// With a block of more than one, so many releases are charged at once and then handed out without
/// touching the disk. What is left goes back to the ledger when the account is closed or dropped; a
/// crash forfeits it, which is safe. A process that was forked off an account's owner hands out
/// nothing of it: it charges a block of its own.
#[derive(Debug)]
pub struct Account {
    ledger: Arc<Ledger>,
    cost: Costs,
    block: NonZeroU32,
    rest: Paid,
    owner: Process,
}

/// The name of one paid release: no two releases of a ledger have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Payment {
    /// The ledger's record that paid for it.
    pub record: u64,
    /// Which of that record's releases it is, from 0.
    pub index: u32,
}

/// What became of a token.
#[derive(Debug)]
pub enum TokenPayment {
    /// It was new: its release is paid for and now to be made, then given to [`Account::keep`].
    Paid,
    /// It was used: these are the bytes that were released under it, and they cost nothing.
    Kept(Vec<u8>),
}

impl Account {
    /// An account at `ledger` for releases of `mechanism`, charged `block` at a time.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`](crate::ErrorKind::Budget) without a mechanism, whose releases no budget
    /// holds; [`ErrorKind::Policy`](crate::ErrorKind::Policy) where the budget speaks of patches and
    /// the mechanism does not know how far they reach.
    pub fn open(
        ledger: Arc<Ledger>,
        mechanism: Option<&Mechanism>,
        block: NonZeroU32,
    ) -> Result<Self> {
        let cost = Costs::of(mechanism, ledger.cap().unit())?;
        let rest = Paid { record: 0, count: 0 };
        Ok(Self { ledger, cost, block, rest, owner: Process::current() })
    }

    /// Whether a budget that speaks of `unit` can hold releases of `mechanism` at all.
    ///
    /// # Errors
    /// Those of [`Account::open`].
    pub fn check_price(mechanism: Option<&Mechanism>, unit: impl Into<Unit>) -> Result<()> {
        Costs::of(mechanism, unit.into()).map(|_| ())
    }

    /// The ledger that pays.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Pays for one release. When this returns, the release is on the disk as spent.
    ///
    /// Near the end of the budget a block is as large as still fits.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`](crate::ErrorKind::Budget) where the release would pass the cap;
    /// [`ErrorKind::Ledger`](crate::ErrorKind::Ledger), [`ErrorKind::Busy`](crate::ErrorKind::Busy)
    /// and [`ErrorKind::System`](crate::ErrorKind::System) as for every use of a ledger. No release
    /// may be made then.
    pub fn pay(&mut self) -> Result<Payment> {
        // After a fork two processes have the same rest; it stays with the one that charged it.
        let process = Process::current();
        if self.rest.count == 0 || self.owner != process {
            self.rest = Paid { record: 0, count: 0 };
            self.owner = process;
            self.rest = self.ledger.book.pay(self.block.get(), self.cost)?;
        }
        self.rest.count -= 1;
        Ok(Payment { record: self.rest.record, index: self.rest.count })
    }

    /// Pays for the one release of `token`, or finds what it was. `header` is the release's public
    /// header, `length` the bytes of the whole release.
    ///
    /// # Errors
    /// As [`Account::pay`], and [`ErrorKind::Token`](crate::ErrorKind::Token) where the token was
    /// used with another header or its release was never kept.
    pub fn pay_with_token(
        &mut self,
        token: &Token,
        header: &[u8],
        length: usize,
    ) -> Result<TokenPayment> {
        use sha2::{Digest as _, Sha256};
        let digest = Sha256::digest(header);
        let stands_for = std::array::from_fn(|i| digest[i]);
        Ok(match self.ledger.book.pay_with_token(token, stands_for, length, self.cost)? {
            Tokened::Paid => TokenPayment::Paid,
            Tokened::Kept(release) => TokenPayment::Kept(release),
        })
    }

    /// Keeps the release that was made under `token`; when this returns, it is on the disk. The
    /// release may be seen only then.
    pub fn keep(&self, token: &Token, release: &[u8]) -> Result<()> {
        self.ledger.book.keep(token, release)
    }

    /// Gives what was paid and not used back to the ledger.
    ///
    /// # Errors
    /// Those of using a ledger's file. The rest is then forfeited.
    pub fn close(mut self) -> Result<()> {
        self.give_back()
    }

    fn give_back(&mut self) -> Result<()> {
        // Given up before it is given back: nothing can be handed out of it any more.
        let rest = std::mem::replace(&mut self.rest, Paid { record: 0, count: 0 });
        if rest.count == 0 || self.owner != Process::current() {
            return Ok(());
        }
        self.ledger.book.give_back(rest, self.cost)
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        // Whatever hinders it forfeits the rest: too much is then counted, never too little.
        let _ = self.give_back();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::cost::Cost;

    fn account(ledger: &Arc<Ledger>) -> Account {
        let cost = Cost::new([1.0 / 64.0, 0.0, 0.0]).unwrap();
        Account {
            ledger: Arc::clone(ledger),
            cost: Costs { activation: cost, unit: cost, image: cost },
            block: NonZeroU32::new(4).unwrap(),
            rest: Paid { record: 0, count: 0 },
            owner: Process::current(),
        }
    }

    #[test]
    fn a_process_that_was_forked_off_hands_out_nothing_of_its_parents() {
        let folder = tempfile::tempdir().unwrap();
        let cap = "10,1e-5,image".parse().unwrap();
        let ledger = Arc::new(Ledger::create(folder.path().join("ledger"), cap).unwrap());
        let releases = || ledger.standing().unwrap().releases;
        let mut parent = account(&ledger);
        let first = parent.pay().unwrap();
        // What a fork leaves in the child: the same account, and another process.
        let forked = |parent: &Account| {
            let mut child = account(&ledger);
            (child.owner, child.rest) = (Process::NOBODY, parent.rest);
            child
        };
        let mut child = forked(&parent);
        let own = child.pay().unwrap();
        assert_ne!(own.record, first.record, "a block of its own");
        assert_eq!(releases(), 8);
        drop(child);
        assert_eq!(releases(), 5, "it gives back its own rest");
        drop(forked(&parent));
        assert_eq!(releases(), 5, "and none of its parent's");
        assert_eq!(parent.pay().unwrap().record, first.record);
        parent.close().unwrap();
        assert_eq!(releases(), 3);
    }
}
