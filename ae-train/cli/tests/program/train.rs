//! What a training leaves, and what decides it.

use serde_json::Value;

use crate::workshop::{QUICK, TEST_IMAGES, Workshop};

#[test]
fn a_run_folder_holds_all_that_is_promised_and_nothing_else() {
    let workshop = Workshop::new();
    workshop.ok("train --data data --out run --epochs 3 --hidden 12,6 --latent 3");
    assert_eq!(
        workshop.names("run"),
        [
            "checkpoint.previous.safetensors",
            "checkpoint.safetensors",
            "comparison.png",
            "config.toml",
            "epoch-001.png",
            "epoch-002.png",
            "epoch-003.png",
            "loss.svg",
            "metrics.csv",
            "metrics.json",
            "model.f32.aeb",
            "model.int8.aeb",
            "pca.f32.aeb",
            "pca.int8.aeb",
            "run.lock",
            "summary.json",
            "summary.md",
            "weights.safetensors",
        ]
    );
    let loss = workshop.read_text("run/loss.svg");
    assert!(loss.starts_with("<svg") || loss.starts_with("<?xml"), "{loss}");
    assert!(image::load_from_memory(&workshop.read("run/comparison.png")).is_ok());
}

#[test]
fn metrics_have_a_line_an_epoch_and_agree_with_one_another() {
    let workshop = Workshop::new();
    workshop.ok("train --data data --out run --epochs 3 --hidden 12 --latent 3 --no-baseline");
    let csv = workshop.read_text("run/metrics.csv");
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("epoch,train_loss,test_bce,test_mse,seconds"));
    let rows: Vec<Vec<f64>> =
        lines.map(|line| line.split(',').map(|figure| figure.parse().unwrap()).collect()).collect();
    let json = workshop.read_json("run/metrics.json");
    let json = json.as_array().unwrap();
    assert_eq!((rows.len(), json.len()), (3, 3));
    for ((row, object), epoch) in rows.iter().zip(json).zip(1..) {
        assert_eq!(row[0], f64::from(epoch));
        assert!(row[1] > 0.0 && row[1] < 1.0 && row[4] >= 0.0, "{row:?}");
        for (column, name) in [(0, "epoch"), (1, "train_loss"), (2, "test_bce"), (3, "test_mse")] {
            assert_eq!(object[name].as_f64(), Some(row[column]), "{name}");
        }
    }
    // The summary is of the last epoch's weights, so it repeats that epoch's figures.
    let float = &workshop.read_json("run/summary.json")["float"];
    assert_eq!(float["bce"].as_f64(), Some(rows[2][2]));
    assert_eq!(float["mse"].as_f64(), Some(rows[2][3]));
}

#[test]
fn json_is_one_object_on_standard_output_and_progress_goes_to_standard_error() {
    let workshop = Workshop::new();
    let finished = workshop.ok(&format!("train --out run {QUICK} --json"));
    let summary = finished.json();
    assert_eq!(summary, workshop.read_json("run/summary.json"));
    assert_eq!(summary["epochs"], 2);
    assert_eq!(summary["int8_blob"]["samples"], TEST_IMAGES);
    assert_eq!(summary["int8_blob"]["bytes"], workshop.read("run/model.int8.aeb").len());
    assert_eq!(summary["f32_blob"]["bytes"], workshop.read("run/model.f32.aeb").len());
    assert_eq!(summary["agreement"]["holds"], true);
    assert!(summary["agreement"]["largest_logit_difference"].as_f64().unwrap() < 1e-3);
    for line in ["40 training and 12 test images", "epoch   1/2", "epoch   2/2", "quantising"] {
        assert!(finished.stderr.contains(line), "{line}: {}", finished.stderr);
    }
    // The model's table, before the first epoch.
    assert!(finished.stderr.contains("20 → 12"), "{}", finished.stderr);
}

#[test]
fn without_json_the_page_of_the_summary_is_printed() {
    let workshop = Workshop::new();
    let finished = workshop.ok(&format!("train --out run {QUICK}"));
    let page = workshop.read_text("run/summary.md");
    assert!(finished.text().starts_with(&page), "{}", finished.text());
    assert!(finished.text().trim_end().ends_with("Everything is in run."));
}

#[test]
fn the_seed_decides_the_bytes() {
    let workshop = Workshop::new();
    for (out, seed) in [("a", 7), ("b", 7), ("c", 8)] {
        workshop.ok(&format!("train --out {out} {QUICK} --seed {seed}"));
    }
    for file in ["weights.safetensors", "model.int8.aeb", "model.f32.aeb", "epoch-002.png"] {
        let [a, b, c] = ["a", "b", "c"].map(|out| workshop.read(&format!("{out}/{file}")));
        assert!(a == b, "{file} differs between two runs of one seed");
        assert!(a != c, "{file} does not depend on the seed");
    }
}

