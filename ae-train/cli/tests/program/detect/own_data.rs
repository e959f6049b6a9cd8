//! What a user's own recordings decide: how long a window is, what is left out of the training, and
//! whether what is normal changes.

use crate::machines::{LABELLED, QUICK, csv, labelled_csv, normal, npz, turning};
use crate::workshop::Workshop;

/// Without the length of a window, and short.
fn quick() -> String {
    QUICK.replace("--window 16 ", "").replace("--epochs 3", "--epochs 1") + " --no-pca"
}

#[test]
fn a_window_is_suggested_told_and_kept() {
    let workshop = Workshop::new();
    workshop.write("normal.csv", &csv(&normal()));
    let line = format!("detect --data normal.csv {} --out run", quick());
    let made = workshop.ok(&line);
    // A turn is 2π / 0.7 samples.
    let words =
        "note: window 20: the main period is 9 samples in 2 of 2 channels; stride 5; --window";
    assert!(made.stderr.contains(words), "{}", made.stderr);
    let config = workshop.read_text("run/config.toml");
    assert!(config.contains("window = 20\nstride = 5\ntrain_stride = 1"), "{config}");
    let made = workshop.read("run/model.int8.aeb");
    workshop.ok("calibrate run --alpha 0.1");
    let alike = format!("detect --data normal.csv {} --window 20 --out said", quick());
    let said = workshop.ok(&alike);
    assert!(!said.stderr.contains("main period"), "{}", said.stderr);
    assert!(workshop.read("said/model.int8.aeb") == made);
    // The rate decides too: 199 windows to calibrate on of 1,600 samples.
    let rare = line.replace("0.05", "0.005").replace("run", "rare");
    workshop.refused(&rare, &["too little normal signal", "of the "]);
    let line = format!("detect --data all.csv {LABELLED} {} --out labelled", quick());
    workshop.write("all.csv", &labelled_csv());
    let made = workshop.ok(&line);
    assert!(made.stderr.contains("note: window 20: the main period is 9"), "{}", made.stderr);
}

/// Recordings of [`normal`] with something else in these samples, which are trained on.
fn with_faults(at: &[usize]) -> Vec<u8> {
    let mut samples = normal();
    for &at in at {
        for (sample, [x, y]) in samples[at..at + 16].iter_mut().zip(turning(16, 3.0, at)) {
            *sample = [y - x, x * y];
        }
    }
    csv(&samples)
}

#[test]
fn faults_among_the_training_windows_are_left_out_and_the_same_again() {
    let workshop = Workshop::new();
    workshop.write("some.csv", &with_faults(&[300, 1111, 1150, 3333]));
    let line = format!("detect --data some.csv {QUICK} --no-pca");
    let made = workshop.ok(&format!("{line} --out run"));
    for words in [
        "lie far from all others: some.csv: lines ",
        "left out of the training",
        "note: --no-trim trains on the windows that are left out too",
    ] {
        assert!(made.stderr.contains(words), "{words}: {}", made.stderr);
    }
    assert!(made.text().contains("warning: "), "{}", made.text());
    assert!(workshop.read_text("run/config.toml").contains("trim = true"));
    let all = workshop.ok(&format!("{line} --no-trim --out all"));
    assert!(!all.stderr.contains("left out of the training"), "{}", all.stderr);
    assert!(!workshop.read_text("all/config.toml").contains("trim"));
    let windows = |run: &str| workshop.read_text(&format!("{run}/config.toml"));
    let [trained, all] = ["run", "all"].map(windows);
    let count = |config: &str| -> usize {
        let (_, rest) = config.split_once("train_images = ").unwrap();
        rest.lines().next().unwrap().parse().unwrap()
    };
    assert!(count(&trained) < count(&all), "{} {}", count(&trained), count(&all));
    // All that follows the training is made again of the same windows.
    let before = workshop.read("run/model.int8.aeb");
    workshop.ok("calibrate run");
    workshop.ok("detect --resume run");
    assert!(workshop.read("run/model.int8.aeb") == before);
    workshop.refused(&format!("{line} --no-trim --out run"), &["detect.trim"]);
    // Windows to calibrate on stay, and are named.
    workshop.write("later.csv", &with_faults(&[5000, 5500]));
    let made = workshop.ok(&format!("detect --data later.csv {QUICK} --no-pca --out later"));
    for words in ["windows to calibrate on (", "They stay, because the threshold"] {
        assert!(made.stderr.contains(words), "{words}: {}", made.stderr);
    }
    assert!(!made.stderr.contains("left out of the training"), "{}", made.stderr);
}

