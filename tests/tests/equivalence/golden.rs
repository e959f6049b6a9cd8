//! The golden blobs give for ever what they gave when they were made.

use std::fs;
use std::path::{Path, PathBuf};

use ae_testkit::fields::Fields;
use ae_testkit::signal::Verdict;
use ae_tests::golden::{self, Manifest};
use ae_tests::hexdump;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")
}

fn manifest() -> Manifest {
    let text = fs::read_to_string(folder().join("manifest.json")).expect("golden/manifest.json");
    serde_json::from_str(&text).expect("a manifest")
}

fn blobs() -> Vec<(String, Vec<u8>)> {
    let read = |file: String| {
        let blob = fs::read(folder().join(&file)).expect("a blob that the manifest names");
        (file, blob)
    };
    manifest().models.into_iter().map(|entry| entry.file).map(read).collect()
}

#[test]
fn the_blobs_and_all_their_results_are_those_of_the_manifest() {
    let blobs = blobs();
    let names: Vec<(&str, Vec<u8>)> =
        blobs.iter().map(|(name, blob)| (name.as_str(), blob.clone())).collect();
    let found = golden::manifest(&names);
    assert_eq!(found, manifest(), "rewrite on purpose with: {}", golden::COMMAND);
    for entry in &found.models {
        let mut results: Vec<_> = entry.cases.iter().map(|case| &case.reconstruction).collect();
        results.sort();
        results.dedup();
        assert!(results.len() > 1, "{}: all cases give the same", entry.file);
    }
    let watched: Vec<_> = found.models.iter().filter_map(|entry| entry.watched.as_ref()).collect();
    assert_eq!(watched.len(), 6, "blobs that speak to a detector");
    for alarm in [false, true] {
        let some = |verdicts: &[Verdict]| verdicts.iter().any(|verdict| verdict.alarm == alarm);
        assert!(watched.iter().all(|watched| some(&watched.verdicts)), "alarm: {alarm}");
    }
}

#[test]
fn the_writer_writes_the_same_bytes() {
    let made = golden::make();
    let kept = blobs();
    assert_eq!(made.len(), kept.len());
    for ((name, made), (kept_name, kept)) in made.iter().zip(&kept) {
        assert_eq!(name, kept_name);
        // As dumps, so that a difference names its field.
        let dump = |blob: &[u8]| hexdump::write(&Fields::of(blob));
        assert_eq!(dump(made), dump(kept), "{name}");
    }
}

#[test]
fn a_changed_weight_or_bias_changes_the_results() {
    for (name, blob) in blobs() {
        let fields = match name.as_str() {
            "tiny.row-pairs.int8.aeb" => {
                ["encoder.1.block[0].weights[0]", "decoder.1.block[0].weights[0]"]
            }
            "tiny.spatial.row-pairs.int8.aeb" => {
                ["encoder.0.block[0].weights[0]", "decoder.2.block[0].weights[0]"]
            }
            _ if name.starts_with("tiny.spatial") => {
                ["encoder.0.weights[0]", "decoder.2.weights[1]"]
            }
            _ if name.starts_with("tiny.prototypes") => {
                ["encoder.0.weights[0]", "decoder.0.weights[1]"]
            }
            _ => ["encoder.1.weights[0]", "decoder.1.weights[1]"],
        };
        for field in fields {
            let mut fields = Fields::of(&blob);
            // Of the last weights, one that no padding stands for.
            let bytes = fields.bytes(field);
            let at = bytes.len().min(4) - 1;
            bytes[at] ^= 0x20;
            assert_ne!(golden::cases(&fields.sealed()), golden::cases(&blob), "{name} {field}");
        }
    }
}