#[test]
fn the_number_of_threads_does_not_show_in_the_bytes() {
    let workshop = Workshop::new();
    workshop.write_data("large", 700, 30, 9, 7);
    for threads in [1, 2, 3] {
        workshop.ok(&format!(
            "train --data large --out t{threads} --threads {threads} --epochs 2 --hidden 40,16 \
             --latent 5 --batch-size 64 --keep-best 0.2"
        ));
    }
    for file in ["weights.safetensors", "model.int8.aeb", "model.f32.aeb", "pca.int8.aeb"] {
        let [one, two, three] = [1, 2, 3].map(|t| workshop.read(&format!("t{t}/{file}")));
        assert!(one == two && one == three, "{file}");
    }
}

#[test]
fn the_epoch_picture_has_the_test_images_column_by_column_on_its_left() {
    let workshop = Workshop::new();
    workshop.ok(&format!("train --out run {QUICK}"));
    let test = workshop.read("data/t10k-images-idx3-ubyte");
    let test: Vec<&[u8]> = test[16..].chunks(20).collect();
    for name in ["run/epoch-001.png", "run/epoch-002.png"] {
        let picture = image::load_from_memory(&workshop.read(name)).unwrap().into_luma8();
        // The labels are wider than these images, and 20 pixels high.
        assert_eq!(picture.dimensions(), (2 * 126 + 4, 10 * 5 + 20));
        let tile = |x: u32, y: u32| {
            let left = if x < 5 { 4 * x } else { 130 + 4 * (x - 5) };
            image::imageops::crop_imm(&picture, left, 20 + 5 * y, 4, 5).to_image().into_raw()
        };
        for (index, &original) in test.iter().enumerate() {
            let (x, y) = (index as u32 / 10, index as u32 % 10);
            assert_eq!(tile(x, y), original, "{name}, image {index}");
            // A reconstruction by a network that has learnt little is no copy, and not nothing.
            assert_ne!(tile(x + 5, y), original, "{name}, image {index}");
            assert_ne!(tile(x + 5, y), [0; 20], "{name}, image {index}");
        }
        assert_eq!(tile(1, 2), [0; 20], "no thirteenth image");
    }
}

#[test]
fn the_resolved_configuration_says_what_was_asked_for() {
    let workshop = Workshop::new();
    workshop
        .ok("train --data data --out article --recipe article --epochs 1 --hidden 8 --latent 2 \
         --no-baseline");
    let config: toml::Table = workshop.read_text("article/config.toml").parse().unwrap();
    assert_eq!(config["model"]["activation"].as_str(), Some("relu"));
    assert_eq!(config["recipe"]["batch_size"].as_integer(), Some(512));
    assert_eq!(config["recipe"]["learning_rate"].as_float(), Some(1e-3));
    assert_eq!(config["recipe"]["schedule"].as_str(), Some("constant"));
    assert_eq!(config["data"]["train_images"].as_integer(), Some(40));
    let source = config["data"]["source"].as_str().unwrap();
    assert_eq!(source, "data");

    workshop.ok("train --data data --out own --recipe article --epochs 1 --hidden 8 --latent 2 \
         --no-baseline --loss mse --batch-size 9 --learning-rate 0.01 --warmup-steps 4 --schedule \
         cosine --weight-average 0.9 --keep-best 0.25 --seed 5 --activation silu");
    let config: toml::Table = workshop.read_text("own/config.toml").parse().unwrap();
    assert_eq!(config["model"]["activation"].as_str(), Some("silu"));
    let recipe = config["recipe"].as_table().unwrap();
    let text = |name: &str| recipe[name].to_string();
    let found =
        ["loss", "batch_size", "learning_rate", "warmup_steps", "schedule", "weight_average"]
            .map(text);
    assert_eq!(found, ["\"mse\"", "9", "0.01", "4", "\"cosine\"", "0.9"]);
    assert_eq!([text("keep_best"), text("seed")], ["0.25", "5"]);
}

#[test]
fn the_kept_epoch_is_one_of_those_trained_and_its_weights_are_the_result() {
    let workshop = Workshop::new();
    // A rate so high that later epochs are worse by far.
    let line = "train --data data --out run --epochs 6 --hidden none --latent 3 --no-baseline \
                --keep-best 0.2 --learning-rate 3 --warmup-steps 0 --schedule constant --json";
    let summary = workshop.ok(line).json();
    let best = summary["best_epoch"].as_u64().unwrap();
    assert!((1..=6).contains(&best), "{best}");
    let metrics = workshop.read_json("run/metrics.json");
    let of_epoch = &metrics[best as usize - 1];
    assert_eq!(summary["float"]["mse"], of_epoch["test_mse"]);
    assert_ne!(best, 6, "choose settings whose last epoch is not the best");
    assert!(workshop.read_text("run/summary.md").contains(&format!("Kept: epoch {best}")));
    assert_eq!(Value::Null, {
        workshop.ok(&format!("train --out last {QUICK} --json")).json()["best_epoch"].clone()
    });
}

