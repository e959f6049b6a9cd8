//! The same command once more, and others in the same folder.

use super::with_detector;
use crate::machines::{QUICK, csv, normal};
use crate::workshop::Workshop;

#[test]
fn a_finished_detector_is_not_made_again_nor_overwritten() {
    let workshop = with_detector();
    let before = workshop.read("run/model.int8.aeb");
    let line = format!("detect --data normal.csv {QUICK} --out run");
    workshop.refused(&line, &["run holds this detector already", "--out"]);
    for change in ["--seed 1", "--latent 3", "--stride 8", "--hits 2 --of 3", "--unweighted"] {
        let line =
            line.replace("--latent 2 ", if change == "--latent 3" { "" } else { "--latent 2 " });
        workshop.refused(&format!("{line} {change}"), &["run holds another run", "config.toml"]);
    }
    workshop.refused(&line.replace("0.05", "0.06"), &["run holds another run"]);
    workshop.refused("train --resume run", &["run is a run of `ae-train detect`"]);
    assert!(workshop.read("run/model.int8.aeb") == before);
}

#[test]
fn a_run_of_train_is_not_overwritten() {
    let workshop = Workshop::with_run();
    workshop.write("normal.csv", &csv(&normal()));
    let line = format!("detect --data normal.csv {QUICK} --out run");
    workshop.refused(&line, &["run holds another run"]);
}

#[test]
fn the_seed_decides_the_bytes() {
    let workshop = with_detector();
    for (out, seed) in [("same", 0), ("other", 1)] {
        let line =
            format!("detect --data normal.csv {QUICK} --out {out} --seed {seed} --threads 1");
        workshop.ok(&line);
    }
    for file in ["model.int8.aeb", "model.f32.aeb", "report.json", "report.html"] {
        let [run, same, other] =
            ["run", "same", "other"].map(|run| workshop.read(&format!("{run}/{file}")));
        assert!(run == same, "{file} differs between two runs of one seed");
        assert!(run != other, "{file} does not depend on the seed");
    }
}

#[test]
fn a_checkpoint_that_is_not_the_runs_own_is_refused() {
    let workshop = with_detector();
    workshop.ok(&format!("detect --data normal.csv {QUICK} --out other --seed 1"));
    let line = format!("detect --data normal.csv {QUICK} --out run");
    std::fs::remove_file(workshop.path("run/report.html")).unwrap();
    let own = workshop.read("run/checkpoint.safetensors");
    let other = workshop.read("other/checkpoint.safetensors");
    workshop.write("run/checkpoint.safetensors", &other);
    workshop.refused(&line, &["run/config.toml was changed", "take the change back"]);
    workshop.write("run/checkpoint.safetensors", &own[..own.len() - 1]);
    let words = ["not a checkpoint", "mv run/checkpoint.previous", "then the same command ends"];
    workshop.refused(&line, &words);
    workshop.write("run/checkpoint.safetensors", &own);
    workshop.ok(&line);
}

/// What the last epochs of a stopped run would have left is taken away; its checkpoint is of an
/// epoch before, as a kill leaves it.
#[test]
fn a_stopped_run_goes_on_to_the_bytes_of_one_that_was_not() {
    let workshop = with_detector();
    let line = format!("detect --data normal.csv {QUICK} --out stopped");
    workshop.ok(&line);
    let late = [
        "metrics.csv",
        "metrics.json",
        "model.f32.aeb",
        "model.int8.aeb",
        "pca.int8.aeb",
        "report.html",
        "report.json",
        "weights.safetensors",
    ];
    for name in late {
        std::fs::remove_file(workshop.path(&format!("stopped/{name}"))).unwrap();
    }
    let earlier = workshop.read("stopped/checkpoint.previous.safetensors");
    workshop.write("stopped/checkpoint.safetensors", &earlier);
    std::fs::remove_file(workshop.path("stopped/checkpoint.previous.safetensors")).unwrap();

    // Not with other data, though.
    let mut changed = normal();
    changed[7][1] += 0.5;
    workshop.write("normal.csv", &csv(&changed));
    workshop.refused(&line, &["stopped holds another run"]);
    workshop.write("normal.csv", &csv(&normal()));

    let finished = workshop.ok(&line);
    assert!(!finished.stderr.contains("epoch   1/3"), "{}", finished.stderr);
    assert!(finished.stderr.contains("epoch   3/3"), "{}", finished.stderr);
    assert!(finished.stderr.contains("goes on after epoch 2 of 3"), "{}", finished.stderr);
    for name in late.iter().filter(|name| !name.starts_with("metrics.")) {
        let [whole, stopped] =
            ["run", "stopped"].map(|run| workshop.read(&format!("{run}/{name}")));
        assert!(whole == stopped, "{name}");
    }
    // Seconds are measured.
    let losses = |run: &str| -> Vec<String> {
        let csv = workshop.read_text(&format!("{run}/metrics.csv"));
        csv.lines().map(|line| line.rsplit_once(',').unwrap().0.to_owned()).collect()
    };
    assert_eq!(losses("stopped"), losses("run"));
    assert_eq!(workshop.names("stopped"), workshop.names("run"));
}
