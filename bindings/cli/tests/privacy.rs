//! `frostglass privacy`: noise, its size, its price, and the price of many.

mod support;

use support::Desk;

fn number(value: &serde_json::Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn near(value: &serde_json::Value, wanted: f64, relative: f64) {
    let got = number(value);
    assert!((got / wanted - 1.0).abs() <= relative, "{got} is not {wanted}");
}

#[test]
fn sigma_has_the_published_figures() {
    let desk = Desk::new();
    for (epsilon, sigma) in [("1", 3.730632), ("5", 0.891868), ("0.5", 7.031827)] {
        let given = ["privacy", "sigma", "--epsilon", epsilon, "--delta", "1e-5"];
        let report = desk.json(&given);
        near(&report["sigma"], sigma, 1e-6);
        near(&report["mu"], 1.0 / sigma, 1e-6);
        near(&report["true_epsilon"], epsilon.parse().unwrap(), 1e-9);
        let twice = desk.json(&[&given[..], &["--sensitivity", "2"]].concat());
        near(&twice["sigma"], 2.0 * sigma, 1e-6);
        near(&twice["step"], 2.0 * sigma / 16.0, 1e-6);
    }
    // By the analytic curve the classical formula's nominal 5 is truly 4.54.
    let paper = ["privacy", "sigma", "--epsilon", "5", "--delta", "1e-5", "--paper"];
    near(&desk.json(&paper)["true_epsilon"], 4.54, 1e-3);
    let text = desk.run(&paper);
    assert!(String::from_utf8_lossy(&text.stdout).contains("true epsilon  4.5"), "{text:?}");
}

#[test]
fn noise_is_rounded_gaussian_in_little_endian_integers() {
    let desk = Desk::new();
    for (grid, sigma) in [("i8", 16.0), ("i16", 256.0)] {
        let given = ["privacy", "noise", "--grid", grid, "--count", "65537", "--out", "noise"];
        let report = desk.json(&given);
        assert_eq!(report["sigma_steps"], sigma);
        let bytes = std::fs::read(desk.path("noise")).unwrap();
        assert_eq!(bytes.len(), 4 * 65537);
        let samples = bytes.chunks(4).map(|b| i32::from_le_bytes(b.try_into().unwrap()));
        let squares: f64 = samples.map(|steps| f64::from(steps).powi(2)).sum();
        // Five standard errors of a deviation.
        let deviation = (squares / 65537.0).sqrt() / sigma;
        assert!((deviation - 1.0).abs() < 5.0 / (2.0 * 65537f64).sqrt(), "{grid}: {deviation}");
    }
}

#[test]
fn a_policy_is_explained_under_every_adjacency() {
    let desk = Desk::new();
    let explain = |policy: &str| {
        let given = ["privacy", "explain", "--model", "dlib-face", "--cut", "stem-pool"];
        desk.json(&[&given[..], &["--policy", policy]].concat())
    };
    let one = explain("dp(epsilon=5, delta=1e-5)");
    near(&one["activation"]["epsilon"], 5.0, 1e-3);
    assert_eq!(one["grid"], "i8");
    assert_eq!(one["sigma_steps"], 16.0);
    assert!(number(&one["patch"]["1"]["epsilon"]) > 100.0, "{one}");
    assert!(number(&one["image"]["epsilon"]) > number(&one["patch"]["8"]["epsilon"]));
    assert_eq!(one["image"]["useful"], false);
    let patch = explain("dp(epsilon=3, unit=patch(16))");
    near(&patch["patch"]["16"]["epsilon"], 3.0, 1e-3);
    let image = explain("channels(0-3)|dp(epsilon=8, unit=image, clip=1)");
    near(&image["image"]["epsilon"], 8.0, 1e-3);
    assert_eq!(image["image"]["useful"], true);
    // Nominal 5 by the paper's rule is not 5: its sensitivity is 1/sqrt(2), ours 1/sqrt(3).
    let paper = explain("dp(epsilon=5, calibration=paper)");
    assert_eq!(paper["nominal_epsilon"], 5.0);
    assert!(number(&paper["activation"]["epsilon"]) < 4.54, "{paper}");
}

#[test]
fn releases_are_added_up() {
    let desk = Desk::new();
    let account = |list: &str| {
        desk.file("list.json", list.as_bytes());
        desk.json(&["privacy", "account", "list.json", "--delta", "1e-5"])
    };
    let one = account(r#"[{"mu": 0.26805, "count": 1}]"#);
    near(&one["gdp"]["epsilon"], 1.0, 1e-3);
    let many = account(r#"[{"sigma": 16, "delta_f": 4.2888, "count": 9}, {"mu": 0.1}]"#);
    near(&many["gdp"]["mu"], (9.0 * 0.26805f64.powi(2) + 0.01).sqrt(), 1e-9);
    near(&many["zcdp"]["rho"], number(&many["gdp"]["mu"]).powi(2) / 2.0, 1e-12);
    assert!(number(&many["zcdp"]["epsilon"]) > number(&many["gdp"]["epsilon"]));
    assert!(many["paper"].is_null(), "its formulas are for releases that are alike");
    let sampled =
        account(r#"[{"mu": 1, "count": 100, "sampling": {"rate": 0.01, "kind": "fixed-size"}}]"#);
    // dp-accounting: 1.482525669 at order 8.
    near(&sampled["rdp"]["epsilon"], 1.482525669114427, 1e-9);
    assert_eq!(sampled["rdp"]["order"], 8.0);
    assert!(number(&sampled["gdp"]["epsilon"]) > 80.0, "an image used T times pays T times");
    assert_eq!(sampled["paper"]["rounds"], 100);
    assert_eq!(sampled["paper"]["rate"], 0.01);
}

#[test]
fn what_makes_no_sense_is_refused_in_one_line() {
    let desk = Desk::new();
    let refused = |given: &[&str], says: &str| {
        let output = desk.run(given);
        let line = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{given:?}: {line}");
        assert_eq!(line.lines().count(), 1, "{line}");
        assert!(line.contains(says), "{given:?}: {line:?} does not say {says:?}");
    };
    for (epsilon, delta, says) in [
        ("0", "1e-5", "epsilon must be above 0"),
        ("-1", "1e-5", "epsilon must be above 0"),
        ("NaN", "1e-5", "epsilon must be above 0"),
        ("inf", "1e-5", "epsilon must be above 0"),
        ("1", "0", "delta must be at least 1e-30"),
        ("1", "1", "delta must be at least 1e-30"),
    ] {
        refused(&["privacy", "sigma", "--epsilon", epsilon, "--delta", delta], says);
    }
    let noise = ["privacy", "noise", "--grid", "i8", "--out", "x", "--count"];
    refused(&[&noise[..], &["0"]].concat(), "count must be 1 to");
    refused(&[&noise[..], &["1000000000000"]].concat(), "count must be 1 to");
    let explain = ["privacy", "explain", "--model", "dlib-face", "--cut", "stem-pool", "--policy"];
    refused(&[&explain[..], &["hold(8)"]].concat(), "no dp stage");
    refused(&[&explain[..], &["dp(epsilon=0)"]].concat(), "epsilon must be above 0");
    for (list, says) in [
        ("", "not a list of releases"),
        ("{}", "not a list of releases"),
        ("[]", "holds no release"),
        (r#"[{"count": 2}]"#, "entry 1: give either mu"),
        (r#"[{"mu": 1}, {"mu": 1, "sigma": 2}]"#, "entry 2: give either mu"),
        (r#"[{"sigma": 0}]"#, "sigma must be above 0"),
        (r#"[{"mu": 0}]"#, "mu must be above 0"),
        (r#"[{"mu": 1e300}]"#, "mu must be above 0"),
        (r#"[{"mu": 1, "count": 0}]"#, "count must be at least 1"),
        (r#"[{"mu": 1, "times": 2}]"#, "times"),
        (r#"[{"mu": 1, "sampling": {"rate": 0, "kind": "fixed-size"}}]"#, "above 0 and at most 1"),
        (r#"[{"mu": 1, "sampling": {"rate": 0.1, "kind": "poisson"}}]"#, "there is fixed-size"),
    ] {
        desk.file("list.json", list.as_bytes());
        refused(&["privacy", "account", "list.json"], says);
    }
    refused(&["privacy", "account", "missing.json"], "cannot read");
    refused(&["privacy", "account", "list.json", "--delta", "2"], "delta must be");
    assert_eq!(desk.files(), ["list.json"], "nothing else was written");
}