#[test]
fn the_built_in_sample_goes_the_whole_way_into_the_default_folder() {
    let workshop = Workshop::new();
    let finished = workshop
        .ok("train --data fashion-mnist-sample --epochs 1 --hidden none --latent 4 --no-baseline \
         --json");
    assert!(finished.stderr.contains("sample built into this program"), "{}", finished.stderr);
    let run = "runs/fashion-mnist-sample-4-gelu";
    let summary = finished.json();
    assert_eq!(summary, workshop.read_json(&format!("{run}/summary.json")));
    assert_eq!(summary["int8_blob"]["samples"], 1000);
    let picture = image::load_from_memory(&workshop.read(&format!("{run}/epoch-001.png"))).unwrap();
    assert_eq!((picture.width(), picture.height()), (284, 300));

    workshop.refused(
        "train --data fashion-mnist-sample --epochs 1 --hidden none --latent 4",
        &[run, "--resume"],
    );
    workshop.ok(&format!("train {QUICK} --name mine"));
    assert!(workshop.exists("runs/mine/summary.json"));
}

#[test]
fn a_summary_begins_with_what_is_simpler_and_better() {
    let workshop = Workshop::new();
    let long = "train --data data --hidden 12 --latent 3 --no-baseline --learning-rate 0.02";
    for (out, options, words) in [
        ("short", "--epochs 1", "Try more epochs"),
        ("wild", "--epochs 20 --learning-rate 100", "has diverged"),
    ] {
        let line = long.replace(" --learning-rate 0.02", "");
        let finished = workshop.ok(&format!("{line} --out {out} {options}"));
        let page = workshop.read_text(&format!("{out}/summary.md"));
        let first = page.lines().next().unwrap();
        assert!(first.contains("Worse than the mean") && first.contains(words), "{first}");
        let last = finished.stderr.lines().last().unwrap();
        assert!(last.starts_with("warning: Worse") && last.contains(words), "{last}");
        let summary = workshop.read_json(&format!("{out}/summary.json"));
        assert_eq!(summary["shortfall"]["than"], "mean");
        assert_eq!(summary["shortfall"]["simpler_mse"], summary["mean_mse"]);
    }
    let finished = workshop.ok(&format!("{long} --out good --epochs 100"));
    let page = workshop.read_text("good/summary.md");
    assert!(page.starts_with("# 20-12-3 autoencoder"), "{page}");
    assert!(page.contains("| mean training image |"), "{page}");
    assert!(!finished.stderr.contains("warning"), "{}", finished.stderr);
    assert_eq!(workshop.read_json("good/summary.json")["shortfall"], Value::Null);
}

/// Of 50 images an epoch is one step, so that 500 steps of warm-up would be all of the run.
#[test]
fn a_warm_up_that_nobody_chose_is_a_tenth_of_the_run() {
    let workshop = Workshop::new();
    let warmup = |options: &str| {
        let out = format!("run{}", options.replace(' ', ""));
        workshop.ok(&format!(
            "train --data data --hidden none --latent 2 --no-baseline --out {out} {options}"
        ));
        let config: toml::Table =
            workshop.read_text(&format!("{out}/config.toml")).parse().unwrap();
        config["recipe"]["warmup_steps"].as_integer().unwrap()
    };
    assert_eq!(warmup("--epochs 30"), 3);
    assert_eq!(warmup("--epochs 30 --batch-size 4"), 30);
    assert_eq!(warmup("--epochs 30 --warmup-steps 500"), 500);
    assert_eq!(warmup("--epochs 30 --recipe article"), 0);
    // A run of an older program goes on with its own.
    let config = workshop.read_text("run--epochs30/config.toml");
    std::fs::create_dir(workshop.path("older")).unwrap();
    let older = config.replace("warmup_steps = 3", "warmup_steps = 500");
    workshop.write("older/config.toml", older.replace("baselines = \"skip\"\n", "").as_bytes());
    workshop.ok("train --resume older --no-baseline");
    let [older, chosen] = ["older", "run--epochs30--warmup-steps500"]
        .map(|run| workshop.read(&format!("{run}/weights.safetensors")));
    assert!(older == chosen);
}
