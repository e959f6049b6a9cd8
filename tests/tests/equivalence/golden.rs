//! The golden blobs give for ever what they gave when they were made.

use std::fs;
use std::path::{Path, PathBuf};

use ae_testkit::blob::Blob;
use ae_testkit::fields::Fields;
use ae_testkit::int8::Int8;
use ae_testkit::section::Section;
use ae_testkit::signal::Verdict;
use ae_tests::golden::{self, ByGroups, Manifest};
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
fn the_thresholds_of_groups_are_those_of_the_document() {
    let models = manifest().models;
    let watched = |name: &str| {
        let entry = models.iter().find(|entry| entry.file == name).expect("it is kept");
        entry.watched.clone().expect("it speaks to a detector")
    };
    let (plain, of_groups) = (watched("tiny.counts.int8.aeb"), watched("tiny.groups.int8.aeb"));
    // Groups change nothing of what the blob's own threshold decides.
    assert_eq!((&of_groups.verdicts, &of_groups.signal), (&plain.verdicts, &plain.signal));
    assert!(plain.by_groups.is_empty());

    let blob = fs::read(folder().join("tiny.groups.int8.aeb")).expect("a golden blob");
    let section = Section::read(&Blob::<Int8>::read(&blob).detection);
    let bounds: Vec<_> = of_groups.by_groups.iter().map(|it| it.threshold).collect();
    assert_eq!(bounds, [1_500_000, 1_100_000, 1_000_000, 900_000]);
    for ByGroups { group_ppm, threshold, alarms } in &of_groups.by_groups {
        assert_eq!(section.group_bound(*group_ppm), Some(*threshold));
        // Two of the last three windows are above it, the document says.
        let above: Vec<bool> = plain.verdicts.iter().map(|it| it.score > *threshold).collect();
        let is_alarm = |at: &usize| {
            above[at.saturating_sub(2)..=*at].iter().filter(|&&above| above).count() >= 2
        };
        let expected: Vec<usize> =
            (0..above.len()).filter(is_alarm).map(|at| plain.verdicts[at].samples).collect();
        assert_eq!(*alarms, expected, "{threshold}");
        assert!(!alarms.is_empty() && alarms.len() < above.len(), "{threshold}");
    }
    let [first, .., last] = &of_groups.by_groups[..] else { panic!("several shares") };
    assert_ne!(first.alarms, last.alarms, "the share decides nothing");
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
