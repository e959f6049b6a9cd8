//! From signals to a detector.

mod again;
mod calibrate;
mod choice;
mod events;
mod features;
mod frequency;
mod levels;
mod logged;
mod longer;
mod own_data;
mod sources;
mod threshold;
mod values;
mod wrong_turns;

use crate::machines::{QUICK, csv, normal};
use crate::workshop::Workshop;

/// A folder with `normal.csv`, and a detector of it in `run`.
pub(crate) fn with_detector() -> Workshop {
    let workshop = Workshop::new();
    workshop.write("normal.csv", &csv(&normal()));
    workshop.ok(&format!("detect --data normal.csv {QUICK} --out run"));
    workshop
}

#[test]
fn normal_data_alone_gives_a_detector_and_all_that_belongs_to_it() {
    let workshop = Workshop::new();
    workshop.write("normal.csv", &csv(&normal()));
    let finished = workshop.ok(&format!("detect --data normal.csv {QUICK} --out run"));
    assert_eq!(
        workshop.names("run"),
        [
            "calibration-scores.csv",
            "calibration-scores.f32.csv",
            "calibration-scores.pca.csv",
            "checkpoint.previous.safetensors",
            "checkpoint.safetensors",
            "config.toml",
            "metrics.csv",
            "metrics.json",
            "model.f32.aeb",
            "model.int8.aeb",
            "pca.int8.aeb",
            "report.html",
            "report.json",
            "run.lock",
            "weights.safetensors",
            "windows",
        ]
    );
    assert_eq!(
        workshop.names("run/windows"),
        ["t10k-images-idx3-ubyte.gz", "train-images-idx3-ubyte.gz"]
    );
    let text = finished.text();
    for words in ["wanted at most 5", "score 95 of 99 calibration windows", "run/report.html"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let page = workshop.read_text("run/report.html");
    assert!(page.starts_with("<!DOCTYPE html>"), "{}", &page[..80]);
    assert!(page.contains("normal.csv"));

    let info = workshop.ok("info run/model.int8.aeb");
    for words in [
        "windows of 16 samples of 2 f32 channels, every 4 samples",
        "score 95 of 99, for a false-alarm rate of 0.05",
        "1 of the last 1 windows",
    ] {
        assert!(info.text().contains(words), "{words}: {}", info.text());
    }
    // The other verbs take the run for what it is.
    assert!(workshop.ok("verify run/model.int8.aeb").text().starts_with("equal:"));
    assert!(workshop.ok("evaluate run/model.int8.aeb").text().contains("mse"));
}

#[test]
fn json_is_the_report() {
    let workshop = Workshop::new();
    workshop.write("normal.csv", &csv(&normal()));
    let report = workshop.ok(&format!("detect --data normal.csv {QUICK} --out run --json")).json();
    assert_eq!(report, workshop.read_json("run/report.json"));
    assert_eq!(report["network"], "32-12-2-12-32");
    assert_eq!(report["threshold"]["scores"], 99);
    assert_eq!(report["threshold"]["rank"], 95);
    assert_eq!(report["model"]["flash_bytes"], workshop.read("run/model.int8.aeb").len());
    let info = workshop.ok("info run/model.int8.aeb --json").json();
    assert_eq!(info["detector"]["threshold"], report["threshold"]["threshold"]);
    assert_eq!(info["detector"]["calibration_digest"], report["threshold"]["digest"]);
    // Nothing abnormal was there to be detected.
    assert!(report["detection"].is_null());
}

#[test]
fn options_of_the_detector_are_in_the_blob() {
    let workshop = Workshop::new();
    workshop.write("normal.csv", &csv(&normal()));
    workshop.ok(&format!(
        "detect --data normal.csv {QUICK} --out run --unweighted --smoothing 2 --hits 2 --of 3 --stride 8 --no-pca"
    ));
    let detector = workshop.ok("info run/model.int8.aeb --json").json()["detector"].clone();
    assert_eq!(detector["weighted"], false);
    assert_eq!(detector["smoothing"], 2);
    assert_eq!((&detector["hits"], &detector["of"]), (&2.into(), &3.into()));
    assert_eq!(detector["stride"], 8);
    assert!(!workshop.exists("run/pca.int8.aeb"));
}

#[test]
fn a_blob_for_a_core_is_the_same_model_with_the_same_section() {
    let workshop = Workshop::new();
    workshop.write("normal.csv", &csv(&normal()));
    workshop.ok(&format!("detect --data normal.csv {QUICK} --out run --for cortex-m4"));
    let info = |name: &str| workshop.ok(&format!("info run/{name} --json")).json();
    let (plain, arranged) = (info("model.int8.aeb"), info("model.cortex-m4.int8.aeb"));
    assert_eq!(plain["model_id"], arranged["model_id"]);
    assert!(plain["detector"].is_object());
    assert_eq!(plain["detector"], arranged["detector"]);
    assert_eq!(plain["layers"][0]["layout"], "rows");
    assert_eq!(arranged["layers"][0]["layout"], "row-pairs");
    // `quantize` makes the very same of the run.
    let made = workshop.read("run/model.cortex-m4.int8.aeb");
    workshop.ok("quantize run --for cortex-m4 --out again.aeb");
    assert!(workshop.read("again.aeb") == made);
    for contract in ["int8", "f32"] {
        workshop.ok(&format!("quantize run --contract {contract} --out again.aeb"));
        assert!(workshop.read("again.aeb") == workshop.read(&format!("run/model.{contract}.aeb")));
    }
    // Another calibration makes another model, for which the threshold does not hold.
    let words = ["calibrated on another model", "--calibration"];
    workshop.refused("quantize run --calibration 10 --out other.aeb", &words);
    assert!(!workshop.exists("other.aeb"));
}

#[test]
fn the_run_lies_where_its_name_says() {
    let workshop = Workshop::new();
    workshop.write("normal.csv", &csv(&normal()));
    workshop.ok(&format!("detect --data normal.csv {QUICK} --no-pca"));
    workshop.ok(&format!("detect --data normal.csv {QUICK} --no-pca --name mine"));
    // Of a file's name only what says its kind is left out.
    workshop.write("my.data.csv", &csv(&normal()));
    workshop.ok(&format!("detect --data my.data.csv {QUICK} --no-pca"));
    let blob = |run: &str| workshop.read(&format!("runs/{run}/model.int8.aeb"));
    assert!(blob("normal-12-2") == blob("mine") && blob("mine") == blob("my.data-12-2"));
    for command in ["train", "detect --data normal.csv --window 16"] {
        let words = ["--name", "'/' is no part of a name", "letters, digits", "--out FOLDER"];
        workshop.refused(&format!("{command} --name ../../x"), &words);
    }
}
