//! A disk that refuses: full, read-only, broken.

use std::io::ErrorKind as Io;

use super::simulated::{Fault, Simulated, Survives, What};
use super::{Truth, begin, cap, cost, path, reopen};
use crate::error::ErrorKind;
use crate::ledger::book::{Book, Tokened};
use crate::ledger::record::Header;
use crate::ledger::token::Token;

#[test]
fn a_fault_at_any_step_makes_no_release_and_the_next_charge_works() {
    for kind in [Io::StorageFull, Io::ReadOnlyFilesystem, Io::PermissionDenied, Io::Other] {
        // A charge writes and syncs.
        for step in 0..2 {
            for written in [0, 1, 100, 224, 255, 256] {
                let (disk, mut truth) = (Simulated::default(), Truth::default());
                let book = begin(&disk, cap(200.0)).unwrap();
                truth.hand_out(&mut book.pay(1, cost()).unwrap());
                let what = What::Error { kind, written };
                disk.set_fault(Some(Fault { step: disk.steps() + step, what }));
                let error = book.pay(1, cost()).unwrap_err();
                let expected = match kind {
                    Io::StorageFull | Io::Other => ErrorKind::System,
                    _ => ErrorKind::Ledger,
                };
                assert_eq!(error.kind(), expected, "{error}");
                assert!(error.message().contains("nothing was released"), "{error}");
                truth.check(&book);
                truth.hand_out(&mut book.pay(1, cost()).unwrap());
                // Synced since: the power may go.
                disk.lose_power(|_| 0, || Survives::Nothing);
                truth.check(&reopen(&disk).unwrap());
            }
        }
    }
}

#[test]
fn a_disk_that_stays_full_refuses_again_and_again() {
    let (disk, mut truth) = (Simulated::default(), Truth::default());
    let book = begin(&disk, cap(200.0)).unwrap();
    truth.hand_out(&mut book.pay(1, cost()).unwrap());
    let what = What::Errors(Io::StorageFull);
    disk.set_fault(Some(Fault { step: disk.steps(), what }));
    for _ in 0..5 {
        assert!(book.pay(1, cost()).unwrap_err().message().contains("full"));
    }
    disk.set_fault(None);
    truth.hand_out(&mut book.pay(1, cost()).unwrap());
    assert_eq!(book.head().unwrap().releases, 2);
    truth.check(&book);
}

#[test]
fn a_ledger_is_begun_whole_or_not_at_all() {
    let whole = Simulated::default();
    begin(&whole, cap(5.0)).unwrap();
    for step in 0..whole.steps() {
        for kind in [Io::StorageFull, Io::ReadOnlyFilesystem, Io::NotFound, Io::Other] {
            let disk = Simulated::default();
            disk.set_fault(Some(Fault { step, what: What::Errors(kind) }));
            if begin(&disk, cap(5.0)).is_ok() {
                continue;
            }
            disk.set_fault(None);
            match disk.read(path()) {
                Some(_) => assert_eq!(reopen(&disk).unwrap().header().cap, cap(5.0)),
                None => assert!(begin(&disk, cap(5.0)).is_ok(), "step {step}"),
            }
        }
    }
    let disk = Simulated::default();
    begin(&disk, cap(5.0)).unwrap();
    let error = Book::create(disk.clone(), path(), Header::begin(cap(9.0)).unwrap()).unwrap_err();
    assert!(error.message().contains("already"), "{error}");
    assert_eq!(reopen(&disk).unwrap().header().cap, cap(5.0), "the first stays");
    assert_eq!(disk.names(), [path()], "nothing else is left behind");
}

