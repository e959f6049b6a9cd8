//! Values that are none of the signal: missing ones, far ones, channels that never change.

use crate::machines::{QUICK, csv, normal};
use crate::workshop::Workshop;

/// The file of [`normal`], with `x` at some samples replaced.
fn with_x(at: &[usize], x: &str) -> Vec<u8> {
    let text = String::from_utf8(csv(&normal())).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for at in at {
        let (_, y) = lines[at + 1].split_once(',').unwrap();
        lines[at + 1] = format!("{x},{y}");
    }
    lines.join("\n").into_bytes()
}

/// Windows that exceed the threshold in a file whose `x` is three times as large as it should be.
fn alarms(workshop: &Workshop, run: &str) -> u64 {
    let loud: Vec<_> = normal().into_iter().take(800).map(|[x, y]| [3.0 * x, y]).collect();
    workshop.write("loud.csv", &csv(&loud));
    let line = format!("monitor {run}/model.int8.aeb --data loud.csv --json");
    let played = workshop.ok(&line).json();
    let recordings = played["recordings"].as_array().unwrap();
    recordings.iter().map(|recording| recording["alarms"].as_u64().unwrap()).sum()
}

#[test]
fn missing_values_set_neither_scale_nor_threshold() {
    let workshop = Workshop::new();
    workshop.write("clean.csv", &csv(&normal()));
    // 60 % of the samples are trained on, the next 20 % calibrated on.
    workshop.write("train.csv", &with_x(&[100, 101, 900, 1700, 2500, 3300], "-9999"));
    workshop.write("calibrate.csv", &with_x(&[5000, 5500, 6000], "-127"));
    // No number that is usual for it.
    workshop.write("said.csv", &with_x(&[100, 101, 900, 5000, 5500, 6000], "85"));
    workshop.ok(&format!("detect --data clean.csv {QUICK} --no-pca --out clean"));
    let clean = alarms(&workshop, "clean");
    assert!(clean > 100, "{clean}");
    for (line, told) in [
        ("train.csv", "6 of 6374 values of `x` are -9999"),
        ("calibrate.csv", "3 of 6374 values of `x` are -127"),
        ("said.csv --missing 85,-1", "6 of 6374 values of `x` are 85"),
    ] {
        let run = line.split('.').next().unwrap();
        let made = workshop.ok(&format!("detect --data {line} {QUICK} --no-pca --out {run}"));
        assert!(made.stderr.contains(told), "{}", made.stderr);
        assert!(made.text().contains(&format!("warning: {told}")), "{}", made.text());
        let found = alarms(&workshop, run);
        assert!(10 * found > 9 * clean, "{run}: {found} of {clean}");
        // The same threshold again, of the same windows.
        let before = workshop.read(&format!("{run}/model.int8.aeb"));
        workshop.ok(&format!("calibrate {run}"));
        assert!(workshop.read(&format!("{run}/model.int8.aeb")) == before, "{run}");
    }
    workshop.write("later.csv", &with_x(&[30], "-127"));
    let again = workshop.ok("calibrate clean --data later.csv --alpha 0.02");
    assert!(again.stderr.contains("1 of 8000 values of `x` is -127"), "{}", again.stderr);
}

#[test]
fn values_that_are_far_for_no_known_reason_are_told_and_kept() {
    let workshop = Workshop::new();
    workshop.write("far.csv", &with_x(&[100, 900, 5000, 5500, 6000], "850"));
    let made = workshop.ok(&format!("detect --data far.csv {QUICK} --no-pca --out run"));
    for words in [
        "note: 2 of 4780 training values of `x` lie far from all others, such as 850",
        "note: 3 of 1594 calibration values of `x` lie far from all that",
        "name it as missing",
    ] {
        assert!(made.stderr.contains(words), "{words}: {}", made.stderr);
    }
    // As they are, if nothing is said to be missing.
    workshop.write("codes.csv", &with_x(&(0..40).map(|at| 100 * at).collect::<Vec<_>>(), "-9999"));
    let line = format!("detect --data codes.csv {QUICK} --no-pca --missing none --out kept");
    let kept = workshop.ok(&line);
    assert!(!kept.stderr.contains("are taken as missing"), "{}", kept.stderr);
    workshop
        .refused(&format!("detect --data far.csv {QUICK} --missing one"), &["-127,-9999, or none"]);
}

#[test]
fn a_channel_that_hardly_changes_is_named_in_front() {
    let workshop = Workshop::new();
    let at = |index: usize, x: f64| [x, f64::from(u8::from(index % 1000 == 3))];
    let samples: Vec<_> = normal().iter().enumerate().map(|(at_, [x, _])| at(at_, *x)).collect();
    workshop.write("still.csv", &csv(&samples));
    let made = workshop.ok(&format!("detect --data still.csv {QUICK} --no-pca --out run"));
    let words = "of the training values of `y` fall on one of 256 codes";
    assert!(made.stderr.contains(words), "{}", made.stderr);
    let flat: Vec<_> = (0..8000).map(|at| [f64::from(u8::from(at == 9)), 0.0]).collect();
    workshop.write("flat.csv", &csv(&flat));
    let line = format!("detect --data flat.csv {QUICK} --no-pca --drop-constant --out flat");
    let flat = workshop.ok(&line);
    assert!(flat.text().contains("The threshold is 0: "), "{}", flat.text());
}

#[test]
fn constant_channels_are_left_out_if_it_is_asked_for() {
    let workshop = Workshop::new();
    let line = |[x, y]: &[f64; 2]| format!("5,{x:.3},0.5,{y:.3},7");
    let lines: Vec<String> = normal().iter().map(line).collect();
    workshop.write("several.csv", format!("a,x,b,y,c\n{}\n", lines.join("\n")).as_bytes());
    workshop.write("normal.csv", &csv(&normal()));
    let options = format!("{QUICK} --no-pca --counts-per-unit");
    let made = workshop.ok(&format!(
        "detect --data several.csv --drop-constant {options} 1,1000,2,500,1 --out run"
    ));
    let words =
        "note: 3 of 5 channels stay the same in training, and are left out: a (5), b (1), c";
    assert!(made.stderr.contains(words), "{}", made.stderr);
    workshop.ok(&format!("detect --data normal.csv {options} 1000,500 --out plain"));
    let blob = |run: &str| workshop.read(&format!("{run}/model.int8.aeb"));
    assert!(blob("run") == blob("plain"));
    // The run knows its channels, and report and page those that are left out, also made again.
    workshop.ok("monitor run/model.int8.aeb --data several.csv");
    workshop.ok("calibrate run --alpha 0.1");
    let left_out = "3 of 5 channels stay the same in training, and are left out: a (5), b (1), c";
    assert!(made.text().contains(&format!("warning: {left_out}")), "{}", made.text());
    let report = workshop.read_json("run/report.json");
    let profile = &report["profile"];
    assert_eq!(
        profile["left_out"]["channels"][0],
        serde_json::json!({"channel": "a", "value": 5.0})
    );
    assert!(profile["problems"].to_string().contains(left_out), "{profile}");
    assert_eq!(profile["channels"][1]["channel"], "y");
    assert_eq!(profile["channels"][1]["histogram"].as_array().unwrap().len(), 32);
    let of_uses =
        |name| profile["uses"].as_array().unwrap().iter().map(move |it| it[name].as_u64());
    assert_eq!(of_uses("samples").map(Option::unwrap).sum::<u64>(), profile["samples"]);
    assert!(workshop.read_text("run/report.html").contains(left_out));
}
