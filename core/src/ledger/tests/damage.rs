//! What happens to a ledger whose bytes were changed, cut or grown by others.

use super::simulated::Simulated;
use super::{begin, cap, cost, path, reopen};
use crate::error::ErrorKind;
use crate::ledger::book::Book;
use crate::ledger::record::{BLOCK, in_use};
use crate::ledger::succession::go_on;
use crate::ledger::verify::verify;

/// A ledger of a header and six records.
fn six_records() -> (Simulated, Vec<u8>) {
    let disk = Simulated::default();
    let book = begin(&disk, cap(20.0)).unwrap();
    for count in [1, 4, 1, 2] {
        book.pay(count, cost()).unwrap();
    }
    let rest = book.pay(8, cost()).unwrap();
    book.give_back(rest, cost()).unwrap();
    let bytes = disk.read(path()).unwrap();
    assert_eq!(bytes.len(), 7 * BLOCK);
    (disk, bytes)
}

#[test]
fn a_tail_torn_at_any_byte_costs_nothing_that_was_released() {
    let (disk, bytes) = six_records();
    let wanted = verify(&disk, path()).unwrap().standing;
    let next = reopen(&disk).unwrap().pay(1, cost()).unwrap();
    let torn = disk.read(path()).unwrap();
    for cut in 0..BLOCK {
        disk.put(path(), &torn[..bytes.len() + cut]);
        let found = verify(&disk, path()).unwrap();
        assert!(found.whole && found.unfinished_bytes == cut as u64, "{cut}");
        assert_eq!(found.standing, wanted);
        let book = reopen(&disk).unwrap();
        assert_eq!(book.pay(1, cost()).unwrap(), next, "the next record takes its place");
        assert_eq!(disk.read(path()).unwrap(), torn, "{cut}");
    }
    // The length had arrived and not all of the bytes.
    for cut in 0..BLOCK {
        let mut padded = torn.clone();
        padded[bytes.len() + cut..].fill(0);
        disk.put(path(), &padded);
        let found = verify(&disk, path()).unwrap();
        let seal = &padded[bytes.len() + BLOCK - 32..];
        if seal.iter().all(|byte| *byte == 0) {
            assert!(found.whole && found.unfinished_bytes == BLOCK as u64, "{cut}");
            reopen(&disk).unwrap().pay(1, cost()).unwrap();
            assert_eq!(disk.read(path()).unwrap(), torn, "{cut}");
        } else if padded != torn {
            // A part of a seal is not what a torn sector leaves: it may have been a good record.
            assert!(!found.whole && reopen(&disk).is_err(), "{cut}");
        }
    }
}

#[test]
fn any_changed_byte_is_an_error_and_what_behind_it_is_good_still_tells_the_total() {
    let (disk, bytes) = six_records();
    let wanted = verify(&disk, path()).unwrap().standing;
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        disk.put(path(), &changed);
        let error = reopen(&disk).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Ledger);
        assert_eq!(disk.read(path()).unwrap(), changed, "an error changes nothing");
        let block = at / BLOCK;
        if block == 0 {
            // The magic, or what lies under the first seal.
            assert!(verify(&disk, path()).is_err() && go_on(&disk, path()).is_err());
            continue;
        }
        assert!(error.message().contains(&format!("byte {}", block * BLOCK)), "{at}: {error}");
        let found = verify(&disk, path()).unwrap();
        let damage = found.damage.unwrap();
        assert_eq!(damage.offset, (block * BLOCK) as u64);
        // A changed seal hides the block behind it as well.
        let hidden = 1 + usize::from(at % BLOCK >= BLOCK - 32);
        assert_eq!(damage.total_known, block + hidden <= 6, "{at}");
        if damage.total_known {
            assert_eq!((damage.blocks, found.records), (hidden as u64, 6 - hidden as u64));
            assert_eq!(found.standing, wanted, "{at}");
        }

        let aside = go_on(&disk, path()).unwrap();
        assert_eq!(disk.read(&aside).unwrap(), changed, "the damaged file stays");
        let book = reopen(&disk).unwrap();
        let head = book.head().unwrap();
        if damage.total_known {
            assert_eq!(head.releases, 8);
            assert_eq!(head.total.unit.mu_squared(), wanted.spent.unit.mu.unwrap().powi(2));
            book.pay(1, cost()).unwrap();
        } else {
            let error = book.pay(1, cost()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Budget, "the whole budget counts as spent");
        }
        assert!(go_on(&disk, path()).unwrap_err().message().contains("whole"), "not twice");
    }
}

