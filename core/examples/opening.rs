//! How long a front takes to open, from ONNX and packed: medians of runs in memory, on one thread.
//!
//! `cargo run --release --example opening -- FRONT.onnx CARD.toml CUT`

use std::time::{Duration, Instant};

use frostglass::front::{Card, Digest, Model, PackedFront};

const RUNS: usize = 41;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [front_onnx, card, cut] = arguments.as_slice() else {
        return Err("three arguments: FRONT.onnx CARD.toml CUT".into());
    };
    let front_onnx = std::fs::read(front_onnx)?;
    let text = std::fs::read_to_string(card)?;
    let card = Card::parse(&text)?;
    let model = Model::open(&front_onnx, card.clone())?;
    let packed = model.pack(cut)?;
    let opened = PackedFront::open(&packed)?;

    println!("front.onnx {} bytes, packed {} bytes", front_onnx.len(), packed.len());
    let parse = median(|| Card::parse(&text))?;
    let onnx = median(|| Model::open(&front_onnx, card.clone()))?;
    let compile = median(|| model.compile(cut))?;
    let both = median(|| Model::open(&front_onnx, card.clone())?.compile(cut))?;
    println!(
        "ONNX:   open {onnx:.2?} + compile {compile:.2?}; together {both:.2?}; card {parse:.2?}"
    );
    let open = median(|| PackedFront::open(&packed))?;
    let compile = median(|| opened.compile())?;
    let both = median(|| PackedFront::open(&packed)?.compile())?;
    let digest = median(|| Ok(Digest::of(&packed)))?;
    println!(
        "packed: open {open:.2?} + compile {compile:.2?}; together {both:.2?}; digest {digest:.2?}"
    );
    Ok(())
}

/// Of what `run` takes; what it makes is dropped while the clock stands.
fn median<T>(mut run: impl FnMut() -> frostglass::Result<T>) -> frostglass::Result<Duration> {
    let mut times = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let start = Instant::now();
        let made = run()?;
        times.push(start.elapsed());
        drop(made);
    }
    times.sort();
    Ok(times[RUNS / 2])
}
