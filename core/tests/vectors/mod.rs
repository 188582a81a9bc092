//! Reading golden files (`tests/golden/`, format in its README).
#![allow(dead_code, reason = "each suite uses its own part")]

use std::path::Path;

use serde_json::Value;

/// A golden file; `list` names its cases.
pub(crate) fn cases(file: &str, list: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../tests/golden/{file}.json"));
    let text = std::fs::read_to_string(path).expect("a golden file");
    let golden: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(golden["format"], format!("frostglass-golden/{file}/1"));
    let cases = golden[list].as_array().expect("a list of cases").clone();
    assert!(!cases.is_empty(), "{file}: no {list}");
    cases
}

/// A number.
pub(crate) fn f64(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

/// Asks for equality within a share of what is wanted.
pub(crate) fn close(got: f64, wanted: f64, relative: f64, case: &Value) {
    assert!((got - wanted).abs() <= relative * wanted.abs(), "{got} is not {wanted}: {case}");
}
