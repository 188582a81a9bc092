//! The demo: what a newcomer sees first.

mod support;

use std::time::{Duration, Instant};

use support::Desk;

#[test]
fn the_demo_writes_releases_receipts_and_one_page_in_time() {
    let desk = Desk::new();
    let start = Instant::now();
    let report = desk.json(&["demo", "--out", "here"]);
    // The promise of the README, for a second run of the built program.
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    let releases = report["releases"].as_array().unwrap();
    assert_eq!(releases.len(), 15, "three cuts, five policies");
    for release in releases {
        let file = release["file"].as_str().unwrap();
        let bytes = std::fs::read(desk.path(file)).unwrap();
        assert_eq!(release["bytes"], bytes.len());
        assert!(desk.path(&file.replace(".safetensors", ".receipt.json")).is_file());
        let plain = release["policy"] == "grid(i8)";
        assert!(!plain || release["recognised"] == true, "8 bits alone hide nobody: {release}");
        let noisy = release["policy"].as_str().unwrap().contains("image");
        assert!(!noisy || release["recognised"] == false, "{release}");
    }
    let page = std::fs::read_to_string(desk.path("here/index.html")).unwrap();
    for fetched in ["http:", "https:", "<script", "<link", "url("] {
        assert!(!page.contains(fetched), "the page is self-contained, and holds {fetched}");
    }
    assert_eq!(
        page.matches("<img").count(),
        2 + 3 * 6,
        "the photo, its face, and six pictures a cut"
    );
}

#[test]
fn a_folder_that_cannot_be_made_is_one_line() {
    let desk = Desk::new();
    desk.file("taken", b"");
    let output = desk.run(&["demo", "--out", "taken"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8_lossy(&output.stderr).lines().count(), 1);
}
