//! A ledger on a real disk: processes that are killed, processes and threads that charge at once,
//! files that are no ledgers.

use std::collections::HashSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::num::NonZeroU32;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use frostglass::ErrorKind;
use frostglass::ledger::{Account, Cap, Ledger, Payment, Token};
use frostglass::privacy::{
    Adjacency, Delta, Epsilon, Mechanism, Mu, Normalisation, Scope, Sensitivity, Target, epsilon,
};

/// Set in a child process: the ledger to charge to, and by how many at a time.
const CHILD: &str = "FROSTGLASS_TEST_LEDGER_CHILD";

fn mechanism() -> Mechanism {
    let scope = Scope { rows: 4, columns: 4, reach: None };
    let sensitivity = Sensitivity::new(Normalisation::default(), 8, None);
    let target = Target::new(Epsilon::new(1.0).unwrap());
    Mechanism::calibrate(scope, sensitivity, target).unwrap()
}

fn cap(text: &str) -> Cap {
    text.parse().unwrap()
}

fn account(ledger: Ledger, block: u32) -> Account {
    let block = NonZeroU32::new(block).unwrap();
    Account::open(Arc::new(ledger), Some(&mechanism()), block).unwrap()
}

/// Not a test of its own: what a child process runs. It says what it hands out, one line each, once
/// it is paid for, and goes on until the budget is empty or it is killed.
#[test]
fn child() {
    let Ok(order) = std::env::var(CHILD) else { return };
    let (block, path) = order.split_once(' ').unwrap();
    let mut account = account(Ledger::open(path).unwrap(), block.parse().unwrap());
    let mut out = std::io::stdout().lock();
    loop {
        match account.pay() {
            Ok(Payment { record, index }) => {
                writeln!(out, "paid {record} {index}").unwrap();
                out.flush().unwrap();
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Budget, "{error}");
                return;
            }
        }
    }
}

fn spawn(path: &Path, block: u32) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(CHILD, format!("{block} {}", path.display()))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Listens to what a child says it hands out: a signal at the first, and all of them once the child
/// is gone. A line that was cut off by a kill is missing: less is then demanded of the ledger, never
/// more.
fn listen(child: &mut Child) -> (Receiver<()>, JoinHandle<Vec<(u64, u32)>>) {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (signal, first) = mpsc::channel();
    let all = thread::spawn(move || {
        let paid = lines.map_while(Result::ok).filter_map(|line| {
            let (record, index) = line.split_once("paid ")?.1.split_once(' ')?;
            // Nobody may be listening for the first any more.
            let _ = signal.send(());
            Some((record.parse().ok()?, index.parse().ok()?))
        });
        paid.collect()
    });
    (first, all)
}

#[test]
fn killed_processes_lose_no_spend_and_hand_none_out_twice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    let ledger = Ledger::create(&path, cap("1e6,1e-5,activation")).unwrap();
    let mut all = HashSet::new();
    let (mut kills, mut interrupted) = (0, 0);
    for round in 0..150u64 {
        // Two at once, one of them with blocks.
        let mut children = [spawn(&path, 1), spawn(&path, 16)];
        let listeners = children.each_mut().map(listen);
        if round % 4 == 0 {
            // At any moment, also while they begin.
            thread::sleep(Duration::from_micros(round * 2_654_435_761 % 40_000));
        } else {
            // In the middle of the work: the longest wait for it is a failure of its own.
            listeners[1].0.recv_timeout(Duration::from_secs(60)).unwrap();
            thread::sleep(Duration::from_micros(round * 2_654_435_761 % 5_000));
        }
        for (child, (_, all_of_it)) in children.iter_mut().zip(listeners) {
            child.kill().unwrap();
            child.wait().unwrap();
            let lines = all_of_it.join().unwrap();
            kills += 1;
            interrupted += u64::from(!lines.is_empty());
            for paid in lines {
                assert!(all.insert(paid), "{paid:?} was handed out twice");
            }
        }
        let charged = ledger.standing().unwrap().releases;
        assert!(charged >= all.len() as u64, "{} handed out, {charged} charged", all.len());
    }
    let found = Ledger::verify(&path).unwrap();
    assert!(found.whole);
    let mu = mechanism().spend(Adjacency::Activation).unwrap().mu;
    let spent = found.standing.spent.activation.mu.unwrap();
    assert!(spent >= mu.get() * (all.len() as f64).sqrt(), "{spent}");
    assert!(interrupted > kills / 3, "only {interrupted} of {kills} had handed anything out");
    println!(
        "{kills} kills, {interrupted} while handing out: {} handed out, {} charged, none lost, none twice",
        all.len(),
        found.standing.releases
    );
}

