//! A folder for firmware in C.

use crate::workshop::Workshop;

#[test]
fn a_blob_becomes_a_folder_for_c_and_a_changed_example_is_kept() {
    let workshop = Workshop::new();
    let blob = include_bytes!("../../../../tests/golden/tiny.counts.int8.aeb");
    workshop.write("watch.aeb", blob);
    let said = workshop.ok("export c watch.aeb --out project --name watch");
    assert!(said.text().contains("watch.bin  659 bytes"), "{}", said.text());
    assert_eq!(workshop.read("project/watch.bin"), blob);
    assert!(workshop.read_text("project/watch.h").contains("#define WATCH_CHANNELS 2u"));
    assert!(workshop.exists("project/board/mps2-an386.c"));

    workshop.write("project/main.c", b"mine");
    workshop.write("project/watch.h", b"old");
    let said = workshop.ok("export c watch.aeb --out project --name watch");
    assert!(said.text().contains("main.c"), "{}", said.text());
    assert!(said.text().contains("left as it was"), "{}", said.text());
    assert_eq!(workshop.read("project/main.c"), b"mine");
    assert!(workshop.read_text("project/watch.h").contains("WATCH_CHANNELS"));
}

#[test]
fn what_cannot_be_exported_is_refused() {
    let workshop = Workshop::new();
    workshop.write("model.aeb", b"no model");
    workshop.refused("export c model.aeb --out project", &["model.aeb is not a usable model"]);
    assert!(!workshop.exists("project"));
    workshop.write("model.aeb", include_bytes!("../../../../tests/golden/tiny.int8.aeb"));
    workshop.write("file", b"");
    workshop.refused("export c model.aeb --out file", &["file"]);
    let finished = workshop.run("export c model.aeb --out project --name int");
    assert_eq!(finished.code, Some(2));
    assert!(finished.stderr.contains("cannot begin names in C"), "{}", finished.stderr);
}
