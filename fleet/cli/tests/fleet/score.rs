use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::board;
use crate::data::{Samples, TINY};
use crate::support::{Place, golden, list, number};

fn model() -> String {
    golden(TINY).display().to_string()
}

#[test]
fn every_window_has_the_score_of_the_board() {
    let place = Place::new();
    place.archive(TINY, 5000, 7);
    let model = model();
    let told =
        place.ok(&["score", "--model", &model, "--data", "archive", "--out", "scores.parquet"]);
    assert!(told.starts_with("5000 windows of 2 files, "), "{told}");
    let scores =
        place.rows("SELECT device, time, score, threshold, exceeds FROM t", "scores.parquet");
    let windows = place.rows("SELECT device, time, window FROM t", "archive");
    assert_eq!((scores.len(), windows.len()), (5000, 5000));
    let key = |row: &Value| (row["device"].to_string(), row["time"].to_string());
    let scores: BTreeMap<_, &Value> = scores.iter().map(|row| (key(row), row)).collect();
    let mut exceeding = 0;
    for window in &windows {
        let found = scores[&key(window)];
        let score = board::score(TINY, 2, &list(window, "window"));
        assert_eq!(number(found, "score"), score, "{window}");
        let exceeds = score > number(found, "threshold");
        assert_eq!(found["exceeds"], exceeds, "{found}");
        exceeding += u32::from(exceeds);
    }
    assert!(exceeding > 0 && exceeding < 5000, "{exceeding}");
    assert!(told.contains(&format!(", {exceeding} above the threshold ")), "{told}");
}

#[test]
fn folders_in_folders_are_read_and_a_pattern_says_which() {
    let place = Place::new();
    let model = model();
    let folders = ["archive", "archive/2026", "archive/2026/12", "archive/day=1", "archive/_old"];
    for (at, folder) in folders.into_iter().enumerate() {
        let rows = (1 << at).to_string();
        let generate = ["generate", "--model", &model, "--rows", &rows];
        place.ok(&[&generate[..], &["--out", "made"]].concat());
        fs::create_dir_all(place.path(folder)).unwrap();
        let file = place.path(folder).join("x.parquet");
        fs::rename(place.path("made/00000.parquet"), file).unwrap();
        fs::remove_dir(place.path("made")).unwrap();
    }
    for (data, windows) in [
        ("archive", 0b1111),
        ("archive/2026", 0b110),
        ("archive/**/*.parquet", 0b1111),
        ("archive/*.parquet", 0b1),
        ("archive/*/*.parquet", 0b1010),
        ("archive/2026/**/*.parquet", 0b110),
        ("archive/2026/*/x.parquet", 0b100),
        ("archive/day=*/x.parquet", 0b1000),
        ("archive/[0-9]*/*/*", 0b100),
    ] {
        let told = place.ok(&["score", "--model", &model, "--data", data, "--out", "scores.csv"]);
        assert!(told.starts_with(&format!("{windows} windows of ")), "{data}: {told}");
    }
}