#[test]
fn processes_and_threads_at_once_spend_a_budget_exactly() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    let budget = cap("12,1e-5,activation");
    Ledger::create(&path, budget).unwrap();
    let mut children = [spawn(&path, 1), spawn(&path, 1)];
    let own: Vec<(u64, u32)> = thread::scope(|scope| {
        // Two objects for one file, one of them shared by two threads through the file alone.
        let threads = [0, 1].map(|_| {
            scope.spawn(|| {
                let mut account = account(Ledger::open(&path).unwrap(), 1);
                std::iter::from_fn(|| account.pay().ok())
                    .map(|paid| (paid.record, paid.index))
                    .collect::<Vec<_>>()
            })
        });
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let mut all: Vec<(u64, u32)> = own;
    for child in &mut children {
        let (_, all_of_it) = listen(child);
        assert!(child.wait().unwrap().success());
        all.extend(all_of_it.join().unwrap());
    }
    let distinct: HashSet<_> = all.iter().collect();
    assert_eq!(distinct.len(), all.len(), "none is handed out twice");
    let mu = mechanism().spend(Adjacency::Activation).unwrap().mu;
    let at = |count: usize| {
        epsilon(Mu::new(mu.get() * (count as f64).sqrt()).unwrap(), Delta::new(1e-5).unwrap())
    };
    assert!(at(all.len()) <= 12.0 && at(all.len() + 1) > 12.0, "{} releases", all.len());
    assert_eq!(Ledger::open(&path).unwrap().standing().unwrap().releases, all.len() as u64);
}

#[test]
fn a_block_gives_back_what_nobody_used_and_shrinks_to_what_fits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    let ledger = Arc::new(Ledger::create(&path, cap("12,1e-5,activation")).unwrap());
    let open = || {
        let block = NonZeroU32::new(16).unwrap();
        Account::open(Arc::clone(&ledger), Some(&mechanism()), block).unwrap()
    };
    let mut account = open();
    account.pay().unwrap();
    assert_eq!(ledger.standing().unwrap().releases, 16, "charged before they are made");
    account.close().unwrap();
    assert_eq!(ledger.standing().unwrap().releases, 1);
    let mut account = open();
    account.pay().unwrap();
    drop(account);
    assert_eq!(ledger.standing().unwrap().releases, 2, "dropping gives back as well");
    let mut account = open();
    let count = std::iter::from_fn(|| account.pay().ok()).count() as u64;
    drop(account);
    assert_eq!(ledger.standing().unwrap().releases, 2 + count);
    assert_eq!(open().pay().unwrap_err().kind(), ErrorKind::Budget);
    assert!(Ledger::verify(&path).unwrap().whole);
}

#[test]
fn a_ledger_tells_no_time_and_asks_no_clock() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    let mut account = account(Ledger::create(&path, cap("12,1e-5,activation")).unwrap(), 1);
    for (year, seconds) in [(1970, 1), (2100, 4_102_444_800), (2000, 946_684_800)] {
        let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        fs::File::options().write(true).open(&path).unwrap().set_modified(moment).unwrap();
        account.pay().unwrap_or_else(|error| panic!("{year}: {error}"));
    }
    assert_eq!(account.ledger().standing().unwrap().releases, 3);
    // Equal charges to one ledger are equal bytes, whenever they are made.
    let copy = folder.path().join("copy");
    fs::copy(&path, &copy).unwrap();
    thread::sleep(Duration::from_millis(20));
    account.pay().unwrap();
    self::account(Ledger::open(&copy).unwrap(), 1).pay().unwrap();
    assert!(fs::read(&path).unwrap() == fs::read(&copy).unwrap());
}

