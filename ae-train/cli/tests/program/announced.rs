//! Small files that announce much more than they hold take no more memory than they have bytes.
#![cfg(target_os = "linux")]

use std::process::{Command, Stdio};

use safetensors::SafeTensors;

use crate::workshop::{Finished, Workshop};

/// Runs the program in 1.5 GB of addresses.
fn run_limited(workshop: &Workshop, line: &str) -> Finished {
    let program = workshop.command("").get_program().to_owned();
    let script = format!("ulimit -v 1500000; exec \"$0\" {line}");
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg(program).current_dir(workshop.path(""));
    command.env("AE_TRAIN_CACHE", workshop.path("cache"));
    Finished::of(command.stdin(Stdio::null()).output().unwrap())
}

/// Found by the fuzz target `safetensors`: a model of the announced size was made before the
/// tensors were looked at, three times a gigabyte for a file of a few thousand bytes.
#[test]
fn a_checkpoint_that_announces_a_huge_model_is_refused() {
    let workshop = Workshop::with_run();
    let name = "run/checkpoint.safetensors";
    let whole = workshop.read(name);
    let (_, header) = SafeTensors::read_metadata(&whole).unwrap();
    let mut metadata = header.metadata().clone().unwrap();
    let text = metadata.get_mut("training").unwrap();
    // A file that names no digest of itself, as older programs wrote it.
    *text = text.lines().filter(|line| !line.starts_with("sha256")).collect::<Vec<_>>().join("\n");
    // 12 of the hidden layer's weights and as many of the decoder's for each.
    let huge = text.replace("input = 20", "input = 10000000");
    assert_ne!(*text, huge);
    *text = huge;
    let tensors = SafeTensors::deserialize(&whole).unwrap();
    let changed = safetensors::serialize(tensors.tensors(), Some(metadata)).unwrap();
    assert!(changed.len() < 20_000);
    workshop.write(name, &changed);
    let line = "train --resume run";
    let message = run_limited(&workshop, line).expect_refusal(line, &[name, "not a checkpoint"]);
    assert!(message.contains("`weights.0` has 240 values, expected 120000000"), "{message}");
}
