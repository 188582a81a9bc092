//! How long a front takes to open: medians and ninetieth percentiles on one thread, from memory.
//!
//! `cargo run --release --example opening -- FRONT.onnx CARD.toml CUT` opens from ONNX and packed, 41
//! times each, in turns.
//!
//! `cargo run --release --example opening -- PACKED` opens a packed front once, the first and only
//! time in this process, whose memory is all new: this is what an app's first session waits for.

use std::time::{Duration, Instant};

use frostglass::front::{Card, Digest, Model, PackedFront};

const RUNS: usize = 41;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [packed] => once(std::fs::read(packed)?),
        [front_onnx, card, cut] => {
            often(&std::fs::read(front_onnx)?, &std::fs::read_to_string(card)?, cut)
        }
        _ => Err("FRONT.onnx CARD.toml CUT, or PACKED".into()),
    }
}

fn once(file: Vec<u8>) -> Result<(), Box<dyn std::error::Error>> {
    let start = Instant::now();
    let packed = PackedFront::open(file)?;
    let opened = start.elapsed();
    let front = packed.compile()?;
    let compiled = start.elapsed();
    let workspace = front.workspace();
    println!(
        "open {opened:.2?} + compile {:.2?}; together {compiled:.2?}; then a workspace {:.2?}",
        compiled - opened,
        start.elapsed() - compiled
    );
    drop(workspace);
    Ok(())
}

fn often(front_onnx: &[u8], text: &str, cut: &str) -> Result<(), Box<dyn std::error::Error>> {
    let card = Card::parse(text)?;
    let model = Model::open(front_onnx, card.clone())?;
    let packed = model.pack(cut)?;
    let opened = PackedFront::open(packed.as_slice())?;
    println!("front.onnx {} bytes, packed {} bytes", front_onnx.len(), packed.len());

    let mut times: [(&str, Vec<Duration>); 8] = [
        "card",
        "digest of the packed file",
        "ONNX: open",
        "ONNX: compile",
        "ONNX: both",
        "packed: open",
        "packed: compile",
        "packed: both",
    ]
    .map(|name| (name, Vec::with_capacity(RUNS)));
    for _ in 0..RUNS {
        // Opening keeps its file: each gets one of its own, copied before the clock starts.
        let [file, another] = [packed.clone(), packed.clone()];
        let taken = [
            time(|| Card::parse(text))?,
            time(|| Ok(Digest::of(&packed)))?,
            time(|| Model::open(front_onnx, card.clone()))?,
            time(|| model.compile(cut))?,
            time(|| Model::open(front_onnx, card.clone())?.compile(cut))?,
            time(|| PackedFront::open(file))?,
            time(|| opened.compile())?,
            time(|| PackedFront::open(another)?.compile())?,
        ];
        times.iter_mut().zip(taken).for_each(|((_, times), time)| times.push(time));
    }
    for (name, mut times) in times {
        times.sort();
        let (median, late) = (times[RUNS / 2], times[RUNS * 9 / 10]);
        println!("{name:<26} median {median:>9.2?}, ninetieth percentile {late:>9.2?}");
    }
    Ok(())
}

/// How long this takes; what it makes is dropped while the clock stands.
fn time<T>(run: impl FnOnce() -> frostglass::Result<T>) -> frostglass::Result<Duration> {
    let start = Instant::now();
    let made = run()?;
    let time = start.elapsed();
    drop(made);
    Ok(time)
}
