use serde_json::Value;

use crate::data::{Samples, TINY};
use crate::support::{Place, golden, number};

/// The ⌈(n + 1)(1 − α)⌉-th smallest, by the definition.
fn by_rank(mut scores: Vec<u64>, alarm_ppm: u64) -> Option<u64> {
    scores.sort_unstable();
    let rank = ((scores.len() as u64 + 1) * (1_000_000 - alarm_ppm)).div_ceil(1_000_000);
    scores.get(usize::try_from(rank).unwrap() - 1).copied()
}

#[test]
fn each_device_has_the_threshold_of_its_own_scores() {
    let place = Place::new();
    place.archive(TINY, 5000, 9);
    let model = golden(TINY).display().to_string();
    place.ok(&["score", "--model", &model, "--data", "archive", "--out", "s.parquet"]);
    let told = place.ok(&[
        "calibrate",
        "--model",
        &model,
        "--data",
        "archive",
        "--device",
        "device",
        "--alpha",
        "0.01",
        "--out",
        "t.csv",
    ]);
    assert!(told.starts_with("9 devices, 9 of them with a threshold, from "), "{told}");
    let thresholds = place.rows("SELECT * FROM t", "t.csv");
    assert_eq!(thresholds.len(), 9);
    for row in &thresholds {
        let device = row["device"].as_str().unwrap();
        let scores =
            place.rows(&format!("SELECT score FROM t WHERE device = '{device}'"), "s.parquet");
        let scores: Vec<u64> = scores.iter().map(|row| number(row, "score")).collect();
        assert_eq!(number(row, "windows"), scores.len() as u64);
        assert_eq!(Some(number(row, "threshold")), by_rank(scores, 10_000), "{row}");
    }
}

#[test]
fn windows_cut_from_samples_are_those_that_a_board_calibrates_with() {
    let place = Place::new();
    let samples = Samples::new(3, 900);
    place.write("samples.csv", samples.csv());
    let model = golden(TINY).display().to_string();
    place.ok(&[
        "calibrate",
        "--model",
        &model,
        "--data",
        "samples.csv",
        "--sample",
        "x",
        "y",
        "--device",
        "pump",
        "--time",
        "at",
        "--gap",
        "1.5",
        "--alpha",
        "0.05",
        "--out",
        "t.parquet",
    ]);
    let rows = place.rows("SELECT * FROM t ORDER BY pump", "t.parquet");
    assert_eq!(rows.len(), 3);
    for (device, row) in rows.iter().enumerate() {
        let apart = samples.apart(device);
        assert_eq!(number(row, "windows"), apart.len() as u64, "{row}");
        assert_eq!(Some(number(row, "threshold")), by_rank(apart, 50_000), "{row}");
    }
}

#[test]
fn too_few_windows_are_told_and_give_no_threshold() {
    let place = Place::new();
    place.archive(TINY, 100, 4);
    let model = golden(TINY).display().to_string();
    let arguments = [
        "calibrate",
        "--model",
        &model,
        "--data",
        "archive",
        "--device",
        "device",
        "--alpha",
        "0.01",
        "--out",
        "t.csv",
        "--json",
    ];
    let output = place.run(&arguments);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("4 of 4 devices have no threshold"), "{errors}");
    assert!(errors.contains("each needs 99 windows"), "{errors}");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["devices"].as_array().unwrap().len(), 4);
    assert_eq!(told["devices"][0]["threshold"], Value::Null);
}

#[test]
fn of_windows_that_overlap_every_nth_is_taken_in_order_of_time() {
    let place = Place::new();
    place.archive(TINY, 1000, 2);
    let model = golden(TINY).display().to_string();
    place.ok(&["score", "--model", &model, "--data", "archive", "--out", "s.parquet"]);
    place.ok(&[
        "calibrate",
        "--model",
        &model,
        "--data",
        "archive",
        "--device",
        "device",
        "--time",
        "time",
        "--every",
        "4",
        "--alpha",
        "0.05",
        "--out",
        "t.csv",
    ]);
    let rows = place.rows("SELECT * FROM t ORDER BY device", "t.csv");
    let query = "SELECT score FROM t WHERE device = 'd00000' ORDER BY time";
    let scores = place.rows(query, "s.parquet");
    let scores: Vec<u64> = scores.iter().step_by(4).map(|row| number(row, "score")).collect();
    assert_eq!(number(&rows[0], "windows"), 125);
    assert_eq!(Some(number(&rows[0], "threshold")), by_rank(scores, 50_000));
}
