//! The hex dumps in FORMAT.md are those of golden blobs, byte for byte.

use std::fs;
use std::path::Path;

use ae_testkit::blob::Blob;
use ae_testkit::fields::Fields;
use ae_testkit::int8::Int8;
use ae_testkit::section::Section;
use ae_tests::hexdump;

const BLOB: &[u8] = include_bytes!("../../golden/tiny.int8.aeb");
const SPATIAL: &[u8] = include_bytes!("../../golden/tiny.spatial.int8.aeb");
const COUNTS: &[u8] = include_bytes!("../../golden/tiny.counts.int8.aeb");
const GROUPS: &[u8] = include_bytes!("../../golden/tiny.groups.int8.aeb");
const FEATURES: &[u8] = include_bytes!("../../golden/tiny.features.int8.aeb");

fn document() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../FORMAT.md");
    fs::read_to_string(path).expect("FORMAT.md at the top of the repository")
}

#[test]
fn the_dump_in_the_document_is_the_blob() {
    let document = document();
    let dump = hexdump::block(&document, "hexdump").expect("a block marked hexdump");
    assert_eq!(hexdump::read(dump).as_deref(), Ok(BLOB));
}

#[test]
fn the_dump_of_a_spatial_layer_is_that_of_the_blob() {
    let document = document();
    let dump = hexdump::block(&document, "hexdump spatial").expect("a block marked so");
    let mut fields = Fields::of(SPATIAL);
    let start = fields.offset("encoder.0.inputs");
    // Up to where the next layer begins.
    let layer = &SPATIAL[start..fields.offset("encoder.1.inputs")];
    assert_eq!(hexdump::read_from(dump, start).as_deref(), Ok(layer));
    fields.bytes("encoder.0.width.before")[0] ^= 1;
    let changed = hexdump::write_those(&fields, "encoder.0");
    assert_ne!(hexdump::read_from(&changed, start).as_deref(), Ok(layer));
}

#[test]
fn the_dump_of_a_detection_section_is_that_of_the_blob() {
    let document = document();
    let dump = hexdump::block(&document, "hexdump detection").expect("a block marked so");
    let mut fields = Fields::of(COUNTS);
    let start = fields.offset("detection.len");
    // Up to where the encoder's tag stands.
    let section = &COUNTS[start..fields.offset("encoder")];
    assert_eq!(hexdump::read_from(dump, start).as_deref(), Ok(section));
    fields.bytes("detection.threshold")[0] ^= 1;
    let changed = hexdump::write_those(&fields, "detection");
    assert_ne!(hexdump::read_from(&changed, start).as_deref(), Ok(section));
}

#[test]
fn the_dump_of_features_is_that_of_the_blob() {
    let document = document();
    let dump = hexdump::block(&document, "hexdump features").expect("a block marked so");
    let mut fields = Fields::of(FEATURES);
    let start = fields.offset("detection.smoothing");
    let features = &FEATURES[start..fields.offset("encoder")];
    assert_eq!(hexdump::read_from(dump, start).as_deref(), Ok(features));
    fields.bytes("detection.features.hop")[0] ^= 1;
    let changed: String = ["smoothing", "features", "bands"]
        .map(|name| hexdump::write_those(&fields, &format!("detection.{name}")))
        .concat();
    assert_ne!(hexdump::read_from(&changed, start).as_deref(), Ok(features));
}

#[test]
fn the_dump_of_groups_is_that_of_the_blob() {
    let document = document();
    let dump = hexdump::block(&document, "hexdump groups").expect("a block marked so");
    let mut fields = Fields::of(GROUPS);
    let start = fields.offset("detection.smoothing");
    let groups = &GROUPS[start..fields.offset("encoder")];
    assert_eq!(hexdump::read_from(dump, start).as_deref(), Ok(groups));
    let section = Section::read(&Blob::<Int8>::read(GROUPS).detection);
    let bounds = [200_000, 400_000].map(|share| section.group_bound(share));
    assert_eq!(bounds, [Some(1_500_000), Some(1_100_000)]);
    fields.bytes("detection.groups")[9] ^= 1;
    let changed: String = ["smoothing", "groups"]
        .map(|name| hexdump::write_those(&fields, &format!("detection.{name}")))
        .concat();
    assert_ne!(hexdump::read_from(&changed, start).as_deref(), Ok(groups));
}

#[test]
fn the_dump_is_written_as_it_is_read() {
    let dump = hexdump::write(&Fields::of(BLOB));
    assert_eq!(hexdump::read(&dump).as_deref(), Ok(BLOB));
    assert!(dump.lines().all(|line| line.contains(" ; ")));
}

#[test]
fn a_dump_with_a_byte_or_a_line_changed_is_noticed() {
    let dump = hexdump::write(&Fields::of(BLOB));
    let changed = dump.replacen("89 41 45 42", "89 41 45 43", 1);
    assert_ne!(hexdump::read(&changed).as_deref(), Ok(BLOB));

    let lines: Vec<&str> = dump.lines().collect();
    for gone in 0..lines.len() {
        let rest = [&lines[..gone], &lines[gone + 1..]].concat().join("\n");
        assert_ne!(hexdump::read(&rest).as_deref(), Ok(BLOB), "without line {gone}");
    }
    let moved = dump.replacen("0008: ", "0009: ", 1);
    assert!(hexdump::read(&moved).is_err_and(|error| error.contains("expected 0008")));
    let garbled = dump.replacen("89 41", "89 4x", 1);
    assert!(hexdump::read(&garbled).is_err_and(|error| error.contains("4x")));
    assert_eq!(hexdump::block("```text\n0000: 00 ; no\n```\n", "hexdump"), None);
}