#[test]
fn a_release_without_noise_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::create(folder.path().join("ledger"), cap("1e9,0.5,activation")).unwrap();
    let error = Account::open(Arc::new(ledger), None, NonZeroU32::MIN).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Budget);
    // Without a front nobody knows how far a patch reaches.
    let ledger = Ledger::create(folder.path().join("patches"), cap("5,1e-5,patch(8)")).unwrap();
    let error = Account::open(Arc::new(ledger), Some(&mechanism()), NonZeroU32::MIN).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Policy);
}

#[test]
fn files_that_cannot_be_a_ledger_are_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let budget = cap("5,1e-5,image");
    let refused = |path: &Path, says: &str| {
        let before = fs::read(path).ok();
        for result in [
            Ledger::open_or_create(path, budget).map(|_| ()),
            Ledger::open(path).map(|_| ()),
            Ledger::verify(path).map(|_| ()),
        ] {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Ledger, "{error}");
            assert!(error.message().contains(says), "{error} does not say {says}");
        }
        assert_eq!(fs::read(path).ok(), before);
    };
    let at = |name: &str| folder.path().join(name);
    refused(&at("no/such/folder"), "no such");
    refused(folder.path(), "plain file");
    fs::write(at("empty"), b"").unwrap();
    refused(&at("empty"), "empty");
    fs::write(at("letter"), "Dear reader, ".repeat(50)).unwrap();
    refused(&at("letter"), "not a ledger");
    refused(&at("letter/ledger"), "plain file");
    let whole = at("whole");
    Ledger::create(&whole, budget).unwrap();
    let mut newer = fs::read(&whole).unwrap();
    newer[18] = b'2';
    fs::write(at("newer"), &newer).unwrap();
    refused(&at("newer"), "frostglass-ledger/2");
    fs::write(at("half"), &newer[..18]).unwrap();
    refused(&at("half"), "damaged");
    // A folder of the system's in which even root makes no file.
    #[cfg(target_os = "linux")]
    {
        let error = Ledger::create("/sys/ledger", budget).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Ledger);
        assert!(error.message().contains("read-only"), "{error}");
        assert!(Ledger::open("/dev/full").unwrap_err().message().contains("plain file"));
    }
}

#[test]
fn a_budget_stays_as_it_was_fixed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    let mut account = account(Ledger::open_or_create(&path, cap("5,1e-5,activation")).unwrap(), 1);
    account.pay().unwrap();
    Ledger::open_or_create(&path, cap("5,1e-5,activation")).unwrap();
    for other in ["6,1e-5,activation", "4,1e-5,activation", "5,1e-6,activation", "5,1e-5,image"] {
        let error = Ledger::open_or_create(&path, cap(other)).unwrap_err();
        assert!(error.message().contains("5,1e-5,activation, not"), "{error}");
        assert!(!error.message().contains("already spent"), "{error}");
    }
    account.pay().unwrap();
    let error = Ledger::open_or_create(&path, cap("1,1e-5,activation")).unwrap_err();
    assert!(error.message().contains("already spent"), "{error}");
    assert_eq!(
        Ledger::create(&path, cap("5,1e-5,activation")).unwrap_err().kind(),
        ErrorKind::Ledger
    );
}

