//! The hostile collection once more, in a process that may not map more than 4 GiB.

use frostglass::front::Model;

use crate::hostile::{collection, refused};
use crate::sketch::{Sketch, ints, text};

/// Set in the process that has the limit.
const INSIDE: &str = "FROSTGLASS_LIMITED";

#[test]
fn four_gibibytes_of_address_space_are_enough() {
    if std::env::var_os(INSIDE).is_some() {
        return inside();
    }
    let this = std::env::current_exe().unwrap();
    let output = std::process::Command::new("sh")
        .args(["-c", "ulimit -v 4194304 && exec \"$0\" \"$@\""])
        .arg(this)
        .args(["--exact", "limited::four_gibibytes_of_address_space_are_enough", "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("ran within the limit"));
}

fn inside() {
    for (_, bytes, words) in collection() {
        refused(&bytes, &words);
    }
    // As large as a map and its gathered windows may be, nearly: it must open, compile and run.
    let large = Sketch::new(&[1, 1, 5_400, 5_400])
        .floats("w", &[2, 1, 3, 3], &[0.1; 18])
        .node("Conv", &["x", "w"], "y", vec![ints("pads", &[1, 1, 1, 1])])
        .output("y");
    let model = Model::open_without_card(&large.bytes()).unwrap();
    let front = model.compile("y").unwrap();
    let input = vec![1.0; 5_400 * 5_400];
    let mut out = vec![0.0; 2 * 5_400 * 5_400];
    front.run_in_lab(&mut front.workspace(), &input, &mut out).unwrap();
    assert!((out[5_401] - 0.9).abs() < 1e-6);
    drop((front, out));
    // The same through tract, which takes and gives whole maps.
    let large = Sketch::new(&[1, 1, 5_400, 5_400])
        .floats("scales", &[4], &[1.0, 1.0, 0.5, 0.5])
        .node(
            "Resize",
            &["x", "", "scales"],
            "y",
            vec![
                text("coordinate_transformation_mode", "asymmetric"),
                text("nearest_mode", "floor"),
            ],
        )
        .output("y");
    let model = Model::open_without_card(&large.bytes()).unwrap();
    let front = model.compile("y").unwrap();
    assert!(front.describe().steps.iter().any(|step| step.allocates));
    let mut out = vec![0.0; 2_700 * 2_700];
    front.run_in_lab(&mut front.workspace(), &input, &mut out).unwrap();
    assert_eq!(out[2_701], 1.0);
    drop((front, out));
    // More maps at once than an arena may hold: refused, not tried.
    let wide = Sketch::new(&[1, 1, 8_192, 8_192])
        .node(
            "MaxPool",
            &["x"],
            "p",
            vec![ints("kernel_shape", &[8_191, 1]), ints("pads", &[4_095, 0, 4_095, 0])],
        )
        .node("Add", &["p", "x"], "y", vec![])
        .output("y");
    let model = Model::open_without_card(&wide.bytes()).unwrap();
    let error = model.compile("y").unwrap_err();
    assert!(error.message().contains("at once"), "{error}");
    println!("ran within the limit");
}
