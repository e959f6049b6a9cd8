//! Detectors that see features of a signal.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::machines::{counted_csv, csv, turning};
use crate::workshop::Workshop;

/// A frame of 32 samples every 16, two of them a window: 48 samples.
const FEATURES: &str = "--features spectrum:6,statistics:rms+crossings,fft=32,hop=16,frames=2";

/// Options for a detector that takes a moment.
const QUICK: &str = "--hidden 12 --latent 2 --epochs 3 --alpha 0.05 --seed 3";

/// Recordings of one pace, 300 samples each, as a file of one group each.
fn recordings(count: usize) -> Vec<[f64; 2]> {
    (0..count).flat_map(|machine| turning(300, 1.0, machine)).collect()
}

/// The same machine at another pace and the same loudness.
fn faster(count: usize) -> Vec<[f64; 2]> {
    turning(2 * count, 1.0, 99).into_iter().step_by(2).collect()
}

fn with_detector(options: &str) -> Workshop {
    let workshop = Workshop::new();
    workshop.write("normal.csv", &counted_csv(&recordings(30)));
    workshop.ok(&format!("detect --data normal.csv {FEATURES} {QUICK} --out run {options}"));
    workshop
}

fn alarms(report: &Value) -> (u64, u64) {
    let count = |name: &str| report["recordings"][0][name].as_u64().unwrap();
    (count("windows"), count("alarms"))
}

