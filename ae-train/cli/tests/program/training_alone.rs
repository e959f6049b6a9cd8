//! Options that change the training and no layer: normalised layers, and latents that are drawn.

use std::fs;

use serde_json::Value;

use crate::machines::{csv, normal};
use crate::workshop::{QUICK, Workshop};

const BOTH: &str = "--batch-norm --variational 0.05";

/// Names of the tensors in a run's weights.
fn tensors(workshop: &Workshop, run: &str) -> Vec<String> {
    let bytes = workshop.read(&format!("{run}/weights.safetensors"));
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let mut names: Vec<String> = file.names().into_iter().map(ToString::to_string).collect();
    names.sort();
    names
}

#[test]
fn the_network_that_comes_out_has_the_layers_of_any_other() {
    let workshop = Workshop::with_run();
    let finished = workshop.ok(&format!("train --out both {QUICK} {BOTH} --json"));
    assert_eq!(finished.json()["agreement"]["holds"], true);
    assert_eq!(tensors(&workshop, "both"), tensors(&workshop, "run"));
    for contract in ["int8", "f32"] {
        let layers = |run: &str| {
            let info = workshop.ok(&format!("info {run}/model.{contract}.aeb --json")).json();
            let layers = info["layers"].as_array().unwrap().clone();
            layers.into_iter().map(|layer| layer["kind"].clone()).collect::<Vec<Value>>()
        };
        assert_eq!(layers("both"), layers("run"));
        let line = format!("verify both/model.{contract}.aeb");
        assert!(workshop.ok(&line).text().starts_with("equal:"));
    }
    // What was tested after the last epoch is what came out.
    let metrics = workshop.read_json("both/metrics.json");
    assert_eq!(finished.json()["float"]["mse"], metrics[1]["test_mse"]);
}

#[test]
fn the_divergence_is_told_where_there_is_one() {
    let workshop = Workshop::with_run();
    assert!(!workshop.read_text("run/metrics.csv").contains("kl"));
    assert_eq!(workshop.read_json("run/metrics.json")[0]["kl"], Value::Null);
    let finished = workshop.ok(&format!("train --out both {QUICK} {BOTH}"));
    assert!(finished.stderr.contains("  KL "), "{}", finished.stderr);
    let text = workshop.read_text("both/metrics.csv");
    assert!(text.starts_with("epoch,train_loss,test_bce,test_mse,kl,seconds\n"), "{text}");
    let kl = text.lines().nth(1).unwrap().split(',').nth(4).unwrap().parse::<f64>().unwrap();
    assert!(kl > 0.0);
    assert_eq!(workshop.read_json("both/metrics.json")[0]["kl"], kl);
}

#[test]
fn a_run_goes_on_with_what_it_was_begun_with() {
    let workshop = Workshop::new();
    workshop.ok(&format!("train --out run {QUICK} {BOTH} --keep-best 0.2 --weight-average 0.9"));
    let config = workshop.read_text("run/config.toml");
    assert!(config.contains("batch_norm = true\nvariational = 0.05\n"), "{config}");
    for option in ["--batch-norm", "--variational 1"] {
        let finished = workshop.run(&format!("train --resume run {option}"));
        assert_eq!(finished.code, Some(2), "{option}");
        assert!(finished.stderr.contains("cannot be used with"), "{}", finished.stderr);
    }
    let weights = workshop.read("run/weights.safetensors");
    fs::remove_file(workshop.path("run/weights.safetensors")).unwrap();
    let previous = workshop.read("run/checkpoint.previous.safetensors");
    workshop.write("run/checkpoint.safetensors", &previous);
    workshop.ok("train --resume run");
    assert!(workshop.read("run/weights.safetensors") == weights);
    for (old, new) in [("batch_norm = true\n", ""), ("variational = 0.05", "variational = 0.06")] {
        workshop.write("run/config.toml", config.replace(old, new).as_bytes());
        workshop.refused("train --resume run", &["config.toml", "checkpoint"]);
    }
}

#[test]
fn a_latent_that_is_no_mean_is_refused() {
    let workshop = Workshop::new();
    let table = "encoder = [\n\
                 { kind = \"convolution\", channels = 3, kernel = 3 },\n\
                 { kind = \"global-average\" },\n]\n\
                 decoder = [{ kind = \"dense\", outputs = 20 }]\n";
    workshop.write("layers.toml", table.as_bytes());
    let line = "train --data data --out run --epochs 1 --no-baseline --architecture layers.toml";
    let words = ["the encoder's last layer has no weights", "leave --variational out"];
    workshop.refused(&format!("{line} --variational 1"), &words);
    assert!(!workshop.exists("run"));
    workshop.ok(&format!("{line} --batch-norm"));
}

#[test]
fn detectors_have_the_same_options() {
    let workshop = Workshop::new();
    workshop.write("normal.csv", &csv(&normal()));
    let line = "detect --data normal.csv --window 16 --latent 2 --alpha 0.05";
    // Shapes without hidden layers are tried as they are.
    let report = workshop.ok(&format!("{line} {BOTH} --out open --epochs 2 --json")).json();
    let candidates = report["choice"]["candidates"].as_array().unwrap();
    let networks: Vec<&Value> = candidates.iter().map(|it| &it["network"]).collect();
    assert_eq!(networks, ["32-2-32", "32-128-2-128-32"]);

    let line = format!("{line} --hidden 12 --epochs 3 {BOTH}");
    workshop.ok(&format!("{line} --out run"));
    let config: toml::Table = workshop.read_text("run/config.toml").parse().unwrap();
    assert_eq!(config["recipe"]["batch_norm"].as_bool(), Some(true));
    assert_eq!(config["recipe"]["variational"].as_float(), Some(0.05));
    assert!(workshop.ok("verify run/model.int8.aeb").text().starts_with("equal:"));
    fs::remove_file(workshop.path("run/report.html")).unwrap();
    let changed = line.replace("--variational 0.05", "--variational 0.5");
    let words = ["run holds another run", "recipe.variational"];
    workshop.refused(&format!("{changed} --out run"), &words);
    workshop.ok(&format!("{line} --out run"));

    for (options, words) in [
        ("--start pca", "give --start glorot"),
        ("--hidden none", "--batch-norm is for hidden layers"),
        ("--prototypes 3", "cannot be used with"),
    ] {
        let line = "detect --data normal.csv --window 16 --alpha 0.05 --batch-norm --out other";
        workshop.refused(&format!("{line} {options}"), &[words]);
    }
}
