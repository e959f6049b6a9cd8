//! A threshold chosen again.

use super::with_detector;
use crate::machines::{QUICK, SAMPLES, csv, turning};
use crate::workshop::Workshop;

const BLOBS: [&str; 3] = ["model.int8.aeb", "model.f32.aeb", "pca.int8.aeb"];

fn detector(workshop: &Workshop, blob: &str) -> serde_json::Value {
    workshop.ok(&format!("info run/{blob} --json")).json()["detector"].clone()
}

#[test]
fn another_rate_gives_what_a_run_with_that_rate_would_have() {
    let workshop = with_detector();
    workshop.ok("quantize run --for cortex-m4");
    let other = QUICK.replace("0.05", "0.2");
    workshop.ok(&format!("detect --data normal.csv {other} --hits 2 --of 3 --out wanted"));
    let weights = workshop.read("run/weights.safetensors");
    let finished = workshop.ok("calibrate run --alpha 0.2 --hits 2 --of 3");
    assert!(finished.text().contains("for a false-alarm rate of 0.2"), "{}", finished.text());
    assert!(!finished.stderr.contains("epoch"), "{}", finished.stderr);
    let same = ["calibration-scores.csv", "report.json", "report.html", "metrics.json"];
    for name in BLOBS.into_iter().chain(same) {
        let [run, wanted] = ["run", "wanted"].map(|run| workshop.read(&format!("{run}/{name}")));
        // The time that epochs took is nobody's.
        assert!(name == "metrics.json" || run == wanted, "{name}");
    }
    let config = workshop.read_text("run/config.toml");
    assert!(config.contains("alarm_ppm = 200000") && config.contains("hits = 2"), "{config}");
    assert_eq!(detector(&workshop, "model.cortex-m4.int8.aeb"), detector(&workshop, BLOBS[0]));
    assert!(workshop.read("run/weights.safetensors") == weights);
    // All other commands take the run as it is now.
    assert!(workshop.ok("verify run/model.int8.aeb").text().starts_with("equal:"));
    workshop.ok("quantize run --out again.aeb");
    assert!(workshop.read("again.aeb") == workshop.read("run/model.int8.aeb"));
}

#[test]
fn other_recordings_give_the_threshold() {
    let workshop = with_detector();
    let later: Vec<_> = (50..80).flat_map(|machine| turning(SAMPLES, 1.3, machine)).collect();
    workshop.write("later.csv", &csv(&later));
    let before = detector(&workshop, BLOBS[0]);
    let report = workshop.ok("calibrate run --data later.csv --alpha 0.01 --json").json();
    let after = detector(&workshop, BLOBS[0]);
    assert_eq!(report, workshop.read_json("run/report.json"));
    assert_eq!(report["threshold"]["threshold"], after["threshold"]);
    assert_eq!(report["threshold"]["scores"], 30 * SAMPLES / 16);
    assert!(after["threshold"].as_u64() > before["threshold"].as_u64());
    let config = workshop.read_text("run/config.toml");
    assert!(config.contains("later.csv"), "{config}");
    let role = &report["data"]["roles"][1];
    assert_eq!(role["windows"], 30 * SAMPLES / 16, "{role}");
    assert!(role["groups"][0].as_str().unwrap().ends_with("later.csv"), "{role}");
    // Back to the run's own.
    let finished = workshop.ok("calibrate run --alpha 0.05");
    assert!(finished.stderr.contains("own windows again"), "{}", finished.stderr);
    assert_eq!(detector(&workshop, BLOBS[0]), before);
    assert!(!workshop.read_text("run/config.toml").contains("later.csv"));
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    let workshop = with_detector();
    workshop.write("short.csv", &csv(&turning(100, 1.0, 1)));
    let before = workshop.files_of("run");
    workshop.refused("calibrate run --alpha 0.001", &["99 calibration windows", "needs 999"]);
    workshop.refused("calibrate run --data short.csv", &["6 calibration windows", "needs 19"]);
    workshop.refused("calibrate run --hits 3 --of 2", &["--hits 3 --of 2"]);
    workshop.refused("calibrate run --data nowhere.csv", &["nowhere.csv"]);
    std::fs::rename(workshop.path("normal.csv"), workshop.path("gone.csv")).unwrap();
    workshop.refused("calibrate run --alpha 0.001", &["99 calibration windows", "needs 999"]);
    std::fs::remove_file(workshop.path("run/calibration-scores.f32.csv")).unwrap();
    workshop.refused("calibrate run", &["calibration-scores.f32.csv", "not there", "put back"]);
    for (name, bytes) in workshop.files_of("run").iter().filter(|(name, _)| *name != "run.lock") {
        assert!(before[name] == *bytes, "{name}");
    }
    let train = Workshop::with_run();
    train.refused("calibrate run", &["without a detector", "ae-train detect"]);
}

