//! Releases that are charged to a ledger, and ledgers that are looked at.

mod support;

use std::process::Output;

use serde_json::Value;
use support::{Desk, photo, sanitize};

const CUT: &str = "stage5-block1";
const POLICY: &str = "dp(epsilon=5, delta=1e-5)";

/// `sanitize` charged to the ledger `l`.
fn charge(desk: &Desk, policy: &str, out: &str, more: &[&str]) -> Output {
    let photo = photo();
    let more = [&["--ledger", "l", "--json"], more].concat();
    desk.run(&sanitize(&photo, CUT, policy, out, &more))
}

fn made(output: Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

/// One line, this exit code, and no answer.
fn refused(output: &Output, code: i32, says: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains(says), "{stderr:?} does not say {says:?}");
    assert!(output.stdout.is_empty());
}

#[test]
fn a_budget_is_spent_and_then_refuses() {
    let desk = Desk::new();
    let budget = ["--budget", "10,1e-5,activation"];
    let first = made(charge(&desk, POLICY, "a", &budget));
    assert_eq!(first["resent"], false);
    let total = &first["receipt"]["total"];
    assert_eq!((&total["releases"], &total["cap"]["epsilon"]), (&1.into(), &10.0.into()));
    let epsilon = total["spent"]["unit"]["epsilon"].as_f64().unwrap();
    assert!((epsilon - 5.0).abs() < 1e-3, "{epsilon}");

    made(charge(&desk, POLICY, "b", &budget));
    // The ledger knows its budget.
    made(charge(&desk, POLICY, "c", &[]));
    let before = std::fs::read(desk.path("l")).unwrap();
    let output = charge(&desk, POLICY, "d", &budget);
    refused(&output, 3, "10,1e-5,activation");
    assert!(!desk.path("d").exists(), "a refusal writes no release");
    assert_eq!(std::fs::read(desk.path("l")).unwrap(), before);

    let shown = desk.json(&["ledger", "show", "l"]);
    assert_eq!(shown["releases"], 3);
    assert_eq!(
        shown["cap"],
        serde_json::json!({
            "epsilon": 10.0,
            "delta": 1e-5,
            "useful": true,
            "unit": "activation",
            "hides": "one number of the feature map; not one pixel of the photograph",
        })
    );
    let spent = &shown["spent"]["activation"];
    let (mu, rho) = (spent["mu"].as_f64().unwrap(), spent["rho"].as_f64().unwrap());
    assert!((mu * mu / 2.0 - rho).abs() < 1e-12);
    assert!(shown["spent"]["image"]["epsilon"].as_f64().unwrap() > 1000.0);
    assert_eq!(shown["spent"]["image"]["useful"], false);
    let text = String::from_utf8(desk.run(&["ledger", "show", "l"]).stdout).unwrap();
    assert!(text.contains("releases 3 charged"), "{text}");
    assert!(text.contains("no useful guarantee"), "{text}");
    assert_eq!(desk.json(&["ledger", "verify", "l"])["whole"], true);
}

#[test]
fn a_budget_holds_the_release_that_it_was_made_for() {
    let desk = Desk::new();
    let photo = photo();
    for (index, unit) in ["activation", "patch(8)", "image", "person"].into_iter().enumerate() {
        let of_one = if unit == "person" { "image" } else { unit };
        let (policy, budget) = (format!("dp(epsilon=1, unit={of_one})"), format!("1,1e-5,{unit}"));
        let ledger = format!("l{index}");
        let more = ["--ledger", &ledger, "--budget", &budget];
        let arguments = sanitize(&photo, "stem-relu", &policy, "x", &more);
        assert!(desk.run(&arguments).status.success(), "{unit}");
        refused(&desk.run(&arguments), 3, "(1 charged)");
    }
}

#[test]
fn a_release_without_noise_begins_no_ledger() {
    let desk = Desk::new();
    let output = charge(&desk, "hold(8)", "a", &["--budget", "1e9,0.5,image"]);
    refused(&output, 3, "without dp");
    assert!(desk.files().is_empty(), "{:?}", desk.files());
}

#[test]
fn what_cannot_be_charged_is_said_in_one_line_and_nothing_is_written() {
    let desk = Desk::new();
    desk.file("letter", b"Dear reader");
    let cases: [(&[&str], &str); 14] = [
        (&["--ledger", "none"], "--budget EPSILON,DELTA,UNIT begins one"),
        (&["--ledger", "no/folder", "--budget", "5,1e-5,image"], "no such folder"),
        (&["--ledger", ".", "--budget", "5,1e-5,image"], "plain file"),
        (&["--ledger", "letter", "--budget", "5,1e-5,image"], "not a ledger"),
        (&["--ledger", "letter/l", "--budget", "5,1e-5,image"], "plain file"),
        (&["--budget", "5,1e-5,image"], "--ledger"),
        (&["--token", "a"], "--ledger"),
        (&["--ledger", "l", "--budget", "-5,1e-5,image"], "above 0"),
        (&["--ledger", "l", "--budget", "NaN,1e-5,image"], "above 0"),
        (&["--ledger", "l", "--budget", "0,1e-5,image"], "above 0"),
        (&["--ledger", "l", "--budget", "5,1e-5"], "EPSILON,DELTA,UNIT"),
        (&["--ledger", "l", "--budget", "5,1e-5,persons"], "patch(PIXELS)"),
        (&["--ledger", "l", "--budget", "5,1e-5,image", "--token", ""], "1 to 128 bytes"),
        (&["--ledger", "l", "--budget", "5,1e-5,image", "--out", "no/folder"], "cannot write"),
    ];
    let photo = photo();
    for (more, says) in cases {
        let mut arguments = sanitize(&photo, CUT, POLICY, "x", &[]);
        if more.contains(&"--out") {
            arguments.truncate(arguments.len() - 2);
        }
        arguments.extend(more);
        refused(&desk.run(&arguments), 2, says);
        assert_eq!(desk.files(), ["letter"], "{more:?}");
    }
    let long = "a".repeat(129);
    let output = charge(&desk, POLICY, "x", &["--budget", "5,1e-5,image", "--token", &long]);
    refused(&output, 2, "1 to 128 bytes");
    for command in ["show", "verify"] {
        refused(&desk.run(&["ledger", command, "none"]), 2, "no such file");
        refused(&desk.run(&["ledger", command, "letter"]), 2, "not a ledger");
        refused(&desk.run(&["ledger", command, "."]), 2, "plain file");
    }
    assert_eq!(desk.files(), ["letter"]);
}

