//! Times a sweep over windows beside the part of the network that runs for each.
//!
//! ```text
//! sweep NETWORK.onnx TENSOR ROUNDS
//! ```
//!
//! prints one JSON object: seconds of each sweep over windows 2 to 150, and of each of as many runs of
//! the tail alone. `cargo xtask bench hold` runs it.

use std::error::Error;
use std::num::NonZeroUsize;
use std::time::Instant;

use frostglass::front::{Output, Precision};
use frostglass::network::{Network, Place};
use frostglass::policy::Hold;

const WINDOWS: std::ops::RangeInclusive<usize> = 2..=150;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [network, tensor, rounds] = arguments.as_slice() else {
        return Err("give a network, a tensor and a number of rounds".into());
    };
    let network = Network::open_without_card(&std::fs::read(network)?, Output::Logits)?;
    let place: Place = tensor.parse()?;
    let like = Hold::new(NonZeroUsize::MIN);
    let mut controller = network.controller(&place, like, &[], Precision::Exact)?;
    let count = network.input_shape().iter().product();
    let picture: Vec<f32> = (0..count).map(|i| ((i * 31) % 251) as f32 - 125.0).collect();
    let (mut sweeps, mut tails) = (Vec::new(), Vec::new());
    for round in 0..=rounds.parse::<usize>()? {
        let tail = controller.time_tail(&picture, WINDOWS.count())?;
        let begun = Instant::now();
        controller.sweep(&picture, None, WINDOWS, &mut |_| {})?;
        if round > 0 {
            sweeps.push(begun.elapsed().as_secs_f64());
            tails.push(tail.as_secs_f64());
        }
    }
    println!("{}", serde_json::json!({ "sweeps": sweeps, "tails": tails }));
    Ok(())
}
