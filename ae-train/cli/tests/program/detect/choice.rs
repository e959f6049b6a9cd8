//! The model that is chosen where the user leaves it open.

use serde_json::Value;

use crate::machines::{csv, normal};
use crate::workshop::Workshop;

/// Two shapes to choose between, trained as long as helps.
const OPEN: &str = "detect --data normal.csv --window 16 --latent 2 --alpha 0.05";

fn candidates(report: &Value) -> Vec<&Value> {
    report["choice"]["candidates"].as_array().unwrap().iter().collect()
}

#[test]
fn a_model_is_chosen_by_planted_faults_and_the_run_goes_on_with_it() {
    let workshop = Workshop::new();
    workshop.write("normal.csv", &csv(&normal()));
    let line = format!("{OPEN} --out run");
    let finished = workshop.ok(&format!("{line} --json"));
    assert!(finished.stderr.contains("planted faults AUROC"), "{}", finished.stderr);
    let report = finished.json();
    let tried = candidates(&report);
    let networks: Vec<&str> = tried.iter().map(|it| it["network"].as_str().unwrap()).collect();
    assert_eq!(networks, ["32-2-32", "32-128-2-128-32"]);
    let chosen: Vec<&&Value> = tried.iter().filter(|it| it["chosen"] == true).collect();
    assert_eq!(chosen.len(), 1);
    assert_eq!(report["network"], chosen[0]["network"]);
    // Two values carry a turn of two channels, so that a fault stands out.
    assert!(chosen[0]["noticed"].as_f64().unwrap() > 0.8, "{report}");
    assert_eq!(workshop.read_json("run/choice.json"), report["choice"]);

    // A run that was stopped takes the model that it began with, and ends with the same bytes.
    let blob = workshop.read("run/model.int8.aeb");
    std::fs::remove_file(workshop.path("run/report.html")).unwrap();
    let again = workshop.ok(&line);
    assert!(!again.stderr.contains("planted faults AUROC"), "{}", again.stderr);
    assert!(workshop.read("run/model.int8.aeb") == blob);
    assert_eq!(workshop.read_json("run/report.json"), report);
    // A new threshold keeps the table.
    workshop.ok("calibrate run --alpha 0.1 --data normal.csv");
    assert_eq!(workshop.read_json("run/report.json")["choice"], report["choice"]);
}

#[test]
fn what_the_user_says_is_not_chosen() {
    let workshop = Workshop::new();
    workshop.write("normal.csv", &csv(&normal()));
    let report = workshop.ok(&format!("{OPEN} --hidden 9 --epochs 2 --out all --json")).json();
    assert_eq!((&report["network"], report["choice"].is_null()), (&"32-9-2-9-32".into(), true));
    // The length of the training is open.
    let report = workshop.ok(&format!("{OPEN} --hidden 9 --out shape --json")).json();
    assert_eq!(candidates(&report).len(), 1);
    assert_eq!(report["network"], "32-9-2-9-32");
    // Too few windows to compare on: the default is trained.
    workshop.write("short.csv", &csv(&normal()[..60]));
    let line =
        "detect --data short.csv --window 4 --stride 4 --train-stride 4 --alpha 0.5 --out few";
    let report = workshop.ok(&format!("{line} --no-pca --json")).json();
    assert!(report["choice"].is_null());
    assert_eq!(report["network"], "8-128-4-128-8");
}

#[test]
fn prototypes_are_tried_and_can_be_asked_for() {
    let workshop = Workshop::new();
    workshop.write("normal.csv", &csv(&normal()));
    let line = "detect --data normal.csv --window 16 --alpha 0.05";
    let report = workshop.ok(&format!("{line} --epochs 1 --out all --json")).json();
    let networks: Vec<&str> =
        candidates(&report).iter().map(|it| it["network"].as_str().unwrap()).collect();
    assert_eq!(networks[7..], ["1 prototype", "8 prototypes", "32 prototypes"]);

    let asked = format!("{line} --prototypes 12 --for cortex-m4");
    let report = workshop.ok(&format!("{asked} --out run --json")).json();
    assert_eq!(report["network"], "12 prototypes");
    assert_eq!(report["model"]["name"], "prototypes, int8");
    assert_eq!(candidates(&report)[0]["steps"], 0);
    assert!(workshop.read_text("run/report.html").contains("12 prototypes"));
    assert!(workshop.ok("verify run/model.int8.aeb").text().starts_with("equal:"));
    let config = workshop.read_text("run/config.toml");
    assert!(
        config.contains("code = \"one-hot\"") && config.contains("start = \"kmeans\""),
        "{config}"
    );
    // A run that was stopped ends with the same bytes, and so does a longer one.
    let blob = workshop.read("run/model.int8.aeb");
    std::fs::remove_file(workshop.path("run/report.html")).unwrap();
    workshop.ok(&format!("{asked} --out run"));
    assert!(workshop.read("run/model.int8.aeb") == blob);
    for name in ["model.int8.aeb", "model.cortex-m4.int8.aeb", "model.f32.aeb"] {
        workshop.ok(&format!("monitor run/{name} --data normal.csv"));
        let info = workshop.ok(&format!("info run/{name}"));
        assert!(info.text().contains("one-hot"), "{}", info.text());
    }

    for other in ["--latent 3", "--hidden 9", "--start pca", "--epochs 3"] {
        let name = other.split(' ').next().unwrap();
        workshop
            .refused(&format!("{line} --prototypes 12 {other} --out no"), &["--prototypes", name]);
    }
    workshop.refused(&format!("{line} --prototypes 0 --out no"), &["at least 1"]);
    let words = ["9999 prototypes are more than", "smaller --prototypes"];
    workshop.refused(&format!("{line} --prototypes 9999 --out no"), &words);
    assert!(!workshop.exists("no"));
}

#[test]
fn the_smallest_faults_that_are_noticed_need_no_label() {
    let workshop = Workshop::new();
    workshop.write("normal.csv", &csv(&normal()));
    let report = workshop.ok(&format!("{OPEN} --hidden none --out run --json")).json();
    let faults = report["sensitivity"]["faults"].as_array().unwrap();
    let of = |name: &str| faults.iter().find(|it| it["fault"] == name).unwrap();
    assert_eq!(faults.len(), 11);
    // Of both channels, a noise is noticed that is no larger than the signal.
    for channel in of("noise")["channels"].as_array().unwrap() {
        assert!(channel["strength"].as_f64().unwrap() <= 1.0, "{channel}");
        assert!(channel["found"].as_f64().unwrap() >= 0.8, "{channel}");
    }
    let finished = workshop.ok(&format!("{OPEN} --hidden none --out again"));
    let text = finished.text();
    assert!(text.contains("smallest faults that 80.0\u{a0}% of windows show"), "{text}");
    let page = workshop.read_text("again/report.html");
    assert!(page.contains("What it notices") && page.contains("swapped channels"));
}