#[test]
fn another_budget_is_refused() {
    let desk = Desk::new();
    made(charge(&desk, POLICY, "a", &["--budget", "10,1e-5,activation"]));
    let other = charge(&desk, POLICY, "b", &["--budget", "20,1e-5,activation"]);
    refused(&other, 2, "a budget stays as it was fixed");
    let lower = charge(&desk, POLICY, "b", &["--budget", "4,1e-5,activation"]);
    refused(&lower, 2, "already spent");
}

#[test]
fn a_token_sends_the_same_release_again() {
    let desk = Desk::new();
    let first =
        made(charge(&desk, POLICY, "a", &["--budget", "10,1e-5,activation", "--token", "7"]));
    let again = made(charge(&desk, POLICY, "b", &["--token", "7"]));
    assert_eq!((&first["resent"], &again["resent"]), (&false.into(), &true.into()));
    let bytes = std::fs::read(desk.path("a")).unwrap();
    assert!(bytes == std::fs::read(desk.path("b")).unwrap());
    assert_eq!(again["receipt"]["total"]["releases"], 1);
    let other = made(charge(&desk, POLICY, "c", &["--token", "8"]));
    assert_eq!(other["receipt"]["total"]["releases"], 2);
    assert!(bytes != std::fs::read(desk.path("c")).unwrap());
    let output = charge(&desk, "dp(epsilon=4)", "d", &["--token", "7"]);
    refused(&output, 2, "another model, cut or policy");
    std::fs::remove_dir_all(desk.path("l.releases")).unwrap();
    refused(&charge(&desk, POLICY, "d", &["--token", "7"]), 2, "used up");
    assert!(!desk.path("d").exists());
}

#[test]
fn a_damaged_ledger_is_refused_explained_and_continued() {
    let desk = Desk::new();
    for out in ["a", "b", "c"] {
        made(charge(&desk, "dp(epsilon=1)", out, &["--budget", "10,1e-5,activation"]));
    }
    let mut bytes = std::fs::read(desk.path("l")).unwrap();
    assert_eq!(bytes.len(), 4 * 256);
    bytes[300] ^= 1;
    std::fs::write(desk.path("l"), &bytes).unwrap();
    refused(&charge(&desk, "dp(epsilon=1)", "d", &[]), 2, "damaged at byte 256");
    refused(&desk.run(&["ledger", "show", "l"]), 2, "damaged at byte 256");

    let output = desk.run(&["ledger", "verify", "l", "--json"]);
    assert_eq!(output.status.code(), Some(2), "a script can tell");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        report["damage"],
        serde_json::json!({"offset": 256, "blocks": 1, "total_known": true})
    );
    assert_eq!(report["standing"]["releases"], 3);
    assert_eq!(std::fs::read(desk.path("l")).unwrap(), bytes, "nothing is changed unasked");

    let report = desk.json(&["ledger", "verify", "l", "--continue"]);
    assert_eq!(report["moved_to"], "l.damaged");
    assert_eq!(std::fs::read(desk.path("l.damaged")).unwrap(), bytes);
    let shown = desk.json(&["ledger", "show", "l"]);
    assert_eq!((&shown["releases"], &shown["spent"]), (&3.into(), &report["standing"]["spent"]));
    assert_eq!(shown["continues"], report["standing"]["ledger"]);
    made(charge(&desk, "dp(epsilon=1)", "d", &[]));
    let output = desk.run(&["ledger", "verify", "l", "--continue"]);
    refused(&output, 2, "the ledger is whole");

    // The last record: what it cost is not known, and the budget counts as spent.
    let mut bytes = std::fs::read(desk.path("l")).unwrap();
    let last = bytes.len() - 10;
    bytes[last] ^= 1;
    std::fs::write(desk.path("l"), &bytes).unwrap();
    let report = desk.json(&["ledger", "verify", "l", "--continue"]);
    assert_eq!(report["moved_to"], "l.damaged-2");
    assert_eq!(report["standing"]["spent"]["image"]["epsilon"], Value::Null);
    refused(&charge(&desk, "dp(epsilon=1)", "e", &[]), 3, "refused");
}
