//! Sessions, continuations, forks and kills against one ledger, at once and for many rounds.
//!
//! `FROSTGLASS_ROUNDS=10000 cargo test --release ... --test ledger_rounds -- --nocapture`
#![cfg(unix)]
#![allow(unsafe_code, reason = "processes are forked, as apps and servers fork them")]

mod processes;

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::Read as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use frostglass::ErrorKind;
use frostglass::ledger::Ledger;
use processes::{Child, Log, MECHANISM, SIGKILL, kill, open};

/// A small generator: the rounds differ in nothing but what the system makes of them.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        // Knuth's MMIX constants; the high bits are the good ones.
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Pays until it is told to stop, and begins again where damage or a successor is in the way. Where
/// told, it forks once in the middle of a block, and goes on in both.
fn session(path: &Path, log: &Log, stop: &Path, block: u32, mut forks: bool) {
    let mut child = None;
    while !stop.exists() {
        let Ok((name, mut account)) = open(path, block) else {
            thread::sleep(Duration::from_micros(200));
            continue;
        };
        for count in 0.. {
            match account.pay() {
                Ok(paid) => {
                    log.paid(&name, paid);
                    // Or the others would hardly ever find the lock free.
                    thread::sleep(Duration::from_micros(100));
                }
                Err(error) => {
                    let kinds = [ErrorKind::Ledger, ErrorKind::Busy];
                    assert!(kinds.contains(&error.kind()), "{error}");
                    break;
                }
            }
            if forks && count == 1 {
                forks = false;
                let own = &mut account;
                child = Some(Child::fork(|| {
                    for _ in 0..block {
                        if let Ok(paid) = own.pay() {
                            log.paid(&name, paid);
                        }
                    }
                }));
            }
            if stop.exists() {
                break;
            }
        }
    }
    if let Some(child) = child {
        child.wait();
    }
}

/// Flips a bit of the first record, if another stands behind it that still tells the total.
fn damage(path: &Path) {
    let file = OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    if file.metadata().unwrap().len() >= 4 * 256 {
        file.read_exact_at(&mut byte, 300).unwrap();
        file.write_all_at(&[byte[0] ^ 16], 300).unwrap();
    }
}

#[derive(Debug, Default)]
struct Count {
    handed_out: u64,
    continued: u64,
    kills: u64,
    kills_of_a_continuation: u64,
    lost: u64,
    rounds_that_lost: u64,
    twice: u64,
}

/// What stands in the files against what was handed out. Files of ledgers that ended are removed.
fn check(
    folder: &Path,
    path: &Path,
    log: &Log,
    all: &mut HashMap<String, HashSet<(u64, u32)>>,
    count: &mut Count,
) {
    let lines = log.take();
    count.handed_out += lines.len() as u64;
    for (ledger, record, index) in lines {
        count.twice += u64::from(!all.entry(ledger).or_default().insert((record, index)));
    }
    // Of a ledger that ended there can be several copies: a continuation that was killed leaves a part.
    let mut files: HashMap<String, (u64, u64)> = HashMap::new();
    let mut look = |file: &Path| -> frostglass::Result<(String, u64)> {
        let found = Ledger::verify(file)?;
        let (name, releases) = (found.standing.ledger, found.standing.releases);
        let longest = files.entry(name.clone()).or_default();
        *longest = (*longest).max((found.bytes / 256 - 1, releases));
        Ok((name, releases))
    };
    let (now, releases) = look(path).unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path();
        if file.to_string_lossy().contains(".damaged") {
            let _ = look(&file);
            fs::remove_file(file).unwrap();
        }
    }
    count.continued += files.len() as u64 - 1;
    let lost = all.iter().flat_map(|(ledger, paid)| {
        let records = files.get(ledger).map_or(0, |file| file.0);
        paid.iter().filter(move |paid| paid.0 > records)
    });
    let lost = lost.count() as u64;
    assert!(files.values().all(|file| file.1 <= releases), "a successor forgot what was spent");
    assert!(count.lost + lost > 0 || releases >= count.handed_out, "{releases} of {count:?}");
    // What ended is looked at once: later rounds add nothing to it.
    all.retain(|ledger, _| *ledger == now);
    count.lost += lost;
    count.rounds_that_lost += u64::from(lost > 0);
}

#[test]
fn sessions_continuations_forks_and_kills_lose_no_spend_and_hand_none_out_twice() {
    let rounds = std::env::var("FROSTGLASS_ROUNDS").map_or(150, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    drop(Ledger::create(&path, "1e9,1e-5,activation".parse().unwrap()).unwrap());
    LazyLock::force(&MECHANISM);
    let log = Log::begin(folder.path().join("log"));
    let stop = folder.path().join("stop");
    let (mut dice, mut count, mut all) = (Dice(20_261_201), Count::default(), HashMap::new());
    for round in 0..rounds {
        // Whoever is forked in this round holds its end open, whoever's child it is.
        let (mut all_gone, held) = std::io::pipe().unwrap();
        let _ = fs::remove_file(&stop);
        let sessions: Vec<Child> = [(1, false), (4, true), (1, false)]
            .map(|(block, forks)| Child::fork(|| session(&path, &log, &stop, block, forks)))
            .into();
        drop(held);
        // In the middle of the work, wherever that is.
        let lines = dice.below(16);
        for _ in 0..200 {
            if log.file.metadata().unwrap().len() >= 35 * lines {
                break;
            }
            thread::sleep(Duration::from_micros(100));
        }
        damage(&path);
        // One or two at once, and at times one that dies on the way.
        let continuations: Vec<Child> = (0..=dice.below(2))
            .map(|_| Child::fork(|| drop(Ledger::continue_damaged(&path))))
            .collect();
        let pause = |dice: &mut Dice| thread::sleep(Duration::from_micros(dice.below(1500)));
        if dice.below(4) == 0 {
            pause(&mut dice);
            count.kills_of_a_continuation += 1;
            kill(continuations[0].0, SIGKILL);
        }
        let ended = |child: Child| {
            let status = child.wait();
            assert!([0, -SIGKILL].contains(&status), "round {round}: a child ended with {status}");
        };
        continuations.into_iter().for_each(ended);
        pause(&mut dice);
        if dice.below(2) == 0 {
            count.kills += 1;
            kill(sessions[1].0, SIGKILL);
        }
        File::create(&stop).unwrap();
        sessions.into_iter().for_each(ended);
        // The child of a session that was killed may still be at work.
        all_gone.read_to_end(&mut Vec::new()).unwrap();
        while Ledger::verify(&path).unwrap().damage.is_some() {
            Ledger::continue_damaged(&path).unwrap();
        }
        check(folder.path(), &path, &log, &mut all, &mut count);
    }
    println!("{rounds} rounds: {count:?}");
    assert_eq!((count.lost, count.twice), (0, 0), "{count:?}");
    assert!(count.continued >= rounds / 2 && count.handed_out >= 3 * rounds, "{count:?}");
}
