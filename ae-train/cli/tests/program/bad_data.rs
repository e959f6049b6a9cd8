//! Data that cannot be used: the message names the file or folder and says what to do.

use std::fs;

use ae_data::idx;

use crate::workshop::{QUICK, Workshop};

/// A training on `--data FOLDER`, which must be refused and leave no run folder.
fn train_is_refused(workshop: &Workshop, folder: &str, words: &[&str]) {
    let line = format!("train --data {folder} --out run --epochs 1");
    workshop.refused(&line, words);
    assert!(!workshop.exists("run"), "{folder}: a run folder was made");
}

#[test]
fn no_folder_a_file_and_an_empty_folder() {
    let workshop = Workshop::new();
    train_is_refused(&workshop, "nowhere", &["there is no folder nowhere", "fashion-mnist"]);
    let file = "data/train-images-idx3-ubyte";
    train_is_refused(&workshop, file, &[file, "is a file", "here data"]);
    fs::create_dir(workshop.path("empty")).unwrap();
    train_is_refused(
        &workshop,
        "empty",
        &["empty has no file train-images-idx3-ubyte", "it holds nothing"],
    );
}

#[test]
fn files_that_are_not_what_their_name_says() {
    let workshop = Workshop::new();
    let name = "data/train-images-idx3-ubyte";
    let good = workshop.read(name);
    let mut wrong_magic = good.clone();
    wrong_magic[0] = 0x7f;
    let mut floats = good.clone();
    floats[2] = 0x0d;
    let compressed = idx::gzip(&good);
    let mut damaged = compressed.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0x55;
    let labels = idx::write(&[40], &[3; 40]).unwrap();
    let cases: [(&[u8], &str); 9] = [
        (&wrong_magic, "7f"),
        (&floats, "type"),
        (&good[..good.len() - 1], "800 elements, but 799"),
        (&good[..9], "inside the header"),
        (&[&good[..], b"x"].concat(), "more"),
        (&compressed[..compressed.len() / 2], "ends early"),
        (&damaged, "gzip data"),
        (&labels, "labels"),
        (b"", "inside the header"),
    ];
    for (bytes, word) in cases {
        workshop.write(name, bytes);
        train_is_refused(&workshop, "data", &["train-images-idx3-ubyte", word]);
    }
    // The good bytes compressed are good, whatever the name says.
    workshop.write(name, &compressed);
    workshop.ok(&format!("train --out run {QUICK}"));
}

#[test]
fn training_and_test_images_of_different_size() {
    let workshop = Workshop::new();
    workshop.write_data("other", 3, 3, 6, 7);
    let name = "t10k-images-idx3-ubyte";
    fs::copy(workshop.path("other").join(name), workshop.path("data").join(name)).unwrap();
    train_is_refused(&workshop, "data", &["5 x 4", "6 x 7", "one dataset"]);
}

#[test]
fn images_of_another_size_than_the_model() {
    let workshop = Workshop::with_run();
    workshop.write_data("other", 3, 3, 6, 7);
    let blob = "run/model.int8.aeb";
    for line in [
        format!("evaluate {blob} --data other"),
        format!("reconstruct {blob} --data other --out x.npy"),
        format!("encode {blob} --data other --out x.npy"),
        format!("verify {blob} --data other"),
        "quantize run --data other --out x.npy".to_owned(),
    ] {
        workshop.refused(&line, &["42", "20"]);
        assert!(!workshop.exists("x.npy"), "{line}");
    }
}

#[test]
fn the_other_half_of_a_dataset_need_not_be_there() {
    let workshop = Workshop::with_run();
    workshop.write_data("test-only", 1, 5, 5, 4);
    fs::remove_file(workshop.path("test-only/train-images-idx3-ubyte")).unwrap();
    let line = "evaluate run/model.int8.aeb --data test-only --json";
    assert_eq!(workshop.ok(line).json()["samples"], 5);
    train_is_refused_for_the_missing_half(&workshop);
}

fn train_is_refused_for_the_missing_half(workshop: &Workshop) {
    let words = ["test-only has no file train-images-idx3-ubyte", "t10k-images-idx3-ubyte"];
    workshop.refused("train --data test-only --out other", &words);
}

#[test]
fn a_cache_that_holds_another_file_under_the_name_of_the_dataset() {
    let workshop = Workshop::new();
    fs::create_dir(workshop.path("cache")).unwrap();
    fs::rename(workshop.path("data"), workshop.path("cache/fashion-mnist")).unwrap();
    train_is_refused(
        &workshop,
        "fashion-mnist",
        &["is not the file of fashion-mnist", "ae-train fetch fashion-mnist"],
    );
}
