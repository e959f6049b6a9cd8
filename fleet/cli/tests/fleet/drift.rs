use serde_json::Value;

use ae_infer::Drift;

use crate::data::TINY;
use crate::support::{Place, golden, number};

#[test]
fn the_devices_that_drift_are_told_as_a_board_would() {
    let place = Place::new();
    place.archive(TINY, 20 * 700, 20);
    let model = golden(TINY).display().to_string();
    let told = place.ok(&[
        "drift",
        "--model",
        &model,
        "--data",
        "archive",
        "--device",
        "device",
        "--time",
        "time",
        "--json",
        "--out",
        "d.parquet",
    ]);
    let told: Value = serde_json::from_str(&told).unwrap();
    place.ok(&["score", "--model", &model, "--data", "archive", "--out", "s.parquet"]);
    let devices = told["devices"].as_array().unwrap();
    assert_eq!(devices.len(), 20);
    let mut drifted = 0;
    for row in devices {
        let device = row["device"].as_str().unwrap();
        let query = format!("SELECT time, score FROM t WHERE device = '{device}' ORDER BY time");
        let mut drift = Drift::<11>::new(10_000).unwrap();
        let mut since = Value::Null;
        let mut windows = 0_u64;
        for row in place.rows(&query, "s.parquet") {
            drift.take(number(&row, "score"));
            windows += 1;
            if drift.has_drifted() && since.is_null() {
                since = row["time"].clone();
            }
        }
        let found = row.get("drifted_since").cloned().unwrap_or(Value::Null);
        assert_eq!((found, number(row, "windows")), (since.clone(), windows), "{row}");
        drifted += u64::from(!since.is_null());
        // The generator lets every tenth device drift.
        assert_eq!(!since.is_null(), device.ends_with('9'), "{row}");
    }
    assert_eq!((number(&told, "drifted"), drifted), (2, 2));
    let written = place.rows("SELECT count(*) AS n FROM t WHERE drifted_after > 300", "d.parquet");
    assert_eq!(number(&written[0], "n"), 2);
}

#[test]
fn it_needs_devices_and_times() {
    let place = Place::new();
    place.archive(TINY, 10, 2);
    let model = golden(TINY).display().to_string();
    let errors =
        place.fails(&["drift", "--model", &model, "--data", "archive", "--device", "device"]);
    assert!(errors.contains("--device and --time"), "{errors}");
}
