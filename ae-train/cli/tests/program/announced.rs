//! Small files that announce much more than they hold take no more memory than they have bytes, and
//! files larger than any that could be used are not read.
#![cfg(target_os = "linux")]

use std::fs::OpenOptions;
use std::process::{Command, Stdio};

use ae_data::idx;
use safetensors::SafeTensors;

use crate::npy_bytes::join;
use crate::workshop::{Finished, Workshop};

/// Runs the program in so many MB of addresses.
fn run_limited(workshop: &Workshop, megabytes: u64, line: &str) -> Finished {
    let program = workshop.command("").get_program().to_owned();
    let script = format!("ulimit -v {megabytes}000; exec \"$0\" {line}");
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
    let message =
        run_limited(&workshop, 1500, line).expect_refusal(line, &[name, "not a checkpoint"]);
    assert!(message.contains("`weights.0` has 240 values, expected 120000000"), "{message}");
}

/// Megabytes of addresses that the program has before it reads.
const PROGRAM: u64 = 64;

/// A window that no file has: the program ends when it has read.
const READ_ALONE: &str = "--window 900000000 --out run";

/// Found by review: 261 KB took 3.6 GB.
#[test]
fn small_files_that_unpack_to_much_take_little_memory_and_time() {
    let workshop = Workshop::new();
    // What the header says is refused before it is unpacked, and what it says falsely as well.
    let zeros = vec![0; 8 << 20];
    let array = |count: u64| idx::gzip(&join("|i1", false, &format!("({count},)"), &zeros));
    workshop.write("huge.npy.gz", &array(1 << 28));
    let line = format!("detect --data huge.npy.gz {READ_ALONE}");
    let words = ["about 3.2 GB of memory, and the limit is 2.1 GB", "--memory raises it"];
    run_limited(&workshop, PROGRAM, &line).expect_refusal(&line, &words);
    workshop.write("cut.npy.gz", &array(170 << 20));
    let line = format!("detect --data cut.npy.gz {READ_ALONE}");
    run_limited(&workshop, PROGRAM, &line).expect_refusal(&line, &["too short for its shape"]);
    // Packed text does not say how long it is.
    workshop
        .write("text.csv.gz", &idx::gzip(format!("x\n{}", "0\n1\n".repeat(1 << 21)).as_bytes()));
    let line = format!("detect --data text.csv.gz --memory 20 {READ_ALONE}");
    let words = ["reading it takes at least 21.0 MB of memory, and the limit is 21.0 MB"];
    run_limited(&workshop, PROGRAM, &line).expect_refusal(&line, &words);
}

/// Three times the samples that are kept, four bytes a value, whatever the type in the file.
#[test]
fn large_files_take_three_times_the_samples_that_are_kept() {
    const VALUES: usize = 12 << 20;
    const KEPT: u64 = 4 * (VALUES as u64) / 1_000_000;
    let workshop = Workshop::new();
    let shape = format!("({}, 4)", VALUES / 4);
    let wave = |at: usize| (at * 7 % 11) as u8;
    let bytes: Vec<u8> = (0..VALUES).map(wave).collect();
    let doubles: Vec<u8> = (0..VALUES).flat_map(|at| f64::from(wave(at)).to_le_bytes()).collect();
    workshop.write("bytes.npy", &join("|i1", false, &shape, &bytes));
    workshop.write("columns.npy", &join("|i1", true, &shape, &bytes));
    workshop.write("doubles.npy", &join("<f8", false, &shape, &doubles));
    let lines = (0..VALUES / 4).map(|at| format!("{0},1.000,{0}.25,-{0}\n", at % 11));
    workshop.write("lines.csv", ("a,b,c,d\n".to_owned() + &lines.collect::<String>()).as_bytes());
    for file in ["bytes.npy", "columns.npy", "doubles.npy", "lines.csv"] {
        let line = format!("detect --data {file} {READ_ALONE}");
        let finished = run_limited(&workshop, PROGRAM + 3 * KEPT, &line);
        finished.expect_refusal(&line, &["the longest normal recording has 3145728 samples"]);
    }
}

/// Makes a file longer, up to so many bytes, that take no place.
fn lengthen(workshop: &Workshop, name: &str, bytes: u64) {
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(false).open(workshop.path(name));
    file.unwrap().set_len(bytes).unwrap();
}

#[test]
fn files_larger_than_any_that_could_be_used_are_refused_with_both_figures() {
    const GIB: u64 = 1 << 30;
    let workshop = Workshop::with_run();
    workshop.ok("keygen --out own");
    // 12,6,3 of 20 inputs: 719 weights and biases, four bytes each, or twenty in a checkpoint.
    for (name, bytes, line, most) in [
        (
            "own.key",
            64 * 1024 + 1,
            "sign run/model.int8.aeb --model-version 1 --key own.key",
            "65536",
        ),
        ("own.pub", GIB, "info run/model.int8.aeb --key own.pub", "65536"),
        ("run/model.int8.aeb", 3 * GIB, "info run/model.int8.aeb", "2147483648"),
        ("other.aeb", 3 * GIB, "info other.aeb", "2147483648"),
        ("latents.npy", 2 * GIB, "decode run/model.f32.aeb --in latents.npy --out x", "1073741824"),
        (
            "board.elf",
            GIB,
            "flash run/model.f32.aeb --board microbit --firmware board.elf --check",
            "268435456",
        ),
        ("run/weights.safetensors", 2 << 20, "quantize run --out x", "1051452"),
        ("run/checkpoint.safetensors", GIB, "train --resume run", "65062956"),
        ("run/config.toml", 1 + (1 << 20), "train --resume run", "1048576"),
    ] {
        lengthen(&workshop, name, bytes);
        let words = [name, &format!("it has {bytes} bytes, expected at most {most}")];
        run_limited(&workshop, 1500, line).expect_refusal(line, &words);
    }
    // Nor is there an end to some.
    let line = "info run/model.f32.aeb --key /dev/zero";
    workshop.refused(line, &["/dev/zero: it has more than 65536 bytes"]);
}

/// A configuration decides how large the files beside it may be.
#[test]
fn a_configuration_of_a_network_that_cannot_be_is_refused() {
    let workshop = Workshop::with_run();
    let config = workshop.read_text("run/config.toml");
    for (field, other, words) in [
        ("latent = 3", "latent = 9000000000000000", "weights and biases are more than"),
        ("epochs = 2", "epochs = 1000001", "epochs is 1000001, it must be from 1 to 1000000"),
    ] {
        workshop.write("run/config.toml", config.replace(field, other).as_bytes());
        for line in ["train --resume run", "quantize run"] {
            workshop.refused(line, &["run/config.toml is not as a run has it", words]);
        }
    }
}
