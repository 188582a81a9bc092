//! A ledger on a simulated disk that dies, tears, fills up and refuses.

mod crashes;
mod damage;
mod faults;
mod simulated;

use std::collections::HashSet;
use std::path::Path;

use super::book::{Book, Paid};
use super::cap::Cap;
use super::cost::{Cost, Costs};
use super::record::Header;
use crate::error::Result;
use crate::privacy::Adjacency;
use simulated::Simulated;

/// Where every test's ledger lies.
fn path() -> &'static Path {
    Path::new("folder/ledger")
}

fn cap(epsilon: f64) -> Cap {
    Cap::new(epsilon, 1e-5, Adjacency::Activation).unwrap()
}

/// Of a release with `mu` 1/8: squares and their sums up to 2^45 are exact.
fn cost() -> Costs {
    let cost = Cost::new([1.0 / 64.0, 0.0, 0.0]).unwrap();
    Costs { activation: cost, unit: cost, image: cost }
}

fn begin(disk: &Simulated, cap: Cap) -> Result<Book<Simulated>> {
    Book::create(disk.clone(), path(), Header::begin(cap)?)
}

fn reopen(disk: &Simulated) -> Result<Book<Simulated>> {
    Book::open(disk.clone(), path())
}

/// What left, as nobody but the test can know it.
#[derive(Debug, Default)]
struct Truth {
    handed_out: HashSet<(u64, u32)>,
}

impl Truth {
    /// One release of `paid` is made.
    fn hand_out(&mut self, paid: &mut Paid) {
        paid.count -= 1;
        assert!(
            self.handed_out.insert((paid.record, paid.count)),
            "record {} was handed out twice",
            paid.record
        );
    }

    /// Nothing that left is missing from the ledger, and the cap holds.
    fn check(&self, book: &Book<Simulated>) {
        let head = book.head().unwrap();
        let left = self.handed_out.len() as f64;
        assert!(head.releases >= self.handed_out.len() as u64, "{} lost", self.handed_out.len());
        for cost in [head.total.activation, head.total.unit, head.total.image] {
            assert!(cost.mu_squared() >= left / 64.0, "{left} releases and {cost:?}");
        }
        assert!(head.total.within(&book.header().cap), "{:?}", head.total);
    }
}
