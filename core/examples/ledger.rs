//! How many releases a ledger can charge in a second, one at a time and in blocks.
//!
//! `cargo run --release --example ledger -- [--json FILE] [--folder DIR] [--commit TEXT]`
//!
//! Each run begins a ledger in a new folder under DIR (the current folder unless said) and charges
//! for a second. A charge alone waits for the disk once; a block of n waits once for n. The disk's
//! own time for one small synchronous write stands beside it.

use std::fs::File;
use std::io::Write;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use frostglass::ledger::{Account, Cap, Ledger};
use frostglass::privacy::{Epsilon, Mechanism, Normalisation, Scope, Sensitivity, Target};
use serde_json::{Value, json};

const BLOCKS: [u32; 4] = [1, 8, 64, 512];
const RUNS: usize = 5;
const RUN: Duration = Duration::from_secs(1);

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Fallible<()> {
    let (mut json_file, mut folder) = (None, PathBuf::from("."));
    let mut commit = "unknown".to_owned();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--json" => json_file = Some(PathBuf::from(value()?)),
            "--folder" => folder = PathBuf::from(value()?),
            "--commit" => commit = value()?,
            _ => {
                return Err(format!(
                    "there is no {argument}; there are --json, --folder and --commit"
                )
                .into());
            }
        }
    }
    let mechanism = mechanism()?;
    // Taking turns: a disk's mood changes in the course of a minute.
    let (mut plain, mut charged) = (Vec::new(), BLOCKS.map(|_| Vec::new()));
    for _ in 0..RUNS {
        plain.push(plain_writes(&folder)?);
        for (rates, block) in charged.iter_mut().zip(BLOCKS) {
            rates.push(charges(&folder, &mechanism, block)?);
        }
    }
    println!("{}, commit {commit}", machine());
    println!("{:<28} {:>12} {:>26}", "", "a second", "least to most of 5 runs");
    let mut rows = vec![row("256 bytes, write and sync", None, median_and_spread(plain))];
    for (rates, block) in charged.into_iter().zip(BLOCKS) {
        let name = format!("releases, blocks of {block}");
        rows.push(row(&name, Some(block), median_and_spread(rates)));
    }
    let reopened = reopen(&folder, &mechanism)?;
    println!("\na ledger of 10,000 records opens in {reopened:.1?}");
    if let Some(path) = json_file {
        let report = json!({
            "what": "releases charged to a ledger in a second, medians of runs of one second",
            "machine": machine(),
            "commit": commit,
            "runs": RUNS,
            "rates": rows,
            "open_10000_records_seconds": reopened.as_secs_f64(),
        });
        std::fs::write(path, serde_json::to_string_pretty(&report)? + "\n")?;
    }
    Ok(())
}

fn mechanism() -> frostglass::Result<Mechanism> {
    let scope = Scope { rows: 112, columns: 112, reach: None };
    let sensitivity = Sensitivity::new(Normalisation::default(), 64, None);
    let target = Target::new(Epsilon::new(1.0).unwrap());
    Mechanism::calibrate(scope, sensitivity, target)
}

/// A ledger whose budget outlasts the benchmark.
fn account(path: &Path, mechanism: &Mechanism, block: u32) -> Fallible<Account> {
    let cap: Cap = "1e9,1e-5,activation".parse()?;
    let ledger = Arc::new(Ledger::create(path, cap)?);
    let block = NonZeroU32::new(block).ok_or("a block of none")?;
    Ok(Account::open(ledger, Some(mechanism), block)?)
}

/// Releases charged in a second.
fn charges(folder: &Path, mechanism: &Mechanism, block: u32) -> Fallible<f64> {
    let folder = tempfile::tempdir_in(folder)?;
    let mut account = account(&folder.path().join("ledger"), mechanism, block)?;
    let start = Instant::now();
    let mut count = 0u64;
    while start.elapsed() < RUN {
        // A whole block between looks at the clock: its cost is not what is measured.
        for _ in 0..block {
            account.pay()?;
        }
        count += u64::from(block);
    }
    Ok(count as f64 / start.elapsed().as_secs_f64())
}

/// What the disk does in a second without a ledger: appends 256 bytes and waits.
fn plain_writes(folder: &Path) -> Fallible<f64> {
    let folder = tempfile::tempdir_in(folder)?;
    let mut file = File::create(folder.path().join("plain"))?;
    let start = Instant::now();
    let mut count = 0u64;
    while start.elapsed() < RUN {
        file.write_all(&[7; 256])?;
        file.sync_data()?;
        count += 1;
    }
    Ok(count as f64 / start.elapsed().as_secs_f64())
}

/// How long a ledger of many records takes to open.
fn reopen(folder: &Path, mechanism: &Mechanism) -> Fallible<Duration> {
    let folder = tempfile::tempdir_in(folder)?;
    let path = folder.path().join("ledger");
    let mut account = account(&path, mechanism, 1)?;
    for _ in 0..10_000 {
        account.pay()?;
    }
    drop(account);
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let start = Instant::now();
        Ledger::open(&path)?;
        times.push(start.elapsed());
    }
    times.sort();
    Ok(times[RUNS / 2])
}

fn median_and_spread(mut rates: Vec<f64>) -> [f64; 3] {
    rates.sort_by(f64::total_cmp);
    [rates[RUNS / 2], rates[0], rates[RUNS - 1]]
}

fn row(name: &str, block: Option<u32>, [median, least, most]: [f64; 3]) -> Value {
    println!("{name:<28} {median:>12.0} {least:>12.0} to {most:>10.0}");
    json!({ "name": name, "block": block, "median": median, "least": least, "most": most })
}

/// The system and the processor, as far as they say.
fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    format!("{} {}, {}", std::env::consts::OS, std::env::consts::ARCH, model.unwrap_or("unknown"))
}
