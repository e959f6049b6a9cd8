//! Rewrites the folder `golden` of this package and prints the hex dumps for FORMAT.md.

use std::path::Path;
use std::process::ExitCode;
use std::{fs, io};

use ae_testkit::fields::Fields;
use ae_tests::{golden, hexdump};

fn main() -> ExitCode {
    match rewrite(&Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")) {
        Ok(dumps) => {
            let [model, layer, section, groups, features] = dumps;
            print!("```hexdump\n{model}```\n\n```hexdump spatial\n{layer}```\n\n");
            print!("```hexdump detection\n{section}```\n\n");
            print!("```hexdump groups\n{groups}```\n\n");
            print!("```hexdump features\n{features}```\n");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("golden: {error}");
            ExitCode::from(2)
        }
    }
}

/// Writes blobs and manifest, and gives the dumps of the int8 blob, of a spatial layer, of the
/// detection section of the blob that takes counts, of the groups of another one, and of the features
/// of a third.
fn rewrite(folder: &Path) -> io::Result<[String; 5]> {
    fs::create_dir_all(folder)?;
    let blobs = golden::make();
    for (name, blob) in &blobs {
        fs::write(folder.join(name), blob)?;
        eprintln!("{name}: {} bytes", blob.len());
    }
    let manifest = serde_json::to_string_pretty(&golden::manifest(&blobs))?;
    fs::write(folder.join("manifest.json"), manifest + "\n")?;
    let fields = |name| {
        let (_, blob) = blobs.iter().find(|(found, _)| *found == name).expect("a golden blob");
        Fields::of(blob)
    };
    let model = hexdump::write(&fields("tiny.int8.aeb"));
    let layer = hexdump::write_those(&fields("tiny.spatial.int8.aeb"), "encoder.0");
    let section = hexdump::write_those(&fields("tiny.counts.int8.aeb"), "detection");
    // The smoothing, which says that they stand behind it.
    let groups = fields("tiny.groups.int8.aeb");
    let of = |prefix: &str| hexdump::write_those(&groups, prefix);
    let groups = of("detection.smoothing") + &of("detection.groups");
    // The smoothing, which stands there because features do, and all behind it.
    let features = fields("tiny.features.int8.aeb");
    let of = |prefix: &str| hexdump::write_those(&features, prefix);
    let features = of("detection.smoothing") + &of("detection.features") + &of("detection.bands");
    Ok([model, layer, section, groups, features])
}
