//! Random schedules that die at random points, over and over on the same ledger.

use super::simulated::{Fault, Simulated, Survives, What};
use super::{Truth, begin, cap, cost, path, reopen};
use crate::ledger::book::{Book, Paid};

/// A small generator: the schedules are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        // Knuth's MMIX constants; the high bits are the good ones.
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// How many crashes came to what.
#[derive(Debug, Default)]
struct Count {
    kills: u64,
    power_losses: u64,
    in_a_write: u64,
    handed_out: u64,
    forfeited: u64,
}

/// Two processes that charge in turns, with and without blocks, until one of them dies.
fn work(book: &[Book<Simulated>; 2], truth: &mut Truth, dice: &mut Dice) {
    let mut rests: [Option<Paid>; 2] = [None, None];
    for _ in 0..40 {
        let who = dice.below(2) as usize;
        let rest = &mut rests[who];
        match rest {
            Some(paid) if paid.count > 0 && dice.below(8) > 0 => truth.hand_out(paid),
            Some(paid) if paid.count > 0 => {
                let given_up = *paid;
                *rest = None;
                if book[who].give_back(given_up, cost()).is_err() {
                    return;
                }
            }
            _ => match book[who].pay(1 + dice.below(9) as u32, cost()) {
                Ok(paid) => *rest = Some(paid),
                Err(_) => return,
            },
        }
    }
}

#[test]
fn ten_thousand_crashes_lose_no_spend_and_hand_none_out_twice() {
    let mut dice = Dice(20_240_611);
    let mut count = Count::default();
    while count.kills + count.power_losses < 10_000 {
        let disk = Simulated::default();
        let mut truth = Truth::default();
        // A ledger lives through 25 crashes, the first of them perhaps while it is being begun.
        for life in 0..25 {
            let written = dice.below(257) as usize;
            let step = disk.steps() + dice.below(if life == 0 { 12 } else { 60 });
            disk.set_fault(Some(Fault { step, what: What::Death { written } }));
            let before = disk.read(path()).map_or(0, |bytes| bytes.len());
            let opened = if disk.read(path()).is_some() {
                reopen(&disk)
            } else {
                assert!(truth.handed_out.is_empty(), "a ledger that paid is gone");
                begin(&disk, cap(200.0))
            };
            if let Ok(book) = opened
                && let Ok(other) = reopen(&disk)
            {
                work(&[book, other], &mut truth, &mut dice);
            }
            if !disk.is_dead() {
                disk.restart();
                continue;
            }
            let after = disk.read(path()).map_or(0, |bytes| bytes.len());
            count.in_a_write += u64::from(after % 256 != 0 || before % 256 != 0);
            if dice.below(2) == 0 {
                disk.restart();
                count.kills += 1;
            } else {
                let arrived = dice.below(16) as usize;
                disk.lose_power(
                    |all| arrived.min(all),
                    || match dice.below(4) {
                        0 => Survives::Nothing,
                        1 => Survives::All,
                        2 => Survives::Beginning(dice.below(257) as usize),
                        // A sector is written whole: of the seal's last bytes all or none.
                        _ => Survives::BeginningThenZeros(dice.below(225) as usize),
                    },
                );
                count.power_losses += 1;
            }
            if disk.read(path()).is_some() {
                truth.check(&reopen(&disk).unwrap());
            } else {
                assert!(truth.handed_out.is_empty(), "a ledger that paid is gone");
            }
        }
        if disk.read(path()).is_some() {
            let head = reopen(&disk).unwrap().head().unwrap();
            count.forfeited += head.releases - truth.handed_out.len() as u64;
        }
        count.handed_out += truth.handed_out.len() as u64;
    }
    assert!(count.in_a_write > 500 && count.kills > 4_000 && count.power_losses > 4_000);
    assert!(count.handed_out > 50_000, "{count:?}");
    println!("{count:?}: none lost, none handed out twice");
}

#[test]
fn every_crash_of_a_short_life_leaves_a_ledger_or_none() {
    // Begins, charges, reserves, gives back; dies at every step, and at every byte of every write.
    let live = |disk: &Simulated, truth: &mut Truth| -> crate::error::Result<()> {
        let book = begin(disk, cap(200.0))?;
        truth.hand_out(&mut book.pay(1, cost())?);
        let mut block = book.pay(5, cost())?;
        truth.hand_out(&mut block);
        truth.hand_out(&mut block);
        book.give_back(block, cost())?;
        truth.hand_out(&mut book.pay(1, cost())?);
        Ok(())
    };
    let whole = Simulated::default();
    live(&whole, &mut Truth::default()).unwrap();
    let steps = whole.steps();
    let mut points = 0;
    for step in 0..=steps {
        for written in 0..=256 {
            for power in [None, Some(0), Some(usize::MAX)] {
                let (disk, mut truth) = (Simulated::default(), Truth::default());
                disk.set_fault(Some(Fault { step, what: What::Death { written } }));
                let lived = live(&disk, &mut truth);
                assert_eq!(lived.is_ok(), step == steps);
                match power {
                    None => disk.restart(),
                    Some(names) => {
                        disk.lose_power(|all| names.min(all), || Survives::Beginning(written))
                    }
                }
                match disk.read(path()) {
                    Some(_) => truth.check(&reopen(&disk).unwrap()),
                    None => {
                        assert!(truth.handed_out.is_empty(), "a ledger that paid is gone");
                        begin(&disk, cap(200.0)).unwrap();
                    }
                }
                points += 1;
            }
        }
    }
    println!("{steps} steps, {points} ways to die");
}
