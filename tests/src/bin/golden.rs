//! Rewrites the folder `golden` of this package and prints the hex dump for FORMAT.md.

use std::path::Path;
use std::process::ExitCode;
use std::{fs, io};

use ae_tests::fields::Fields;
use ae_tests::{golden, hexdump};

fn main() -> ExitCode {
    match rewrite(&Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")) {
        Ok(dump) => {
            print!("```hexdump\n{dump}```\n");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("golden: {error}");
            ExitCode::from(2)
        }
    }
}

/// Writes blobs and manifest, and gives the dump of the int8 blob.
fn rewrite(folder: &Path) -> io::Result<String> {
    fs::create_dir_all(folder)?;
    let blobs = golden::make();
    for (name, blob) in &blobs {
        fs::write(folder.join(name), blob)?;
        eprintln!("{name}: {} bytes", blob.len());
    }
    let manifest = serde_json::to_string_pretty(&golden::manifest(&blobs))?;
    fs::write(folder.join("manifest.json"), manifest + "\n")?;
    Ok(hexdump::write(&Fields::of(&blobs[0].1)))
}
