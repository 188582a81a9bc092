//! From a decoded frame to the last byte of the release nothing is allocated: every cut of the zoo
//! under every kind of policy.
#![cfg(all(feature = "onnx", feature = "decode"))]

mod counting;

use std::path::Path;
use std::sync::Arc;

use frostglass::frame::{Rect, decode};
use frostglass::front::{Card, Model, Precision};
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
    let policies = [
        "grid(i8)",
        "hold(8)|grid(i16, step=2^-8)",
        "channels(0-7)|dp(epsilon=5)|hold(3)",
        "dp(epsilon=1)",
        "dp(epsilon=8, unit=image, clip=4)",
    ]
    .map(|policy| policy.parse::<Policy>().unwrap());
    for cut in model.cuts() {
        for precision in [Precision::Fast, Precision::Exact] {
            let front = Arc::new(model.compile_with(cut.name(), precision).unwrap());
            for policy in &policies {
                // What a policy does does not depend on the front's threads.
                for threads in 1..=if *policy == policies[0] { 2 } else { 1 } {
                    let front = Arc::clone(&front);
                    let session = Frostglass::open_with_threads(front, policy, threads).unwrap();
                    let mut release = vec![0; session.release_len()];
                    // The first frame of a size makes the resampler.
                    session.sanitize_into(&frame, &mut release).unwrap();
                    let before = allocations();
                    session.sanitize_into(&frame, &mut release).unwrap();
                    let made = allocations() - before;
                    assert_eq!(made, 0, "{} under {policy}, {threads} threads", cut.name());
                }
            }
        }
    }
}
