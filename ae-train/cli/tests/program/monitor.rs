//! Signals played through a detector.

use ae_core::{Detection, GroupThresholds, with_detection};
use ae_detect::play::detection;
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
    let sample = |end: &str| &first[end]["sample"];
    assert_eq!((sample("first"), sample("last")), (&0.into(), &(SAMPLES - 1).into()));
    assert_eq!(first["last"]["line"], SAMPLES + 1);
    assert!(first["score"].as_u64() > first["threshold"].as_u64());
    assert!(["x", "y"].contains(&first["channel"].as_str().unwrap()));
    let (_, alarms) = counts(&play("broken.csv"));
    // All windows that lie behind the break, and few before it.
    assert!((47..47 + 20).contains(&alarms), "{alarms}");

    let text = workshop.ok("monitor run/model.int8.aeb --data odd.csv");
    let words = format!(
        "alarm  odd.csv: lines 2 to {}, samples 0 to {}, {WINDOWS} windows, score",
        SAMPLES + 1,
        SAMPLES - 1
    );
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
    assert_eq!(report["recordings"][0]["stretches"][0]["first"]["sample"], 4);
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
    workshop.refused(line, &["has no detection section", "`ae-train detect`"]);
    workshop.refused("monitor run", &["run is a folder", "run/model.int8.aeb"]);
    // The smallest board has no floats.
    let line = "monitor run/model.int8.aeb --board microbit";
    workshop.refused(line, &["microbit takes no f32 values", "--counts-per-unit"]);
}

#[test]
fn files_times_and_the_exit_code_tell_alarms_to_scripts() {
    let workshop = with_detector();
    let timed = |machine: &[[f64; 2]]| {
        let row = |(at, [x, y]): (usize, &[f64; 2])| {
            // Every hundredth line is empty: lines are not counted on from the first.
            let empty = if at % 100 == 50 { "\n" } else { "" };
            format!("{empty}{:.2},{x:.3},{y:.3}\n", at as f64 / 50.0)
        };
        format!("t,x,y\n{}", machine.iter().enumerate().map(row).collect::<String>()).into_bytes()
    };
    let broken = [turning(200, 1.0, 79), turning(200, 4.0, 80)].concat();
    workshop.write("broken.csv", &timed(&broken));
    let line = "monitor run/model.int8.aeb --data broken.csv --time t";
    let finished =
        workshop.run(&format!("{line} --out alarms.csv --scores scores.csv --exit-code"));
    assert_eq!(finished.code, Some(1), "{}", finished.stderr);
    let first = finished.text().lines().find(|line| line.starts_with("alarm")).unwrap();
    assert!(first.contains(" to 405, time 3."), "{first}");
    assert!(first.contains(" to 7.98, samples 1"), "{first}");

    let table = |name: &str| -> Vec<Vec<String>> {
        let text = String::from_utf8(workshop.read(name)).unwrap();
        let plain = text.replace("\"broken.csv, line 2\"", "broken");
        plain.lines().map(|row| row.split(',').map(str::to_owned).collect()).collect()
    };
    let alarms = table("alarms.csv");
    assert_eq!(
        alarms[0][9..],
        ["first_time", "last_time", "windows", "score", "threshold", "channel"]
    );
    // The fault, which is the longest, comes first, though it is the last in time.
    assert_eq!((&*alarms[1][4], &*alarms[1][6], &*alarms[1][10]), ("399", "405", "7.98"));
    let windows = |row: &Vec<String>| row[11].parse::<u64>().unwrap();
    assert!(alarms[1..].is_sorted_by(|a, b| windows(a) >= windows(b)), "{alarms:?}");
    let scores = table("scores.csv");
    assert_eq!(scores.len() as u64, 1 + WINDOWS);
    let raised = scores[1..].iter().filter(|row| row[14] == "1").count() as u64;
    assert_eq!(raised, alarms[1..].iter().map(windows).sum::<u64>());

    // Without an alarm it is 0, and without the option too.
    assert_eq!(workshop.run(line).code, Some(0));
    let calm = "monitor run/model.int8.aeb --data calm.csv --exit-code --json";
    workshop.write("calm.csv", &csv(&vec![[0.9, 0.1]; 16]));
    let report = workshop.run(calm);
    assert_eq!(report.code, Some(i32::from(counts(&report.json()).1 > 0)));

    // Nothing that is read is overwritten, and nothing is played for a file that cannot be.
    for (options, words) in [
        ("--out broken.csv", &["--out broken.csv", "overwrite"][..]),
        ("--scores ./run/model.int8.aeb", &["overwrite run/model.int8.aeb"]),
        ("--out a.csv --scores ./a.csv", &["both", "two files"]),
        ("--out nowhere/a.csv", &["no folder nowhere"]),
    ] {
        workshop.refused(&format!("{line} {options}"), words);
    }
    // Nor is what the run began with, which nobody names here.
    let words = ["--out normal.csv would overwrite", "which is read"];
    workshop.refused("monitor run/model.int8.aeb --out normal.csv", &words);
}

