//! A disk that takes no more: an error that names the file, and old files as they were.
//!
//! A limit on the size of files (`ulimit -f`, blocks of 512 bytes) stands for the full disk; with
//! its signal ignored, writing fails as it does there.
#![cfg(unix)]

use std::process::{Command, Stdio};

use crate::workshop::{Finished, Workshop};

/// Runs the program where no file can grow over `blocks` × 512 bytes.
fn run_limited(workshop: &Workshop, blocks: u32, line: &str) -> Finished {
    let program = workshop.command("").get_program().to_owned();
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" {line}");
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg(program).current_dir(workshop.path(""));
    command.env("AE_TRAIN_CACHE", workshop.path("cache"));
    Finished::of(command.stdin(Stdio::null()).output().unwrap())
}

#[test]
fn a_result_that_does_not_fit_leaves_the_old_one() {
    let workshop = Workshop::with_run();
    let blob = workshop.read("run/model.int8.aeb");
    assert!(blob.len() > 512);
    for (line, file) in [
        ("quantize run", "run/model.int8.aeb"),
        ("reconstruct run/model.int8.aeb --data large --out out.npy", "out.npy"),
        ("encode run/model.int8.aeb --data large --out out.npy", "out.npy"),
    ] {
        workshop.write_data("large", 1, 900, 5, 4);
        workshop.write("out.npy", b"old");
        let words = [&format!("cannot write {file}")[..], "File too large"];
        let message = run_limited(&workshop, 1, line).expect_refusal(line, &words);
        assert!(message.contains("ulimit -f") && !message.contains(".writing-"), "{message}");
        assert_eq!(workshop.read("out.npy"), b"old", "{line}");
        assert!(workshop.read("run/model.int8.aeb") == blob, "{line}");
        for folder in ["", "run"] {
            let left = workshop.names(folder);
            assert!(!left.iter().any(|name| name.starts_with(".writing")), "{line}: {left:?}");
        }
    }
}

#[test]
fn a_training_stopped_by_a_full_disk_goes_on_when_there_is_room() {
    let workshop = Workshop::new();
    let options = "--data data --epochs 3 --hidden 40 --latent 3 --no-baseline";
    workshop.ok(&format!("train --out whole {options}"));
    let checkpoint = workshop.read("whole/checkpoint.safetensors").len();
    let blob = workshop.read("whole/model.f32.aeb").len();
    assert!(checkpoint > 2 * blob, "the limits below lie between");
    // Room for the configuration and pictures; then for the checkpoint, not the blob's weights.
    let line = format!("train --out run {options}");
    let words = ["cannot write run/checkpoint.safetensors", "File too large"];
    run_limited(&workshop, 8, &line).expect_refusal(&line, &words);
    assert!(workshop.exists("run/config.toml") && !workshop.exists("run/checkpoint.safetensors"));
    run_limited(&workshop, 8, "train --resume run").expect_refusal("resume", &words);

    workshop.ok("train --resume run --no-baseline");
    for file in ["weights.safetensors", "model.int8.aeb", "model.f32.aeb", "epoch-003.png"] {
        let [whole, run] = ["whole", "run"].map(|run| workshop.read(&format!("{run}/{file}")));
        assert!(whole == run, "{file}");
    }
    assert_eq!(workshop.names("run"), workshop.names("whole"));
}

#[test]
fn a_detector_stopped_by_a_full_disk_says_what_is_kept() {
    let workshop = Workshop::new();
    let line = "detect --data watch-imu-sample --normal TRAP --window 16 --alpha 0.05 --epochs 2 \
                --hidden 40 --no-pca --out run";
    workshop.ok(&line.replace("--out run", "--out whole"));
    let largest = workshop.read("whole/checkpoint.safetensors").len() as u32;
    let windows = workshop.read("whole/windows/train-images-idx3-ubyte.gz").len() as u32;
    // Room for the windows, not for the checkpoint.
    assert!(windows + 1_024 < largest, "{windows} {largest}");
    let words = ["cannot write run/checkpoint.safetensors", "0 of 2 epochs are kept", "ulimit -f"];
    run_limited(&workshop, windows / 512 + 1, line).expect_refusal(line, &words);
    workshop.ok(line);
    let [whole, run] = ["whole", "run"].map(|run| workshop.read(&format!("{run}/model.int8.aeb")));
    assert!(whole == run);
}
