use std::fs;

use ae_core::{Detection, Int8Model, with_detection};
use serde_json::Value;

use crate::data::{Samples, TINY};
use crate::support::{Place, golden, number};

/// The tiny detector with another threshold.
fn other(place: &Place, threshold: u64) {
    let blob = fs::read(golden(TINY)).unwrap();
    let detection = Int8Model::parse(&blob).unwrap().detection().unwrap().unwrap();
    let other = with_detection(&blob, &Detection { threshold, ..detection }).unwrap();
    place.write("other.aeb", other);
}

fn json(place: &Place, arguments: &[&str]) -> Value {
    serde_json::from_str(&place.ok(arguments)).unwrap()
}

#[test]
fn a_model_decides_as_itself() {
    let place = Place::new();
    place.archive(TINY, 1000, 5);
    let model = golden(TINY).display().to_string();
    let told = place.ok(&[
        "compare", "--model", &model, "--model", &model, "--data", "archive", "--device", "device",
        "--time", "time",
    ]);
    assert!(told.starts_with("0 of 1000 windows are decided on otherwise (0.000 %)"), "{told}");
    assert_eq!(told.lines().count(), 10, "{told}");
}

#[test]
fn windows_between_two_thresholds_are_those_that_differ() {
    let place = Place::new();
    place.archive(TINY, 3000, 5);
    let model = golden(TINY).display().to_string();
    place.ok(&["score", "--model", &model, "--data", "archive", "--out", "s.parquet"]);
    // A score that there is: it does not exceed itself.
    let query = "SELECT score AS m FROM t ORDER BY score LIMIT 1 OFFSET 1500";
    let median = number(&place.rows(query, "s.parquet")[0], "m");
    other(&place, median);
    let found = json(
        &place,
        &[
            "compare",
            "--model",
            &model,
            "--model",
            "other.aeb",
            "--data",
            "archive",
            "--device",
            "device",
            "--time",
            "time",
            "--rows",
            "7",
            "--json",
        ],
    );
    let query = format!(
        "SELECT device, count(*) AS windows, count(*) FILTER (WHERE exceeds) AS a_exceeding, \
         count(*) FILTER (WHERE score > {median}) AS b_exceeding, \
         count(*) FILTER (WHERE exceeds <> (score > {median})) AS differing, \
         min(time) FILTER (WHERE exceeds <> (score > {median})) AS first \
         FROM t GROUP BY device ORDER BY differing DESC, device"
    );
    let expected = place.rows(&query, "s.parquet");
    assert!(expected.iter().all(|row| number(row, "differing") > 0));
    assert_eq!(found["devices"], Value::from(expected.clone()));
    let rows = found["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 7);
    assert_eq!(rows[0]["device"], "d00000");
    let first = expected.iter().find(|row| row["device"] == "d00000").unwrap();
    assert_eq!(rows[0]["time"], first["first"]);
    assert_eq!(number(&rows[0], "b_threshold"), median);
}

#[test]
fn thresholds_of_devices_take_the_place_of_the_models_own() {
    let place = Place::new();
    place.archive(TINY, 3000, 3);
    let model = golden(TINY).display().to_string();
    other(&place, 1);
    place.ok(&[
        "calibrate",
        "--model",
        "other.aeb",
        "--data",
        "archive",
        "--device",
        "device",
        "--alpha",
        "0.1",
        "--out",
        "t.csv",
    ]);
    let found = json(
        &place,
        &[
            "compare",
            "--model",
            &model,
            "--model",
            "other.aeb",
            "--data",
            "archive",
            "--device",
            "device",
            "--thresholds",
            "t.csv",
            "--json",
        ],
    );
    let devices = found["devices"].as_array().unwrap();
    assert_eq!(devices.len(), 3);
    for device in devices {
        let exceeding = number(device, "b_exceeding");
        // ⌊1001 · 0.1⌋ − 1 of 1000 lie above the threshold, and fewer where scores are alike.
        assert!((80..=99).contains(&exceeding), "{device}");
    }
    let errors = place.fails(&[
        "compare",
        "--model",
        &model,
        "--model",
        &model,
        "--data",
        "archive",
        "--device",
        "device",
        "--thresholds",
        "t.csv",
    ]);
    assert!(errors.contains("--thresholds has none of"), "{errors}");
}

#[test]
fn decisions_over_samples_are_compared_too() {
    let place = Place::new();
    place.write("samples.csv", Samples::new(2, 300).csv());
    let model = golden(TINY).display().to_string();
    other(&place, 0);
    let found = json(
        &place,
        &[
            "compare",
            "--model",
            &model,
            "--model",
            "other.aeb",
            "--data",
            "samples.csv",
            "--sample",
            "x",
            "y",
            "--device",
            "pump",
            "--time",
            "at",
            "--json",
        ],
    );
    let itself = "--sample x y --device pump --time at";
    let mut arguments =
        vec!["compare", "--model", &model, "--model", &model, "--data", "samples.csv"];
    arguments.extend(itself.split(' '));
    assert!(place.ok(&arguments).starts_with("0 of "));
    for device in found["devices"].as_array().unwrap() {
        assert!(number(device, "windows") > 100, "{device}");
        assert_eq!(number(device, "b_exceeding"), number(device, "windows"), "{device}");
        let [a, b] = ["a_exceeding", "b_exceeding"].map(|name| number(device, name));
        assert_eq!(number(device, "differing"), b - a, "{device}");
    }
}
