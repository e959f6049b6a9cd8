//! Blobs that cannot be used, and parts that a blob does not have.

use std::fs;

use crate::workshop::Workshop;

#[test]
fn a_truncated_or_extended_blob_is_refused_by_every_verb() {
    let workshop = Workshop::with_run();
    let good = workshop.read("run/model.int8.aeb");
    let longer = [&good[..], b"\0"].concat();
    let cut = |len: usize| &good[..len];
    for bytes in
        [cut(0), cut(1), cut(55), cut(56), cut(good.len() / 2), cut(good.len() - 1), &longer]
    {
        workshop.write("bad.aeb", bytes);
        let found = format!("{} bytes", bytes.len());
        let known = bytes.len() < 56;
        let words = ["bad.aeb is not a usable model", if known { "too few" } else { "cut" }];
        for line in [
            "info bad.aeb",
            "evaluate bad.aeb --data data",
            "verify bad.aeb --run run",
            "encode bad.aeb --data data --out x.npy",
            "decode bad.aeb --in x.npy --out y.npy",
            "reconstruct bad.aeb --data data --out x.npy",
        ] {
            let message = workshop.refused(line, &words);
            assert!(known || message.contains(&bytes.len().to_string()), "{found}: {message}");
        }
    }
    assert!(!workshop.exists("x.npy") && !workshop.exists("y.npy"));
}

#[test]
fn a_flipped_bit_anywhere_is_refused() {
    let workshop = Workshop::with_run();
    for name in ["run/model.int8.aeb", "run/model.f32.aeb"] {
        let good = workshop.read(name);
        for at in (0..56).step_by(5).chain((56..good.len()).step_by(good.len() / 24)) {
            let mut bytes = good.clone();
            bytes[at] ^= 1 << (at % 8);
            workshop.write("bad.aeb", &bytes);
            workshop.refused("info bad.aeb", &["bad.aeb is not a usable model"]);
        }
        let mut bytes = good.clone();
        *bytes.last_mut().unwrap() ^= 1;
        workshop.write("bad.aeb", &bytes);
        workshop.refused("info bad.aeb", &["checksum", "damaged"]);
    }
}

#[test]
fn a_blob_of_a_newer_version_says_so() {
    let workshop = Workshop::with_run();
    let mut bytes = workshop.read("run/model.int8.aeb");
    bytes[8..12].copy_from_slice(&(ae_core::Header::VERSION + 1).to_le_bytes());
    workshop.write("new.aeb", &bytes);
    for line in ["info new.aeb", "evaluate new.aeb --data data", "verify new.aeb --run run"] {
        workshop.refused(line, &["new.aeb", "version 4", "newer program", "update"]);
    }
}

#[test]
fn what_is_no_blob_at_all_is_told() {
    let workshop = Workshop::with_run();
    workshop.refused("info run/weights.safetensors", &["not a blob"]);
    workshop.refused("info run/summary.json", &["not a blob"]);
    workshop.refused("info missing.aeb", &["cannot read missing.aeb"]);
    workshop.refused("info run", &["run is a folder", "run/model.int8.aeb"]);
}

#[test]
fn a_part_that_the_blob_does_not_have_is_named() {
    let workshop = Workshop::with_run();
    workshop.ok("quantize run --part encoder --out encoder.aeb");
    workshop.ok("quantize run --part decoder --out decoder.aeb");
    workshop.ok("encode encoder.aeb --data data --out latents.npy");
    for (line, missing) in [
        ("encode decoder.aeb --data data --out x.npy", "no encoder"),
        ("reconstruct decoder.aeb --data data --out x.npy", "no encoder"),
        ("evaluate decoder.aeb --data data", "no encoder"),
        ("decode encoder.aeb --in latents.npy --out x.npy", "no decoder"),
        ("reconstruct encoder.aeb --data data --out x.npy", "no decoder"),
        ("evaluate encoder.aeb --data data", "no decoder"),
    ] {
        workshop.refused(line, &[missing]);
        assert!(!workshop.exists("x.npy"), "{line}");
    }
}

#[test]
fn a_run_without_weights_is_told_to_go_on() {
    let workshop = Workshop::with_run();
    fs::copy(workshop.path("run/model.int8.aeb"), workshop.path("model.aeb")).unwrap();
    fs::remove_file(workshop.path("run/weights.safetensors")).unwrap();
    for line in ["quantize run", "verify model.aeb --run run", "verify run/model.int8.aeb"] {
        let words = ["weights.safetensors is not there", "not finished", "train --resume run"];
        workshop.refused(line, &words);
    }
    workshop.write("run/weights.safetensors", b"nonsense");
    for line in ["quantize run", "verify run/model.int8.aeb"] {
        workshop.refused(line, &["run/weights.safetensors is not a file of weights"]);
    }
}

#[test]
fn weights_of_another_model_than_the_configuration_are_refused() {
    let workshop = Workshop::with_run();
    workshop.ok("train --data data --out other --epochs 1 --hidden 5 --latent 3 --no-baseline");
    let [own, other] = ["run", "other"].map(|run| workshop.path(run).join("weights.safetensors"));
    fs::copy(other, own).unwrap();
    for line in ["quantize run", "verify run/model.int8.aeb"] {
        workshop.refused(line, &["weights.safetensors", "another model", "config.toml"]);
    }
}

#[test]
fn a_blob_outside_of_its_run_is_told_to_name_it() {
    let workshop = Workshop::with_run();
    fs::copy(workshop.path("run/model.int8.aeb"), workshop.path("model.aeb")).unwrap();
    let words = ["--run", ". is not a run folder", "config.toml"];
    workshop.refused("verify model.aeb", &words);
    workshop.refused("verify run/model.int8.aeb --run data", &["data is not a run folder"]);
    workshop.refused("quantize data", &["data is not a run folder"]);
}

#[test]
fn an_ending_that_is_neither_picture_nor_array_is_refused() {
    let workshop = Workshop::with_run();
    for name in ["x.jpg", "x", "x.PNG.txt", "png"] {
        let line = format!("reconstruct run/model.int8.aeb --data data --out {name}");
        workshop.refused(&line, &[name, ".png", ".npy"]);
        assert!(!workshop.exists(name), "{name}");
    }
}
