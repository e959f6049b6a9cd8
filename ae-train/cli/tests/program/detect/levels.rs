//! Channels with several levels, within which they hardly vary.

use std::fmt::Write;

use crate::machines::QUICK;
use crate::workshop::Workshop;

/// A wave, and a flow of 32, 76 or 127 that varies by a half, 400 samples each. What `fault` says is
/// added to the flow.
fn levels(samples: usize, of_unit: f64, fault: impl Fn(usize) -> f64) -> String {
    let mut text = String::from("wave,flow\n");
    for at in 0..samples {
        let level = [32.0, 127.0, 76.0, 127.0][at / 400 % 4];
        let noise = (at * 7919 % 1009) as f64 / 1009.0 - 0.5;
        let [wave, flow] = [(0.7 * at as f64).sin(), level + noise + fault(at)];
        let [wave, flow] = [wave, flow].map(|value| (of_unit * value).round() / of_unit);
        writeln!(text, "{wave},{flow}").unwrap();
    }
    text
}

/// 24 samples within the second level are off by five units, an eighth of the deviation.
fn leak(at: usize) -> f64 {
    if (600..624).contains(&at) { -5.0 } else { 0.0 }
}

fn alarms(workshop: &Workshop, run: &str, file: &str) -> usize {
    let said = workshop.ok(&format!("monitor {run}/model.int8.aeb --data {file}"));
    said.text().lines().filter(|line| line.starts_with("alarm")).count()
}

#[test]
fn what_happens_within_a_level_is_seen_and_linear_keeps_one_line() {
    let workshop = Workshop::new();
    workshop.write("normal.csv", levels(8_000, 1000.0, |_| 0.0).as_bytes());
    workshop.write("leak.csv", levels(1_600, 1000.0, leak).as_bytes());
    let line = format!("detect --data normal.csv {QUICK} --no-pca");
    let made = workshop.ok(&format!("{line} --out run"));
    for words in [
        "`flow` has several levels: within a window it deviates by 0.2",
        "in all windows by 38",
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
    assert!(alarms(&workshop, "run", "leak.csv") > alarms(&workshop, "linear", "leak.csv"));

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
    workshop.write("normal.csv", levels(8_000, 1000.0, |_| 0.0).as_bytes());
    let line = format!("detect --data normal.csv {QUICK} --no-pca --counts-per-unit 1000,200");
    let made = workshop.ok(&format!("{line} --out run"));
    assert!(made.stderr.contains("`flow` has several levels"), "{}", made.stderr);
    let info = workshop.ok("info run/model.int8.aeb --json").json();
    assert_eq!(
        (&info["detector"]["samples"], &info["detector"]["channels_in_segments"]),
        (&"i16".into(), &1.into())
    );
    workshop.write("leak.csv", levels(1_600, 1000.0, leak).as_bytes());
    assert!(alarms(&workshop, "run", "leak.csv") > 0);
}
