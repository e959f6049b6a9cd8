//! Signals played through a detector.

use serde_json::Value;

use crate::detect::with_detector;
use crate::machines::{LABELLED, QUICK, SAMPLES, counted_csv, csv, labelled_csv, normal, turning};
use crate::workshop::Workshop;

/// Windows of a machine's samples: 16 long, one every 4.
const WINDOWS: u64 = (SAMPLES as u64 - 16) / 4 + 1;

/// Windows and alarms of the only recording.
fn counts(report: &Value) -> (u64, u64) {
    let recordings = report["recordings"].as_array().unwrap();
    assert_eq!(recordings.len(), 1, "{report}");
    let count = |name: &str| recordings[0][name].as_u64().unwrap();
    (count("windows"), count("alarms"))
}

#[test]
fn what_the_run_held_out_is_played() {
    let workshop = with_detector();
    let report = workshop.ok("monitor run/model.int8.aeb --json").json();
    // A fifth of the only recording, less the gap before it.
    let (windows, alarms) = counts(&report);
    assert_eq!(windows, 395);
    assert!(alarms < windows / 5, "{alarms}");
    let first = &report["recordings"][0]["stretches"][0];
    if alarms > 0 {
        assert!(first["score"].as_u64() > first["threshold"].as_u64(), "{first}");
    }
    let text = workshop.ok("monitor run/model.int8.aeb");
    assert!(text.text().contains(&format!("in {alarms} of 395 windows")), "{}", text.text());
    // Changed behind the run's back it is not what was held out.
    let mut changed = normal();
    changed[7][1] += 0.5;
    workshop.write("normal.csv", &csv(&changed));
    workshop.refused("monitor run/model.int8.aeb", &["have changed", "--data"]);
}

#[test]
fn an_anomaly_is_an_alarm_and_another_normal_machine_hardly_is() {
    let workshop = with_detector();
    workshop.write("fine.csv", &csv(&turning(SAMPLES, 1.0, 77)));
    workshop.write("odd.csv", &csv(&turning(SAMPLES, 4.0, 78)));
    // From sample 200 on it is another machine.
    let broken = [turning(200, 1.0, 79), turning(200, 4.0, 80)].concat();
    workshop.write("broken.csv", &csv(&broken));
    let play = |file: &str| {
        workshop.ok(&format!("monitor run/model.int8.aeb --data {file} --json")).json()
    };
    let (windows, alarms) = counts(&play("fine.csv"));
    assert_eq!(windows, WINDOWS);
    assert!(alarms < windows / 4, "{alarms}");
    let odd = play("odd.csv");
    assert_eq!(counts(&odd), (WINDOWS, WINDOWS));
    let first = &odd["recordings"][0]["stretches"][0];
    assert_eq!((&first["from"], &first["to"]), (&0.into(), &SAMPLES.into()));
    assert!(first["score"].as_u64() > first["threshold"].as_u64());
    assert!(["x", "y"].contains(&first["channel"].as_str().unwrap()));
    let (_, alarms) = counts(&play("broken.csv"));
    // All windows that lie behind the break, and few before it.
    assert!((47..47 + 20).contains(&alarms), "{alarms}");

    let text = workshop.ok("monitor run/model.int8.aeb --data odd.csv");
    let words =
        format!("alarm  odd.csv, line 2: samples 0 to {}, {WINDOWS} windows, score", SAMPLES - 1);
    assert!(text.text().starts_with(&words), "{}", text.text());
    // The blobs of the other contract and order say the like.
    workshop.ok("quantize run --for cortex-m4");
    let arranged = "monitor run/model.cortex-m4.int8.aeb --data broken.csv --json";
    assert_eq!(workshop.ok(arranged).json()["recordings"], play("broken.csv")["recordings"]);
    let float = workshop.ok("monitor run/model.f32.aeb --data odd.csv --json").json();
    assert_eq!(counts(&float), (WINDOWS, WINDOWS));
}

#[test]
fn labels_groups_and_recordings_are_told_apart() {
    let workshop = Workshop::new();
    workshop.write("all.csv", &labelled_csv());
    workshop.ok(&format!("detect --data all.csv {LABELLED} {QUICK} --no-pca --out run"));
    let report = workshop.ok("monitor run/model.int8.aeb --json").json();
    let recordings = report["recordings"].as_array().unwrap();
    // Of the 4 groups that are tested on, two good recordings each and a worn one.
    let of = |label: &str| recordings.iter().filter(|told| told["label"] == label).count();
    assert_eq!((of("good"), of("worn")), (8, 4));
    for worn in recordings.iter().filter(|told| told["label"] == "worn") {
        assert_eq!((&worn["windows"], &worn["alarms"]), (&22.into(), &22.into()));
        assert!(worn["group"].as_str().unwrap().starts_with('m'));
    }
    let text = workshop.ok("monitor run/model.int8.aeb");
    assert!(text.text().contains("worn: 4 of 4 recordings with an alarm, in 88 of 88 windows"));
    assert!(text.text().contains("(worn, m"), "{}", text.text());
}

