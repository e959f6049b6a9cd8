use std::fs;

use crate::data::{Samples, TINY};
use crate::support::{Place, golden};

/// An archive of some files, and the first arguments of a run over it.
fn place() -> (Place, Vec<String>) {
    let place = Place::new();
    place.archive(TINY, 8000, 4);
    let model = golden(TINY).display().to_string();
    let arguments = ["score", "--model", &model, "--out", "s.parquet"];
    (place, arguments.map(str::to_owned).to_vec())
}

fn fails(place: &Place, arguments: &[String], more: &[&str], parts: &[&str]) {
    let more = more.iter().map(|&it| it.to_owned());
    let arguments: Vec<String> = arguments.iter().cloned().chain(more).collect();
    let errors = place.fails(&arguments);
    for part in parts {
        assert!(errors.contains(part), "no {part:?} in: {errors}");
    }
    assert_eq!(errors.lines().count(), 1, "{errors}");
    for raw in ["External error", "Arrow error", "Parquet error", "DataFusion"] {
        assert!(!errors.contains(raw), "{errors}");
    }
}

#[test]
fn a_file_that_was_cut_off_is_named() {
    let (place, score) = place();
    let path = place.path("archive/00001.parquet");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let parts = ["archive/00001.parquet is not a whole Parquet file", "leave it out of --data"];
    fails(&place, &score, &["--data", "archive"], &parts);
    fs::write(&path, "").unwrap();
    fails(&place, &score, &["--data", "archive"], &parts);
}

#[test]
fn a_file_with_a_damaged_page_is_named() {
    let (place, score) = place();
    let path = place.path("archive/00002.parquet");
    let mut bytes = fs::read(&path).unwrap();
    // The pages come first, the footer last.
    for byte in &mut bytes[200..4000] {
        *byte ^= 0x5a;
    }
    fs::write(&path, bytes).unwrap();
    fails(
        &place,
        &score,
        &["--data", "archive"],
        &["archive/00002.parquet: ", "write the file anew"],
    );
    // The one before is still there, whole.
    place.write("s.parquet", "the one before");
    fails(&place, &score, &["--data", "archive"], &["archive/00002.parquet: "]);
    assert_eq!(fs::read(place.path("s.parquet")).unwrap(), b"the one before");
}

#[test]
fn columns_that_are_missing_or_of_another_type_are_named() {
    let (place, score) = place();
    for (more, parts) in [
        (["--window", "w"], ["has no column \"w\"", "device, time, window"]),
        (["--window", "device"], ["the column \"device\"", "a list of Int16, 4 values each"]),
        (["--device", "pump"], ["has no column \"pump\"", "with --device"]),
        (["--keep", "pump"], ["has no column \"pump\"", "with --keep"]),
    ] {
        fails(&place, &score, &[&["--data", "archive"], &more[..]].concat(), &parts);
    }
    let query = "SELECT device, time, arrow_cast(window, 'List(Float32)') AS window FROM t";
    place.ok(&["sql", query, "--table", "t=archive/00000.parquet", "--out", "f.parquet"]);
    fails(
        &place,
        &score,
        &["--data", "f.parquet"],
        &["f.parquet has no column of windows", "a list of Int16", "--sample"],
    );
    fails(
        &place,
        &score,
        &["--data", "archive", "f.parquet"],
        &["the column \"window\" of f.parquet is", "as in archive/00000.parquet"],
    );
    place.ok(&[
        "sql",
        "SELECT device, window FROM t",
        "--table",
        "t=archive/00000.parquet",
        "--out",
        "n.parquet",
    ]);
    fails(
        &place,
        &score,
        &["--data", "archive", "n.parquet"],
        &["n.parquet has no column \"time\", which archive/00000.parquet has"],
    );
}