#[test]
fn scores_that_rise_with_time_are_told_with_what_helps() {
    let workshop = Workshop::new();
    let grows = |(at, [x, y]): (usize, [f64; 2])| {
        let growth = 1.0 + (at as f64 - 4800.0).max(0.0) / 1000.0;
        [growth * x, growth * y]
    };
    let samples: Vec<_> = normal().into_iter().enumerate().map(grows).collect();
    workshop.write("grows.csv", &csv(&samples));
    let made = workshop.ok(&format!("detect --data grows.csv {QUICK} --no-pca --out run"));
    for words in [
        "warning: The scores of the calibration windows rise with time",
        "`ae-train calibrate RUN --data later.csv`",
    ] {
        assert!(made.text().contains(words), "{words}: {}", made.text());
    }
    assert!(workshop.read_json("run/report.json")["drift"]["later_is_higher"].as_f64() > Some(0.8));
    workshop.write("normal.csv", &csv(&normal()));
    let made = workshop.ok(&format!("detect --data normal.csv {QUICK} --no-pca --out steady"));
    assert!(!made.text().contains("with time"), "{}", made.text());
}

#[test]
fn arrays_that_nobody_has_named_are_told_with_their_option() {
    let workshop = Workshop::new();
    workshop.write("all.npz", &npz());
    let made = workshop.ok(&format!("detect --data all.npz {QUICK} --no-pca --out run"));
    for words in [
        "note: all.npz: arrays that are not used: `machine` (text, 20 entries)",
        "note: all.npz: its other arrays may be for --group machine",
    ] {
        assert!(made.stderr.contains(words), "{words}: {}", made.stderr);
    }
    let made =
        workshop.ok(&format!("detect --data all.npz {QUICK} --no-pca --group machine --out by"));
    assert!(!made.stderr.contains("not used"), "{}", made.stderr);
}

#[test]
fn names_of_columns_stand_in_quotes_that_a_shell_takes() {
    let workshop = Workshop::new();
    let text = |head: &str, row: &dyn Fn(usize, [f64; 2]) -> String| {
        let rows: Vec<String> =
            normal().into_iter().enumerate().map(|(at, sample)| row(at, sample)).collect();
        format!("{head}\n{}\n", rows.join("\n")).into_bytes()
    };
    let timed = text("Time (seconds),acc x", &|at, [x, _]| format!("{at},{x:.3}"));
    workshop.write("timed.csv", &timed);
    let line = |file: &str| format!("detect --data {file} {QUICK} --out run");
    workshop.refused(&line("timed.csv"), &["give --time 'Time (seconds)' or --columns 'acc x'"]);
    // Constant but for a number that stands for a missing value.
    let still = text("acc x,pump on", &|at, [x, _]| {
        format!("{x:.3},{}", if at % 1900 == 7 { -127 } else { 0 })
    });
    workshop.write("still.csv", &still);
    workshop.refused(
        &line("still.csv"),
        &["channel `pump on` is 0", "give --columns 'acc x', or --drop-constant"],
    );
    let made = workshop.ok(&format!("{} --drop-constant --no-pca", line("still.csv")));
    assert!(made.stderr.contains("is left out: pump on (0)"), "{}", made.stderr);
}