#[test]
fn a_detector_of_features_takes_the_signal_itself() {
    let workshop = with_detector("");
    let config = workshop.read_text("run/config.toml");
    for words in ["[detect.features]", "frame = 32", "[detect.features.bands]", "window = 48"] {
        assert!(config.contains(words), "{words}: {config}");
    }
    // One value a channel and feature, in windows of two frames.
    let report = workshop.read_json("run/report.json");
    let names: Vec<&str> = report["data"]["channels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it.as_str().unwrap())
        .collect();
    assert_eq!(names.len(), 2 * (2 + 6), "{names:?}");
    assert_eq!(&names[..2], ["x.rms", "x.crossings"]);
    assert!(names[4].starts_with("x.band0 (") && names[4].ends_with(" a sample)"), "{names:?}");
    let info = workshop.ok("info run/model.int8.aeb --json").json();
    let detector = &info["detector"];
    assert_eq!((&detector["samples"], &detector["channels"]), (&"i16".into(), &2.into()));
    assert_eq!((&detector["window"], &detector["features"]["values"]), (&2.into(), &16.into()));
    let text = workshop.ok("info run/model.int8.aeb");
    assert!(text.text().contains("rms, crossings; 6 bands of the spectrum"), "{}", text.text());
    workshop.ok("verify run/model.int8.aeb");

    // What is played are samples, and where alarms are is said in them.
    workshop.write("fast.csv", &counted_csv(&faster(400)));
    let fast = workshop.ok("monitor run/model.int8.aeb --data fast.csv --json").json();
    let (windows, found) = alarms(&fast);
    assert_eq!(windows, (400 - 48) / 16 + 1);
    assert_eq!(found, windows, "{fast}");
    let stretch = &fast["recordings"][0]["stretches"][0];
    assert_eq!((&stretch["first"]["line"], &stretch["last"]["sample"]), (&2.into(), &399.into()));
    assert!(names.contains(&stretch["channel"].as_str().unwrap()), "{stretch}");
    let held_out = workshop.ok("monitor run/model.int8.aeb --json").json();
    let (windows, found) = alarms(&held_out);
    assert!(found < windows / 4, "{found} of {windows}");
}

#[test]
fn real_values_are_mapped_to_counts_and_the_detector_says_so() {
    let workshop = Workshop::new();
    workshop.write("normal.csv", &csv(&recordings(30)));
    workshop.write("fast.csv", &csv(&faster(400)));
    workshop.ok(&format!("detect --data normal.csv {FEATURES},raw {QUICK} --out run"));
    let info = workshop.ok("info run/model.int8.aeb --json").json();
    assert_eq!(info["detector"]["samples"], "f32");
    assert_eq!(info["detector"]["features"]["raw"], true);
    let (windows, found) =
        alarms(&workshop.ok("monitor run/model.int8.aeb --data fast.csv --json").json());
    assert_eq!((windows, found), (23, 23));
}

#[test]
fn it_goes_on_and_calibrates_again_with_the_same_bytes() {
    let workshop = with_detector("");
    let before = workshop.files_of("run");
    workshop.ok("calibrate run");
    workshop.ok("detect --resume run");
    let names = ["model.int8.aeb", "model.f32.aeb", "pca.int8.aeb", "report.json", "config.toml"];
    for name in names {
        assert!(workshop.read(&format!("run/{name}")) == before[name], "{name}");
    }
    // Later recordings, which are features of the same maps.
    workshop.write("later.csv", &counted_csv(&recordings(40)[3000..]));
    workshop.ok("calibrate run --data later.csv");
    let report = workshop.read_json("run/report.json");
    // 9,000 samples hold 187 windows of 48.
    assert_eq!(report["threshold"]["scores"], 187);
}

#[test]
fn labels_are_those_of_samples() {
    let workshop = Workshop::new();
    let mut text = String::from("state,machine,x\n");
    for machine in 0..12 {
        let fault = if machine == 9 { 80..140 } else { 0..0 };
        for (at, [x, _]) in turning(700, 1.0, machine).into_iter().enumerate() {
            let is_fault = fault.contains(&at);
            let (state, x) = if is_fault { ("loud", 3.0 * x) } else { ("ok", x) };
            writeln!(text, "{state},{machine},{:.0}", 1000.0 * x).unwrap();
        }
    }
    workshop.write("all.csv", text.as_bytes());
    let groups = "--train-groups 0,1,2,3,4,5 --calibrate-groups 6,7,8 --test-groups 9,10,11";
    let finished = workshop.ok(&format!(
        "detect --data all.csv --label state --normal ok --group machine {groups} {FEATURES} \
         {QUICK} --out run --json"
    ));
    let report = finished.json();
    // Windows of 48 every 16 begin at 48 to 128 and hold a sample of 80 to 139.
    assert_eq!(report["data"]["roles"][3]["windows"], 6, "{report}");
    assert_eq!(report["events"]["found"], 1);
    // In samples: the first window that holds some ends with sample 95.
    let delay = report["events"]["delay"]["median"].as_u64().unwrap();
    assert!(delay % 16 == 15 && delay < 64, "{delay}");
}

#[test]
fn what_does_not_go_together_is_refused() {
    let workshop = Workshop::new();
    workshop.write("normal.csv", &counted_csv(&recordings(30)));
    let line =
        "detect --data normal.csv --out run --alpha 0.05 --epochs 1 --hidden none --latent 2";
    for (options, words) in [
        ("--features mel:8,fft=64", &["mel bands", "--rate HZ"][..]),
        ("--features mel:8,fft=64 --window 32", &["--window", "--features"]),
        ("--features mel:8,fft=64 --train-stride 3", &["--train-stride", "--features"]),
        ("--features chroma", &["`chroma` is no feature", "mel:BANDS"]),
        ("--features statistics,fft=48", &["`fft` is 48", "power of two"]),
        ("--features spectrum:100,fft=64", &["holds no bin", "bands or fewer, or fft=128"]),
        ("--features spectrum:8,to=300", &["0 ≤ from < to ≤ 0.5", "--rate HZ"]),
        ("--features mel:8,norm=slaney --rate 100", &["norm=", "--model"]),
        ("--features raw,fft=2048,frames=9", &["has 9000 samples, too few to cut"]),
    ] {
        workshop.refused(&format!("{line} {options}"), words);
    }
    // Times at regular steps say the rate, and another one is refused.
    let mut timed = String::from("t_ms,x\n");
    (0..900).for_each(|at| writeln!(timed, "{},{}", at * 5, at * 7919 % 101).unwrap());
    workshop.write("timed.csv", timed.as_bytes());
    let line = line.replace("normal.csv", "timed.csv --time t_ms");
    for (options, words) in [
        ("--features spectrum:8,to=300", &["0 ≤ from < to ≤ 100"][..]),
        ("--features raw --rate 100", &["--rate says 100 samples a second, and the files say 200"]),
        ("--rate 203", &["--rate says 203", "200; leave --rate out"]),
        ("--features spectrum:8,to=300 --rate 201", &["0 ≤ from < to ≤ 100.5"]),
    ] {
        workshop.refused(&format!("{line} {options}"), words);
    }
    let images = "detect --data data --normal 3 --features raw --out run";
    workshop.refused(images, &["--features is for signals"]);
}

#[test]
fn a_given_model_of_levels_takes_the_signal_itself() {
    let workshop = Workshop::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/ae-import/tests/import");
    workshop.write("it.tflite", &fs::read(folder.join("dense_int8.tflite")).unwrap());
    workshop.ok("import it.tflite");
    let samples: Vec<[f64; 2]> = turning(3000, 1.0, 1);
    let mut text = String::from("x\n");
    samples.iter().for_each(|[x, _]| writeln!(text, "{:.0}", 9000.0 * x).unwrap());
    workshop.write("normal.csv", text.as_bytes());
    let line = "detect --model it.int8.aeb --data normal.csv --alpha 0.05";
    let made = workshop.ok(&format!("{line} --features spectrum:2,fft=32"));
    assert!(made.text().contains("2 bands from 0 to 0.5 cycles a sample"), "{}", made.text());
    assert!(made.text().contains("windows of 2 frames of x"), "{}", made.text());
    let info = workshop.ok("info it.detector.int8.aeb --json").json();
    assert_eq!(info["detector"]["features"]["values"], 2);
    let played = workshop.ok("monitor it.detector.int8.aeb --data normal.csv --json").json();
    assert_eq!(alarms(&played).0, (3000 - 48) / 16 + 1);
    for (options, words) in [
        ("--features spectrum:3,fft=32", &["windows of 4 values, which the 3 of a frame"][..]),
        ("--features spectrum:2,fft=32,frames=3", &["are 2 frames of 2, not 3", "frames=2"]),
        ("--features spectrum:2,statistics", &["give mel or spectrum alone"]),
        ("--rate 100", &["--rate says nothing"]),
    ] {
        workshop.refused(&format!("{line} --out other {options}"), words);
    }
}