#[test]
fn without_the_runs_data_the_report_says_what_is_of_the_threshold_before() {
    let workshop = with_detector();
    let line = format!("detect --data normal.csv {} --out wanted", QUICK.replace("0.05", "0.2"));
    workshop.ok(&line);
    workshop.ok("quantize run --for cortex-m4");
    let before = detector(&workshop, BLOBS[0])["threshold"].to_string();
    std::fs::rename(workshop.path("normal.csv"), workshop.path("gone.csv")).unwrap();
    for alpha in ["0.5", "0.2"] {
        let finished = workshop.ok(&format!("calibrate run --alpha {alpha}"));
        assert!(finished.stderr.contains("cannot be read"), "{}", finished.stderr);
    }
    for name in BLOBS {
        let [run, wanted] = ["run", "wanted"].map(|run| workshop.read(&format!("{run}/{name}")));
        assert!(run == wanted, "{name}");
    }
    assert_eq!(detector(&workshop, "model.cortex-m4.int8.aeb"), detector(&workshop, BLOBS[0]));
    let report = workshop.read_json("run/report.json");
    assert_eq!(report["threshold"], workshop.read_json("wanted/report.json")["threshold"]);
    let page = workshop.read_text("run/report.html");
    for text in [report["warnings"][0].as_str().unwrap(), &page] {
        let words = format!("are of the threshold before, {before}, for a rate of 5");
        assert!(text.contains(&words), "{words}: {text}");
    }
    assert_eq!(page.matches("chosen again").count(), 1);
    // With the data, all is made again.
    std::fs::rename(workshop.path("gone.csv"), workshop.path("normal.csv")).unwrap();
    workshop.ok("calibrate run");
    for name in ["report.json", "report.html"] {
        let [run, wanted] = ["run", "wanted"].map(|run| workshop.read(&format!("{run}/{name}")));
        assert!(run == wanted, "{name}");
    }
}

#[test]
fn a_damaged_detector_is_refused_by_quantize_and_made_again_by_calibrate() {
    for (contract, name) in [("int8", "run/model.int8.aeb"), ("f32", "run/model.f32.aeb")] {
        let workshop = with_detector();
        let whole = workshop.read(name);
        let mut flipped = whole.clone();
        let at = flipped.len() / 2;
        flipped[at] ^= 1;
        let words = [name, "`ae-train calibrate run` makes it again"];
        for damaged in [Some(&flipped[..]), Some(&whole[..whole.len() - 1]), Some(b""), None] {
            match damaged {
                Some(bytes) => workshop.write(name, bytes),
                None => std::fs::remove_file(workshop.path(name)).unwrap(),
            }
            let line = format!("quantize run --contract {contract} --out again.aeb");
            workshop.refused(&line, &words);
            assert!(!workshop.exists("again.aeb"));
        }
        if contract == "int8" {
            workshop.refused("quantize run --for cortex-m4", &words);
        }
        // A part alone is no detector.
        workshop.ok(&format!("quantize run --contract {contract} --part encoder"));
        workshop.ok("calibrate run");
        assert!(workshop.read(name) == whole);
    }
}
