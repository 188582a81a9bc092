//! Decodes every picture of a folder, for a test to compare with another program's pixels.
//!
//! `cargo run --release --example decode -- FOLDER`
//!
//! Prints one line of JSON a file, in the order of their names: its name and either the picture's
//! width and height, and its pixels in a file of that name with `.rgb` appended, or why it is
//! refused.

use frostglass::frame::decode;
use serde_json::json;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("give a folder of pictures")?;
    let entries = std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    let mut files = entries.collect::<Result<Vec<_>, _>>()?;
    files.sort();
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let line = match decode(&std::fs::read(&file)?) {
            Ok(picture) => {
                let mut pixels = file.into_os_string();
                pixels.push(".rgb");
                std::fs::write(pixels, picture.rgb())?;
                json!({"file": name, "width": picture.width(), "height": picture.height()})
            }
            Err(error) => json!({"file": name, "refused": error.message()}),
        };
        println!("{line}");
    }
    Ok(())
}