#[test]
fn a_budget_holds_the_release_that_it_was_made_for() {
    let folder = tempfile::tempdir().unwrap();
    let sensitivity = Sensitivity::new(Normalisation::default(), 8, None);
    let mut held = 0;
    for (unit, rows) in [(Adjacency::Activation, 4), (Adjacency::Image, 112)] {
        let scope = Scope { rows, columns: rows, reach: None };
        for delta in [1e-3, 1e-5, 1e-12] {
            for step in 0..=36 {
                let epsilon = 10f64.powf(-6.0 + f64::from(step) / 4.0);
                let target = Target::new(Epsilon::new(epsilon).unwrap())
                    .with_delta(Delta::new(delta).unwrap())
                    .and_then(|target| target.with_unit(unit))
                    .unwrap();
                // What costs less than the sampler's own error is no release.
                let Ok(mechanism) = Mechanism::calibrate(scope, sensitivity, target) else {
                    continue;
                };
                let path = folder.path().join(format!("{held}"));
                let cap = Cap::new(epsilon, delta, unit).unwrap();
                let ledger = Arc::new(Ledger::create(&path, cap).unwrap());
                let mut account = Account::open(ledger, Some(&mechanism), NonZeroU32::MIN).unwrap();
                let what = format!("epsilon {epsilon:e}, delta {delta:e}, unit {unit}");
                account.pay().unwrap_or_else(|error| panic!("{what}: {error}"));
                // Past some 80 noise is no weaker, so that a second one may fit.
                if epsilon < 50.0 {
                    assert_eq!(account.pay().unwrap_err().kind(), ErrorKind::Budget, "{what}");
                }
                held += 1;
            }
        }
    }
    assert!(held > 60, "{held}");
}

#[cfg(unix)]
#[test]
fn a_session_that_waits_while_its_ledger_is_continued_charges_to_no_file_without_a_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    let mut account = account(Ledger::create(&path, cap("200,1e-5,activation")).unwrap(), 1);
    for _ in 0..4 {
        account.pay().unwrap();
    }
    let mut bytes = fs::read(&path).unwrap();
    bytes[300] ^= 1;
    fs::write(&path, &bytes).unwrap();
    // An open session notices damage before the last record too.
    assert!(account.pay().unwrap_err().message().contains("damaged at byte 256"));
    let holder = fs::File::open(&path).unwrap();
    holder.lock().unwrap();
    let error = thread::scope(|scope| {
        let waiting = scope.spawn(|| account.pay().unwrap_err());
        thread::sleep(Duration::from_millis(50));
        // The name goes to another file while the lock is waited for.
        fs::rename(&path, folder.path().join("moved")).unwrap();
        bytes[300] ^= 1;
        fs::write(&path, &bytes[..4 * 256]).unwrap();
        drop(holder);
        waiting.join().unwrap()
    });
    assert!(error.message().contains("not the ledger that was opened"), "{error}");
    assert_eq!(fs::read(folder.path().join("moved")).unwrap().len(), bytes.len());
    assert_eq!(fs::read(&path).unwrap().len(), 4 * 256);
}

#[cfg(unix)]
#[test]
fn a_ledger_that_stays_locked_is_busy() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    let mut account = account(Ledger::create(&path, cap("12,1e-5,activation")).unwrap(), 1);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let holder = fs::File::open(&path).unwrap();
    holder.lock().unwrap();
    let error = thread::scope(|scope| {
        let waiting = scope.spawn(|| account.pay().unwrap_err());
        waiting.join().unwrap()
    });
    assert_eq!(error.kind(), ErrorKind::Busy, "{error}");
    drop(holder);
    account.pay().unwrap();
    assert_eq!(account.ledger().standing().unwrap().releases, 1, "the refused one cost nothing");
}

#[test]
fn tokens_are_for_one_header_each() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    let mut account = account(Ledger::create(&path, cap("12,1e-5,activation")).unwrap(), 1);
    let token = Token::new("message 7").unwrap();
    use frostglass::ledger::TokenPayment;
    assert!(matches!(account.pay_with_token(&token, b"header", 4), Ok(TokenPayment::Paid)));
    // Paid for and not kept yet: another caller meanwhile does not get it.
    let error = account.pay_with_token(&token, b"header", 4).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Token);
    account.keep(&token, b"1234").unwrap();
    // Another process finds it.
    let mut other = self::account(Ledger::open(&path).unwrap(), 1);
    match other.pay_with_token(&token, b"header", 4).unwrap() {
        TokenPayment::Kept(bytes) => assert_eq!(bytes, b"1234"),
        TokenPayment::Paid => panic!("paid twice"),
    }
    let error = other.pay_with_token(&token, b"another", 4).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Token);
    assert_eq!(other.ledger().standing().unwrap().releases, 1);
}
