//! The kinds of data that detectors are made from.

use crate::machines::{
    LABELLED, MACHINES, QUICK, counted_csv, csv, labelled_csv, normal, npy, npz, turning, wav,
};
use crate::workshop::Workshop;

/// What the blob says of its samples.
fn samples(workshop: &Workshop, run: &str) -> String {
    let info = workshop.ok(&format!("info {run}/model.int8.aeb --json")).json();
    info["detector"]["samples"].as_str().unwrap().to_owned()
}

#[test]
fn labels_and_groups_decide_what_is_learned_and_what_is_tested() {
    let workshop = Workshop::new();
    workshop.write("all.csv", &labelled_csv());
    let line = format!("detect --data all.csv {LABELLED} {QUICK} --out run --json");
    let report = workshop.ok(&line).json();
    assert_eq!(report["data"]["channels"], serde_json::json!(["x", "y"]));
    let roles = report["data"]["roles"].as_array().unwrap();
    let groups = |index: usize| -> Vec<&str> {
        let groups = roles[index]["groups"].as_array().unwrap();
        groups.iter().map(|group| group.as_str().unwrap()).collect()
    };
    let [train, calibrate, test] = [0, 1, 2].map(groups);
    assert_eq!([train.len(), calibrate.len(), test.len()], [12, 4, 4]);
    let mut all = [train, calibrate, test.clone()].concat();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), MACHINES, "a group has two roles");
    assert_eq!(groups(3), test, "abnormal windows are of the groups that are tested on");
    // 4 groups of 2 good recordings of 200 samples, windows of 16 that do not overlap.
    assert_eq!(roles[1]["windows"], 4 * 2 * 12);
    // 4 recordings of 100 worn samples, a window every 4.
    assert_eq!(roles[3]["windows"], 4 * 22);
    let auroc = report["detection"]["int8"]["auroc"].as_f64().unwrap();
    assert!(auroc > 0.99, "{auroc}");
    assert_eq!(report["detection"]["by_label"][0]["label"], "worn");

    // The same groups by name are the same detector.
    let roles = [("train", 0), ("calibrate", 1), ("test", 2)]
        .map(|(role, index)| format!("--{role}-groups {}", groups(index).join(",")));
    workshop.ok(&format!(
        "detect --data all.csv {LABELLED} {QUICK} --no-pca --out named {}",
        roles.join(" ")
    ));
    assert!(workshop.read("named/model.int8.aeb") == workshop.read("run/model.int8.aeb"));
}

#[test]
fn npy_and_npz_hold_the_same_signals() {
    let workshop = Workshop::new();
    workshop.write("machines.npy", &npy());
    workshop.write("machines.npz", &npz());
    let report =
        workshop.ok(&format!("detect --data machines.npy {QUICK} --out npy --json")).json();
    assert_eq!(report["data"]["channels"], serde_json::json!(["0", "1"]));
    let line = format!("detect --data machines.npz --group machine {QUICK} --out npz --json");
    let report = workshop.ok(&line).json();
    assert_eq!(report["data"]["channels"], serde_json::json!(["left", "right"]));
    assert_eq!(report["data"]["roles"][1]["groups"].as_array().unwrap().len(), 4);
    for run in ["npy", "npz"] {
        assert_eq!(samples(&workshop, run), "f32");
        let played = workshop.ok(&format!("monitor {run}/model.int8.aeb --json")).json();
        assert!(!played["recordings"].as_array().unwrap().is_empty());
    }
}

#[test]
fn folders_and_tables_of_wav_files_say_what_is_normal() {
    let workshop = Workshop::new();
    std::fs::create_dir_all(workshop.path("rec/good")).unwrap();
    std::fs::create_dir_all(workshop.path("rec/worn")).unwrap();
    let mut table = String::from("file,state\n");
    for (state, amplitude) in [("good", 1.0), ("worn", 4.0)] {
        for machine in 10..10 + MACHINES {
            let name = format!("rec/{state}/m{machine}.wav");
            workshop.write(&name, &wav(&turning(200, amplitude, machine)));
            table += &format!("{name},{state}\n");
        }
    }
    workshop.write("files.csv", table.as_bytes());
    let rest = format!("--normal good {QUICK} --no-pca --json");
    let folder = workshop.ok(&format!("detect --data rec --label folder {rest} --out folder"));
    let line = format!("detect --data files.csv --files file --label state {rest} --out table");
    let table = workshop.ok(&line);
    for (run, report) in [("folder", folder.json()), ("table", table.json())] {
        assert_eq!(report["data"]["channels"], serde_json::json!(["ch0", "ch1"]));
        assert_eq!(report["detection"]["by_label"][0]["label"], "worn");
        let auroc = report["detection"]["int8"]["auroc"].as_f64().unwrap();
        assert!(auroc > 0.99, "{auroc}");
        assert_eq!(samples(&workshop, run), "i16");
        assert!(
            workshop.read_text(&format!("{run}/config.toml")).contains("samples_per_second = 1000")
        );
        // What was named once is found again.
        let played = workshop.ok(&format!("monitor {run}/model.int8.aeb --json")).json();
        assert!(!played["recordings"].as_array().unwrap().is_empty());
    }
    // The same recordings in the same order.
    assert!(workshop.read("folder/model.int8.aeb") == workshop.read("table/model.int8.aeb"));
}

#[test]
fn whole_numbers_are_counts_unless_it_is_said_otherwise() {
    let workshop = Workshop::new();
    workshop.write("counts.csv", &counted_csv(&normal()));
    workshop.write("values.csv", &csv(&normal()));
    for (line, kind) in [
        ("counts.csv", "i16"),
        ("counts.csv --values", "f32"),
        ("values.csv", "f32"),
        ("values.csv --counts-per-unit 1000", "i16"),
        ("values.csv --counts-per-unit 1000,500", "i16"),
    ] {
        let run = line.replace([' ', ',', '.'], "-");
        workshop.ok(&format!("detect --data {line} {QUICK} --no-pca --out {run}"));
        assert_eq!(samples(&workshop, &run), kind, "{line}");
    }
    // The values times a thousand, rounded, are the counts.
    let [counts, values] = ["counts-csv", "values-csv---counts-per-unit-1000"]
        .map(|run| workshop.read(&format!("{run}/model.int8.aeb")));
    assert!(counts == values);
    let other = workshop.read("values-csv---counts-per-unit-1000-500/model.int8.aeb");
    assert!(counts != other);
}

#[test]
fn labelled_images_give_a_detector_of_pixels() {
    let workshop = Workshop::new();
    let report = workshop
        .ok("detect --data fashion-mnist-sample --normal 3 --epochs 1 --hidden 12 --latent 2 \
             --alpha 0.05 --no-pca --out run --json")
        .json();
    assert_eq!(report["data"]["window"], 28);
    assert_eq!(report["detection"]["by_label"].as_array().unwrap().len(), 9);
    assert_eq!(samples(&workshop, "run"), "u8");
    assert!(workshop.ok("verify run/model.int8.aeb").text().starts_with("equal:"));
    // An image is no signal.
    workshop.refused("monitor run/model.int8.aeb", &["images", "report.html"]);
    workshop.write("values.csv", &csv(&normal()));
    let line = "monitor run/model.int8.aeb --data";
    workshop.refused(&format!("{line} values.csv"), &["28 channels", "x, y"]);
    workshop.refused(&format!("{line} fashion-mnist-sample"), &["images, not signals"]);
}