#[test]
fn a_lost_stretch_is_counted_whole() {
    let (disk, bytes) = six_records();
    let wanted = verify(&disk, path()).unwrap().standing;
    // Records two to four are zeros; their seals are gone, and the fifth with them.
    let mut holed = bytes.clone();
    holed[2 * BLOCK..5 * BLOCK].fill(0);
    disk.put(path(), &holed);
    let found = verify(&disk, path()).unwrap();
    let damage = found.damage.unwrap();
    assert_eq!((damage.offset, damage.blocks), (2 * BLOCK as u64, 4));
    assert!(damage.total_known);
    assert_eq!(found.standing, wanted);
    // Bytes that were put in shift everything behind them.
    let mut shifted = bytes.clone();
    shifted.splice(700..700, [1, 2, 3]);
    disk.put(path(), &shifted);
    assert!(!verify(&disk, path()).unwrap().damage.unwrap().total_known);
    // Two records that changed places.
    let mut swapped = bytes.clone();
    let (before, behind) = swapped.split_at_mut(3 * BLOCK);
    before[2 * BLOCK..].swap_with_slice(&mut behind[..BLOCK]);
    disk.put(path(), &swapped);
    assert!(reopen(&disk).is_err() && verify(&disk, path()).unwrap().damage.is_some());
    // A record in the middle taken out.
    let cut = [&bytes[..3 * BLOCK], &bytes[4 * BLOCK..]].concat();
    disk.put(path(), &cut);
    assert!(reopen(&disk).is_err());
}

#[test]
fn what_a_stranger_added_is_no_record() {
    let (disk, bytes) = six_records();
    // Less than a record: as good as one that was never finished.
    disk.put(path(), &[&bytes[..], b"a line of text\n"].concat());
    assert_eq!(verify(&disk, path()).unwrap().unfinished_bytes, 15);
    reopen(&disk).unwrap().pay(1, cost()).unwrap();
    assert!(verify(&disk, path()).unwrap().whole);
    for extra in [BLOCK, BLOCK + 1, 5 * BLOCK] {
        disk.put(path(), &[&bytes[..], &vec![b'x'; extra]].concat());
        assert!(reopen(&disk).is_err(), "{extra}");
        assert!(!verify(&disk, path()).unwrap().damage.unwrap().total_known);
    }
    // More zeros than one record that was begun.
    disk.put(path(), &[&bytes[..], &[0; 2 * BLOCK]].concat());
    assert!(reopen(&disk).is_err());
    // An old record again.
    disk.put(path(), &[&bytes[..], &bytes[6 * BLOCK..]].concat());
    assert!(reopen(&disk).is_err());
}

/// Six records, the second of them damaged.
fn damaged() -> (Simulated, Vec<u8>) {
    let (disk, mut bytes) = six_records();
    bytes[2 * BLOCK + 9] ^= 4;
    disk.put(path(), &bytes);
    (disk, bytes)
}

#[test]
fn going_on_is_safe_at_every_step() {
    use super::simulated::{Fault, Survives, What};
    let (disk, _) = damaged();
    let before = disk.steps();
    go_on(&disk, path()).unwrap();
    let (mut as_it_was, mut retired, mut succeeded) = (0, 0, 0);
    for step in before..disk.steps() {
        for (power, written) in [None, Some(0), Some(1), Some(2), Some(usize::MAX)]
            .into_iter()
            .flat_map(|power| [0, 1, 100].map(|written| (power, written)))
        {
            let (disk, bytes) = damaged();
            disk.set_fault(Some(Fault { step, what: What::Death { written } }));
            let died = go_on(&disk, path()).is_err();
            match power {
                None => disk.restart(),
                Some(names) => {
                    disk.lose_power(|all| names.min(all), || Survives::Beginning(written))
                }
            }
            let now = disk.read(path()).expect("the name never stands for nothing");
            let was = now.first_chunk().map(|first| [&in_use(first)[..], &now[BLOCK..]].concat());
            if was.as_ref() == Some(&bytes) {
                assert!(died && reopen(&disk).is_err());
                assert!(!verify(&disk, path()).unwrap().whole);
                *(if now == bytes { &mut as_it_was } else { &mut retired }) += 1;
                let aside = go_on(&disk, path()).unwrap();
                assert_eq!(disk.read(&aside).unwrap(), bytes, "the damaged file stays");
            } else {
                succeeded += 1;
            }
            let book = reopen(&disk).unwrap();
            assert_eq!(book.head().unwrap().releases, 8);
            book.pay(1, cost()).unwrap();
            assert!(go_on(&disk, path()).unwrap_err().message().contains("whole"), "not twice");
        }
    }
    assert!(as_it_was > 0 && retired > 0 && succeeded > 0, "{as_it_was} {retired} {succeeded}");
}