#[test]
fn two_of_three_windows_come_later_than_one() {
    let workshop = with_detector();
    workshop.ok(&format!("detect --data normal.csv {QUICK} --hits 2 --of 3 --no-pca --out slow"));
    workshop.write("odd.csv", &csv(&turning(SAMPLES, 4.0, 78)));
    let report = workshop.ok("monitor slow/model.int8.aeb --data odd.csv --json").json();
    assert_eq!(counts(&report), (WINDOWS, WINDOWS - 1));
    assert_eq!(report["recordings"][0]["stretches"][0]["from"], 4);
}

#[test]
fn a_counting_detector_takes_counts_or_what_becomes_counts() {
    let workshop = Workshop::new();
    workshop.write("counts.csv", &counted_csv(&normal()));
    workshop.ok(&format!("detect --data counts.csv {QUICK} --no-pca --out run"));
    let machine = turning(SAMPLES, 1.0, 77);
    workshop.write("counted.csv", &counted_csv(&machine));
    workshop.write("values.csv", &csv(&machine));
    let play = |line: &str| {
        workshop.ok(&format!("monitor run/model.int8.aeb --data {line} --json")).json()
    };
    let counted = play("counted.csv");
    let recording = |report: &Value| {
        let mut recording = report["recordings"][0].clone();
        recording["recording"].take();
        recording
    };
    assert_eq!(
        recording(&counted),
        recording(&play("values.csv --counts-per-unit 1000")),
        "values times a thousand are the counts"
    );
    let line = "monitor run/model.int8.aeb --data values.csv";
    workshop.refused(line, &["takes i16 counts", "--counts-per-unit"]);
    // A run that made counts of values does so with other files too.
    workshop.write("normal.csv", &csv(&normal()));
    let made =
        format!("detect --data normal.csv {QUICK} --no-pca --counts-per-unit 1000 --out made");
    workshop.ok(&made);
    let made = workshop.ok("monitor made/model.int8.aeb --data values.csv --json").json();
    assert_eq!(recording(&made), recording(&counted));
}

#[test]
fn what_cannot_be_played_is_told() {
    let workshop = with_detector();
    let machine = turning(SAMPLES, 1.0, 77);
    workshop.write("short.csv", &csv(&machine[..15]));
    let text = String::from_utf8(csv(&machine)).unwrap();
    let one: Vec<&str> = text.lines().map(|line| line.split(',').next().unwrap()).collect();
    workshop.write("one.csv", one.join("\n").as_bytes());
    let three: Vec<String> = text.lines().map(|line| format!("{line},1")).collect();
    workshop.write("three.csv", three.join("\n").replacen("x,y,1", "x,y,z", 1).as_bytes());
    std::fs::create_dir(workshop.path("alone")).unwrap();
    workshop.write("alone/model.aeb", &workshop.read("run/model.int8.aeb"));

    let alone = "monitor alone/model.aeb";
    workshop.refused(alone, &["--data is missing", "alone/model.aeb"]);
    let channels = ["watches 2 channels", "--columns"];
    workshop.refused(&format!("{alone} --data one.csv"), &[&channels[..], &["1: x"]].concat());
    workshop.refused(&format!("{alone} --data three.csv"), &[&channels[..], &["x, y, z"]].concat());
    workshop.ok(&format!("{alone} --data three.csv --columns x,y"));
    // In its run it knows its channels by name.
    workshop.ok("monitor run/model.int8.aeb --data three.csv");
    let line = "monitor run/model.int8.aeb --data one.csv";
    workshop.refused(line, &["one.csv", "`y`", "there are: x"]);
    let words = ["windows of 16 samples", "longest recording has 15"];
    workshop.refused("monitor run/model.int8.aeb --data short.csv", &words);
    workshop.refused("monitor run/model.int8.aeb --data nowhere.csv", &["nowhere.csv"]);

    workshop.ok("train --out plain --data data --epochs 1 --hidden none --latent 2 --no-baseline");
    let line = "monitor plain/model.int8.aeb --data short.csv";
    workshop.refused(line, &["no detection section", "; make one with `ae-train detect`"]);
    workshop.refused("monitor run", &["run is a folder", "run/model.int8.aeb"]);
    // The smallest board has no floats.
    let line = "monitor run/model.int8.aeb --board microbit";
    workshop.refused(line, &["microbit takes no f32 values", "--counts-per-unit"]);
}
