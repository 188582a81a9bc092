//! From a decoded frame to the last byte of the release nothing is allocated: every cut of the zoo
//! under every kind of policy.
#![cfg(all(feature = "onnx", feature = "decode"))]

mod counting;

use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;

use frostglass::frame::{Rect, decode};
use frostglass::front::{Card, Model, Precision};
use frostglass::ledger::{Cap, Ledger};
use frostglass::policy::Policy;
use frostglass::session::Frostglass;

use counting::allocations;

#[test]
fn a_release_allocates_nothing() {
    let zoo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/zoo/dlib-face");
    let card = Card::parse(&std::fs::read_to_string(zoo.join("card.toml")).unwrap()).unwrap();
    let model = Model::open(&std::fs::read(zoo.join("front.onnx")).unwrap(), card).unwrap();
    let photo = decode(&std::fs::read(zoo.join("photo.png")).unwrap()).unwrap();
    let frame = photo.frame().crop(Rect::new(168, 65, 113, 113)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let cap: Cap = "1e9,1e-5,activation".parse().unwrap();
    let ledger = Arc::new(Ledger::create(folder.path().join("ledger"), cap).unwrap());
    let policies = [
        "grid(i8)",
        "hold(8)|grid(i16, step=2^-8)",
        "channels(0-7)|dp(epsilon=5)|hold(3)",
        "dp(epsilon=1)",
        "dp(epsilon=8, unit=image, clip=4)",
    ]
    .map(|policy| policy.parse::<Policy>().unwrap());
    let mut charged = 0;
    for cut in model.cuts() {
        for precision in [Precision::Fast, Precision::Exact] {
            let front = Arc::new(model.compile_with(cut.name(), precision).unwrap());
            for policy in &policies {
                // What a policy does does not depend on the front's threads.
                for threads in 1..=if *policy == policies[0] { 2 } else { 1 } {
                    let front = Arc::clone(&front);
                    let mut session =
                        Frostglass::open_with_threads(front, policy, threads).unwrap();
                    // A charge waits for the disk and allocates no more than the rest does: each
                    // release is charged at one cut, and blocks of two at another.
                    let block = match cut.name() {
                        "stem-pool" => NonZeroU32::new(1),
                        "stage2-block1" => NonZeroU32::new(2),
                        _ => None,
                    };
                    if let Some(block) = block.filter(|_| policy.to_string().contains("dp(")) {
                        session = session.charging(Arc::clone(&ledger), block).unwrap();
                        charged += 1;
                    }
                    let mut release = vec![0; session.release_len()];
                    // The first frame of a size makes the resampler.
                    session.sanitize_into(&frame, &mut release).unwrap();
                    let before = allocations();
                    for _ in 0..if block.is_some() { 4 } else { 1 } {
                        session.sanitize_into(&frame, &mut release).unwrap();
                    }
                    let made = allocations() - before;
                    assert_eq!(made, 0, "{} under {policy}, {threads} threads", cut.name());
                }
            }
        }
    }
    assert_eq!(charged, 2 * 2 * 3, "cuts, precisions and noisy policies");
}