#[test]
fn whoever_waited_for_the_lock_charges_to_no_file_that_lost_its_name() {
    // A session waits; meanwhile its ledger is damaged and continued.
    let (disk, _) = six_records();
    let book = reopen(&disk).unwrap();
    let there = disk.clone();
    disk.at_next_lock(move || {
        let mut bytes = there.read(path()).unwrap();
        bytes[2 * BLOCK + 9] ^= 4;
        there.put(path(), &bytes);
        go_on(&there, path()).unwrap();
    });
    let error = book.pay(1, cost()).unwrap_err();
    assert!(error.message().contains("not the ledger that was opened"), "{error}");
    let book = reopen(&disk).unwrap();
    assert_eq!(book.head().unwrap().releases, 8);

    // Somebody who opens it anew gets the successor.
    let mut bytes = disk.read(path()).unwrap();
    book.pay(1, cost()).unwrap();
    book.pay(1, cost()).unwrap();
    bytes = [&bytes[..], &disk.read(path()).unwrap()[bytes.len()..]].concat();
    bytes[BLOCK + 9] ^= 4;
    disk.put(path(), &bytes);
    let there = disk.clone();
    disk.at_next_lock(move || drop(go_on(&there, path()).unwrap()));
    assert_eq!(reopen(&disk).unwrap().head().unwrap().releases, 10);
    // And so does who verifies it, and who was about to continue it as well.
    for continues in [false, true] {
        let book = reopen(&disk).unwrap();
        book.pay(1, cost()).unwrap();
        book.pay(1, cost()).unwrap();
        let mut bytes = disk.read(path()).unwrap();
        bytes[BLOCK + 9] ^= 4;
        disk.put(path(), &bytes);
        let there = disk.clone();
        disk.at_next_lock(move || drop(go_on(&there, path()).unwrap()));
        if continues {
            assert!(go_on(&disk, path()).unwrap_err().message().contains("whole"), "not twice");
        } else {
            assert!(verify(&disk, path()).unwrap().whole);
        }
    }

    // A copy of the same bytes took the name (a backup tool): it is the ledger from then on.
    let book = reopen(&disk).unwrap();
    let before = book.head().unwrap().releases;
    let (there, moved) = (disk.clone(), path().with_extension("moved"));
    let aside = moved.clone();
    disk.at_next_lock(move || {
        let bytes = there.read(path()).unwrap();
        there.put(&path().with_extension("copy"), &bytes);
        there.link(path(), &aside);
        there.link(&path().with_extension("copy"), path());
    });
    book.pay(1, cost()).unwrap();
    assert_eq!(reopen(&disk).unwrap().head().unwrap().releases, before + 1);
    let moved = Book::open(disk.clone(), &moved).unwrap();
    assert_eq!(
        moved.head().unwrap().releases,
        before,
        "the file that lost the name was not charged"
    );
}

#[test]
fn a_ledger_of_two_names_is_continued_once() {
    let (disk, _) = damaged();
    let other = path().with_extension("other");
    disk.link(path(), &other);
    go_on(&disk, path()).unwrap();
    let error = go_on(&disk, &other).unwrap_err();
    assert!(error.message().contains("continued under another name"), "{error}");
    let error = Book::open(disk.clone(), &other).unwrap_err();
    assert!(error.message().contains("continued by another"), "{error}");
    let found = verify(&disk, &other).unwrap();
    assert!(!found.whole && found.standing.releases == 8);
    reopen(&disk).unwrap().pay(1, cost()).unwrap();
}

#[test]
fn an_open_session_charges_nothing_once_any_byte_is_changed() {
    let (_, bytes) = six_records();
    for at in 0..bytes.len() {
        let (disk, _) = six_records();
        let book = reopen(&disk).unwrap();
        book.pay(1, cost()).unwrap();
        let mut changed = disk.read(path()).unwrap();
        changed[at] ^= 1 << (at % 8);
        disk.put(path(), &changed);
        assert_eq!(book.head().unwrap_err().kind(), ErrorKind::Ledger, "{at}");
        for _ in 0..2 {
            assert_eq!(book.pay(1, cost()).unwrap_err().kind(), ErrorKind::Ledger, "{at}");
        }
        assert_eq!(disk.read(path()).unwrap(), changed, "an error changes nothing");
        // Put right again, it goes on.
        changed[at] ^= 1 << (at % 8);
        disk.put(path(), &changed);
        book.pay(1, cost()).unwrap();
    }
}