#[test]
fn a_token_survives_a_crash_at_every_step_and_is_never_paid_twice() {
    let token = Token::new("message 7").unwrap();
    let release = [7u8; 1000];
    let send = |disk: &Simulated| -> crate::error::Result<Vec<u8>> {
        let book = if disk.read(path()).is_some() { reopen(disk)? } else { begin(disk, cap(5.0))? };
        match book.pay_with_token(&token, [1; 16], release.len(), cost())? {
            Tokened::Paid => {
                book.keep(&token, &release)?;
                Ok(release.to_vec())
            }
            Tokened::Kept(kept) => Ok(kept),
        }
    };
    let whole = Simulated::default();
    send(&whole).unwrap();
    let (mut resent, mut used_up, mut anew) = (0, 0, 0);
    for step in 0..whole.steps() {
        for written in [0, 3, 256, 900, 1_100] {
            for power in [false, true] {
                let disk = Simulated::default();
                disk.set_fault(Some(Fault { step, what: What::Death { written } }));
                send(&disk).unwrap_err();
                if power {
                    disk.lose_power(|_| 0, || Survives::Nothing);
                } else {
                    disk.restart();
                }
                let known = disk.read(path()).is_some();
                let before =
                    if known { reopen(&disk).unwrap().head().unwrap().releases } else { 0 };
                let again = send(&disk);
                let after = reopen(&disk).unwrap().head().unwrap().releases;
                match (before, again) {
                    (0, Ok(bytes)) => {
                        assert_eq!((bytes.as_slice(), after), (release.as_slice(), 1));
                        anew += 1;
                    }
                    (1, Ok(bytes)) => {
                        assert_eq!((bytes.as_slice(), after), (release.as_slice(), 1));
                        resent += 1;
                    }
                    (1, Err(error)) => {
                        assert_eq!((error.kind(), after), (ErrorKind::Token, 1), "{error}");
                        assert!(error.message().contains("used up"), "{error}");
                        used_up += 1;
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
    }
    assert!(resent > 0 && used_up > 0 && anew > 0, "{resent} {used_up} {anew}");
}

#[test]
fn a_full_disk_is_met_before_a_token_is_paid_for() {
    let disk = Simulated::default();
    let book = begin(&disk, cap(5.0)).unwrap();
    let what = What::Errors(Io::StorageFull);
    disk.set_fault(Some(Fault { step: disk.steps(), what }));
    let token = Token::new("a").unwrap();
    assert!(book.pay_with_token(&token, [1; 16], 1 << 20, cost()).is_err());
    disk.set_fault(None);
    assert_eq!(book.head().unwrap().releases, 0, "nothing was charged");
    assert!(matches!(book.pay_with_token(&token, [1; 16], 8, cost()), Ok(Tokened::Paid)));
}

#[test]
fn a_kept_release_that_was_damaged_is_not_sent() {
    let disk = Simulated::default();
    let book = begin(&disk, cap(5.0)).unwrap();
    let token = Token::new("a").unwrap();
    book.pay_with_token(&token, [1; 16], 8, cost()).unwrap();
    book.keep(&token, b"12345678").unwrap();
    let kept = disk.names().into_iter().find(|name| name.parent() != path().parent()).unwrap();
    let mut bytes = disk.read(&kept).unwrap();
    bytes[3] ^= 1;
    disk.put(&kept, &bytes);
    let error = book.pay_with_token(&token, [1; 16], 8, cost()).unwrap_err();
    assert!(error.message().contains("damaged"), "{error}");
    disk.put(&kept, b"short");
    assert!(book.pay_with_token(&token, [1; 16], 8, cost()).is_err());
    book.forget(&token).unwrap();
    book.forget(&token).unwrap();
    let error = book.pay_with_token(&token, [1; 16], 8, cost()).unwrap_err();
    assert!(error.message().contains("no copy"), "{error}");
    let error = book.pay_with_token(&token, [2; 16], 8, cost()).unwrap_err();
    assert!(error.message().contains("another model, cut or policy"), "{error}");
    assert_eq!(book.head().unwrap().releases, 1);
}

#[test]
fn a_file_that_went_back_in_time_is_noticed_by_who_saw_it() {
    let disk = Simulated::default();
    let book = begin(&disk, cap(5.0)).unwrap();
    let early = disk.read(path()).unwrap();
    book.pay(1, cost()).unwrap();
    disk.put(path(), &early);
    assert!(book.pay(1, cost()).unwrap_err().message().contains("older copy"));
    // Another ledger of the same length under the same name.
    let other = Simulated::default();
    let stranger = begin(&other, cap(5.0)).unwrap();
    stranger.pay(1, cost()).unwrap();
    disk.put(path(), &other.read(path()).unwrap());
    assert!(book.pay(1, cost()).unwrap_err().message().contains("not the ledger"));
}
