//! When a run may be continued, and when not.

use crate::workshop::{QUICK, Workshop};

#[test]
fn a_finished_run_stays_as_it_is() {
    let workshop = Workshop::with_run();
    let names = workshop.names("run");
    let before: Vec<_> = names.iter().map(|name| workshop.read(&format!("run/{name}"))).collect();
    let resumed = workshop.ok("train --resume run --no-baseline --json");
    assert_eq!(resumed.json(), workshop.read_json("run/summary.json"));
    assert!(!resumed.stderr.contains("epoch   "), "{}", resumed.stderr);
    assert_eq!(workshop.names("run"), names);
    for (name, before) in names.iter().zip(before).filter(|(name, _)| *name != "run.lock") {
        assert!(workshop.read(&format!("run/{name}")) == before, "{name} was changed");
    }
}

#[test]
fn a_run_is_not_overwritten() {
    let workshop = Workshop::with_run();
    let before = workshop.read("run/weights.safetensors");
    let words = ["run exists already", "--resume run", "--out"];
    workshop.refused(&format!("train --out run {QUICK} --seed 9"), &words);
    assert!(workshop.read("run/weights.safetensors") == before);
}

#[test]
fn a_run_whose_configuration_is_gone_is_not_overwritten() {
    let workshop = Workshop::with_run();
    let config = workshop.read("run/config.toml");
    std::fs::remove_file(workshop.path("run/config.toml")).unwrap();
    let before = workshop.files("run");
    let words = ["run has no config.toml but holds checkpoint.safetensors", "--resume run"];
    workshop.refused(&format!("train --out run {QUICK}"), &words);
    workshop.refused("train --resume run", &["run is not a run folder"]);
    for (name, bytes) in before.iter().filter(|(name, _)| *name != "run.lock") {
        assert!(workshop.read(&format!("run/{name}")) == *bytes, "{name}");
    }
    workshop.write("run/config.toml", &config);
    workshop.ok("train --resume run --no-baseline");
}

#[test]
fn a_folder_that_is_no_run_is_told() {
    let workshop = Workshop::new();
    workshop.refused("train --resume data", &["data is not a run folder", "config.toml"]);
    workshop.refused("train --resume nowhere", &["nowhere is not a run folder"]);
    assert!(!workshop.exists("nowhere"));
    assert_eq!(workshop.names("data").len(), 2);
}

#[test]
fn options_that_a_run_has_already_cannot_be_given_again() {
    let workshop = Workshop::with_run();
    for option in ["--warmup-steps 5", "--seed 1", "--latent 3", "--hidden 12,6", "--name other"] {
        let finished = workshop.run(&format!("train --resume run {option}"));
        assert_eq!(finished.code, Some(2), "{option}");
        assert!(finished.stderr.contains("cannot be used with"), "{}", finished.stderr);
    }
}

#[test]
fn data_that_has_moved_is_named_with_data() {
    let workshop = Workshop::with_run();
    let before = workshop.read("run/weights.safetensors");
    std::fs::rename(workshop.path("data"), workshop.path("moved")).unwrap();
    for line in ["train --resume run", "verify run/model.int8.aeb", "quantize run"] {
        workshop.refused(line, &["if it has moved, give --data", "data"]);
    }
    workshop.ok("verify run/model.int8.aeb --data moved");
    // It is remembered.
    workshop.ok("train --resume run");
    assert!(workshop.read("run/weights.safetensors") == before);
    // Other images under the name are noticed.
    workshop.write_data("other", 1, 30, 5, 4);
    workshop.refused("train --resume run --data other", &["dataset has changed"]);
}

#[test]
fn other_data_than_it_began_with_is_refused_with_both_digests() {
    let workshop = Workshop::with_run();
    let config: toml::Table = workshop.read_text("run/config.toml").parse().unwrap();
    let expected = config["data"]["digest"].as_str().unwrap();
    let mut test = workshop.read("data/t10k-images-idx3-ubyte");
    *test.last_mut().unwrap() ^= 1;
    workshop.write("data/t10k-images-idx3-ubyte", &test);

    for line in ["train --resume run", "verify run/model.int8.aeb", "quantize run"] {
        let message = workshop.refused(line, &["dataset has changed", expected, "new run"]);
        let digests =
            message.split(|c: char| !c.is_ascii_hexdigit()).filter(|word| word.len() == 64);
        let mut digests: Vec<_> = digests.collect();
        digests.dedup();
        assert_eq!(digests.len(), 2, "{message}");
    }
    std::fs::remove_dir_all(workshop.path("data")).unwrap();
    workshop.refused("train --resume run", &["there is no folder", "data"]);
}

#[test]
fn a_configuration_changed_behind_the_checkpoint_is_refused() {
    let workshop = Workshop::with_run();
    let config = workshop.read_text("run/config.toml");
    let edits =
        [("epochs = 2", "epochs = 9"), ("latent = 3", "latent = 4"), ("seed = 0", "seed = 1")];
    for (old, new) in edits {
        assert!(config.contains(old), "{config}");
        workshop.write("run/config.toml", config.replace(old, new).as_bytes());
        workshop.refused("train --resume run", &["config.toml", "checkpoint"]);
    }
    for (text, words) in [("", "missing field"), ("tool = [", "run/config.toml")] {
        workshop.write("run/config.toml", text.as_bytes());
        workshop.refused("train --resume run", &["run/config.toml", words]);
    }
    let unknown = config.replace("seed = 0", "seed = 0\ntemperature = 1");
    workshop.write("run/config.toml", unknown.as_bytes());
    workshop.refused("train --resume run", &["run/config.toml", "temperature"]);
}