#[test]
fn where_no_window_is_whole_it_is_said() {
    let place = Place::new();
    place.write("samples.csv", "at,x,y\n1,5,6\n3,7,8\n5,9,10\n");
    let model = model();
    let score = ["score", "--model", &model, "--data", "samples.csv", "--sample", "x", "y"];
    let gap = |gap: &'static str| ["--time", "at", "--gap", gap, "--out", "decisions.csv"];
    let output = place.run(&[&score[..], &gap("1.5")[..]].concat());
    let note = "note: no window is whole: each takes 2 samples in a row";
    assert!(String::from_utf8(output.stderr).unwrap().contains(note));
    assert_eq!(output.status.code(), Some(0));
    let output = place.run(&[&score[..], &gap("2.5")[..]].concat());
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn windows_as_bytes_have_the_scores_of_lists() {
    let place = Place::new();
    let model = model();
    let mut given = Vec::new();
    for windows in ["fixed-lists", "lists", "bytes"] {
        let generate = ["generate", "--model", &model, "--rows", "3000", "--windows", windows];
        place.ok(&[&generate[..], &["--out", windows]].concat());
        let score = ["score", "--model", &model, "--data", windows, "--sorted", "--time", "time"];
        place.ok(&[&score[..], &["--device", "device", "--out", "scores.csv"]].concat());
        given.push(place.rows("SELECT * FROM t", "scores.csv"));
    }
    assert_eq!(given[0].len(), 3000);
    assert!(given.iter().all(|rows| *rows == given[0]));

    // Bytes of any length are windows where it is said so.
    let query = "SELECT device, time, arrow_cast(window, 'Binary') AS window FROM t";
    place.ok(&["sql", query, "--table", "t=bytes", "--out", "any.parquet"]);
    let score = ["score", "--model", &model, "--data", "any.parquet", "--out", "scores.csv"];
    let sorted = ["--sorted", "--time", "time", "--device", "device", "--window", "window"];
    let errors = place.fails(&score);
    assert!(errors.contains("any.parquet has no column of windows"), "{errors}");
    place.ok(&[&score[..], &sorted[..]].concat());
    assert_eq!(place.rows("SELECT * FROM t", "scores.csv"), given[0]);
}

#[test]
fn decisions_over_samples_are_those_of_the_board_with_its_debouncing_and_gaps() {
    let place = Place::new();
    let samples = Samples::new(3, 400);
    // Those without a time are left out.
    let lost = "p0,,1,2\np1,NaN,3,4\np0,,5,6\np1,NaN,7,8\n";
    place.write("samples.csv", samples.csv() + lost);
    let model = model();
    let told = place.ok(&[
        "score",
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
        "--out",
        "decisions.csv",
        "--sorted",
    ]);
    let rows = place.rows("SELECT * FROM t ORDER BY pump, at", "decisions.csv");
    let mut at = 0;
    let mut alarms = 0;
    for device in 0..3 {
        for (time, decision) in samples.decisions(device) {
            let row = &rows[at];
            at += 1;
            let evidence = decision.evidence();
            assert_eq!(row["pump"], format!("p{device}"), "{row}");
            assert_eq!(row["at"].as_f64(), Some(time), "{row}");
            assert_eq!(number(row, "score"), evidence.score, "{row}");
            assert_eq!(number(row, "channel"), evidence.channel as u64, "{row}");
            assert_eq!(row["exceeds"], evidence.exceeds(), "{row}");
            assert_eq!(row["alarm"], decision.is_alarm(), "{row}");
            alarms += u32::from(decision.is_alarm());
        }
    }
    assert_eq!(at, rows.len());
    assert!(alarms > 0, "{alarms}");
    assert!(told.contains(&format!("{alarms} with an alarm")), "{told}");
}

#[test]
fn all_formats_hold_the_same_and_nothing_else_is_left() {
    let place = Place::new();
    place.archive(TINY, 300, 3);
    let model = model();
    let mut all = Vec::new();
    for out in ["s.parquet", "s.csv", "s.arrow"] {
        place.ok(&[
            "score",
            "--model",
            &model,
            "--data",
            "archive/*.parquet",
            "--out",
            out,
            "--keep",
            "device",
        ]);
        all.push(place.rows("SELECT * FROM t ORDER BY device, score", out));
    }
    assert_eq!(all[0].len(), 300);
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0], all[2]);
    let columns: Vec<_> = all[0][0].as_object().unwrap().keys().cloned().collect();
    assert_eq!(columns, ["channel", "device", "exceeds", "score", "threshold"]);
    assert_eq!(place.names(), ["archive", "s.arrow", "s.csv", "s.parquet"]);
}

#[test]
fn lists_of_any_length_and_arrow_files_give_the_same_scores() {
    let place = Place::new();
    place.archive(TINY, 300, 3);
    place.ok(&["sql", "SELECT * FROM t", "--table", "t=archive", "--out", "a.arrow"]);
    let list = "SELECT device, time, arrow_cast(window, 'List(Int16)') AS window FROM t";
    place.ok(&["sql", list, "--table", "t=archive", "--out", "l.parquet"]);
    let model = model();
    let scores = |data: &str| {
        let out = "s.parquet";
        place.ok(&["score", "--model", &model, "--data", data, "--out", out]);
        place.rows("SELECT * FROM t ORDER BY device, time", out)
    };
    let fixed = scores("archive");
    assert_eq!(scores("a.arrow"), fixed);
    assert_eq!(scores("l.parquet"), fixed);
}

#[test]
fn a_model_without_a_detector_gives_scores_alone() {
    let place = Place::new();
    place.archive("tiny.int8.aeb", 100, 3);
    let model = golden("tiny.int8.aeb").display().to_string();
    let told = place.ok(&["score", "--model", &model, "--data", "archive", "--out", "s.parquet"]);
    assert_eq!(told.trim(), "100 windows of 1 file, in s.parquet");
    let rows = place.rows("SELECT * FROM t", "s.parquet");
    let columns: Vec<_> = rows[0].as_object().unwrap().keys().cloned().collect();
    assert_eq!(columns, ["device", "score", "time"]);
}

#[test]
fn a_window_that_is_missing_has_no_score() {
    let place = Place::new();
    place.archive(TINY, 100, 3);
    let query =
        "SELECT device, CASE WHEN device = 'd00001' THEN NULL ELSE window END AS window FROM t";
    place.ok(&["sql", query, "--table", "t=archive", "--out", "holes.parquet"]);
    let model = model();
    place.ok(&["score", "--model", &model, "--data", "holes.parquet", "--out", "s.parquet"]);
    let rows = place.rows(
        "SELECT device, count(*) AS n, count(score) AS k FROM t GROUP BY device ORDER BY device",
        "s.parquet",
    );
    let counts: Vec<_> = rows.iter().map(|row| (number(row, "n"), number(row, "k"))).collect();
    assert_eq!(counts, [(34, 34), (33, 0), (33, 33)]);
}
