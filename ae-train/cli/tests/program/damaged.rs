//! Files of a run that are not what was written: named, never used, and how to go on.

use std::process::Command;

use crate::workshop::Workshop;

const CHECKPOINT: &str = "run/checkpoint.safetensors";

#[test]
fn a_damaged_checkpoint_is_named_and_kept() {
    let workshop = Workshop::with_run();
    let good = workshop.read("run/checkpoint.safetensors");
    let name = CHECKPOINT;
    for len in [0, 7, 100, good.len() - 1] {
        workshop.write(name, &good[..len]);
        workshop.refused("train --resume run", &[name, "not a checkpoint"]);
        assert_eq!(workshop.read(name).len(), len);
    }
}

/// With a bit of its last tensor turned over.
fn flipped(good: &[u8]) -> Vec<u8> {
    let mut bad = good.to_vec();
    let at = bad.len() - 2;
    bad[at] ^= 4;
    bad
}

/// Does what a message says between `before` and the end of the command.
fn do_as_told(workshop: &Workshop, message: &str, before: &str) {
    let (_, rest) = message.split_once(before).expect(message);
    let command = rest.split(", then").next().unwrap();
    let mut shell = Command::new("sh");
    let status = shell.args(["-c", command]).current_dir(workshop.path("")).status().unwrap();
    assert!(status.success(), "{command}");
}

#[test]
fn a_flipped_bit_in_the_checkpoint_costs_an_epoch_of_time() {
    let workshop = Workshop::with_run();
    let before = workshop.files("run");
    let good = workshop.read(CHECKPOINT);
    workshop.write(CHECKPOINT, &flipped(&good));
    let words = [CHECKPOINT, "damaged", "SHA-256", "ends with the same weights"];
    let message = workshop.refused("train --resume run", &words);
    assert!(workshop.read(CHECKPOINT) == flipped(&good), "it was changed");
    do_as_told(&workshop, &message, "epoch before is kept: ");
    let resumed = workshop.ok("train --resume run --no-baseline");
    assert!(resumed.stderr.contains("epoch   2/2"), "{}", resumed.stderr);
    assert!(!resumed.stderr.contains("epoch   1/2"), "{}", resumed.stderr);
    for file in ["weights.safetensors", "model.int8.aeb", "epoch-002.png", "comparison.png"] {
        assert!(workshop.read(&format!("run/{file}")) == before[file], "{file}");
    }
}

#[test]
fn a_damaged_checkpoint_without_one_before_it_costs_the_epochs_time() {
    let workshop = Workshop::new();
    workshop.ok("train --out run --data data --epochs 1 --hidden 12 --latent 3 --no-baseline");
    let weights = workshop.read("run/weights.safetensors");
    workshop.write(CHECKPOINT, &flipped(&workshop.read(CHECKPOINT)));
    let message = workshop.refused("train --resume run", &["damaged", "begins at epoch 1"]);
    do_as_told(&workshop, &message, "begins at epoch 1: ");
    workshop.ok("train --resume run --no-baseline");
    assert!(workshop.read("run/weights.safetensors") == weights);
}

#[test]
fn a_flipped_bit_in_the_weights_is_found_and_they_are_written_again() {
    let workshop = Workshop::with_run();
    let weights = workshop.read("run/weights.safetensors");
    workshop.write("run/weights.safetensors", &flipped(&weights));
    for line in ["quantize run", "verify run/model.int8.aeb"] {
        let words = ["run/weights.safetensors", "damaged", "train --resume run writes it again"];
        workshop.refused(line, &words);
    }
    workshop.ok("train --resume run --no-baseline");
    assert!(workshop.read("run/weights.safetensors") == weights);
    workshop.ok("verify run/model.int8.aeb");
}