#[test]
fn baselines_are_those_that_the_run_began_with_or_was_last_given() {
    let workshop = Workshop::with_run();
    let has_pca = || workshop.exists("run/pca.int8.aeb");
    let summary = workshop.ok("train --resume run --json").json();
    assert!(summary["baselines"].as_array().unwrap().is_empty() && !has_pca());
    for line in ["train --resume run --baseline --json", "train --resume run --json"] {
        let summary = workshop.ok(line).json();
        assert_eq!(summary["baselines"].as_array().unwrap().len(), 2, "{line}");
        assert!(has_pca());
    }
}

#[test]
fn a_finished_run_is_trained_longer() {
    let workshop = Workshop::new();
    let line = QUICK.replace("--epochs 2", "--schedule constant --warmup-steps 3");
    for (out, epochs) in [("run", 2), ("whole", 5)] {
        workshop.ok(&format!("train --out {out} {line} --epochs {epochs}"));
    }
    let words = ["2 epochs are trained already", "a larger --epochs"];
    workshop.refused("train --resume run --epochs 1", &words);
    let finished = workshop.ok("train --resume run --epochs 5");
    assert!(finished.stderr.contains("goes on after epoch 2 of 5"), "{}", finished.stderr);
    // A constant rate does not know how long a run is.
    let weights = |run: &str| workshop.read(&format!("{run}/weights.safetensors"));
    assert!(weights("run") == weights("whole"));
    assert_eq!(workshop.read_json("run/summary.json")["epochs"], 5);
    assert!(workshop.ok("verify run/model.int8.aeb").text().starts_with("equal:"));
    // The same command again finds nothing to do.
    workshop.ok("train --resume run --epochs 5");
    workshop.ok("train --resume run");
    assert!(weights("run") == weights("whole"));
}

/// The configuration alone gives the weights, whatever the run was stopped and made longer at.
#[test]
fn a_longer_run_is_repeated_by_its_configuration() {
    let workshop = Workshop::with_run();
    workshop.ok("train --resume run --epochs 4");
    workshop.ok("train --resume run --epochs 5");
    let config = workshop.read_text("run/config.toml");
    assert!(config.contains("until = 2") && config.contains("until = 4"), "{config}");
    let before = workshop.files("run");
    // As a kill in the last epoch leaves it, and then without any checkpoint.
    let previous = workshop.read("run/checkpoint.previous.safetensors");
    workshop.write("run/checkpoint.safetensors", &previous);
    for checkpoints in [1, 0] {
        if checkpoints == 0 {
            for name in ["checkpoint", "checkpoint.previous"] {
                std::fs::remove_file(workshop.path(&format!("run/{name}.safetensors"))).unwrap();
            }
        }
        std::fs::remove_file(workshop.path("run/weights.safetensors")).unwrap();
        workshop.ok("train --resume run");
        for name in ["weights.safetensors", "model.int8.aeb", "config.toml"] {
            assert!(workshop.read(&format!("run/{name}")) == before[name], "{name}");
        }
    }
}

/// A run that was made longer goes on from a checkpoint before that, and to another end.
#[test]
fn a_longer_run_goes_on_from_an_earlier_checkpoint() {
    let workshop = Workshop::with_run();
    let first = workshop.read("run/checkpoint.previous.safetensors");
    workshop.ok("train --resume run --epochs 4");
    workshop.write("run/checkpoint.safetensors", &first);
    let finished = workshop.ok("train --resume run --epochs 6");
    assert!(finished.stderr.contains("goes on after epoch 1 of 6"), "{}", finished.stderr);
    let config = workshop.read_text("run/config.toml");
    assert!(config.contains("until = 1") && !config.contains("until = 2"), "{config}");
    let weights = workshop.read("run/weights.safetensors");
    for name in ["weights", "checkpoint", "checkpoint.previous"] {
        std::fs::remove_file(workshop.path(&format!("run/{name}.safetensors"))).unwrap();
    }
    workshop.ok("train --resume run");
    assert!(workshop.read("run/weights.safetensors") == weights);
}

/// Until a longer training ends, the folder is that of the shorter one, with a checkpoint ahead.
#[test]
fn a_longer_training_that_is_stopped_goes_on_without_being_told_again() {
    let workshop = Workshop::with_run();
    let short = workshop.files("run");
    workshop.ok("train --resume run --epochs 4");
    let long = workshop.files("run");
    let previous = &long["checkpoint.previous.safetensors"];
    workshop.write("run/checkpoint.safetensors", previous);
    for name in ["config.toml", "weights.safetensors", "model.int8.aeb", "model.f32.aeb"] {
        workshop.write(&format!("run/{name}"), &short[name]);
    }
    assert!(workshop.ok("verify run/model.int8.aeb").text().starts_with("equal:"));
    let finished = workshop.ok("train --resume run");
    assert!(finished.stderr.contains("goes on after epoch 3 of 4"), "{}", finished.stderr);
    for name in ["config.toml", "weights.safetensors", "model.int8.aeb"] {
        assert!(workshop.read(&format!("run/{name}")) == long[name], "{name}");
    }
}
