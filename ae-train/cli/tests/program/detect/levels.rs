//! Channels with several levels, within which they hardly vary.

use std::fmt::Write;

use crate::machines::QUICK;
use crate::workshop::Workshop;

/// Samples in which the flow's ripple is faster, within the second level.
const FAULT: std::ops::Range<usize> = 500..700;

/// A wave, and a flow of 32, 76 or 127 with a ripple of 0.4, 400 samples each.
fn levels(samples: usize, has_fault: bool) -> String {
    let mut text = String::from("wave,flow\n");
    for at in 0..samples {
        let level = [32.0, 127.0, 76.0, 127.0][at / 400 % 4];
        let noise = 0.1 * ((at * 7919 % 1009) as f64 / 1009.0 - 0.5);
        let pace = if has_fault && FAULT.contains(&at) { 2.0 } else { 0.7 };
        let [wave, ripple] = [0.7, pace].map(|pace| (pace * at as f64).sin());
        writeln!(text, "{wave:.3},{:.3}", level + 0.4 * ripple + noise).unwrap();
    }
    text
}

/// The share of the windows within the fault whose score is above the threshold.
fn noticed(workshop: &Workshop, run: &str) -> f64 {
    workshop.write("fault.csv", levels(1_600, true).as_bytes());
    workshop.ok(&format!("monitor {run}/model.int8.aeb --data fault.csv --scores scores.csv"));
    let scores = workshop.read_text("scores.csv");
    let mut rows = scores.lines().map(|row| row.rsplit(',').collect::<Vec<_>>());
    let names = rows.next().unwrap();
    let place = |name: &str| names.iter().position(|found| *found == name).unwrap();
    let [first, last, above] = ["first_sample", "last_sample", "above"].map(place);
    let number = |row: &[&str], at: usize| row[at].parse::<usize>().unwrap();
    let within =
        |row: &Vec<&str>| FAULT.contains(&number(row, first)) && FAULT.contains(&number(row, last));
    let within: Vec<bool> = rows.filter(within).map(|row| row[above] == "1").collect();
    within.iter().filter(|&&above| above).count() as f64 / within.len() as f64
}

/// Enough latent values for two channels.
fn quick() -> String {
    QUICK.replace("--hidden 12 --latent 2", "--hidden none --latent 8") + " --no-pca"
}

#[test]
fn what_happens_within_a_level_is_seen_and_linear_keeps_one_line() {
    let workshop = Workshop::new();
    workshop.write("normal.csv", levels(8_000, false).as_bytes());
    let line = format!("detect --data normal.csv {}", quick());
    let made = workshop.ok(&format!("{line} --out run"));
    for words in [
        "`flow` has several levels: within a window it deviates by 0.28",
        "in all windows by 39.7",
        "mapped through its quantiles",
        "note: --linear maps every channel by a straight line",
    ] {
        assert!(made.stderr.contains(words), "{words}: {}", made.stderr);
    }
    assert!(!made.stderr.contains("`wave` has several"), "{}", made.stderr);
    assert!(made.text().contains("warning: `flow` has several levels"), "{}", made.text());
    assert!(workshop.read_text("run/config.toml").contains("curves = true"));
    let info = workshop.ok("info run/model.int8.aeb");
    let words = "2 f32 channels, 1 of them mapped in segments, every";
    assert!(info.text().contains(words), "{}", info.text());

    let linear = workshop.ok(&format!("{line} --linear --out linear"));
    assert!(!linear.stderr.contains("several levels"), "{}", linear.stderr);
    assert!(!workshop.read_text("linear/config.toml").contains("curves"));
    let info = workshop.ok("info linear/model.int8.aeb --json").json();
    assert_eq!(info["detector"]["channels_in_segments"], 0);
    let [curves, linear] = ["run", "linear"].map(|run| noticed(&workshop, run));
    assert!(curves > 0.6 && linear < 0.2, "{curves} {linear}");

    // All that follows the training is made again with the same map.
    let before = workshop.read("run/model.int8.aeb");
    workshop.ok("calibrate run");
    workshop.ok("detect --resume run");
    assert!(workshop.read("run/model.int8.aeb") == before);
    workshop.refused(&format!("{line} --linear --out run"), &["detect.curves"]);
}

#[test]
fn counts_have_segments_too() {
    let workshop = Workshop::new();
    workshop.write("normal.csv", levels(8_000, false).as_bytes());
    let line = format!("detect --data normal.csv {} --counts-per-unit 1000,200", quick());
    let made = workshop.ok(&format!("{line} --out run"));
    assert!(made.stderr.contains("`flow` has several levels"), "{}", made.stderr);
    let info = workshop.ok("info run/model.int8.aeb --json").json();
    assert_eq!(
        (&info["detector"]["samples"], &info["detector"]["channels_in_segments"]),
        (&"i16".into(), &1.into())
    );
    assert!(noticed(&workshop, "run") > 0.6);
}