#[test]
fn a_run_with_times_looks_for_them_in_other_files_too() {
    let workshop = Workshop::new();
    workshop.write("all.csv", &labelled_csv());
    workshop.ok(&format!("detect --data all.csv {LABELLED} {QUICK} --no-pca --out run"));
    let page = String::from_utf8(workshop.read("run/report.html")).unwrap();
    assert!(page.contains(", time 0.00 to "), "the strip's heading has times");
    let played = workshop.ok("monitor run/model.int8.aeb --json").json();
    let worn = played["recordings"].as_array().unwrap().iter().find(|of| of["label"] == "worn");
    assert_eq!(worn.unwrap()["stretches"][0]["first"]["time"], "0.00", "{played}");
    // The column is taken from the run where the file has it, and missed by nobody where not.
    let timed = csv(&turning(100, 4.0, 5));
    let timed = String::from_utf8(timed).unwrap().lines().enumerate().fold(
        String::new(),
        |text, (at, line)| match at {
            0 => format!("seconds,{line}\n"),
            _ => format!("{text}{at},{line}\n"),
        },
    );
    workshop.write("timed.csv", timed.as_bytes());
    workshop.write("untimed.csv", &csv(&turning(100, 4.0, 5)));
    let first = |file: &str| {
        let line = format!("monitor run/model.int8.aeb --data {file} --json");
        workshop.ok(&line).json()["recordings"][0]["stretches"][0]["first"].clone()
    };
    assert_eq!(first("timed.csv")["time"], "1");
    assert_eq!(first("untimed.csv")["time"], Value::Null);
}

#[test]
fn a_threshold_is_found_in_place_and_a_drift_is_told() {
    let workshop = with_detector();
    workshop.write("fine.csv", &csv(&turning(SAMPLES, 1.0, 77)));
    let play = "monitor run/model.int8.aeb --data fine.csv";
    let in_place = |options: &str| {
        let report = workshop.ok(&format!("{play} --json {options}")).json();
        report["in_place"].clone()
    };
    assert_eq!(in_place(""), Value::Null);
    // Of the windows every fourth overlaps none before it that counts; the nineteenth is window 72.
    let behind = WINDOWS - 73;
    let found = in_place("--calibrate-first 19 --alpha 0.05 --low 0.05 --constant 3 --drift 0.01");
    let of = &found["calibration"];
    assert_eq!(
        (&of["taken"], &of["windows"], &of["alpha"]),
        (&19.into(), &behind.into(), &0.05.into())
    );
    let own = of["threshold"].as_u64().unwrap();
    assert_ne!(own, of["blob_threshold"].as_u64().unwrap());
    assert!(found["low"]["bound"].as_u64().unwrap() < own, "{found}");
    assert_eq!((&found["constant"]["windows"], &found["drift"]["windows"]), (&0.into(), &0.into()));

    // Silent before, and the own threshold behind, or the blob's where that is higher.
    let thresholds = |options: &str| -> Vec<u64> {
        workshop.ok(&format!("{play} --scores scores.csv {options}"));
        let csv = workshop.read_text("scores.csv");
        csv.lines().skip(1).map(|row| row.rsplit(',').nth(3).unwrap().parse().unwrap()).collect()
    };
    let calibrated = "--calibrate-first 19 --alpha 0.05";
    let found = thresholds(&format!("{calibrated} --silent"));
    assert!(
        found[..73].iter().all(|&it| it == u64::MAX) && found[73..].iter().all(|&it| it == own)
    );
    let blob = of["blob_threshold"].as_u64().unwrap();
    let found = thresholds(&format!("{calibrated} --at-least-blob"));
    assert!(found[..73].iter().all(|&it| it == blob));
    assert!(found[73..].iter().all(|&it| it == own.max(blob)));

    let finished = workshop.ok(&format!("{play} {calibrated} --drift 0.01"));
    let text = finished.text();
    assert!(
        text.contains(&format!("threshold in place: {own}, from the first 19 windows")),
        "{text}"
    );
    assert!(text.contains("drift: none"), "{text}");
    let few = format!("{play} --calibrate-first 60 --alpha 0.05");
    workshop.refused(&few, &["has only 25 windows that do not overlap"]);
    let rare = format!("{play} --calibrate-first 9 --alpha 0.05");
    workshop.refused(&rare, &["9 scores are too few for a rate of 50000 parts per million"]);

    // The maker's groups: at once, and until there is one in place, or where it is higher.
    let none = format!("{play} --by-groups 0.2");
    workshop.refused(&none, &["thresholds of 0 groups", "leave --by-groups out"]);
    let bytes = workshop.read("run/model.int8.aeb");
    let section = detection(&bytes).unwrap();
    let (lower, higher) = (own - 1, own + 1);
    let groups = [1, lower, lower, higher].map(u64::to_le_bytes).concat();
    let section = Detection { groups: GroupThresholds(&groups), ..section };
    workshop.write("run/model.int8.aeb", &with_detection(&bytes, &section).unwrap());
    assert!(thresholds("--by-groups 0.2").iter().all(|&it| it == higher));
    assert!(thresholds("--by-groups 0.4").iter().all(|&it| it == lower));
    for (options, behind) in [
        ("--by-groups 0.2", own),
        ("--by-groups 0.2 --at-least-blob", higher),
        ("--by-groups 0.4 --at-least-blob", own),
    ] {
        let found = thresholds(&format!("{calibrated} {options}"));
        let before = if options.contains("0.2") { higher } else { lower };
        assert!(found[..73].iter().all(|&it| it == before), "{options}");
        assert!(found[73..].iter().all(|&it| it == behind), "{options}");
    }
    let finished = workshop.ok(&format!("{play} --by-groups 0.2"));
    let text = finished.text();
    assert!(text.contains(&format!("threshold of 4 groups: {higher}")), "{text}");
    workshop.refused(&format!("{play} --by-groups 0.1"), &["give --by-groups at least 0.2"]);
    let finished = workshop.ok("info run/model.int8.aeb");
    let text = finished.text();
    assert!(text.contains(&format!("from 1 to {higher}; `monitor --by-groups`")), "{text}");
}