#[test]
fn a_window_of_another_length_is_named_by_its_row() {
    let (place, score) = place();
    let query = "SELECT device, time, CASE WHEN n = 77 THEN \
                 arrow_cast(make_array(1, 2, 3), 'List(Int16)') ELSE \
                 arrow_cast(window, 'List(Int16)') END AS window FROM \
                 (SELECT *, row_number() OVER (ORDER BY time, device) AS n FROM t) AS r ORDER BY n";
    place.ok(&["sql", query, "--table", "t=archive", "--out", "l.parquet"]);
    let parts = ["l.parquet: the window in row 77 has 3 values, expected 4"];
    fails(&place, &score, &["--data", "l.parquet"], &parts);
    // As bytes, too: two values are four bytes less, and a half of one is one less.
    let model = golden(TINY).display().to_string();
    let generate = ["generate", "--model", &model, "--rows", "100", "--windows", "bytes"];
    place.ok(&[&generate[..], &["--out", "bytes"]].concat());
    for (bytes, found) in [("X'01020304'", 4), ("X'01020304050607'", 7)] {
        let query = format!(
            "SELECT device, time, CASE WHEN n = 77 THEN {bytes} ELSE arrow_cast(window, 'Binary') END \
             AS window FROM (SELECT *, row_number() OVER (ORDER BY time, device) AS n FROM t) AS r \
             ORDER BY n"
        );
        place.ok(&["sql", &query, "--table", "t=bytes", "--out", "b.parquet"]);
        let told = format!("b.parquet: the window in row 77 has {found} bytes, expected 8");
        fails(&place, &score, &["--data", "b.parquet", "--window", "window"], &[&told]);
    }
}

#[test]
fn data_that_is_not_there_is_named() {
    let (place, score) = place();
    fs::create_dir(place.path("empty")).unwrap();
    place.write("x.json", "{}");
    for (data, part) in [
        ("nowhere.parquet", "there is no file or folder nowhere.parquet"),
        ("archive/*.csv", "no file is found by archive/*.csv"),
        ("nowhere/*.parquet", "no file is found by nowhere/*.parquet"),
        ("empty", "no file is found by empty"),
        ("x.json", "x.json ends with none of .parquet, .csv and .arrow"),
        ("ftp://host/x.parquet", "ftp:// is not read"),
    ] {
        fails(&place, &score, &["--data", data], &[part]);
    }
    place.write("x.csv", "a\n1\n");
    fails(&place, &score, &["--data", "archive", "x.csv"], &["x.csv is CSV", "of one format"]);
}

#[test]
fn what_cannot_be_written_is_refused_before_anything_is_read() {
    let (place, _) = place();
    let model = golden(TINY).display().to_string();
    for (out, part) in [
        ("s.json", "ends with none of .parquet, .csv and .arrow"),
        ("no/s.csv", "there is no folder no"),
        ("archive/00000.parquet", "would overwrite"),
    ] {
        let arguments = ["score", "--model", &model, "--data", "archive", "--out", out];
        fails(&place, &arguments.map(str::to_owned), &[], &[part]);
    }
    let arguments =
        ["score", "--model", &model, "--data", "archive", "--out", "s.csv", "--keep", "window"];
    fails(&place, &arguments.map(str::to_owned), &[], &["\"window\"", "CSV cannot hold"]);
}

#[test]
fn models_that_are_none_are_named() {
    let (place, _) = place();
    place.write("x.aeb", "no model");
    let plain = golden("tiny.int8.aeb").display().to_string();
    let score = |model: &str, more: &[&str], parts: &[&str]| {
        let arguments = ["score", "--data", "archive", "--out", "s.csv", "--model", model];
        fails(&place, &arguments.map(str::to_owned), more, parts);
    };
    score("x.aeb", &[], &["x.aeb is not a usable model", "expected a blob"]);
    score("y.aeb", &[], &["cannot read the model y.aeb"]);
    score("archive", &[], &["archive is a folder, expected a blob"]);
    place.write("samples.csv", Samples::new(1, 50).csv());
    score(&plain, &["--sample", "x", "--time", "time"], &["has no detector"]);
}

#[test]
fn samples_that_do_not_fit_are_named() {
    let (place, score) = place();
    place.write("samples.csv", Samples::new(1, 50).csv());
    let csv = |more: &[&'static str]| [&["--data", "samples.csv", "--time", "at"], more].concat();
    fails(&place, &score, &csv(&["--sample", "x", "y", "x"]), &["2 channels", "names 3"]);
    fails(&place, &score, &csv(&["--sample", "x"]), &["2 channels"]);
    fails(&place, &score, &csv(&["--sample", "x", "pump"]), &["\"pump\"", "takes Int16"]);
    place.write("samples.csv", "pump,at,x,y\np,1,2,3\np,2,70000,1\n");
    let parts = ["samples.csv", "70000", "Int16"];
    fails(&place, &score, &csv(&["--sample", "x", "y"]), &parts);
}

#[test]
fn a_scheduler_that_is_not_there_is_named() {
    let (place, score) = place();
    // Port 1 is nobody's.
    let more = ["--data", "archive", "--scheduler", "df://127.0.0.1:1"];
    fails(&place, &score, &more, &["127.0.0.1:1"]);
}
