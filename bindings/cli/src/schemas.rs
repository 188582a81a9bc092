//! The schemas of `--json`, in `docs/cli/`: outside programs rely on them.
//!
//! `FROSTGLASS_WRITE_SCHEMAS=1 cargo test --release -p frostglass-cli schemas` writes them anew.

use schemars::{Schema, schema_for};

use crate::commands;

fn schemas() -> [(&'static str, Schema); 16] {
    [
        ("cuts", schema_for!(commands::cuts::CutsReport)),
        ("demo", schema_for!(commands::demo::DemoReport)),
        ("inspect", schema_for!(commands::inspect::InspectReport)),
        ("lab-chart", schema_for!(commands::lab_chart::LabChartReport)),
        ("lab-front", schema_for!(commands::lab_front::LabFrontReport)),
        ("lab-sanitize", schema_for!(commands::lab_sanitize::LabSanitizeReport)),
        ("ledger-show", schema_for!(commands::ledger::ShowReport)),
        ("ledger-verify", schema_for!(commands::ledger::VerifyReport)),
        ("pack", schema_for!(commands::pack::PackReport)),
        ("privacy-account", schema_for!(commands::privacy::account::AccountReport)),
        ("privacy-explain", schema_for!(commands::privacy::explain::ExplainReport)),
        ("privacy-noise", schema_for!(commands::privacy::noise::NoiseReport)),
        ("privacy-sigma", schema_for!(commands::privacy::sigma::SigmaReport)),
        ("sanitize", schema_for!(commands::sanitize::SanitizeReport)),
        ("steps", schema_for!(commands::steps::StepsReport)),
        ("sweep", schema_for!(commands::sweep::SweepReport)),
    ]
}

#[test]
fn the_schemas_in_docs_are_those_of_the_code() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/cli");
    for (command, schema) in schemas() {
        let path = format!("{folder}/{command}.schema.json");
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if std::env::var_os("FROSTGLASS_WRITE_SCHEMAS").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(written, text, "{command}: run this test with FROSTGLASS_WRITE_SCHEMAS=1");
    }
}
