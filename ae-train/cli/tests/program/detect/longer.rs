//! A detector that is trained longer, or goes on, by its run folder alone.

use std::collections::BTreeSet;

use super::with_detector;
use crate::machines::QUICK;
use crate::workshop::Workshop;

/// All that a finished run holds but what is measured in seconds.
const RESULTS: [&str; 8] = [
    "config.toml",
    "model.int8.aeb",
    "model.f32.aeb",
    "model.cortex-m4.int8.aeb",
    "calibration-scores.csv",
    "report.json",
    "report.html",
    "weights.safetensors",
];

fn expect_same(workshop: &Workshop, run: &str, other: &str) {
    for name in RESULTS {
        let [a, b] = [run, other].map(|run| workshop.read(&format!("{run}/{name}")));
        assert!(a == b, "{run} and {other} differ in {name}");
    }
    let [a, b] = [run, other].map(|run| workshop.names(run).into_iter().collect::<BTreeSet<_>>());
    assert_eq!(a, b);
}

/// Its rate is constant, so a longer run has the weights of one that was as long from the beginning.
#[test]
fn a_finished_detector_is_trained_longer_with_all_that_it_was_begun_with() {
    let workshop = with_detector();
    let line = format!(
        "detect --data normal.csv {QUICK} --schedule constant --no-pca --rate 50 --for cortex-m4"
    );
    workshop.ok(&format!("{line} --out short"));
    let whole = line.replace("--epochs 3", "--epochs 5");
    assert_ne!(line, whole);
    workshop.ok(&format!("{whole} --out whole"));
    let finished = workshop.ok("detect --resume short --epochs 5");
    assert!(finished.stderr.contains("goes on after epoch 3 of 5"), "{}", finished.stderr);
    assert!(finished.text().contains("short/report.html"), "{}", finished.text());
    let config = workshop.read_text("short/config.toml");
    assert!(config.contains("epochs = 5\n") && config.contains("until = 3"), "{config}");
    for words in ["baselines = \"skip\"", "samples_per_second = 50.0", "core = \"cortex-m4\""] {
        assert!(config.contains(words), "{words}: {config}");
    }
    // But for what says how long it was before, of which blobs have a digest.
    let weights =
        |run: &str| ae_model::read_weights(&workshop.read(&format!("{run}/weights.safetensors")));
    assert_eq!(weights("short").unwrap(), weights("whole").unwrap());
    let scores = |run: &str| workshop.read(&format!("{run}/calibration-scores.csv"));
    assert!(scores("short") == scores("whole"));
    assert!(!workshop.exists("short/pca.int8.aeb"));
    assert!(workshop.ok("verify short/model.int8.aeb").text().starts_with("equal:"));
    // Once more gives the same, and mends what is damaged.
    let before = workshop.files_of("short");
    workshop.write("short/model.f32.aeb", b"damaged");
    std::fs::remove_file(workshop.path("short/report.json")).unwrap();
    workshop.ok("detect --resume short");
    for (name, bytes) in workshop.files_of("short").iter().filter(|(name, _)| *name != "run.lock") {
        assert!(before[name] == *bytes, "{name}");
    }
    // Those of another command hold from then on, but nothing that decides the detector.
    let words = ["short holds another run", "recipe.epochs"];
    workshop.refused(&format!("{line} --out short"), &words);
    workshop.refused("detect --resume short --epochs 4", &["5 epochs are trained", "--epochs"]);
    workshop.refused("detect --resume short --epochs 1000001", &["from 1 to 1000000"]);
}

#[test]
fn a_stopped_detector_goes_on_by_its_folder_to_the_same_bytes() {
    let workshop = with_detector();
    let line = format!("detect --data normal.csv {QUICK} --for cortex-m4");
    for out in ["whole", "stopped"] {
        workshop.ok(&format!("{line} --out {out}"));
    }
    let late = ["report.html", "report.json", "weights.safetensors", "model.cortex-m4.int8.aeb"];
    for name in late {
        std::fs::remove_file(workshop.path(&format!("stopped/{name}"))).unwrap();
    }
    let earlier = workshop.read("stopped/checkpoint.previous.safetensors");
    workshop.write("stopped/checkpoint.safetensors", &earlier);
    for verb in ["quantize stopped --out x.aeb", "verify stopped/model.cortex-m4.int8.aeb"] {
        workshop.refused(verb, &["ae-train detect --resume stopped"]);
    }
    // Its files have moved, and are named.
    std::fs::create_dir(workshop.path("moved")).unwrap();
    std::fs::rename(workshop.path("normal.csv"), workshop.path("moved/normal.csv")).unwrap();
    workshop.refused("detect --resume stopped", &["normal.csv", "give --data"]);
    workshop.ok("detect --resume stopped --data moved/normal.csv");
    expect_same(&workshop, "whole", "stopped");
    // That is remembered.
    workshop.ok("detect --resume stopped");
    workshop.write("moved/normal.csv", b"a,b\n1,2\n");
    workshop.refused("detect --resume stopped", &["moved/normal.csv"]);
}

#[test]
fn a_threshold_from_other_recordings_is_the_runs_own_again() {
    let workshop = with_detector();
    let before = workshop.files_of("run");
    std::fs::copy(workshop.path("normal.csv"), workshop.path("later.csv")).unwrap();
    let later = workshop.read_text("later.csv");
    workshop.write("later.csv", later.trim_end().rsplit_once('\n').unwrap().0.as_bytes());
    workshop.ok("calibrate run --data later.csv");
    assert!(workshop.read_text("run/config.toml").contains("later.csv"));
    let finished = workshop.ok("detect --resume run");
    assert!(finished.stderr.contains("own windows again"), "{}", finished.stderr);
    for (name, bytes) in workshop.files_of("run").iter().filter(|(name, _)| *name != "run.lock") {
        assert!(before[name] == *bytes, "{name}");
    }
}

#[test]
fn what_the_run_has_its_own_of_is_not_said_again() {
    let workshop = Workshop::with_run();
    workshop.refused("detect --resume run", &["run of `ae-train train`", "train --resume run"]);
    workshop.refused("detect --resume nowhere", &["nowhere is not a run folder"]);
    for option in [
        "--alpha 0.1",
        "--hits 1",
        "--smoothing 1",
        "--start glorot",
        "--gap 3",
        "--drop-constant",
        "--hidden 3",
        "--latent 2",
        "--activation gelu",
        "--window 3",
        "--keep-best 0.1",
        "--columns a",
        "--counts-per-unit 2",
        "--no-pca",
        "--rate 3",
        "--name a",
        "--for cortex-m4",
        "--seed 1",
        "--normal a",
        "--values",
        "--unweighted",
    ] {
        let finished = workshop.run(&format!("detect --resume run {option}"));
        assert_eq!(finished.code, Some(2), "{option}");
        assert!(finished.stderr.contains("cannot be used with"), "{option}: {}", finished.stderr);
    }
}

#[test]
fn train_names_the_command_that_goes_on_and_quotes_the_folder() {
    let workshop = with_detector();
    std::fs::rename(workshop.path("run"), workshop.path("a run")).unwrap();
    let mut command = workshop.command("train --resume");
    let finished = crate::workshop::Finished::of(command.arg("a run").output().unwrap());
    finished.expect_refusal("train --resume 'a run'", &["ae-train detect --resume 'a run'"]);
}
